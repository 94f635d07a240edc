"""Forward and backward passes of a perceptron over blocks of samples, and the gradient of its parameters.

A tape is a one-dimensional array with, for every layer l = 0 ... L, the values of all blocks: block after block
[n_l, ROWS]. H holds activations (layer 0: the scaled input, layer L: the output), D the cotangents of the
pre-activations a_l (layer 0: of the input before its scale). docs/maths.md has the formulas.
"""

from __future__ import annotations

from numba import njit

from gandyn.core.native.activations import (
    activate,
    add_bias,
    apply_output,
    multiply_output_slope,
    multiply_slope,
)
from gandyn.core.native.products import ROWS, add_outer, dot, product, transpose

THIN = 4  # a layer with at most as many inputs or outputs has its gradient from dot products


@njit(nogil=True)
def place(net, blocks, layer, block):
    """Where a block of a layer begins in a tape of `blocks` blocks."""
    return ROWS * (blocks * net.widths_before[layer] + block * net.sizes[layer])


@njit(nogil=True, error_model="numpy")
def load_input(net, X, x, samples, H, blocks, first):
    """The samples X [samples, n_0], from x on, times the input scale into layer 0 of the tape, from block `first` on."""
    n = net.sizes[0]
    scale = H.dtype.type(net.input_scale)
    block = first
    while samples > 0:
        rows = min(samples, ROWS)
        h = place(net, blocks, 0, block)
        if rows < ROWS:
            H[h : h + n * ROWS] = 0
        transpose(X, x, n, rows, n, H, h, ROWS)
        if net.input_scale != 1:
            H[h : h + n * ROWS] *= scale
        x += rows * n
        samples -= rows
        block += 1


@njit(nogil=True, error_model="numpy")
def forward(net, theta, H, blocks, first, last):
    """h_l = phi(W_l^T h_(l-1) + b_l) for the blocks first ... last - 1."""
    end = len(net.sizes) - 1
    for block in range(first, last):
        for layer in range(1, end + 1):
            n_in, n = net.sizes[layer - 1], net.sizes[layer]
            h = place(net, blocks, layer, block)
            product(theta, net.weights[layer], 1, n, H, place(net, blocks, layer - 1, block), n_in, H, h, n, 0)
            if net.biases[layer] >= 0:
                add_bias(H, h, n, theta, net.biases[layer])
            if layer < end:
                activate(net.activation, H, h, n * ROWS)
            else:
                apply_output(net.output, H, h, n * ROWS)


@njit(nogil=True, error_model="numpy")
def backward(net, theta, H, D, blocks, first, last, to_input):
    """From the cotangents of the outputs in layer L of D to those of all pre-activations; of the inputs on demand."""
    end = len(net.sizes) - 1
    for block in range(first, last):
        d = place(net, blocks, end, block)
        multiply_output_slope(net.output, H, d, D, d, net.sizes[end] * ROWS)
        for layer in range(end, 1, -1):
            n, below = net.sizes[layer], net.sizes[layer - 1]
            d = place(net, blocks, layer - 1, block)
            product(theta, net.weights[layer], n, 1, D, place(net, blocks, layer, block), n, D, d, below, 0)
            multiply_slope(net.activation, H, d, D, d, below * ROWS)
    if to_input:
        backward_to_input(net, theta, D, blocks, first, last)


@njit(nogil=True, error_model="numpy")
def backward_to_input(net, theta, D, blocks, first, last):
    """From the cotangents of layer 1 to those of the input before its scale."""
    n, below = net.sizes[1], net.sizes[0]
    for block in range(first, last):
        d = place(net, blocks, 0, block)
        product(theta, net.weights[1], n, 1, D, place(net, blocks, 1, block), n, D, d, below, 0)
        if net.input_scale != 1:
            D[d : d + below * ROWS] *= D.dtype.type(net.input_scale)


@njit(nogil=True, error_model="numpy")
def add_layer_gradient(net, layer, H, D, blocks, first, last, gradient, scratch):
    """The gradient of W_l += sum over samples of h_(l-1) delta_l^T, for the blocks first ... last - 1."""
    n_in, n = net.sizes[layer - 1], net.sizes[layer]
    weight = net.weights[layer]
    x, d = place(net, blocks, layer - 1, first), place(net, blocks, layer, first)
    if min(n_in, n) <= THIN:
        for i in range(n_in):
            for j in range(n):
                gradient[weight + i * n + j] += dot(
                    H, x + i * ROWS, n_in * ROWS, D, d + j * ROWS, n * ROWS, last - first
                )
    else:
        for block in range(last - first):
            add_outer(H, x + block * n_in * ROWS, n_in, D, d + block * n * ROWS, n, gradient, weight, scratch)


@njit(nogil=True, error_model="numpy")
def add_bias_gradient(net, layer, D, blocks, first, last, gradient, ones):
    """The gradient of b_l += sum over samples of delta_l; ones: ROWS of them."""
    if net.biases[layer] >= 0:
        n = net.sizes[layer]
        d = place(net, blocks, layer, first)
        for j in range(n):
            gradient[net.biases[layer] + j] += dot(D, d + j * ROWS, n * ROWS, ones, 0, 0, last - first)


@njit(nogil=True, error_model="numpy")
def add_gradient(net, H, D, blocks, first, last, gradient, scratch, ones):
    """The gradient of all parameters += that of these blocks, from activations and cotangents."""
    for layer in range(1, len(net.sizes)):
        add_layer_gradient(net, layer, H, D, blocks, first, last, gradient, scratch)
        add_bias_gradient(net, layer, D, blocks, first, last, gradient, ones)
