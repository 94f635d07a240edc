"""Forward and backward passes of a multilayer perceptron over a block of samples, by one program of a Triton kernel.

A network is known when the kernel is compiled: for every layer l = 0..L its width n_l, the width P_l that it takes in
memory (a power of two), and where W_l [n_(l-1), n_l] and b_l begin in theta (b: -1 where there is none). A tape holds
H_0, H_1, ... one after another, each [rows, P_l]: layer l begins at rows times P_0 + ... + P_(l-1). What stands beyond
n_l is never read with a weight that is not 0. The formulas and their names: docs/maths.md.

Threads of a program read what others of it have written, so every pass over a layer ends at a barrier.
"""

import triton
import triton.language as tl

from gandyn.core.cuda.functions import LINEAR, activate, slope

WIDTH, ROOM, WEIGHTS, BIAS, BEFORE = (tl.constexpr(i) for i in range(5))  # entries of a layer
DEPTH = tl.constexpr(64)  # of a tile of a product, at most


@triton.jit
def load_rows(
    source, scale, rows, out,
    STRIDE: tl.constexpr, WIDTH: tl.constexpr, ROOM: tl.constexpr, ROWS: tl.constexpr, TILE: tl.constexpr,
):  # fmt: skip
    """out [ROWS, ROOM] = scale times source [rows, STRIDE], of WIDTH columns; 0 in rows that are not there."""
    row = tl.arange(0, ROWS)[:, None]
    for first in tl.static_range(0, ROOM, TILE):
        column = first + tl.arange(0, TILE if TILE < ROOM else ROOM)[None, :]
        values = tl.load(source + (row * STRIDE + column), (row < rows) & (column < WIDTH), 0.0)
        tl.store(out + (row * ROOM + column), values * scale)


@triton.jit
def _matrix(
    w, i, j, IN: tl.constexpr, OUT: tl.constexpr, IN_ROOM: tl.constexpr, OUT_ROOM: tl.constexpr,
    HEIGHT: tl.constexpr, BREADTH: tl.constexpr,
):  # fmt: skip
    """Rows i, i + 1, ... and columns j, j + 1, ... of w [IN, OUT]; 0 outside."""
    row, column = i + tl.arange(0, HEIGHT)[:, None], j + tl.arange(0, BREADTH)[None, :]
    if IN == IN_ROOM and OUT == OUT_ROOM:
        return tl.load(w + (row * OUT + column))
    else:
        return tl.load(w + (row * OUT + column), (row < IN) & (column < OUT), 0.0)


@triton.jit
def _forward_layer(
    theta, tape, NET: tl.constexpr, LAYER: tl.constexpr, KIND: tl.constexpr,
    ROWS: tl.constexpr, TILE: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """H_l = phi(H_(l-1) W_l + b_l) of one layer."""
    in_width: tl.constexpr = NET[LAYER - 1][WIDTH]
    in_room: tl.constexpr = NET[LAYER - 1][ROOM]
    width: tl.constexpr = NET[LAYER][WIDTH]
    room: tl.constexpr = NET[LAYER][ROOM]
    bias: tl.constexpr = NET[LAYER][BIAS]
    x, out = tape + ROWS * NET[LAYER - 1][BEFORE], tape + ROWS * NET[LAYER][BEFORE]
    breadth: tl.constexpr = TILE if TILE < room else room
    depth: tl.constexpr = DEPTH if in_room > DEPTH else in_room
    row = tl.arange(0, ROWS)[:, None]
    for first in range(0, room, breadth):
        column = first + tl.arange(0, breadth)
        a = tl.zeros((ROWS, breadth), x.dtype.element_ty)
        for k in range(0, in_room, depth):
            h = tl.load(x + (row * in_room + (k + tl.arange(0, depth)[None, :])))
            w = _matrix(theta + NET[LAYER][WEIGHTS], k, first, in_width, width, in_room, room, depth, breadth)
            a = tl.dot(h, w, a, input_precision=PRECISION, out_dtype=a.dtype)
        if bias >= 0:
            a += tl.load(theta + (bias + column), column < width, 0.0)[None, :]
        tl.store(out + (row * room + column[None, :]), activate(a, KIND))


@triton.jit
def forward(
    theta, tape, NET: tl.constexpr, HIDDEN: tl.constexpr, OUTPUT: tl.constexpr,
    ROWS: tl.constexpr, TILE: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """H_l = phi(H_(l-1) W_l + b_l) for l = 1..L, from layer 0 of the tape."""
    for layer in tl.static_range(1, len(NET)):
        if layer == len(NET) - 1:
            _forward_layer(theta, tape, NET, layer, OUTPUT, ROWS, TILE, PRECISION)
        else:
            _forward_layer(theta, tape, NET, layer, HIDDEN, ROWS, TILE, PRECISION)
        tl.debug_barrier()


@triton.jit
def _add_gradient(
    x, delta, gradient, is_first, NET: tl.constexpr, LAYER: tl.constexpr,
    ROWS: tl.constexpr, TILE: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """The layer's gradient += x^T delta and the sum of delta's rows; = where it is the first block."""
    in_width: tl.constexpr = NET[LAYER - 1][WIDTH]
    in_room: tl.constexpr = NET[LAYER - 1][ROOM]
    width: tl.constexpr = NET[LAYER][WIDTH]
    room: tl.constexpr = NET[LAYER][ROOM]
    weights: tl.constexpr = NET[LAYER][WEIGHTS]
    bias: tl.constexpr = NET[LAYER][BIAS]
    height: tl.constexpr = TILE if TILE < in_room else in_room
    breadth: tl.constexpr = TILE if TILE < room else room
    depth: tl.constexpr = DEPTH if ROWS > DEPTH else ROWS
    for j in range(0, room, breadth):
        column = j + tl.arange(0, breadth)
        for i in range(0, in_room, height):
            above = i + tl.arange(0, height)
            place = gradient + (weights + above[:, None] * width + column[None, :])
            inside = (above[:, None] < in_width) & (column[None, :] < width)
            total = tl.load(place, inside & (is_first == 0), 0.0)
            for k in range(0, ROWS, depth):
                row = k + tl.arange(0, depth)[:, None]
                h = tl.load(x + (row * in_room + above[None, :]))
                d = tl.load(delta + (row * room + column[None, :]))
                total = tl.dot(tl.trans(h), d, total, input_precision=PRECISION, out_dtype=total.dtype)
            tl.store(place, total, inside)
        if bias >= 0:
            place = gradient + (bias + column)
            sums = tl.load(place, (column < width) & (is_first == 0), 0.0)
            for k in range(0, ROWS, depth):
                row = k + tl.arange(0, depth)[:, None]
                sums += tl.sum(tl.load(delta + (row * room + column[None, :])), 0)
            tl.store(place, sums, column < width)


@triton.jit
def _backward_layer(
    theta, x, delta, out, NET: tl.constexpr, LAYER: tl.constexpr, KIND: tl.constexpr,
    ROWS: tl.constexpr, TILE: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """out = delta W^T times phi'(a) of the layer below, whose phi(a) x holds."""
    in_width: tl.constexpr = NET[LAYER - 1][WIDTH]
    in_room: tl.constexpr = NET[LAYER - 1][ROOM]
    width: tl.constexpr = NET[LAYER][WIDTH]
    room: tl.constexpr = NET[LAYER][ROOM]
    height: tl.constexpr = TILE if TILE < in_room else in_room
    depth: tl.constexpr = DEPTH if room > DEPTH else room
    row = tl.arange(0, ROWS)[:, None]
    for first in range(0, in_room, height):
        column = first + tl.arange(0, height)[None, :]
        u = tl.zeros((ROWS, height), x.dtype.element_ty)
        for k in range(0, room, depth):
            d = tl.load(delta + (row * room + (k + tl.arange(0, depth)[None, :])))
            w = _matrix(theta + NET[LAYER][WEIGHTS], first, k, in_width, width, in_room, room, height, depth)
            u = tl.dot(d, tl.trans(w), u, input_precision=PRECISION, out_dtype=u.dtype)
        if KIND != LINEAR:
            u *= slope(tl.load(x + (row * in_room + column)), KIND)
        tl.store(out + (row * in_room + column), u)


@triton.jit
def backward(
    theta, tape, deltas, half, gradient, is_first, NET: tl.constexpr, HIDDEN: tl.constexpr,
    PARAMETERS: tl.constexpr, INPUT: tl.constexpr, STRIDE: tl.constexpr,
    ROWS: tl.constexpr, TILE: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """Back from the cotangents of a_L: with PARAMETERS adds to the gradient [P], with INPUT goes on to those of h_0.

    deltas: two blocks of `half` numbers; the cotangents of layer l lie in block l % 2. The tape has STRIDE rows, of
    which the last ROWS are meant.
    """
    for layer in tl.static_range(len(NET) - 1, 0, -1):
        x = tape + (STRIDE * NET[layer - 1][BEFORE] + (STRIDE - ROWS) * NET[layer - 1][ROOM])
        delta, out = deltas + (layer % 2) * half, deltas + ((layer + 1) % 2) * half
        if PARAMETERS:
            _add_gradient(x, delta, gradient, is_first, NET, layer, ROWS, TILE, PRECISION)
        if layer > 1:
            _backward_layer(theta, x, delta, out, NET, layer, HIDDEN, ROWS, TILE, PRECISION)
        elif INPUT:
            _backward_layer(theta, x, delta, out, NET, layer, LINEAR, ROWS, TILE, PRECISION)
        tl.debug_barrier()
