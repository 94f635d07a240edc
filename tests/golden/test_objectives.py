"""Losses and their derivatives with respect to the logits, against formulas written by hand in numpy.

Ref: the papers that gandyn.core.objectives cites; sp = softplus, s = the logistic function.
"""

import numpy as np
import pytest
import torch

from gandyn.core.objectives import OBJECTIVES

N = 7  # samples in a batch
ROUNDED = {"log-sigmoid": 1e-14}  # absolute: its probabilities are rounded to 2^-53 before their logarithm is taken


def sp(d):
    return np.logaddexp(0, d)


def s(d):
    return 1 / (1 + np.exp(-d))


def mean(d):
    return d.mean(-1)


def relativistic_average(e_r, e_f):
    """Of the two differences, through whose averages each sample acts on those of the other kind."""
    of_real, of_fake = mean(s(-e_r))[..., None], mean(s(e_f))[..., None]
    less_real, less_fake = mean(s(e_r))[..., None], mean(s(-e_f))[..., None]
    return (
        mean(sp(-e_r)) + mean(sp(e_f)), mean(sp(e_r)) + mean(sp(-e_f)),
        -s(-e_r) - of_fake, s(e_f) + of_real, s(e_r) + less_fake, -s(-e_f) - less_real,
    )  # fmt: skip


# (L_D, L_G, N dL_D/dr, N dL_D/df, N dL_G/dr, N dL_G/df) of (r, f), the logits at real and at generated samples
FORMULAS = {
    "minimax": lambda r, f: (
        mean(sp(-r)) + mean(sp(f)),
        -mean(sp(-r)) - mean(sp(f)),
        -s(-r), s(f), s(-r), -s(f),
    ),
    "non-saturating": lambda r, f: (
        mean(sp(-r)) + mean(sp(f)),
        mean(sp(-f)),
        -s(-r), s(f), 0 * r, -s(-f),
    ),
    "log-sigmoid": lambda r, f: (
        -mean(np.log(s(r)) + np.log(1 - s(f))),
        -mean(np.log(s(f))),
        -(1 - s(r)), s(f), 0 * r, -(1 - s(f)),
    ),
    "least-squares": lambda r, f: (
        mean((r - 1) ** 2) / 2 + mean(f**2) / 2,
        mean((f - 1) ** 2) / 2,
        r - 1, f, 0 * r, f - 1,
    ),
    "hinge": lambda r, f: (
        mean(np.maximum(0, 1 - r)) + mean(np.maximum(0, 1 + f)),
        -mean(f),
        np.where(r < 1, -1.0, 0.0), np.where(f > -1, 1.0, 0.0), 0 * r, -1 + 0 * f,
    ),
    "wasserstein": lambda r, f: (
        mean(f) - mean(r),
        -mean(f),
        -1 + 0 * r, 1 + 0 * f, 0 * r, -1 + 0 * f,
    ),
    "relativistic": lambda r, f: (
        mean(sp(f - r)),
        mean(sp(r - f)),
        -s(f - r), s(f - r), s(r - f), -s(r - f),
    ),
    "relativistic-average": lambda r, f: relativistic_average(r - mean(f)[..., None], f - mean(r)[..., None]),
    "exponential": lambda r, f: (
        mean(np.exp(-r)) + mean(np.exp(f)), mean(np.exp(-f)),
        -np.exp(-r), np.exp(f), 0 * r, -np.exp(-f),
    ),
    "f-gan-kl": lambda r, f: (
        mean(np.exp(f - 1)) - mean(r), -mean(np.exp(f - 1)),
        -1 + 0 * r, np.exp(f - 1), 0 * r, -np.exp(f - 1),
    ),
    "f-gan-reverse-kl": lambda r, f: (
        mean(np.exp(-r)) + mean(f) - 1, 1 - mean(f),
        -np.exp(-r), 1 + 0 * f, 0 * r, -1 + 0 * f,
    ),
    "f-gan-pearson": lambda r, f: (
        mean(f**2 / 4 + f) - mean(r), -mean(f**2 / 4 + f),
        -1 + 0 * r, f / 2 + 1, 0 * r, -f / 2 - 1,
    ),
    "f-gan-hellinger": lambda r, f: (
        mean(np.exp(-r)) + mean(np.exp(f)) - 2, 1 - mean(np.exp(f)),
        -np.exp(-r), np.exp(f), 0 * r, -np.exp(f),
    ),
    "f-gan-js": lambda r, f: (
        mean(sp(-r)) + mean(sp(f)) - np.log(4), np.log(2) - mean(sp(f)),
        -s(-r), s(f), 0 * r, -s(f),
    ),
    # those with parameters, at their defaults
    "least-squares-abc": lambda r, f: (
        (mean((r - 1) ** 2) + mean((f + 1) ** 2)) / 2, mean(f**2) / 2,
        r - 1, f + 1, 0 * r, f,
    ),
    "energy-based": lambda r, f: (
        mean(sp(-r)) + mean(np.maximum(0, 1 - sp(-f))), mean(sp(-f)),
        -s(-r), s(-f) * (sp(-f) < 1), 0 * r, -s(-f),
    ),
}  # fmt: skip
FORMULAS["alpha"] = FORMULAS["minimax"]
# those of samples alone have none of logits: tests/golden/test_sample_distances.py
FORMULAS["mmd"] = FORMULAS["energy-distance"] = lambda r, f: (0 * mean(r), 0 * mean(f), 0 * r, 0 * f, 0 * r, 0 * f)


@pytest.mark.parametrize("leading", [(), (2, 3)], ids=["one", "lanes"])
@pytest.mark.parametrize("name", OBJECTIVES)
def test_losses_and_derivatives(name, leading):
    """Each reduces over the last axis alone, so that leading axes stay apart."""
    draw = torch.Generator().manual_seed(3)
    r, f = ((3 * torch.randn(*leading, N, generator=draw, dtype=torch.float64)).requires_grad_() for _ in range(2))
    expected = FORMULAS[name](r.detach().numpy(), f.detach().numpy())
    losses = [OBJECTIVES[name].critic_loss(r, f), OBJECTIVES[name].generator_loss(r, f)]
    slopes = [
        N * torch.autograd.grad(loss.sum(), logits, retain_graph=True, materialize_grads=True, allow_unused=True)[0]
        for loss in losses
        for logits in (r, f)
    ]
    for mine, theirs in zip([*losses, *slopes], expected, strict=True):
        np.testing.assert_allclose(mine.detach().numpy(), theirs, rtol=1e-13, atol=ROUNDED.get(name, 1e-15))
    assert losses[0].shape == losses[1].shape == leading


@pytest.mark.parametrize("name", ["minimax", "non-saturating", "relativistic"])
def test_logits_of_any_size_are_finite(name):
    """Softplus, not the logarithm of a probability that has rounded to 0."""
    far = torch.tensor([1e4, -1e4], dtype=torch.float32)
    for r, f in ((far, far.flip(0)), (far.flip(0), far)):
        f = f.clone().requires_grad_()
        loss = OBJECTIVES[name].critic_loss(r, f) + OBJECTIVES[name].generator_loss(r, f)
        assert bool(torch.isfinite(loss)) and bool(torch.isfinite(torch.autograd.grad(loss, f)[0]).all())


def slope(loss, at, dtype):
    """The loss of one sample and its derivative with respect to the logit `at`."""
    d = torch.tensor([float(at)], dtype=dtype, requires_grad=True)
    value = loss(d)
    return float(value.detach()), float(torch.autograd.grad(value, d)[0])


# Half a unit in the last place below 1 is 2^-25 in float32, 2^-54 in float64: 1 / (1 + e^-d) is 1 from d = 25 ln 2
# and 54 ln 2 on. e^-d is infinite, so D = 0, from ln of the largest number on.
@pytest.mark.parametrize(
    ("dtype", "certain", "largest"),
    [(torch.float32, 25 * np.log(2), 88.723), (torch.float64, 54 * np.log(2), 709.783)],
)
def test_rounded_probabilities_lose_the_gradient_where_the_critic_is_certain(dtype, certain, largest):
    """0 where it is right about real samples and for fooled generators, NaN and infinity where it is wrong."""
    game, stable, zero = OBJECTIVES["log-sigmoid"], OBJECTIVES["non-saturating"], torch.zeros(1, dtype=dtype)
    kept = slope(lambda d: stable.generator_loss(zero, d), certain + 0.8, dtype)[1]
    assert kept == pytest.approx(-np.exp(-certain - 0.8), rel=1e-3)
    halves = float(np.log(2)), 0.0  # what the critic's loss has besides: of the generated half, which is at logit 0
    for loss, rest in zip(
        (lambda d: game.critic_loss(d, zero), lambda d: game.generator_loss(zero, d)), halves, strict=True
    ):
        assert slope(loss, certain + 0.8, dtype) == (pytest.approx(rest, rel=1e-6), 0)
        assert slope(loss, certain - 1, dtype)[1] == pytest.approx(-np.exp(1 - certain), rel=0.5)
        value, gradient = slope(loss, 1 - largest, dtype)
        assert (value, gradient) == (pytest.approx(largest - 1 + rest, rel=0.01), pytest.approx(-1, rel=0.01))
        value, gradient = slope(loss, -largest - 1, dtype)
        assert value == np.inf and np.isnan(gradient)
    value, gradient = slope(lambda d: game.critic_loss(zero, d), certain + 0.8, dtype)
    assert value == np.inf and np.isnan(gradient)
    value, gradient = slope(lambda d: game.critic_loss(zero, d), -certain, dtype)
    assert gradient == pytest.approx(np.exp(-certain), rel=1e-3)


SHIFT = 0.5  # between two normal densities of standard deviation 1, the data's p at 0
DIVERGENCES = {  # of the optimal critic by ln (p / q), and the divergence in closed form; JS: by quadrature
    "f-gan-kl": (lambda ratio: 1 + ratio, SHIFT**2 / 2),
    "f-gan-reverse-kl": (lambda ratio: ratio, SHIFT**2 / 2),
    "f-gan-pearson": (lambda ratio: 2 * (np.exp(ratio) - 1), np.exp(SHIFT**2) - 1),
    "f-gan-hellinger": (lambda ratio: ratio / 2, 2 - 2 * np.exp(-(SHIFT**2) / 8)),
    "f-gan-js": (lambda ratio: ratio, None),
}


def js() -> float:
    """KL(p || m) + KL(q || m), m = (p + q) / 2, over a fine grid."""
    x = np.linspace(-12, 12, 100_001)
    p, q = (np.exp(-((x - at) ** 2) / 2) / np.sqrt(2 * np.pi) for at in (0, SHIFT))
    return float(np.trapezoid(p * np.log(2 * p / (p + q)) + q * np.log(2 * q / (p + q)), x))


@pytest.mark.parametrize("name", DIVERGENCES)
def test_the_best_value_of_an_f_gan_s_critic_is_its_divergence(name):
    """At the optimal critic, and less at every other; samples at the quantiles of two normal laws."""
    best, divergence = DIVERGENCES[name]
    normal = torch.distributions.Normal(torch.tensor(0.0, dtype=torch.float64), 1.0)
    real = normal.icdf((torch.arange(400_000, dtype=torch.float64) + 0.5) / 400_000)
    fake = real + SHIFT

    def value(x: torch.Tensor, off: float = 0.0) -> torch.Tensor:
        return torch.from_numpy(best(((x - SHIFT) ** 2 - x**2).numpy() / 2)) + off * x.sin()

    objective = OBJECTIVES[name]
    reached = -float(objective.critic_loss(value(real), value(fake)))
    assert reached == pytest.approx(js() if divergence is None else divergence, rel=2e-4)
    for off in (0.1, -0.1):
        assert -float(objective.critic_loss(value(real, off), value(fake, off))) < reached
