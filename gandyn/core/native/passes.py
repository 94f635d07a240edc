"""Forward and backward passes of a perceptron over blocks of samples, and the gradient of its parameters.

A tape is a one-dimensional array with, for every layer l = 0 ... L, the values of all blocks: block after block
[n_l, ROWS]. H holds activations (layer 0: the scaled input, layer L: the output), D the cotangents of the
pre-activations a_l (layer 0: of the input before its scale). docs/maths.md has the formulas.
"""

from __future__ import annotations

from numba import njit

from gandyn.core.native.products import ROWS, add_outer, dot, transpose
from gandyn.core.native.vectors import fill, multiply
from gandyn.core.rng.compiled import UNIFORM, draw
from gandyn.core.rng.formulas import GROUP
from gandyn.core.rng.streams import STREAMS

STREAM = STREAMS["z"]
THIN = 4  # a layer with at most as many inputs or outputs has its gradient from dot products


@njit(nogil=True, _nrt=False)
def place(net, blocks, layer, block):
    """Where a block of a layer begins in a tape of `blocks` blocks."""
    return ROWS * (blocks * net.widths_before[layer] + block * net.sizes[layer])


@njit(nogil=True, error_model="numpy", _nrt=False)
def load_input(net, X, x, samples, H, blocks, first):
    """The samples X [samples, n_0], from x on, times the input scale into layer 0 of the tape, from a block on."""
    n, block = net.sizes[0], first
    while samples > 0:
        rows = min(samples, ROWS)
        h = place(net, blocks, 0, block)
        if rows < ROWS:
            fill(H, h, n * ROWS, 0)
        transpose(X, x, n, rows, n, H, h, ROWS)
        if net.input_scale != 1:
            multiply(H, h, n * ROWS, net.input_scale)
        x += rows * n
        samples -= rows
        block += 1


@njit(nogil=True, error_model="numpy", _nrt=False)
def load_latents(load_input, law, net, seed, step, update, samples, H, blocks, first, last, scratch, words):
    """The latents of the minibatch at one place in the random numbers into layer 0 of the tape, as play draws them.

    Those of the blocks first ... last - 1.

    scratch: at least n_0 ROWS + rng's GROUP elements; words: memory for rng.compiled.draw.
    """
    n = net.sizes[0]
    rest = scratch[n * ROWS : n * ROWS + GROUP]
    for block in range(first, last):
        begin = block * ROWS
        rows = min(samples - begin, ROWS)
        draw(law, scratch, 0, begin * n, rows * n, words, rest, seed, step, update, STREAM)
        if law == UNIFORM:  # on [-1, 1)
            for i in range(rows * n):
                scratch[i] = scratch[i] + scratch[i] - scratch.dtype.type(1)
        load_input(net, scratch, 0, rows, H, blocks, block)


@njit(nogil=True, error_model="numpy", _nrt=False)
def forward(matmul, activate, net, theta, H, blocks, first, last):
    """h_l = phi(W_l^T h_(l-1) + b_l) for the blocks first ... last - 1."""
    for block in range(first, last):
        for layer in range(1, len(net.sizes)):
            n_in, n = net.sizes[layer - 1], net.sizes[layer]
            h, below = place(net, blocks, layer, block), place(net, blocks, layer - 1, block)
            matmul(theta, net.weights[layer], 1, n, H, below, ROWS, n_in, H, h, ROWS, n, ROWS, 0)
            activate(net.functions[layer], H, h, n, theta, net.biases[layer])


@njit(nogil=True, error_model="numpy", _nrt=False)
def backward(matmul, multiply_slope, net, theta, H, D, blocks, first, last, top, bottom):
    """From cotangents of layer `top` to those of layer `bottom`: delta_(l-1) = phi' W_l delta_l; of the input, 0.

    Layer L holds cotangents of the outputs before; all layers hold those of the pre-activations afterwards.
    """
    for block in range(first, last):
        if top == len(net.sizes) - 1:
            d = place(net, blocks, top, block)
            multiply_slope(net.functions[top], H, d, D, d, net.sizes[top] * ROWS)
        for layer in range(top, bottom, -1):
            n, below = net.sizes[layer], net.sizes[layer - 1]
            d, above = place(net, blocks, layer - 1, block), place(net, blocks, layer, block)
            matmul(theta, net.weights[layer], n, 1, D, above, ROWS, n, D, d, ROWS, below, ROWS, 0)
            if layer > 1:
                multiply_slope(net.functions[layer - 1], H, d, D, d, below * ROWS)
            elif net.input_scale != 1:
                multiply(D, d, below * ROWS, net.input_scale)


@njit(nogil=True, error_model="numpy", _nrt=False)
def add_gradient(matmul, net, layer, H, D, blocks, first, last, gradient, scratch, ones, with_bias):
    """The gradient of W_l += sum over samples of h_(l-1) delta_l^T, of b_l += that of delta_l, for these blocks."""
    n_in, n = net.sizes[layer - 1], net.sizes[layer]
    weight, bias, count = net.weights[layer], net.biases[layer], last - first
    x, d = place(net, blocks, layer - 1, first), place(net, blocks, layer, first)
    if not with_bias:
        bias = -1
    if n <= THIN or n_in <= THIN:
        for i in range(n_in):
            for j in range(n):
                gradient[weight + i * n + j] += dot(H, x + i * ROWS, n_in * ROWS, D, d + j * ROWS, n * ROWS, count)
        if bias >= 0:
            for j in range(n):
                gradient[bias + j] += dot(D, d + j * ROWS, n * ROWS, ones, 0, 0, count)
    else:
        for block in range(count):
            add_outer(
                matmul, H, x + block * n_in * ROWS, n_in, D, d + block * n * ROWS, n, gradient, weight, bias, ones,
                scratch,
            )  # fmt: skip
