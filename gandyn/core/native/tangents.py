"""Tangents of both passes (Pearlmutter's R-operator): Hessian-vector products, and gradients of input gradients.

R[.] is the derivative as the parameters move along a direction V and the inputs along R[h_0]. RA holds R[h_0] in layer
0 and the tangents R[a_l] of the pre-activations above it; RD holds those of the cotangents delta_l, and in layer 0 of
the cotangent of the input. Ref: Pearlmutter 1994, Neural Computation 6(1).
"""

from __future__ import annotations

from numba import njit

from gandyn.core.native.activations import add_bias, add_curvature
from gandyn.core.native.passes import place
from gandyn.core.native.products import ROWS
from gandyn.core.native.vectors import copy, multiply


@njit(nogil=True, error_model="numpy", _nrt=False)
def tangent_forward(
    matmul, multiply_slope, net, theta, direction, moving, H, RA, blocks, first, last, moving_input, scratch
):
    """R[a_l] = V_l^T h_(l-1) + c_l + W_l^T R[h_(l-1)], R[h_l] = phi' R[a_l]; direction: V where `moving`.

    Without `moving_input` R[h_0] = 0 is taken for granted. scratch: n ROWS elements of the widest layer.
    """
    for block in range(first, last):
        for layer in range(1, len(net.sizes)):
            n_in, n = net.sizes[layer - 1], net.sizes[layer]
            weight = net.weights[layer]
            ra, below = place(net, blocks, layer, block), place(net, blocks, layer - 1, block)
            if moving:
                matmul(direction, weight, 1, n, H, below, ROWS, n_in, RA, ra, ROWS, n, ROWS, 0)
                add_bias(RA, ra, n, direction, net.biases[layer])
            if layer > 1 or moving_input:
                copy(RA, below, n_in * ROWS, scratch, 0)
                if layer > 1:
                    multiply_slope(net.functions[layer - 1], H, below, scratch, 0, n_in * ROWS)
                matmul(theta, weight, 1, n, scratch, 0, ROWS, n_in, RA, ra, ROWS, n, ROWS, moving)


@njit(nogil=True, error_model="numpy", _nrt=False)
def tangent_backward(matmul, multiply_slope, net, theta, direction, moving, H, D, RA, RD, blocks, first, last, bottom):
    """R[u_(l-1)] = W_l R[delta_l] + V_l delta_l, R[delta_l] = phi' R[u_l] + phi'' R[a_l] u_l, from R[delta_L] in RD."""
    for block in range(first, last):
        for layer in range(len(net.sizes) - 1, bottom, -1):
            n, below = net.sizes[layer], net.sizes[layer - 1]
            weight = net.weights[layer]
            above, rd = place(net, blocks, layer, block), place(net, blocks, layer - 1, block)
            matmul(theta, weight, n, 1, RD, above, ROWS, n, RD, rd, ROWS, below, ROWS, 0)
            if moving:
                matmul(direction, weight, n, 1, D, above, ROWS, n, RD, rd, ROWS, below, ROWS, 1)
            if layer > 1:
                multiply_slope(net.functions[layer - 1], H, rd, RD, rd, below * ROWS)
                add_curvature(net.functions[layer - 1], H, rd, RA, rd, D, rd, RD, rd, below * ROWS)
            elif net.input_scale != 1:
                multiply(RD, rd, below * ROWS, net.input_scale)


@njit(nogil=True, error_model="numpy", _nrt=False)
def add_tangent_gradient(
    add_gradient, matmul, multiply_slope, net, H, D, RA, RD, blocks, first, last, moving_input, moving_cotangents,
    gradient, scratch, ones,
):  # fmt: skip
    """R of the gradient: of W_l += h_(l-1) R[delta_l]^T + R[h_(l-1)] delta_l^T, of b_l += R[delta_l].

    RA is used up: its layers hold R[h_l] afterwards. Without `moving_cotangents` every R[delta_l] is 0.
    """
    for layer in range(1, len(net.sizes)):
        if moving_cotangents:
            add_gradient(matmul, net, layer, H, RD, blocks, first, last, gradient, scratch, ones, True)
        if layer > 1:
            for block in range(first, last):
                h = place(net, blocks, layer - 1, block)
                multiply_slope(net.functions[layer - 1], H, h, RA, h, net.sizes[layer - 1] * ROWS)
        if layer > 1 or moving_input:
            add_gradient(matmul, net, layer, RA, D, blocks, first, last, gradient, scratch, ones, False)
