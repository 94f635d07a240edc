"""Forward and backward passes of a multilayer perceptron over a block of samples, by one program of a Triton kernel.

A network is known when the kernel is compiled: of every layer l = 0..L its width n_l, the room P_l that it takes in
registers (a power of two), and where W_l [n_(l-1), n_l] and b_l begin in theta (b: -1 where there is none). Values
stay in registers, H_l [ROWS, P_l]; what stands beyond n_l never meets a weight that is not 0. The formulas and their
names: docs/maths.md.
"""

import triton
import triton.language as tl

from gandyn.core.cuda.functions import activate, slope

WIDTH, ROOM, WEIGHTS, BIAS = (tl.constexpr(i) for i in range(4))  # entries of a layer


@triton.jit
def _weights(theta, first, NET: tl.constexpr, LAYER: tl.constexpr, ROWS: tl.constexpr):
    """Rows first, first + 1, ... of W_l as [ROWS, room]; 0 outside."""
    n_in: tl.constexpr = NET[LAYER - 1][WIDTH]
    n_out: tl.constexpr = NET[LAYER][WIDTH]
    room: tl.constexpr = NET[LAYER][ROOM]
    row, column = first + tl.arange(0, ROWS)[:, None], tl.arange(0, room)[None, :]
    place = theta + (NET[LAYER][WEIGHTS] + row * n_out + column)
    if n_in % ROWS == 0 and n_out == room:
        return tl.load(place)
    else:
        return tl.load(place, (row < n_in) & (column < n_out), 0.0)


@triton.jit
def _all_weights(theta, NET: tl.constexpr, LAYER: tl.constexpr):
    """W_l with zeros up to the rooms of both layers."""
    in_room: tl.constexpr = NET[LAYER - 1][ROOM]
    return _weights(theta, 0, NET, LAYER, in_room)


@triton.jit
def _biased(a, theta, NET: tl.constexpr, LAYER: tl.constexpr):
    """a + b_l."""
    if NET[LAYER][BIAS] >= 0:
        column = tl.arange(0, NET[LAYER][ROOM])
        return a + tl.load(theta + (NET[LAYER][BIAS] + column), column < NET[LAYER][WIDTH], 0.0)[None, :]
    else:
        return a


@triton.jit
def load_block(source, rows, STRIDE: tl.constexpr, ROOM: tl.constexpr, ROWS: tl.constexpr):
    """source [rows, STRIDE] as [ROWS, ROOM]; 0 where it has nothing."""
    row, column = tl.arange(0, ROWS)[:, None], tl.arange(0, ROOM)[None, :]
    return tl.load(source + (row * STRIDE + column), (row < rows) & (column < STRIDE), 0.0)


@triton.jit
def _input_block(source, rows, k, NET: tl.constexpr, BREADTH: tl.constexpr, ROWS: tl.constexpr):
    """Columns k, k + 1, ... of a network's input in memory, [rows, n_0]; 0 outside."""
    width: tl.constexpr = NET[0][WIDTH]
    row, column = tl.arange(0, ROWS)[:, None], k + tl.arange(0, BREADTH)[None, :]
    return tl.load(source + (row * width + column), (row < rows) & (column < width), 0.0)


@triton.jit
def first_layer(
    theta, source, rows, scale, NET: tl.constexpr, KIND: tl.constexpr,
    ROWS: tl.constexpr, DEPTH: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """H_1 = phi(s X W_1 + b_1) of samples in memory, X [rows, n_0]."""
    width: tl.constexpr = NET[0][WIDTH]
    room: tl.constexpr = NET[1][ROOM]
    a = tl.zeros((ROWS, room), theta.dtype.element_ty)
    for k in range(0, width, DEPTH):
        x = _input_block(source, rows, k, NET, DEPTH, ROWS) * scale
        a = tl.dot(x, _weights(theta, k, NET, 1, DEPTH), a, input_precision=PRECISION, out_dtype=a.dtype)
    return activate(_biased(a, theta, NET, 1), KIND)


@triton.jit
def forward(
    theta, h, NET: tl.constexpr, START: tl.constexpr, HIDDEN: tl.constexpr, OUTPUT: tl.constexpr,
    PRECISION: tl.constexpr,
):  # fmt: skip
    """(H_START, ..., H_L) from h = H_START."""
    tape = (h,)
    for layer in tl.static_range(START + 1, len(NET)):
        a = tl.dot(
            tape[layer - START - 1], _all_weights(theta, NET, layer), input_precision=PRECISION, out_dtype=h.dtype
        )
        if layer == len(NET) - 1:
            tape = tape + (activate(_biased(a, theta, NET, layer), OUTPUT),)
        else:
            tape = tape + (activate(_biased(a, theta, NET, layer), HIDDEN),)
    return tape


@triton.jit
def _add_bias_gradient(gradient, delta, is_first, NET: tl.constexpr, LAYER: tl.constexpr):
    if NET[LAYER][BIAS] >= 0:
        column = tl.arange(0, NET[LAYER][ROOM])
        place, inside = gradient + (NET[LAYER][BIAS] + column), column < NET[LAYER][WIDTH]
        tl.store(place, tl.load(place, inside & (is_first == 0), 0.0) + tl.sum(delta, 0), inside)


@triton.jit
def _add_gradient(gradient, h, delta, is_first, NET: tl.constexpr, LAYER: tl.constexpr, PRECISION: tl.constexpr):
    """The layer's gradient += H_(l-1)^T Delta_l and Delta_l^T 1; = where it is the first block."""
    row, column = tl.arange(0, NET[LAYER - 1][ROOM])[:, None], tl.arange(0, NET[LAYER][ROOM])[None, :]
    place = gradient + (NET[LAYER][WEIGHTS] + row * NET[LAYER][WIDTH] + column)
    inside = (row < NET[LAYER - 1][WIDTH]) & (column < NET[LAYER][WIDTH])
    total = tl.load(place, inside & (is_first == 0), 0.0)
    total = tl.dot(tl.trans(h), delta, total, input_precision=PRECISION, out_dtype=h.dtype)
    tl.store(place, total, inside)
    _add_bias_gradient(gradient, delta, is_first, NET, LAYER)


@triton.jit
def add_first_gradient(
    gradient, source, rows, scale, delta, is_first, NET: tl.constexpr,
    ROWS: tl.constexpr, DEPTH: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """The same of layer 1, whose input lies in memory."""
    width: tl.constexpr = NET[0][WIDTH]
    for k in range(0, width, DEPTH):
        row, column = k + tl.arange(0, DEPTH)[:, None], tl.arange(0, NET[1][ROOM])[None, :]
        place = gradient + (NET[1][WEIGHTS] + row * NET[1][WIDTH] + column)
        inside = (row < NET[0][WIDTH]) & (column < NET[1][WIDTH])
        total = tl.load(place, inside & (is_first == 0), 0.0)
        x = _input_block(source, rows, k, NET, DEPTH, ROWS) * scale
        total = tl.dot(tl.trans(x), delta, total, input_precision=PRECISION, out_dtype=delta.dtype)
        tl.store(place, total, inside)
    _add_bias_gradient(gradient, delta, is_first, NET, 1)


@triton.jit
def backward(
    theta, tape, delta, gradient, is_first, NET: tl.constexpr, START: tl.constexpr, HIDDEN: tl.constexpr,
    PARAMETERS: tl.constexpr, INPUT: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """Back from delta = Delta_L, the cotangents of a_L, through a tape of `forward`.

    With PARAMETERS adds to the gradient [P] of the layers above START; with INPUT goes on to the cotangents of H_START,
    or of its pre-activations where START > 0, and returns them.
    """
    deltas = (delta,)
    for i in tl.static_range(0, len(NET) - 1 - START):
        h = tape[len(NET) - 2 - START - i]
        if PARAMETERS:
            _add_gradient(gradient, h, deltas[i], is_first, NET, len(NET) - 1 - i, PRECISION)
        if INPUT or i < len(NET) - 2 - START:
            w = tl.trans(_all_weights(theta, NET, len(NET) - 1 - i))
            u = tl.dot(deltas[i], w, input_precision=PRECISION, out_dtype=delta.dtype)
            if START > 0 or i < len(NET) - 2 - START:
                u = u * slope(h, HIDDEN)
            deltas = deltas + (u,)
    return deltas[len(deltas) - 1]
