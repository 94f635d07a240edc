"""The evaluation of a run: digits against known good and bad generators, points, refusals, and what is reported."""

import json
import math
import re
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn.functional import pad

import gandyn
from gandyn.core.rng import Rng
from gandyn.probes.sample_measures import MEASURES
from gandyn.records.digits import evaluation
from gandyn.records.digits.classifier import classify
from gandyn.records.digits.neighbours import CAPTION
from gandyn.records.evaluate import evaluate, neighbours
from gandyn.records.report import report
from gandyn.targets import mnist_files
from gandyn.targets.mnist import Mnist

SCORES = {
    *("frechet", "kid", "histogram", "kl", "classes", "confident"),
    *("precision", "recall", "density", "coverage"),
}
FORMS = [
    Mnist(),
    Mnist(layout="vector"),
    Mnist(scale="signed", pad=2),
    Mnist(layout="vector", scale="signed", pad=3),
]


def remembering(
    target: Mnist, harm: Callable[[Tensor], Tensor] = lambda x: x
) -> tuple[gandyn.Experiment, gandyn.State]:
    """A generator that has learned the embedded digits by heart: its latent chooses one, which is then harmed."""

    def apply(theta: Tensor, z: Tensor) -> Tensor:
        images = mnist_files.digits().images
        x = harm(images[((z[:, 0] + 1) / 2 * len(images)).long().clamp(0, len(images) - 1)] / 255)
        x = pad(x, (target.pad,) * 4)
        return (2 * x - 1 if target.scale == "signed" else x).reshape(len(z), *target.shape)

    size = math.prod(target.shape)
    generator, critic = gandyn.mlp([1, size]), gandyn.mlp([size, 1])
    generator = generator._replace(apply=apply, outputs=target.shape)
    critic = critic._replace(inputs=target.shape)
    game = gandyn.Game(generator, critic, gandyn.adam(), gandyn.adam(), gandyn.Latent(1, "uniform"))
    return gandyn.Experiment(target, game), gandyn.init(game, 0)


@pytest.fixture(autouse=True)
def quick(request, monkeypatch):
    """Fewer features for what costs their number squared, but where all of MNIST is asked for."""
    if not request.node.get_closest_marker("mnist_full"):
        monkeypatch.setattr(evaluation, "MANIFOLD", 1000)
    evaluation.reference.cache_clear()
    yield
    evaluation.reference.cache_clear()


def digit(x: Tensor, number: int) -> Tensor:
    """Images as many as x, all of the first embedded digit of that number."""
    digits = mnist_files.digits()
    return (digits.images[digits.labels == number][:1] / 255).expand_as(x)


@pytest.mark.parametrize("target", FORMS)
def test_every_form_of_a_digit_comes_back(target):
    wanted = Mnist().draw(20, Rng(1))
    torch.testing.assert_close(target.as_images(target.draw(20, Rng(1))), wanted, atol=1e-6, rtol=0)
    beyond = target.as_images(3 * target.draw(2, Rng(1)) + 5)
    assert beyond.shape == (2, 1, 28, 28)
    assert (float(beyond.min()), float(beyond.max())) == (1, 1)


@pytest.mark.parametrize("target", FORMS)
def test_a_generator_that_remembers_is_as_good_as_real_digits(target):
    scores = evaluate(*remembering(target), n=2000)
    assert json.loads(json.dumps(scores)) == scores
    assert set(scores) > SCORES
    assert set(scores["real"]) == SCORES
    assert scores["n"] == 2000
    assert scores["frechet_floor"] == scores["real"]["frechet"]
    assert 0 < scores["frechet"] < 2 * scores["frechet_floor"]
    assert max(abs(scores["kid"]), abs(scores["real"]["kid"])) < 0.2  # of noisy digits it is 13.6
    assert 1.5 < scores["frechet_floor"] < 3.5  # 2.0 to 2.9 over eight ways of choosing the reference
    assert sum(scores["histogram"]) == 2000
    assert scores["classes"] == 10
    assert scores["kl"] < 0.01
    assert scores["confident"] > 0.97
    assert min(scores[key] for key in ("precision", "recall", "coverage")) > 0.85
    assert scores["density"] > 0.9
    assert scores["classifier"]["accuracy"] >= 0.985


def test_bad_generators_are_told_by_the_score_they_fail():
    whole = evaluate(*remembering(Mnist()), n=2000)
    noisy = evaluate(*remembering(Mnist(), lambda x: x + 0.4 * torch.rand(x.shape)), n=2000)
    assert noisy["frechet"] > 10 * whole["frechet"]
    # its precision is .70 to .99, whatever the reference is: noise is near some odd digits, and only near those
    assert noisy["recall"] < 0.1 and noisy["coverage"] < 0.2 < 0.9 < whole["coverage"]
    collapsed = evaluate(*remembering(Mnist(), lambda x: digit(x, 7)), n=2000)
    assert collapsed["histogram"] == [0] * 7 + [2000, 0, 0]
    assert collapsed["classes"] == 1
    assert collapsed["kl"] == pytest.approx(math.log(10))
    assert collapsed["frechet"] > 100
    assert collapsed["kid"] > noisy["kid"] > 50 * abs(whole["kid"])
    assert collapsed["recall"] == 0
    assert collapsed["coverage"] < 0.01
    grey = evaluate(*remembering(Mnist(), lambda x: torch.rand(x.shape)), n=2000)
    assert grey["confident"] == 0
    assert grey["recall"] == 0 and grey["coverage"] < 0.01  # all of it is at one place, near an odd digit or near none


def test_half_of_the_embedded_digits_are_the_reference_and_the_other_half_the_floor():
    experiment, state = remembering(Mnist())
    scores = evaluate(experiment, state)
    assert scores["n"] == 5000
    assert scores["reference"].startswith(
        "5,000 images, drawn once and for all from 10,000 digits (train): those that come"
    )
    assert scores["reference"].endswith("; n is 5,000 instead of 10,000, as many as are left for the floor")
    assert "instead" not in evaluate(experiment, state, n=100)["reference"]


def test_the_floor_is_of_other_images_than_the_reference(monkeypatch):
    seen = []
    monkeypatch.setattr(evaluation, "classify", lambda x: seen.append(x) or classify(x))
    images = mnist_files.digits().images
    evaluation.reference.__wrapped__(images, 3000, 2000)
    pixels = [image.numpy().tobytes() for x in seen for image in x]
    assert len(pixels) == len(set(pixels)) == 5000


@pytest.mark.slow
@pytest.mark.mnist_full
def test_the_floor_on_all_of_mnist():
    scores = evaluate(*remembering(Mnist()))
    assert scores["n"] == 10_000
    assert scores["reference"].startswith(
        "10,000 images, drawn once and for all from 60,000 digits (train): the files in"
    )
    assert 0.3 < scores["frechet_floor"] < 1.2
    assert scores["frechet"] < 2 * scores["frechet_floor"]
    assert scores["real"]["density"] == pytest.approx(1, abs=0.05)  # their expectations, Naeem et al. 2020
    assert scores["real"]["coverage"] == pytest.approx(1 - 2**-5, abs=0.01)


def test_the_seed_alone_makes_the_samples():
    experiment, state = remembering(Mnist())
    before = torch.get_rng_state()
    scores = evaluate(experiment, state, n=500)
    assert torch.equal(before, torch.get_rng_state())
    assert evaluate(experiment, state, n=500) == scores
    assert evaluate(experiment, state, n=500, seed=1) != scores


def test_points_have_the_measures_of_the_contract():
    experiment = gandyn.preset("collapse")
    state = gandyn.init(experiment.game, 0)
    scores = evaluate(experiment, state, n=400)
    keys = {"modes", "covered", "hq", "reverse_kl", "reverse_kl_all", "sw2", *MEASURES}
    assert set(scores) == keys | {"n", "centres", "by_mode", "real"}
    assert set(scores["real"]) == keys
    assert json.loads(json.dumps(scores)) == scores
    assert scores["centres"] == 8
    assert scores["real"]["covered"] == 8
    by_mode = scores["by_mode"]
    assert len(by_mode) == 8 and sum(mode["generated"] for mode in by_mode) == pytest.approx(scores["hq"])
    assert sum(mode["real"] for mode in by_mode) == pytest.approx(scores["real"]["hq"])
    assert by_mode[0]["centre"] == pytest.approx([0, 2]) and [mode["weight"] for mode in by_mode] == [1 / 8] * 8
    assert scores["w2"] > 3 * scores["real"]["w2"] > 0
    line = gandyn.preset("dirac")
    assert set(evaluate(line, gandyn.init(line.game, 0), n=50)) == {
        "n", "sw2", "real", *(name for name, one in MEASURES.items() if not one.modes)
    }  # fmt: skip


def test_refusals():
    experiment, state = remembering(Mnist())
    for n in (9, 50_001, 2.5):
        with pytest.raises(ValueError, match="n must be a whole number in"):
            evaluate(experiment, state, n=n)
    with pytest.raises(ValueError, match="rows must be a whole number in"):
        neighbours(experiment, state, rows=0)
    broken = remembering(Mnist(), lambda x: torch.where(torch.arange(len(x))[:, None, None] < 3, torch.nan, x))
    with pytest.raises(ValueError, match="samples must be finite, but 3 of 20 are not"):
        evaluate(*broken, n=20)
    ring = gandyn.preset("collapse")
    with pytest.raises(ValueError, match="'ring' are no digits"):
        neighbours(ring, gandyn.init(ring.game, 0))


def test_what_was_learned_by_heart_is_found_again():
    experiment, state = remembering(Mnist(scale="signed", pad=2))
    pixels = np.asarray(neighbours(experiment, state, rows=4))[CAPTION:]
    assert pixels.shape[0] == 4 * 56
    generated, by_features, by_pixels = pixels[:, :56], pixels[:, 72:128], pixels[:, 72 + 5 * 56 + 16 :][:, :56]
    assert generated.any()
    assert np.array_equal(generated, by_pixels)
    assert np.array_equal(generated, by_features)


def test_neighbours_are_of_the_images_that_the_target_draws_from():
    experiment, state = remembering(Mnist(first=3, last=5))
    pixels = np.asarray(neighbours(experiment, state, rows=2))[CAPTION:]
    drawn = {pixels[:56:2, 72 + i * 56 : 128 + i * 56 : 2].tobytes() for i in range(3)}
    assert drawn == {image.numpy().tobytes() for image in mnist_files.digits().images[3:6]}
    assert pixels.shape[1] == 56 * 7 + 32


def test_the_neighbours_are_the_nearest_by_features_and_by_pixels():
    target = Mnist(last=999)
    experiment, state = remembering(target, lambda x: x * torch.linspace(0, 1, 28))  # fades to the left
    pixels = np.asarray(neighbours(experiment, state, rows=3, seed=5))[CAPTION:][::2, ::2]
    generated = target.as_images(evaluation.generate(experiment, state, 3, Rng(5)))
    pool = mnist_files.digits().images[:1000]
    features, of_pool = (classify(x)[0].double().numpy() for x in (generated, pool[:, None] / 255))
    orders = []
    for row in range(3):
        assert np.array_equal(pixels[28 * row :, :28][:28], (generated[row, 0] * 255).round().byte().numpy())
        by_features = np.square(of_pool - features[row]).sum(1).argsort()[:5]
        by_pixels = (pool / 255 - generated[row]).double().square().sum((1, 2)).numpy().argsort()[:5]
        for left, order in ((36, by_features), (36 + 140 + 8, by_pixels)):
            row_of_pixels = pixels[28 * row :, left:][:28, :140]
            assert np.array_equal(row_of_pixels, np.hstack([pool[i].numpy() for i in order]))
        orders.append(by_features.tolist() == by_pixels.tolist())
    assert not all(orders)


def test_the_report_is_aligned_and_says_every_number():
    scores = evaluate(*remembering(Mnist()), n=500)
    lines = report(scores)
    assert lines[0].startswith("500 samples")
    assert scores["classifier"]["sha256"][:12] in lines[-1]
    scored = [line for line in lines if " is better" in line]
    assert len(scored) == len(SCORES) - 1  # all but the histogram
    assert len({re.search(r"  (higher|lower|more) is better", line).start() for line in scored}) == 1
    assert f"{scores['frechet']:.2f}" in next(line for line in lines if line.startswith("Frechet"))
    assert f"{scores['histogram'][3] / 500:.1%}" in next(line for line in lines if line.startswith("digit 3"))


def test_the_report_of_points():
    mixture = gandyn.preset("collapse")
    lines = report(evaluate(mixture, gandyn.init(mixture.game, 0), n=100))
    assert any(line.startswith("reverse KL, near samples") and " none " in line for line in lines)
    assert any(line.startswith("modes covered") and line.endswith("of 8") for line in lines)
    assert sum(line.startswith("mode at (") and line.endswith("of weight 12.5%") for line in lines) == 8
    assert not any("classifier" in line or "digit" in line for line in lines)
