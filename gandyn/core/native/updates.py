"""The optimisers' update rules on flat vectors, and their adjoints for the way back through a look-ahead.

Formulas: docs/maths.md. m and v are what the rule remembers (sgd: m alone), t the number of updates before this one.
The numbers of a rule are combined in float64 and rounded once.
"""

from __future__ import annotations

import math

from numba import njit

from gandyn.core.native.functions import fma
from gandyn.core.native.vectors import copy

SGD, RMSPROP, RMSPROP_TF, ADAM, ADAM_TF = range(5)  # places in networks.OPTIMIZERS


@njit(nogil=True, error_model="numpy", _nrt=False)
def _adam_numbers(kind, t, lr, beta1, beta2, eps):
    """(rate, eps) of theta -= rate m / (sqrt(v) + eps) at update t, with the corrections of the moments in them."""
    correction = math.sqrt(1 - beta2**t)
    return lr * correction / (1 - beta1**t), eps * correction if kind == ADAM else eps


@njit(nogil=True, error_model="numpy", _nrt=False)
def update(kind, theta, m, v, t, gradient, lr, beta1, beta2, eps):
    """One update, after t of them, written into theta, m and v.

    In place, with every array under one name: a loop whose arrays might be the same ones does not become vectors.
    """
    number = theta.dtype.type
    b1, b2, rest1, rest2 = number(beta1), number(beta2), number(1 - beta1), number(1 - beta2)
    rate, small = number(lr), number(eps)
    n = len(theta)
    if kind == SGD:
        for i in range(n):
            m[i] = fma(b1, m[i], gradient[i])
            theta[i] = fma(-rate, m[i], theta[i])
    elif kind == RMSPROP:
        for i in range(n):
            v[i] = fma(b2, v[i], rest2 * gradient[i] * gradient[i])
            m[i] = fma(b1, m[i], gradient[i] / (math.sqrt(v[i]) + small))
            theta[i] = fma(-rate, m[i], theta[i])
    elif kind == RMSPROP_TF:
        for i in range(n):
            v[i] = fma(b2, v[i], rest2 * gradient[i] * gradient[i])
            m[i] = fma(b1, m[i], rate * gradient[i] / math.sqrt(v[i] + small))
            theta[i] = theta[i] - m[i]
    else:
        step, corrected = _adam_numbers(kind, t + 1, lr, beta1, beta2, eps)
        rate, small = number(step), number(corrected)
        for i in range(n):
            m[i] = fma(b1, m[i], rest1 * gradient[i])
            v[i] = fma(b2, v[i], rest2 * gradient[i] * gradient[i])
            theta[i] = theta[i] - rate * m[i] / (math.sqrt(v[i]) + small)


@njit(nogil=True, error_model="numpy", _nrt=False)
def adjoint(kind, t, gradient, new_m, new_v, lr, beta1, beta2, eps, bar, bar_m, bar_v, out):
    """The cotangent of the gradient, into out, from those of the update's results theta, m and v.

    bar_m and bar_v become the cotangents of the old moments; theta's own passes through unchanged. gradient, new_m and
    new_v: of that update, the one after t others. Where the square root has no derivative (v = 0, and with it the
    gradient) its term is 0.
    """
    number = bar.dtype.type
    b1, b2, rest1, twice = number(beta1), number(beta2), number(1 - beta1), number(2 * (1 - beta2))
    rate, small, half, zero = number(lr), number(eps), number(0.5), number(0)
    n = len(bar)
    if kind == SGD:
        for i in range(n):
            bar_m[i] -= rate * bar[i]
            out[i] = bar_m[i]
            bar_m[i] *= b1
    elif kind == RMSPROP or kind == RMSPROP_TF:
        for i in range(n):
            if kind == RMSPROP:
                root = math.sqrt(new_v[i])
                below = root + small
                back = bar_m[i] - rate * bar[i]
                bar_m[i] = back
            else:
                root = math.sqrt(new_v[i] + small)
                below = root
                back = bar_m[i] - bar[i]
                bar_m[i] = back
                back *= rate
            through = half * back * gradient[i] / (root * below * below)
            bar_v[i] -= through if root > zero and abs(through) < math.inf else zero
            out[i] = back / below + twice * gradient[i] * bar_v[i]
            bar_m[i] *= b1
            bar_v[i] *= b2
    else:
        step, corrected = _adam_numbers(kind, t + 1, lr, beta1, beta2, eps)
        rate, small = number(step), number(corrected)
        for i in range(n):
            root = math.sqrt(new_v[i])
            back = rate * bar[i] / (root + small)
            bar_m[i] -= back
            through = half * back * new_m[i] / (root * (root + small))
            bar_v[i] += through if root > zero and abs(through) < math.inf else zero
            out[i] = rest1 * bar_m[i] + twice * gradient[i] * bar_v[i]
            bar_m[i] *= b1
            bar_v[i] *= b2


@njit(nogil=True, error_model="numpy", _nrt=False)
def clip(theta, limit):
    """Every parameter clamped to [-limit, limit]; 0 is off."""
    if limit > 0:
        most = theta.dtype.type(limit)
        for i in range(len(theta)):
            theta[i] = min(max(theta[i], -most), most)


@njit(nogil=True, error_model="numpy", _nrt=False)
def stop_at_clip(bar, unclipped, limit):
    """The cotangent through the clamp: 0 where it moved the parameter."""
    if limit > 0:
        most = bar.dtype.type(limit)
        for i in range(len(bar)):
            if abs(unclipped[i]) > most:
                bar[i] = 0


@njit(nogil=True, error_model="numpy", _nrt=False)
def average(ema, theta, decay):
    """ema <- decay ema + (1 - decay) theta; theta itself for decay 0."""
    keep, take = theta.dtype.type(decay), theta.dtype.type(1 - decay)
    if decay == 0:
        copy(theta, 0, len(theta), ema, 0)
    else:
        for i in range(len(theta)):
            ema[i] = keep * ema[i] + take * theta[i]


@njit(nogil=True, error_model="numpy", _nrt=False)
def take_in(mean, theta, n):
    """mean <- mean + (theta - mean) / n, that of n vectors, theta the last of them; theta itself for n = 1."""
    share = theta.dtype.type(1 / n)
    if n == 1:
        copy(theta, 0, len(theta), mean, 0)
    else:
        for i in range(len(theta)):
            mean[i] = mean[i] + share * (theta[i] - mean[i])
