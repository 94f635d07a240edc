"""Tangents of both passes (Pearlmutter's R-operator): Hessian-vector products, and gradients of input gradients.

R[.] is the derivative as the parameters move along a direction V and the inputs along R[h_0]. RA holds R[h_0] in layer
0 and the tangents R[a_l] of the pre-activations above it; RD holds those of the cotangents delta_l, and in layer 0 of
the cotangent of the input. Ref: Pearlmutter 1994, Neural Computation 6(1).
"""

from __future__ import annotations

from numba import njit

from gandyn.core.native.activations import add_bias, add_curvature, multiply_slope
from gandyn.core.native.passes import add_bias_gradient, add_layer_gradient, place
from gandyn.core.native.products import ROWS, product


@njit(nogil=True, error_model="numpy")
def _layer_tangent(net, layer, H, RA, blocks, block, out, o):
    """R[h_l] = phi'(a_l) R[a_l] of one block, into out from o on; of layer 0 as it is."""
    count = net.sizes[layer] * ROWS
    h = place(net, blocks, layer, block)
    out[o : o + count] = RA[h : h + count]
    if layer > 0:
        multiply_slope(net.activation, H, h, out, o, count)


@njit(nogil=True, error_model="numpy")
def tangent_forward(net, theta, direction, H, RA, blocks, first, last, moving_input, scratch):
    """R[a_l] = V_l^T h_(l-1) + c_l + W_l^T R[h_(l-1)]; direction: V, or None where the parameters rest.

    Without `moving_input` R[h_0] = 0 is taken for granted. scratch: n ROWS elements of the widest layer.
    """
    for block in range(first, last):
        for layer in range(1, len(net.sizes)):
            n_in, n = net.sizes[layer - 1], net.sizes[layer]
            weight = net.weights[layer]
            ra = place(net, blocks, layer, block)
            more = 0
            if direction is not None:
                product(direction, weight, 1, n, H, place(net, blocks, layer - 1, block), n_in, RA, ra, n, 0)
                if net.biases[layer] >= 0:
                    add_bias(RA, ra, n, direction, net.biases[layer])
                more = 1
            if layer > 1 or moving_input:
                _layer_tangent(net, layer - 1, H, RA, blocks, block, scratch, 0)
                product(theta, weight, 1, n, scratch, 0, n_in, RA, ra, n, more)


@njit(nogil=True, error_model="numpy")
def tangent_backward(net, theta, direction, H, D, RA, RD, blocks, first, last, to_input):
    """R[u_(l-1)] = W_l R[delta_l] + V_l delta_l, R[delta_l] = phi' R[u_l] + phi'' R[a_l] u_l, from R[delta_L] in RD."""
    for block in range(first, last):
        for layer in range(len(net.sizes) - 1, 0 if to_input else 1, -1):
            n, below = net.sizes[layer], net.sizes[layer - 1]
            weight = net.weights[layer]
            above, rd = place(net, blocks, layer, block), place(net, blocks, layer - 1, block)
            product(theta, weight, n, 1, RD, above, n, RD, rd, below, 0)
            if direction is not None:
                product(direction, weight, n, 1, D, above, n, RD, rd, below, 1)
            if layer > 1:
                multiply_slope(net.activation, H, rd, RD, rd, below * ROWS)
                add_curvature(net.activation, H, rd, RA, rd, D, rd, RD, rd, below * ROWS)
            elif net.input_scale != 1:
                RD[rd : rd + below * ROWS] *= RD.dtype.type(net.input_scale)


@njit(nogil=True, error_model="numpy")
def add_tangent_gradient(
    net, H, D, RA, RD, blocks, first, last, moving_input, moving_cotangents, gradient, scratch, ones
):
    """R of the gradient: of W_l += h_(l-1) R[delta_l]^T + R[h_(l-1)] delta_l^T, of b_l += R[delta_l].

    RA is used up: its layers hold R[h_l] afterwards. Without `moving_cotangents` every R[delta_l] is 0.
    """
    for layer in range(1, len(net.sizes)):
        if moving_cotangents:
            add_layer_gradient(net, layer, H, RD, blocks, first, last, gradient, scratch)
            add_bias_gradient(net, layer, RD, blocks, first, last, gradient, ones)
        if layer > 1:
            for block in range(first, last):
                h = place(net, blocks, layer - 1, block)
                multiply_slope(net.activation, H, h, RA, h, net.sizes[layer - 1] * ROWS)
        if layer > 1 or moving_input:
            add_layer_gradient(net, layer, RA, D, blocks, first, last, gradient, scratch)
