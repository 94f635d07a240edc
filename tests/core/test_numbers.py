"""The laws of the uniform and normal numbers, and that neighbouring places are independent."""

import math

import numpy as np
import pytest
import torch

from gandyn.core.rng import STREAMS, Places, Rng, arrays

N = 2**22


@pytest.fixture(scope="module")
def normal() -> torch.Tensor:
    return Rng(0).normal("z", N).double()


@pytest.fixture(scope="module")
def uniform() -> torch.Tensor:
    return Rng(0).uniform("mix", N).double()


def test_moments_of_the_uniform_numbers(uniform):
    """The first four, within 4 standard deviations; all are multiples of 2^-24 in [0, 1)."""
    assert 0 <= float(uniform.min()) < 1e-5 and 1 - 1e-5 < float(uniform.max()) < 1
    assert torch.equal(uniform * 2**24, (uniform * 2**24).round())
    for p in range(1, 5):
        deviation = math.sqrt((1 / (2 * p + 1) - 1 / (p + 1) ** 2) / N)
        assert abs(float((uniform**p).mean()) - 1 / (p + 1)) < 4 * deviation, p


def test_moments_of_the_normal_numbers(normal):
    """0, 1, 0, 3, within 4 standard deviations: those of x^p are sqrt((2p - 1)!! - moment^2)."""
    for p, moment, square in ((1, 0, 1), (2, 1, 3), (3, 0, 15), (4, 3, 105)):
        assert abs(float((normal**p).mean()) - moment) < 4 * math.sqrt((square - moment**2) / N), p


def test_the_distribution_functions(uniform, normal):
    """Kolmogorov's distance below 1.95 / sqrt n, which 1 sample of 1,000 exceeds."""
    steps = torch.arange(N, dtype=torch.float64)
    for x, cdf in ((uniform, lambda x: x), (normal, lambda x: 0.5 * torch.erfc(-x / math.sqrt(2)))):
        at = cdf(x.sort().values)
        distance = torch.maximum((at - steps / N).abs(), ((steps + 1) / N - at).abs()).max()
        assert float(distance) < 1.95 / math.sqrt(N)


@pytest.mark.parametrize("beyond", [3, 4, 5])
def test_the_tails(normal, beyond):
    """As many numbers beyond 3, 4 and 5 on either side as the law has there, within 4 standard deviations."""
    if beyond == 5:
        normal = torch.cat([normal, *(Rng(seed).normal("z", N).double() for seed in range(1, 8))])
    expected = len(normal) * 0.5 * math.erfc(beyond / math.sqrt(2))
    for side in (normal, -normal):
        assert abs(int((side > beyond).sum()) - expected) < 4 * math.sqrt(expected)


def test_normal_numbers_are_those_of_their_definition():
    """Box and Muller in float64, from the words: within 2e-6, and 1e-6 relative in the radius; extreme words, too."""
    random = Rng(1).places.words("z", (2, 200_000)).numpy().astype(np.uint32)
    edges = np.array([0, 1, 2, 2**29 - 1, 2**29, 2**30, 2**31 - 1, 2**31, 3 * 2**30, 2**32 - 2, 2**32 - 1], np.uint32)
    pairs = np.stack([np.repeat(edges, len(edges)), np.tile(edges, len(edges))])
    radius, angle = np.concatenate([random, pairs], 1)
    sine, cosine = (x.astype(np.float64) for x in arrays.pair(radius, angle))
    u = (radius.astype(np.float32) * np.float32(2**-32) + np.float32(2**-33)).astype(np.float64)
    r, t = np.sqrt(-2 * np.log(u)), angle.astype(np.float64) * (2 * np.pi / 2**32)
    assert np.abs(sine - r * np.sin(t)).max() < 2e-6 and np.abs(cosine - r * np.cos(t)).max() < 2e-6
    length = np.hypot(sine, cosine)
    assert np.abs(length[r > 0.1] / r[r > 0.1] - 1).max() < 1e-6
    assert np.isfinite(sine).all() and np.isfinite(cosine).all()
    assert float(np.abs(sine).max()) > 6.5  # what the smallest word reaches


def correlations(drawn: torch.Tensor) -> float:
    """The largest correlation of any two rows [M, n], in standard deviations of that of independent ones."""
    return float((torch.corrcoef(drawn.double()) - torch.eye(len(drawn))).abs().max()) * math.sqrt(drawn.shape[1])


@pytest.mark.parametrize("law", ["uniform", "normal"])
def test_neighbouring_places_are_independent(law):
    """Seeds that differ in one bit, next steps, updates and streams: no two correlate (5 standard deviations)."""
    n, draw = 2**16, lambda places, stream="z": getattr(places, law)(stream, (2**16,)).reshape(-1, n)
    bits = draw(Places(np.array([0, *(2**i for i in range(53))])))
    assert correlations(bits) < 5
    for places in (
        Places(np.arange(30)), Places(3, np.arange(30)), Places(3, 5, np.arange(30)), Places(3, 2 ** np.arange(32)),
    ):  # fmt: skip
        assert correlations(draw(places)) < 5
    assert correlations(torch.cat([draw(Places(3), stream) for stream in STREAMS])) < 5


@pytest.mark.parametrize("law", ["uniform", "normal"])
def test_neighbouring_numbers_are_independent(uniform, normal, law):
    """Autocorrelations of the numbers and of their squares at lags 1 to 130, which pass those of a pair and a block."""
    x = (uniform if law == "uniform" else normal) - (0.5 if law == "uniform" else 0)
    for of in (x, x**2 - (x**2).mean()):
        spectrum = torch.fft.rfft(of, 2 * N)  # of the numbers and as many zeros, so that no end meets the beginning
        sums = torch.fft.irfft(spectrum * spectrum.conj())[:131]
        by_lag = (sums[1:] / (N - torch.arange(1, 131)) / (sums[0] / N)).abs()
        assert float(by_lag.max()) < 5 / math.sqrt(N), int(by_lag.argmax()) + 1


def test_integers_are_even():
    """Chi square of 60,000 cells, 4 standard deviations; the last one is reached and none beyond it."""
    drawn = Places(0).integers("real-index", (3_000_000,), 60_000)
    counts = torch.bincount(drawn, minlength=60_000).double()
    assert int(drawn.min()) == 0 and int(drawn.max()) == 59_999
    chi = float(((counts - 50) ** 2 / 50).sum())
    assert abs(chi - 59_999) < 4 * math.sqrt(2 * 59_999)
