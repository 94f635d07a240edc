"""Elementary functions of compiled code against NumPy's in float64: a few units in the last place, and at the ends."""

import math

import numba
import numpy as np
import pytest

from gandyn.core.native import functions
from gandyn.core.native import overloads as _overloads  # noqa: F401  what they are in compiled code


def exact_sigmoid(x: np.ndarray) -> np.ndarray:
    return np.where(x > 0, 1, np.exp(-np.abs(x))) / (1 + np.exp(-np.abs(x)))


EXACT = {
    "exp": np.exp,
    "log": np.log,
    "log1p": np.log1p,
    "expm1": np.expm1,
    "tanh": np.tanh,
    "sigmoid": exact_sigmoid,
    "softplus": lambda x: np.logaddexp(0, x),
}
LIMITS = {"exp": (-87, 88), "log": (1e-30, 1e30), "log1p": (0, 1e6), "expm1": (-87, 88)}
ENDS = {  # at minus infinity and infinity, where they are promised
    "exp": (0.0, None),
    "expm1": (-1.0, None),
    "tanh": (-1.0, 1.0),
    "sigmoid": (0.0, 1.0),
    "softplus": (0.0, math.inf),
}
ULPS = {"float32": 6, "float64": 4}


def points(name: str) -> np.ndarray:
    """Small, middle and large arguments of both signs, within the promised limits."""
    low, high = LIMITS.get(name, (-100, 100))
    size = np.concatenate([np.geomspace(1e-6, 1, 400), np.linspace(0.01, 5, 500), np.geomspace(1, 1e30, 700)])
    x = np.concatenate([-size[::-1], [0.0], size])
    return x[(x >= low) & (x <= high)]


def over_arrays(name: str):
    function = getattr(functions, name)

    @numba.njit(error_model="numpy")
    def loop(x, out):
        for i in range(len(x)):
            out[i] = function(x[i])

    return loop


@pytest.mark.parametrize("dtype", ULPS)
@pytest.mark.parametrize("name", EXACT)
def test_compiled(name, dtype):
    x = points(name).astype(dtype)
    out, exact = np.empty_like(x), EXACT[name](x.astype(np.float64))
    loop = over_arrays(name)
    loop(x, out)
    assert (np.abs(out - exact) <= ULPS[dtype] * np.spacing(np.abs(exact).astype(dtype))).all()

    ends = np.array([-math.inf, math.inf, math.nan], dtype)
    results = np.empty_like(ends)
    loop(ends, results)
    if name in ENDS:
        promised = [(result, end) for result, end in zip(results[:2], ENDS[name], strict=True) if end is not None]
        for result, end in promised:
            assert result == end or abs(result - end) <= ULPS[dtype] * np.finfo(dtype).eps
        assert math.isnan(results[2])


@pytest.mark.parametrize("dtype", ULPS)
def test_a_saturated_tanh_has_the_slope_0(dtype):
    """1 - y^2 of a value that stays below 1 would send a gradient through units that no longer move."""
    x = np.array([20, 1e3, 3e38], dtype)
    x, out = np.concatenate([-x, x]), np.empty(6, dtype)
    over_arrays("tanh")(x, out)
    assert (out == np.sign(x)).all()


@pytest.mark.parametrize("name", EXACT)
def test_plain(name):
    function = getattr(functions, name)
    for x, exact in zip(points(name), EXACT[name](points(name)), strict=True):
        assert abs(function(float(x)) - exact) <= 4 * np.spacing(abs(exact))
    assert name not in ENDS or math.isnan(function(math.nan))


def test_means_and_sums_of_products():
    values = np.random.default_rng(0).normal(size=1000).astype(np.float32)
    exact = values.astype(np.float64).mean()
    assert functions.mean(values) == pytest.approx(exact, rel=1e-12)
    assert numba.njit(lambda x: functions.mean(x) + 0)(values) == functions.mean(values)
    fma = numba.njit(lambda x, y: functions.fma(x, x, y))
    x = 1 + 2.0**-30
    assert fma(x, -1.0) == 2.0**-29 + 2.0**-60 != functions.fma(x, x, -1.0)
