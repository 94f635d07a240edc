"""The Frechet distance against closed forms and against torchmetrics."""

import math

import pytest
import torch
from torch import Tensor, nn

from gandyn.records.digits.classifier import classify
from gandyn.records.digits.frechet import Moments, frechet, moments
from gandyn.targets import mnist_files

GENERATOR = torch.Generator().manual_seed(11)


def gaussian(mean: list[float], covariance: list[list[float]]) -> Moments:
    return Moments(torch.tensor(mean).double(), torch.tensor(covariance).double())


def drawn(n: int, d: int) -> Tensor:
    """n correlated samples of d numbers, of which the last never changes, as with a feature that is always off."""
    mixed = torch.randn(n, d, generator=GENERATOR) @ torch.randn(d, d, generator=GENERATOR)
    mixed[:, -1] = 0
    return mixed


def test_gaussians_on_a_line():
    # |m_a - m_b|^2 + (s_a - s_b)^2
    assert frechet(gaussian([1], [[4]]), gaussian([-2], [[25]])) == pytest.approx(9 + 9)
    assert frechet(gaussian([1], [[4]]), gaussian([1], [[0]])) == pytest.approx(4)


def test_gaussians_whose_axes_are_the_same():
    a, b = gaussian([0, 0], [[1, 0], [0, 9]]), gaussian([1, 2], [[16, 0], [0, 4]])
    assert frechet(a, b) == pytest.approx(5 + 9 + 1)


def test_gaussians_in_the_plane():
    # For 2x2: tr (AB)^(1/2) = sqrt(tr AB + 2 sqrt(det A det B)), from Cayley and Hamilton.
    a, b = torch.tensor([[2.0, 0.5], [0.5, 1]]).double(), torch.tensor([[1.0, -0.7], [-0.7, 3]]).double()
    overlap = math.sqrt(float((a @ b).trace()) + 2 * math.sqrt(float(a.det() * b.det())))
    wanted = float(a.trace() + b.trace()) - 2 * overlap
    assert frechet(Moments(torch.zeros(2), a), Moments(torch.zeros(2), b)) == pytest.approx(wanted)


def test_it_is_symmetric_turns_with_its_space_and_scales_as_a_square():
    x, y = drawn(200, 6), drawn(300, 6) + 1
    distance = frechet(moments(x), moments(y))
    turn = torch.linalg.qr(torch.randn(6, 6, generator=GENERATOR))[0]
    assert frechet(moments(y), moments(x)) == pytest.approx(distance, rel=1e-6)
    assert frechet(moments(x @ turn), moments(y @ turn)) == pytest.approx(distance, rel=1e-5)
    assert frechet(moments(3 * x), moments(3 * y)) == pytest.approx(9 * distance, rel=1e-5)
    assert frechet(moments(x), moments(x)) == pytest.approx(0, abs=1e-5)
    assert frechet(moments(x), moments(x + 2)) == pytest.approx(24, rel=1e-5)


def test_moments_are_unbiased():
    statistics = moments(torch.tensor([[0.0, 0], [2, 2], [4, -2]]))
    assert statistics.mean.tolist() == [2, 0]
    assert statistics.covariance.tolist() == [[4, -2], [-2, 4]]
    assert moments(torch.tensor([[1.0], [3.0]])).covariance.tolist() == [[2]]
    with pytest.raises(ValueError, match=r"at least 2 samples, not \[1, 3\]"):
        moments(torch.zeros(1, 3))


def of_torchmetrics(real: Tensor, fake: Tensor, features: nn.Module, shape: tuple[int, int, int]) -> float:
    from torchmetrics.image.fid import FrechetInceptionDistance

    judge = FrechetInceptionDistance(feature=features, normalize=True, input_img_size=shape)
    for images, is_real in ((real, True), (fake, False)):
        for piece in images.split(1000):
            judge.update(piece, real=is_real)
    return float(judge.compute())


class Features(nn.Module):
    """The classifier as torchmetrics wants it."""

    num_features = 128

    def forward(self, x: Tensor) -> Tensor:
        return classify(x)[0]


@pytest.mark.parametrize("harm", ["none", "noise", "one class", "constant"])
def test_torchmetrics_finds_the_same_for_digits(harm):
    digits = mnist_files.digits()
    images = digits.images[:, None] / 255
    real, fake = images[:3000], images[3000:5000]
    if harm == "noise":
        fake = (fake + 0.2 * torch.randn(fake.shape, generator=GENERATOR)).clamp(0, 1)
    elif harm == "one class":
        fake = images[digits.labels == 1]
    elif harm == "constant":
        fake = torch.full_like(fake, 0.5)
    distance = frechet(moments(classify(real)[0]), moments(classify(fake)[0]))
    assert distance == pytest.approx(of_torchmetrics(real, fake, Features(), (1, 28, 28)), rel=1e-3, abs=1e-3)
    assert distance > 1
