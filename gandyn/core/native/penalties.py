"""Penalties of the critic's input gradient: their value, and the gradient of the critic's parameters.

P = w E psi(g), g = grad_x d(x). With c = dP/dg held, the gradient of P is that of <c, grad_x d>, which is R of the
critic's own gradient (of the sum of d) as the inputs move along c: see tangents.py.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from numba import njit

from gandyn.core.native.activations import is_piecewise_linear
from gandyn.core.native.passes import backward, forward, place
from gandyn.core.native.products import ROWS
from gandyn.core.native.tangents import add_tangent_gradient, tangent_backward, tangent_forward

POINTS = ("interpolates", "real", "generated", "around-real")
SHAPES = ("two-sided", "one-sided", "zero-centred")
INTERPOLATES, REAL, GENERATED, AROUND_REAL = range(4)
TWO_SIDED, ONE_SIDED, ZERO_CENTRED = range(3)


class PenaltyMemory(NamedTuple):
    """Where the gradient is taken, what is made of its norm, and tapes of the critic over one batch."""

    points: int
    shape: int
    H: Any
    D: Any
    RA: Any
    RD: Any


@njit(nogil=True, error_model="numpy")
def _place_points(net, memory, tape, blocks, samples, mix, noise):
    """The points of one batch into layer 0, already scaled; tape: the critic's, real samples before generated ones."""
    n = net.sizes[0]
    X = memory.H
    if memory.points == AROUND_REAL:  # x + std(x) noise / 2, one deviation for the whole batch
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
            if memory.points == INTERPOLATES:
                value = mix[s] * real + (1 - mix[s]) * fake
            elif memory.points == REAL:
                value = real
            elif memory.points == GENERATED:
                value = fake
            else:
                value = real + half_deviation * noise[s * n + i]
            X[place(net, blocks, 0, s // ROWS) + within] = value


@njit(nogil=True, error_model="numpy")
def _cotangent_of_gradient(net, memory, blocks, samples, weight):
    """E psi(g), and w d psi / d g times the input scale into layer 0 of RA, from the gradients in layer 0 of D."""
    n = net.sizes[0]
    total = 0.0
    scale = weight * net.input_scale / samples
    memory.RA[: ROWS * blocks * n] = 0
    for s in range(samples):
        first = place(net, blocks, 0, s // ROWS) + s % ROWS
        square = 0.0
        for i in range(n):
            square += memory.D[first + i * ROWS] ** 2
        norm = math.sqrt(square)
        if memory.shape == ZERO_CENTRED:
            total += 0.5 * square
            factor = 1.0
        else:
            excess = norm - 1
            if memory.shape == ONE_SIDED and excess < 0:
                excess = 0.0
            total += excess * excess
            factor = 2 * excess / norm if norm > 0 else 0.0
        for i in range(n):
            memory.RA[first + i * ROWS] = scale * factor * memory.D[first + i * ROWS]
    return total / samples


@njit(nogil=True, error_model="numpy")
def add_penalty(net, theta, memory, tape, blocks, samples, mix, noise, weight, gradient, scratch, ones, differentiate):
    """w E psi(grad d), and its gradient into `gradient` += if `differentiate`."""
    H, D, RA, RD = memory.H, memory.D, memory.RA, memory.RD
    H[: ROWS * blocks * net.sizes[0]] = 0
    _place_points(net, memory, tape, blocks, samples, mix, noise)
    forward(net, theta, H, blocks, 0, blocks)
    end = place(net, blocks, len(net.sizes) - 1, 0)
    D[end : end + ROWS * blocks] = 0
    D[end : end + samples] = 1
    backward(net, theta, H, D, blocks, 0, blocks, True)
    value = weight * _cotangent_of_gradient(net, memory, blocks, samples, weight)
    if differentiate:
        tangent_forward(net, theta, None, H, RA, blocks, 0, blocks, True, scratch)
        curved = not is_piecewise_linear(net.activation) and len(net.sizes) > 2
        if curved:
            RD[end : end + ROWS * blocks] = 0
            tangent_backward(net, theta, None, H, D, RA, RD, blocks, 0, blocks, False)
        add_tangent_gradient(net, H, D, RA, RD, blocks, 0, blocks, True, curved, gradient, scratch, ones)
    return value
