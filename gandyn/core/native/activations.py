"""Activations on blocks of samples, with their first and second derivatives as functions of the activation's value."""

from __future__ import annotations

from numba import njit

from gandyn.core.native.functions import exp, expm1, sigmoid, softplus, tanh
from gandyn.core.native.products import ROWS

TANH, RELU, LEAKY, ELU, SOFTPLUS = range(5)  # places in networks.ACTIVATIONS
LINEAR, SIGMOID, TANH_OUTPUT = range(3)  # places in networks.OUTPUTS
LEAK = 0.2


@njit(nogil=True, error_model="numpy")
def add_bias(H, h, n, theta, bias):
    """H [n, ROWS] += theta[bias : bias + n], one number a row."""
    block = H[h : h + n * ROWS].reshape(n, ROWS)
    for i in range(n):
        b = theta[bias + i]
        for j in range(ROWS):
            block[i, j] += b


@njit(nogil=True, error_model="numpy")
def activate(kind, H, h, count):
    """phi(a) in the place of a."""
    x = H[h : h + count]
    one = H.dtype.type(1)
    zero, leak = H.dtype.type(0), H.dtype.type(LEAK)
    if kind == TANH:
        for i in range(count):
            x[i] = tanh(x[i])
    elif kind == RELU:
        for i in range(count):
            x[i] = zero if x[i] <= zero else x[i]  # NaN stays NaN
    elif kind == LEAKY:
        for i in range(count):
            x[i] *= one if x[i] > zero else leak
    elif kind == ELU:
        for i in range(count):
            x[i] = x[i] if x[i] > zero else expm1(x[i])
    else:
        for i in range(count):
            x[i] = softplus(x[i])


@njit(nogil=True, error_model="numpy")
def multiply_slope(kind, H, h, D, d, count):
    """D *= phi'(a), where H holds phi(a)."""
    y, x = H[h : h + count], D[d : d + count]
    one = H.dtype.type(1)
    zero, leak = H.dtype.type(0), H.dtype.type(LEAK)
    if kind == TANH:
        for i in range(count):
            x[i] *= one - y[i] * y[i]
    elif kind == RELU:
        for i in range(count):
            x[i] = x[i] if y[i] > zero else zero
    elif kind == LEAKY:
        for i in range(count):
            x[i] *= one if y[i] > zero else leak
    elif kind == ELU:
        for i in range(count):
            x[i] *= one if y[i] > zero else y[i] + one
    else:
        for i in range(count):
            x[i] *= -expm1(-y[i])


@njit(nogil=True, error_model="numpy")
def is_piecewise_linear(kind):
    """Whether phi'' = 0."""
    return kind == RELU or kind == LEAKY


@njit(nogil=True, error_model="numpy")
def add_curvature(kind, H, h, RA, ra, D, d, RD, rd, count):
    """RD += phi''(a) u R[a], where H holds phi(a), D phi'(a) u, and RA the tangent R[a].

    With the ratio phi'' / phi', which is -2 phi for tanh, 1 or 0 for elu, e^-phi for softplus.
    """
    y, ra, delta, out = H[h : h + count], RA[ra : ra + count], D[d : d + count], RD[rd : rd + count]
    zero, two = H.dtype.type(0), H.dtype.type(2)
    if kind == TANH:
        for i in range(count):
            out[i] -= two * y[i] * ra[i] * delta[i]
    elif kind == ELU:
        for i in range(count):
            out[i] += zero if y[i] > zero else ra[i] * delta[i]
    elif kind == SOFTPLUS:
        for i in range(count):
            out[i] += exp(-y[i]) * ra[i] * delta[i]


@njit(nogil=True, error_model="numpy")
def apply_output(kind, H, h, count):
    """What follows the last layer, in its place."""
    x = H[h : h + count]
    if kind == SIGMOID:
        for i in range(count):
            x[i] = sigmoid(x[i])
    elif kind == TANH_OUTPUT:
        for i in range(count):
            x[i] = tanh(x[i])


@njit(nogil=True, error_model="numpy")
def multiply_output_slope(kind, H, h, D, d, count):
    """D times the derivative of what follows the last layer, whose values H holds."""
    y, x = H[h : h + count], D[d : d + count]
    one = H.dtype.type(1)
    if kind == SIGMOID:
        for i in range(count):
            x[i] *= y[i] * (one - y[i])
    elif kind == TANH_OUTPUT:
        for i in range(count):
            x[i] *= one - y[i] * y[i]

