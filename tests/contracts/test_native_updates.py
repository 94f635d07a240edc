"""The compiled update rules on equal gradients, and their adjoints against autograd through the registry's updates."""

import numba
import numpy as np
import pytest
import torch
from torch import Tensor

from gandyn.core.native import networks, updates
from gandyn.core.native import overloads as _overloads  # noqa: F401  what elementary functions are in compiled code
from gandyn.core.optimizers import OPTIMIZERS
from gandyn.core.types import Rates

# the parts have no wrappers by which Python could call them: the same functions, with them
update_rule = numba.njit(error_model="numpy")(updates.update.py_func)
adjoint_rule = numba.njit(error_model="numpy")(updates.adjoint.py_func)

MOST = {"float64": 1e-13, "float32": 1e-5}
RATES = [Rates(1e-2, 0.9, 0.999, 1e-8), Rates(0.3, 0.0, 0.9, 1e-3), Rates(1.0, 0.5, 0.5, 1e-8)]
P = 37


def vectors(seed: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """(theta, gradient, m, v) [P], float64, rounded to float32."""
    draw = torch.Generator().manual_seed(seed)
    theta, gradient, m, v = torch.randn(4, P, generator=draw, dtype=torch.float64).float().double()
    return theta, gradient, m, (v * v + 1e-3).float().double()


def started(optimizer: str, m: Tensor, v: Tensor, t: int):
    opt = OPTIMIZERS[optimizer].init(m)
    every = {"m": m, "v": v, "t": opt.t + t}
    return opt._replace(**{name: value for name, value in every.items() if hasattr(opt, name)})


def assert_close(value: np.ndarray, exact: Tensor, dtype: str) -> None:
    error = np.abs(value - exact.detach().numpy()).max() / max(1.0, float(exact.detach().abs().max()))
    assert value.dtype == dtype and error <= MOST[dtype]


@pytest.mark.parametrize("dtype", MOST)
@pytest.mark.parametrize("rates", RATES, ids=str)
@pytest.mark.parametrize("optimizer", networks.OPTIMIZERS)
def test_an_update(optimizer, rates, dtype):
    kind, update = networks.OPTIMIZERS.index(optimizer), update_rule
    for t in (0, 1, 1000):
        theta, gradient, m, v = vectors(t)
        new, opt = OPTIMIZERS[optimizer].update(theta, gradient, started(optimizer, m, v, t), rates)
        theta, gradient, m, v = (x.numpy().astype(dtype) for x in (theta, gradient, m, v))
        update(kind, theta, m, v, t, gradient, *rates)
        assert_close(theta, new, dtype)
        for name, value in (("m", m), ("v", v)):
            if hasattr(opt, name):
                assert_close(value, getattr(opt, name), dtype)


@pytest.mark.parametrize("dtype", MOST)
@pytest.mark.parametrize("rates", RATES, ids=str)
@pytest.mark.parametrize("optimizer", networks.OPTIMIZERS)
def test_an_adjoint(optimizer, rates, dtype):
    """Cotangents of theta, m and v after the update -> those of the gradient and of the moments before it."""
    kind, adjoint = networks.OPTIMIZERS.index(optimizer), adjoint_rule
    for t in (0, 1, 1000):
        theta, gradient, m, v = vectors(t)
        bars = vectors(50 + t)[:3]
        for leaf in (gradient, m, v):
            leaf.requires_grad_()
        new, opt = OPTIMIZERS[optimizer].update(theta, gradient, started(optimizer, m, v, t), rates)
        after = zip((new, getattr(opt, "m", None), getattr(opt, "v", None)), bars, strict=True)
        pairs = [(value, bar) for value, bar in after if value is not None]
        total = sum(((value * bar).sum() for value, bar in pairs), start=torch.zeros((), dtype=torch.float64))
        expected = torch.autograd.grad(total, (gradient, m, v), allow_unused=True)

        moments = {"m": m, "v": v, **opt._asdict()}
        numbers = [x.detach().numpy().astype(dtype) for x in (gradient, moments["m"], moments["v"], *bars)]
        out = np.zeros(P, dtype)
        adjoint(kind, t, *numbers[:3], *rates, *numbers[3:], out)
        for value, exact in zip((out, *numbers[4:]), expected, strict=True):
            if exact is not None:
                scale = max(1.0, float(exact.abs().max()))
                assert_close(value / np.dtype(dtype).type(scale), exact / scale, dtype)


@pytest.mark.parametrize("optimizer", networks.OPTIMIZERS)
def test_a_coordinate_that_never_had_a_gradient(optimizer):
    """v = 0 and the gradient 0: the root has no derivative there, and the cotangent is finite."""
    kind, zero, one = networks.OPTIMIZERS.index(optimizer), np.zeros(3), np.ones(3)
    bar_m, bar_v, out = zero.copy(), zero.copy(), zero.copy()
    adjoint_rule(kind, 0, zero, zero, zero, *RATES[0], one, bar_m, bar_v, out)
    assert all(np.isfinite(x).all() for x in (bar_m, bar_v, out))
