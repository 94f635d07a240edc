"""The digits as a target: shapes and scales, the three samplings, and when the files are read."""

import math
import subprocess
import sys
import time

import pytest
import torch

import gandyn
from gandyn.core.controls import controls
from gandyn.core.play import draw_lanes
from gandyn.core.rng import Rng
from gandyn.core.target import TARGETS
from gandyn.records.config import from_config, to_config
from gandyn.targets import mnist_files
from gandyn.targets.mnist import Mnist

N = 10_000  # the embedded digits


def images() -> torch.Tensor:
    return mnist_files.digits().images


def places(target: Mnist, n: int, rng: Rng) -> list[int]:
    """The numbers of the images of a batch, recognised by their pixels, which no two of them share."""
    known = {image.numpy().tobytes(): i for i, image in enumerate(images())}
    x = (target.draw(n, rng).reshape(n, 28, 28) * 255).round().to(torch.uint8)
    return [known[image.numpy().tobytes()] for image in x]


def points(target: Mnist, **rule) -> gandyn.Experiment:
    """Two small perceptrons on the images as vectors."""
    size = target.shape[0]
    game = gandyn.Game(
        gandyn.mlp([3, 4, size]), gandyn.mlp([size, 4, 1]), gandyn.adam(), gandyn.adam(), gandyn.Latent(3)
    )
    return gandyn.Experiment(target, game, gandyn.Rule(**rule))


def test_it_is_registered():
    assert TARGETS["mnist"] is Mnist
    assert Mnist().mixture() is None


@pytest.mark.parametrize(
    ("changes", "shape"),
    [
        ({}, (1, 28, 28)),
        ({"pad": 2}, (1, 32, 32)),
        ({"layout": "vector"}, (784,)),
        ({"layout": "vector", "pad": 2}, (1024,)),
    ],
)
def test_the_shape_is_that_of_the_instance(changes, shape):
    target = Mnist(**changes)
    assert target.shape == shape
    for sampling in ("random", "ordered", "shuffled"):
        x = target.replace(sampling=sampling).draw(7, Rng(0))
        assert x.shape == (7, *shape)
        assert x.dtype == torch.float32
        assert x.device.type == "cpu"


def test_grey_pixels_and_scales():
    unit, signed = Mnist(), Mnist(scale="signed")
    x = unit.draw(500, Rng(3))
    levels = (x * 255).round()
    assert torch.equal(x, levels / 255)
    assert (float(x.min()), float(x.max())) == (0, 1)
    assert torch.allclose(signed.draw(500, Rng(3)), 2 * x - 1, atol=1e-7)
    assert torch.equal(Mnist(layout="vector").draw(500, Rng(3)), x.reshape(500, 784))


@pytest.mark.parametrize(("scale", "black"), [("unit", 0), ("signed", -1)])
@pytest.mark.parametrize("pixels", ["grey", "binary"])
def test_the_border_is_black_and_leaves_the_image_alone(scale, black, pixels):
    plain, padded = (Mnist(pad=pad, scale=scale, pixels=pixels).draw(50, Rng(1)) for pad in (0, 2))
    assert torch.equal(padded[:, :, 2:30, 2:30], plain)
    border = torch.ones(32, 32, dtype=torch.bool)
    border[2:30, 2:30] = False
    assert bool((padded[:, 0, border] == black).all())


def test_binary_pixels_are_white_as_often_as_grey_is_bright():
    target = Mnist(pixels="binary", first=5, last=5)
    grey = images()[5].double() / 255
    n = 4000
    x = target.draw(n, Rng(0))[:, 0]
    assert x.unique().tolist() == [0, 1]
    sd = (grey * (1 - grey) / n).sqrt()
    assert bool(((x.double().mean(0) - grey).abs() <= 5.5 * sd).all())  # black and white ones are never wrong
    assert not torch.equal(target.draw(9, Rng(0, 1)), target.draw(9, Rng(0, 2)))
    assert target.replace(scale="signed").draw(9, Rng(0)).unique().tolist() == [-1, 1]


def test_binary_pixels_are_those_of_the_same_images():
    grey, binary = (Mnist(pixels=pixels).draw(64, Rng(0, 5)) for pixels in ("grey", "binary"))
    assert bool((binary[grey == 0] == 0).all())
    assert bool((binary[grey == 1] == 1).all())


def test_random_draws_are_uniform_with_replacement():
    target = Mnist(first=100, last=103)
    drawn = places(target, 4000, Rng(0))
    counts = [drawn.count(i) for i in range(100, 104)]
    assert sum(counts) == 4000
    assert all(abs(count - 1000) < 5 * math.sqrt(750) for count in counts)
    assert places(target, 50, Rng(0, 1)) != places(target, 50, Rng(0, 2)) != places(target, 50, Rng(1, 2))


def test_ordered_draws_go_round():
    target = Mnist(sampling="ordered", first=3, last=12)
    assert places(target, 4, Rng(0, 0)) == [3, 4, 5, 6]
    assert places(target, 4, Rng(0, 1)) == [7, 8, 9, 10]
    assert places(target, 4, Rng(7, 2)) == [11, 12, 3, 4]
    assert places(target, 25, Rng(0)) == [*range(3, 13), *range(3, 13), *range(3, 8)]
    assert places(target, 3, Rng(0, 2**32 - 1, stride=99)) == [3 + (3 * 99 * (2**32 - 1) + i) % 10 for i in range(3)]


@pytest.mark.parametrize("n", [3, 10, 16])
def test_shuffled_draws_show_every_image_once_an_epoch(n):
    target = Mnist(sampling="shuffled", first=20, last=29)
    walked = [place for step in range(20) for place in places(target, n, Rng(5, step))]
    epochs = [walked[i : i + 10] for i in range(0, len(walked) - 9, 10)]
    assert all(sorted(epoch) == list(range(20, 30)) for epoch in epochs)
    assert len(set(map(tuple, epochs))) == len(epochs)
    assert walked[:n] != places(target, n, Rng(6))
    assert walked[n : 2 * n] == places(target, n, Rng(5, 1))


def test_an_epoch_does_not_depend_on_the_batch_size():
    target = Mnist(sampling="shuffled", last=59)
    small, large = ([p for s in range(60 // n) for p in places(target, n, Rng(1, s))] for n in (4, 30))
    assert small == large


def test_numbers_beyond_the_last_image_are_none():
    target = Mnist(sampling="ordered", first=N - 2)
    assert places(target, 5, Rng(0)) == [N - 2, N - 1, N - 2, N - 1, N - 2]
    with pytest.raises(ValueError, match=rf"^target.first must be below {N}, the number of images, not {N}$"):
        Mnist(first=N).draw(1, Rng(0))
    with pytest.raises(ValueError, match=r"^target.first must be at most 4 \(target.last\), not 5$"):
        Mnist(first=5, last=4)


@pytest.mark.parametrize("sampling", ["random", "ordered", "shuffled"])
def test_labels_are_those_of_the_images(sampling):
    target = Mnist(sampling=sampling)
    wanted = [int(mnist_files.digits().labels[i]) for i in places(target, 200, Rng(2, 3))]
    assert target.labels(200, Rng(2, 3)).tolist() == wanted


@pytest.mark.parametrize("sampling", ["random", "ordered", "shuffled"])
@pytest.mark.parametrize("pixels", ["grey", "binary"])
def test_draws_are_functions_of_the_rng_and_use_no_global_number(sampling, pixels):
    target = Mnist(sampling=sampling, pixels=pixels)
    before = torch.get_rng_state()
    first = target.draw(40, Rng(5, 17, 1))
    assert torch.equal(before, torch.get_rng_state())
    assert torch.equal(first, Mnist(sampling=sampling, pixels=pixels).draw(40, Rng(5, 17, 1)))
    used = torch.Generator().manual_seed(0)
    assert not torch.equal(target.draw(40, used), target.draw(40, used))


@pytest.mark.parametrize(
    ("rule", "walked"),
    [  # the numbers of the images of every batch of a step, step after step
        ({}, [[[0, 1]], [[2, 3]], [[4, 5]]]),  # one batch, shared by both players
        ({"order": "alternating"}, [[[0, 1], [2, 3]], [[2, 3], [4, 5]]]),
        ({"order": "alternating", "critic_steps": 2}, [[[0, 1], [2, 3], [4, 5]], [[4, 5], [6, 7], [8, 9]]]),
        ({"order": "generator-first", "generator_steps": 3}, [[[0, 1], [2, 3], [4, 5], [6, 7]], [[2, 3]]]),
    ],
)
def test_a_run_walks_on_by_what_the_critic_is_fed(rule, walked):
    """critic_steps * batch_size images a step, none left out and none twice; a generator's are those that come next."""
    target = Mnist(layout="vector", sampling="ordered")
    experiment = points(target, batch_size=2, **rule)
    for step, wanted in enumerate(walked):
        batches = gandyn.draw_batches(experiment, Rng(0, step))
        for batch, numbers in zip(batches, wanted, strict=False):
            assert torch.equal(batch.real, images()[numbers].reshape(2, 784) / 255)


@pytest.mark.parametrize(
    ("rule", "walked"),
    [
        ({}, [[[0, 1]], [[2, 3]]]),  # one batch, shared by both players
        ({"order": "alternating"}, [[[0, 1], [2, 3]], [[4, 5], [6, 7]]]),
        ({"order": "generator-first", "generator_steps": 2}, [[[0, 1], [2, 3], [4, 5]], [[6, 7], [8, 9], [10, 11]]]),
    ],
)
def test_a_run_whose_generator_takes_batches_walks_on_by_all_of_them(rule, walked):
    experiment = points(Mnist(layout="vector", sampling="ordered", walk="all"), batch_size=2, **rule)
    for step, wanted in enumerate(walked):
        for batch, numbers in zip(gandyn.draw_batches(experiment, Rng(0, step)), wanted, strict=True):
            assert torch.equal(batch.real, images()[numbers].reshape(2, 784) / 255)
        for batch, numbers in zip(draw_lanes(experiment, [Rng(0, step), Rng(1, step)]), wanted, strict=True):
            assert torch.equal(batch.real[1], images()[numbers].reshape(2, 784) / 255)


def test_a_step_of_mnist_wgan_takes_6_batches_of_64():
    """In two steps over 768 images every one comes once."""
    experiment = gandyn.preset("mnist-wgan")
    assert experiment.target.batches_walked(5, 6) == 6
    few = experiment.replace(**{"target.first": 0, "target.last": 6 * 64 * 2 - 1})
    seen = [batch.real for step in range(2) for batch in gandyn.draw_batches(few, Rng(0, step))]
    assert len({image.numpy().tobytes() for batch in seen for image in batch}) == 6 * 64 * 2


def test_a_walk_goes_on_where_a_run_resumes():
    experiment = points(Mnist(layout="vector", sampling="shuffled", last=9), batch_size=4, critic_steps=2)
    straight = gandyn.play(experiment)
    states = [next(straight)[0] for _ in range(6)]
    again = gandyn.play(experiment, state=states[2])
    assert torch.equal([next(again)[0] for _ in range(3)][-1].d, states[5].d)


def test_its_parameters_are_controls():
    experiment = points(Mnist(layout="vector"))
    control = controls(experiment.target)["target.sampling"]
    assert (control.type, tuple(control.choices)) == (str, ("random", "ordered", "shuffled"))
    assert experiment.replace(**{"target.pixels": "binary", "target.pad": "0"}).target == Mnist(
        layout="vector", pixels="binary"
    )
    with pytest.raises(ValueError, match=r"^target.pixels 'gray' is unknown; did you mean 'grey'\?"):
        experiment.replace(**{"target.pixels": "gray"})
    with pytest.raises(ValueError, match=r"^target.scale 1 is unknown"):
        Mnist(scale=1)  # type: ignore[arg-type]


def test_a_shape_that_does_not_fit_is_refused_and_perceptrons_follow_a_vector():
    experiment = points(Mnist(layout="vector"))
    wide = experiment.replace(**{"target.pad": 2})
    assert wide.game.generator.outputs == wide.game.critic.inputs == (1024,)
    assert experiment.resets(**{"target.pad": 2}) == ["target"]
    assert experiment.resets(**{"target.sampling": "ordered"}) == []
    with pytest.raises(ValueError, match="takes no 1x28x28"):
        experiment.replace(**{"target.layout": "image"})


def test_a_configuration_brings_the_shape_back():
    experiment = points(Mnist(layout="vector", pad=1, pixels="binary", sampling="shuffled"))
    assert from_config(to_config(experiment)).target == experiment.target


def test_nothing_is_read_before_the_first_draw():
    script = """
import sys, gandyn
from gandyn.core.target import TARGETS
from gandyn.targets import mnist_files
mnist_files.use("/nowhere")
target = TARGETS["mnist"](pad=2)
gandyn.presets(), target.shape, target.parameters(), hash(target)
assert "pooch" not in sys.modules
try:
    target.draw(1, gandyn.Rng(0))
except ValueError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("data folder /nowhere does not hold train-images-idx3-ubyte")


def test_a_batch_is_drawn_fast():
    """Far below what a step of the smallest network on images takes, some 5 ms."""
    for sampling in ("random", "ordered", "shuffled"):
        target, times = Mnist(pixels="binary", sampling=sampling), []
        target.draw(128, Rng(0))
        for i in range(20):
            start = time.perf_counter()
            target.draw(128, Rng(0, i))
            times.append(time.perf_counter() - start)
        assert min(times) < 0.005


@pytest.mark.mnist_full
def test_all_of_mnist():
    assert len(images()) == 60_000
    target = Mnist(sampling="ordered", first=5000, layout="vector")
    assert torch.equal(target.draw(3, Rng(0, 55_000 // 3)), (images()[[59_999, 5000, 5001]] / 255).reshape(3, 784))
    assert target.labels(2, Rng(0)).tolist() == mnist_files.digits().labels[5000:5002].tolist()
