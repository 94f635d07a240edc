"""The targets without modes, against the curves and regions that they are made of."""

import math

import pytest
import torch

from gandyn.core.rng import Rng
from gandyn.targets.checkerboard import Checkerboard
from gandyn.targets.dirac import Dirac
from gandyn.targets.spiral import Spiral
from gandyn.targets.swiss_roll import SwissRoll
from gandyn.targets.two_moons import TwoMoons

N = 100_000
THIN = 1e-4  # the least noise


def near(value: float, wanted: float, spread: float, n: int = N) -> bool:
    """Whether a mean of n is within 5 standard errors."""
    return abs(value - wanted) < 5 * spread / n**0.5


@pytest.mark.parametrize("target", [SwissRoll(), TwoMoons(), Spiral(), Checkerboard(), Dirac()])
def test_they_have_no_modes(target):
    assert target.mixture() is None


def test_the_swiss_roll_is_the_published_curve():
    x = SwissRoll(noise=THIN).draw(N, Rng(0)).double() * 7.5
    t = x.norm(dim=1)  # the radius is t itself, uniform on [1.5 pi, 4.5 pi)
    assert 1.5 * math.pi - 1e-3 < float(t.min())
    assert float(t.max()) < 4.5 * math.pi + 1e-3
    assert near(float(t.mean()), 3 * math.pi, 3 * math.pi / 12**0.5)
    assert near(float(((t - 3 * math.pi) ** 2).mean()), (3 * math.pi) ** 2 / 12, 10)
    curve = torch.stack([t * t.cos(), t * t.sin()], 1)
    assert float((x - curve).norm(dim=1).max()) < 0.02


def test_the_swiss_roll_has_its_noise_before_the_division():
    u = (SwissRoll(noise=0.25).draw(N, Rng(0)) - SwissRoll(noise=THIN).draw(N, Rng(0))).double() * 7.5
    assert near(float(u.square().mean()) / 0.25**2, 1, 2**0.5)


@pytest.mark.parametrize("turns", [0.25, 1, 3])
def test_the_turns_of_the_swiss_roll(turns):
    t = SwissRoll(noise=THIN, turns=turns).draw(N, Rng(0)).double().norm(dim=1) * 7.5
    assert float(t.max() - t.min()) == pytest.approx(2 * math.pi * turns, rel=0.01)


def test_the_two_moons_are_those_of_scikit_learn_around_the_origin():
    x = TwoMoons(size=1, overlap=0.5, noise=THIN).draw(N, Rng(0)).double() + torch.tensor([0.5, 0.25])
    upper, lower = (x.norm(dim=1) - 1).abs() < 1e-3, ((x - torch.tensor([1, 0.5])).norm(dim=1) - 1).abs() < 1e-3
    assert bool((upper | lower).all())
    assert float(x[upper & ~lower, 1].min()) > -1e-3  # (cos t, sin t), 0 <= t < pi
    assert float(x[lower & ~upper, 1].max()) < 0.5 + 1e-3  # (1 - cos t, 0.5 - sin t)
    assert near(float((upper & ~lower).double().mean()), 0.5, 0.5)
    t = torch.atan2(x[upper & ~lower, 1], x[upper & ~lower, 0])
    assert near(float(t.mean()), math.pi / 2, math.pi / 12**0.5, len(t))


def test_size_overlap_and_noise_of_the_two_moons():
    base = TwoMoons(size=1, noise=THIN).draw(N, Rng(0))
    torch.testing.assert_close(TwoMoons(size=2, noise=THIN).draw(N, Rng(0)), 2 * base, atol=1e-3, rtol=0)
    moved = TwoMoons(size=1, overlap=0.7, noise=THIN).draw(N, Rng(0)) - base
    assert sorted(set(moved[:, 1].round(decimals=3).tolist())) == pytest.approx([-0.1, 0.1])
    noise = (TwoMoons(size=1, noise=0.1).draw(N, Rng(0)) - base).double()
    assert near(float(noise.square().mean()) / 0.1**2, 1, 2**0.5 + 0.1)
    assert near(float(base.double().mean()), 0, 1)


@pytest.mark.parametrize("arms", [1, 2, 5])
def test_the_spiral_is_archimedean_with_equal_arms(arms):
    x = Spiral(arms=arms, turns=1.5, radius=2, noise=THIN).draw(N, Rng(0)).double()
    place = x.norm(dim=1) / 2
    assert near(float(place.square().mean()), 0.5, 12**-0.5)  # sqrt of a uniform number
    beyond = torch.atan2(x[:, 1], x[:, 0]) - 2 * math.pi * 1.5 * place  # the arm's own direction
    arm = (beyond * arms / (2 * math.pi)).remainder(arms)
    far = place > 0.1  # near the origin the noise turns the direction
    off = (arm[far] - arm[far].round()).abs()
    assert float(off.max()) < 0.02
    shares = arm[far].round().remainder(arms).long().bincount(minlength=arms) / int(far.sum())
    assert all(near(float(share), 1 / arms, 0.5) for share in shares)


def test_the_spiral_turns_clockwise():
    straight = Spiral(arms=1, turns=0, noise=THIN)
    assert float(straight.draw(1000, Rng(0))[:, 1].abs().max()) < 1e-3
    down = straight.replace(rotation=90).draw(1000, Rng(0))
    assert float(down[:, 0].abs().max()) < 1e-3
    assert float(down[:, 1].max()) < 1e-3


@pytest.mark.parametrize("cells", [1, 2, 3, 4, 5, 16])
def test_the_checkerboard_is_uniform_on_every_second_square(cells):
    x = Checkerboard(cells=cells, extent=2).draw(N, Rng(0)).double()
    assert float(x.abs().max()) <= 2
    place = (x + 2) / 4 * cells
    square = place.floor().clamp(0, cells - 1).long()
    # float32 rounds a few samples up to the next square's edge
    assert float((square.sum(1) % 2 == 0).double().mean()) > 1 - 1e-4
    filled = (cells**2 + 1) // 2
    counts = (square[:, 0] * cells + square[:, 1]).bincount(minlength=cells**2).double() / N
    assert int((counts > 0.5 / filled).sum()) == filled
    held = counts[counts > 0.5 / filled]
    assert all(near(float(share), 1 / filled, (1 / filled) ** 0.5) or filled == 1 for share in held)
    within = place - square
    assert bool(((within.mean(0) - 0.5).abs() < 5 / (12 * N) ** 0.5).all())
    assert bool(((within.var(0) - 1 / 12).abs() < 5 * 0.075 / N**0.5).all())


def test_the_checkerboard_of_the_source_holds_its_first_quadrant_square():
    x = Checkerboard(cells=4, extent=4).draw(1000, Rng(0))  # FFJORD: [0, 2) x [0, 2) is taken
    assert bool(((x > 0) & (x < 2)).all(1).any())


@pytest.mark.parametrize("at", [0.0, -1.5])
def test_dirac_is_a_point_on_the_line(at):
    x = Dirac(at=at).draw(100, Rng(0))
    assert x.shape == (100, 1)
    assert x.unique().tolist() == [at]
