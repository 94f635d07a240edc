"""Penalties of the critic's input gradient: their value, and the gradient of the critic's parameters.

P = w E psi(g), g = grad_x d(x). With c = dP/dg held, the gradient of P is that of <c, grad_x d>, which is R of the
critic's own gradient (of the sum of d) as the inputs move along c: see tangents.py.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from numba import njit

from gandyn.core.native.activations import is_piecewise_linear
from gandyn.core.native.passes import place
from gandyn.core.native.products import ROWS
from gandyn.core.native.vectors import fill

POINTS = ("interpolates", "real", "generated", "around-real")
SHAPES = ("two-sided", "one-sided", "zero-centred", "sixth-power")
INTERPOLATES, REAL, GENERATED, AROUND_REAL = range(4)
TWO_SIDED, ONE_SIDED, ZERO_CENTRED, SIXTH_POWER = range(4)


class PenaltyMemory(NamedTuple):
    """Of each penalty where the gradient is taken and what is made of its norm; tapes of the critic over one batch."""

    points: Any  # [penalties] int64, places in POINTS
    shapes: Any  # [penalties] int64, places in SHAPES
    H: Any
    D: Any
    RA: Any
    RD: Any


@njit(nogil=True, error_model="numpy", _nrt=False)
def _place_points(net, memory, points, tape, blocks, samples, mix, noise):
    """The points of one batch into layer 0, already scaled; tape: the critic's, real samples before generated ones."""
    n = net.sizes[0]
    X = memory.H
    if points == AROUND_REAL:  # x + std(x) noise / 2, one deviation for the whole batch
        total, square = 0.0, 0.0
        for turn in range(2):
            mean = total / (samples * n)
            for s in range(samples):
                for i in range(n):
                    value = tape[place(net, 2 * blocks, 0, s // ROWS) + i * ROWS + s % ROWS]
                    if turn == 0:
                        total += value
                    else:
                        square += (value - mean) ** 2
        half_deviation = X.dtype.type(0.5 * math.sqrt(square / (samples * n)))
    for s in range(samples):
        for i in range(n):
            within = i * ROWS + s % ROWS
            real = tape[place(net, 2 * blocks, 0, s // ROWS) + within]
            fake = tape[place(net, 2 * blocks, 0, blocks + s // ROWS) + within]
            if points == INTERPOLATES:
                value = mix[s] * real + (1 - mix[s]) * fake
            elif points == REAL:
                value = real
            elif points == GENERATED:
                value = fake
            else:
                value = real + half_deviation * noise[s * n + i]
            X[place(net, blocks, 0, s // ROWS) + within] = value


@njit(nogil=True, error_model="numpy", _nrt=False)
def _cotangent_of_gradient(net, memory, shape, blocks, samples, weight):
    """E psi(g), and w d psi / d g times the input scale into layer 0 of RA, from the gradients in layer 0 of D."""
    n = net.sizes[0]
    total = 0.0
    scale = weight * net.input_scale / samples
    fill(memory.RA, 0, ROWS * blocks * n, 0)
    for s in range(samples):
        first = place(net, blocks, 0, s // ROWS) + s % ROWS
        square = 0.0
        for i in range(n):
            square += memory.D[first + i * ROWS] ** 2
        norm = math.sqrt(square)
        if shape == ZERO_CENTRED:
            total += 0.5 * square
            factor = 1.0
        elif shape == SIXTH_POWER:
            total += square**3
            factor = 6 * square**2
        else:
            excess = norm - 1
            if shape == ONE_SIDED and excess < 0:
                excess = 0.0
            total += excess * excess
            factor = 2 * excess / norm if norm > 0 else 0.0
        for i in range(n):
            memory.RA[first + i * ROWS] = scale * factor * memory.D[first + i * ROWS]
    return total / samples


@njit(nogil=True, error_model="numpy", _nrt=False)
def add_penalty(
    matmul, activate, multiply_slope, forward, backward, add_gradient, tangent_forward, tangent_backward,
    add_tangent_gradient, net, theta, memory, which, tape, blocks, samples, mix, noise, weight, gradient, scratch, ones,
    differentiate,
):  # fmt: skip
    """w E psi(grad d) of penalty number `which`, and its gradient into `gradient` += if `differentiate`."""
    H, D, RA, RD = memory.H, memory.D, memory.RA, memory.RD
    top = len(net.sizes) - 1
    fill(H, 0, ROWS * blocks * net.sizes[0], 0)
    _place_points(net, memory, memory.points[which], tape, blocks, samples, mix, noise)
    forward(matmul, activate, net, theta, H, blocks, 0, blocks)
    end = place(net, blocks, top, 0)
    fill(D, end, ROWS * blocks, 0)
    fill(D, end, samples, 1)
    backward(matmul, multiply_slope, net, theta, H, D, blocks, 0, blocks, top, 0)
    value = weight * _cotangent_of_gradient(net, memory, memory.shapes[which], blocks, samples, weight)
    if differentiate:
        tangent_forward(matmul, multiply_slope, net, theta, theta, False, H, RA, blocks, 0, blocks, True, scratch)
        curved = top > 1 and not is_piecewise_linear(net.functions[1])
        if curved:
            fill(RD, end, ROWS * blocks, 0)
            tangent_backward(matmul, multiply_slope, net, theta, theta, False, H, D, RA, RD, blocks, 0, blocks, 1)
        add_tangent_gradient(
            add_gradient, matmul, multiply_slope, net, H, D, RA, RD, blocks, 0, blocks, True, curved, gradient,
            scratch, ones,
        )  # fmt: skip
    return value
