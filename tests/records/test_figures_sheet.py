"""Sheets of images, and the walks in latent space that they show."""

import numpy as np
import pytest
import torch

import gandyn
from gandyn.core.play import init
from gandyn.probes.inputs import latents
from gandyn.records.figures.interpolation import interpolation, spherical
from gandyn.records.figures.sheet import GROUND, sheet


def test_every_pixel_has_its_place():
    images = np.random.default_rng(0).random((5, 1, 3, 3))
    zoom, gap, columns = 3, 2, 2
    picture = np.asarray(sheet(images, columns, zoom=zoom, gap=gap))
    pitch = 3 * zoom + gap
    assert picture.shape == (3 * pitch + gap, 2 * pitch + gap)
    expected = np.full(picture.shape, GROUND)
    for i in range(5):
        for y in range(3 * zoom):
            for x in range(3 * zoom):
                at = gap + i // columns * pitch + y, gap + i % columns * pitch + x
                expected[at] = round(255 * images[i, 0, y // zoom, x // zoom])
    assert (picture == expected).all()


def test_vectors_and_images_make_the_same_sheet():
    images = torch.rand(7, 1, 4, 4)
    assert sheet(images) == sheet(images.flatten(1))
    assert sheet(images).size == (3 * (8 + 2) + 2, 3 * (8 + 2) + 2)  # three a row


@pytest.mark.parametrize(
    ("scale", "values", "levels"),
    [("unit", [0, 0.2, 1, 1.5], [0, 51, 255, 255]), ("signed", [-1, -0.6, 1, -7], [0, 51, 255, 0])],
)
def test_black_is_black_in_the_targets_scale(scale, values, levels):
    picture = sheet(torch.tensor([values]), scale=scale, zoom=1, gap=0)
    assert np.asarray(picture).ravel().tolist() == levels


@pytest.mark.parametrize("shape", [(4, 2), (4, 3, 5, 5), (0, 9)])
def test_what_is_no_image_is_refused(shape):
    with pytest.raises(ValueError, match=r"^a sheet shows images .* not \[.*\]$"):
        sheet(torch.zeros(shape))


@pytest.mark.parametrize("kind", ["linear", "spherical"])
def test_a_walk_starts_and_ends_at_the_two_samples(kind):
    experiment = gandyn.preset("collapse")
    state, rng = init(experiment.game, 3), gandyn.Rng(1)
    walk = interpolation(experiment, state, rng, rows=3, steps=5, kind=kind).unflatten(0, (3, 5))
    samples = experiment.game.generator.apply(state.g, latents(experiment, state, 6, rng))
    torch.testing.assert_close(walk[:, 0], samples[:3])
    torch.testing.assert_close(walk[:, -1], samples[3:])
    middle = (walk[:, 2] - samples[:3]).norm(dim=1)
    assert (middle > 0).all()


def test_a_walk_is_of_the_average_generator_where_there_is_one():
    experiment = gandyn.preset("collapse", ema=0.9)
    state = init(experiment.game, 3)
    shifted = state._replace(g=state.g + 1)
    assert torch.equal(*(interpolation(experiment, s, gandyn.Rng(1), 2, 3) for s in (state, shifted)))


def test_the_great_circle_keeps_the_norm_and_turns_evenly():
    start, end = torch.nn.functional.normalize(gandyn.Rng(0).normal("z", 2, 4, 9), dim=2)
    walk = spherical(3 * start, 3 * end, torch.linspace(0, 1, 6))
    torch.testing.assert_close(walk.norm(dim=2), torch.full((4, 6), 3.0))
    turned = (walk[:, 1:] * walk[:, :-1]).sum(2).div(9).acos()
    whole = (start * end).sum(1).acos()
    torch.testing.assert_close(turned, (whole / 5)[:, None].expand(4, 5), atol=1e-3, rtol=0)


def test_a_circle_that_is_not_determined_is_a_line():
    start = torch.tensor([[1.0, 2.0], [1.0, 2.0]])
    end = torch.tensor([[2.0, 4.0], [-1.0, -2.0]])
    middle = spherical(start, end, torch.tensor([0.5]))[:, 0]
    assert torch.equal(middle, (start + end) / 2)


def test_uniform_latents_have_no_great_circle():
    experiment = gandyn.preset("collapse", latent="uniform")
    with pytest.raises(ValueError, match="for normal latents, not for uniform ones"):
        interpolation(experiment, init(experiment.game, 0), gandyn.Rng(0), kind="spherical")
