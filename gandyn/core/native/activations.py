"""Activations on blocks of samples, with their first and second derivatives as functions of the activation's value."""

from __future__ import annotations

from numba import njit

from gandyn.core.native.functions import exp, expm1, sigmoid, softplus, tanh
from gandyn.core.native.products import ROWS

TANH, RELU, LEAKY, ELU, SOFTPLUS, SIGMOID, LINEAR = range(7)  # places in networks.FUNCTIONS
LEAK = 0.2


@njit(nogil=True, error_model="numpy", _nrt=False)
def add_bias(H, h, n, theta, bias):
    """H [n, ROWS] += theta[bias : bias + n], one number a row; nothing where bias is negative."""
    if bias >= 0:
        block = H[h : h + n * ROWS].reshape(n, ROWS)
        for i in range(n):
            b = theta[bias + i]
            for j in range(ROWS):
                block[i, j] += b


@njit(nogil=True, error_model="numpy", _nrt=False)
def activate(kind, H, h, n, theta, bias):
    """phi(a + b) in the place of a [n, ROWS]; b: theta[bias : bias + n], or 0 where bias is negative."""
    block = H[h : h + n * ROWS].reshape(n, ROWS)
    one, zero, leak = H.dtype.type(1), H.dtype.type(0), H.dtype.type(LEAK)
    for i in range(n):
        b = theta[bias + i] if bias >= 0 else zero
        if kind == TANH:
            for j in range(ROWS):
                block[i, j] = tanh(block[i, j] + b)
        elif kind == RELU:
            for j in range(ROWS):
                a = block[i, j] + b
                block[i, j] = zero if a <= zero else a  # NaN stays NaN
        elif kind == LEAKY:
            for j in range(ROWS):
                a = block[i, j] + b
                block[i, j] = a * (one if a > zero else leak)
        elif kind == ELU:
            for j in range(ROWS):
                a = block[i, j] + b
                block[i, j] = a if a > zero else expm1(a)
        elif kind == SOFTPLUS:
            for j in range(ROWS):
                block[i, j] = softplus(block[i, j] + b)
        elif kind == SIGMOID:
            for j in range(ROWS):
                block[i, j] = sigmoid(block[i, j] + b)
        else:
            for j in range(ROWS):
                block[i, j] += b


@njit(nogil=True, error_model="numpy", _nrt=False)
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
    elif kind == SOFTPLUS:
        for i in range(count):
            x[i] *= -expm1(-y[i])
    elif kind == SIGMOID:
        for i in range(count):
            x[i] *= y[i] * (one - y[i])


@njit(nogil=True, error_model="numpy", _nrt=False)
def is_piecewise_linear(kind):
    """Whether phi'' = 0."""
    return kind == RELU or kind == LEAKY


@njit(nogil=True, error_model="numpy", _nrt=False)
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
            out[i] += ra[i] * delta[i] if y[i] < zero else zero
    elif kind == SOFTPLUS:
        for i in range(count):
            out[i] += exp(-y[i]) * ra[i] * delta[i]
