"""Losses and their derivatives with respect to the logits, against formulas written by hand in numpy.

Ref: the papers that gandyn.core.objectives cites; sp = softplus, s = the logistic function.
"""

import numpy as np
import pytest
import torch

from gandyn.core.objectives import OBJECTIVES

N = 7  # samples in a batch


def sp(d):
    return np.logaddexp(0, d)


def s(d):
    return 1 / (1 + np.exp(-d))


def mean(d):
    return d.mean(-1)


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
}  # fmt: skip


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
        np.testing.assert_allclose(mine.detach().numpy(), theirs, rtol=1e-13, atol=1e-15)
    assert losses[0].shape == losses[1].shape == leading


@pytest.mark.parametrize("name", ["minimax", "non-saturating", "relativistic"])
def test_logits_of_any_size_are_finite(name):
    """Softplus, not the logarithm of a probability that has rounded to 0."""
    far = torch.tensor([1e4, -1e4], dtype=torch.float32)
    for r, f in ((far, far.flip(0)), (far.flip(0), far)):
        f = f.clone().requires_grad_()
        loss = OBJECTIVES[name].critic_loss(r, f) + OBJECTIVES[name].generator_loss(r, f)
        assert bool(torch.isfinite(loss)) and bool(torch.isfinite(torch.autograd.grad(loss, f)[0]).all())
