"""Matrix products of the compiled engine, put together from tiles of vector registers.

Activations of a block of ROWS samples lie feature by feature, [n, ROWS], so that a register holds one feature of many
samples, and layers of every width are treated alike. Each element of a product is summed in the order of its terms with
fused multiply-adds, so its bits do not depend on how wide the registers are. Matrices are parts of one-dimensional
arrays: an array, the place of the first element and the distances between rows and columns, all in elements. Nothing
checks these places: the callers' sizes are checked once, outside.

Here and in the files beside it `parts` or a function among the arguments is compiled code called through its address:
numba optimises what a function calls again with every caller, so that calls by name, six deep, would take six times as
long to compile.
"""

from __future__ import annotations

from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from gandyn.core.native.processor import TILE_VECTORS
from gandyn.core.native.tiles import SHORT, VECTOR_BYTES, Kind, integer, pointer, tile

ROWS = 64  # samples of a block: a layer's activations stay in the first cache


_wide = [tile(rows, TILE_VECTORS) for rows in range(1, 7)]
_one, _two, _three, _four, _five, _six = _wide


@njit(nogil=True, _nrt=False)
def _strip(A, a, row, column, B, b, b_row, inner, C, c, c_row, more, rows):
    """The product for all rows of C and TILE_VECTORS vectors of its columns."""
    while rows >= 6:
        _six(A, a, row, column, B, b, b_row, inner, C, c, c_row, more)
        a += 6 * row
        c += 6 * c_row
        rows -= 6
    if rows == 1:
        _one(A, a, row, column, B, b, b_row, inner, C, c, c_row, more)
    elif rows == 2:
        _two(A, a, row, column, B, b, b_row, inner, C, c, c_row, more)
    elif rows == 3:
        _three(A, a, row, column, B, b, b_row, inner, C, c, c_row, more)
    elif rows == 4:
        _four(A, a, row, column, B, b, b_row, inner, C, c, c_row, more)
    elif rows == 5:
        _five(A, a, row, column, B, b, b_row, inner, C, c, c_row, more)


def _strips(one, two, four, eight):
    """The same by tiles of fewer vectors: 1, 2, 4 and 8 rows each."""

    @njit(nogil=True, _nrt=False)
    def strip(A, a, row, column, B, b, b_row, inner, C, c, c_row, more, rows):
        while rows >= 8:
            eight(A, a, row, column, B, b, b_row, inner, C, c, c_row, more)
            a += 8 * row
            c += 8 * c_row
            rows -= 8
        if rows >= 4:
            four(A, a, row, column, B, b, b_row, inner, C, c, c_row, more)
            a += 4 * row
            c += 4 * c_row
            rows -= 4
        if rows >= 2:
            two(A, a, row, column, B, b, b_row, inner, C, c, c_row, more)
            a += 2 * row
            c += 2 * c_row
            rows -= 2
        if rows:
            one(A, a, row, column, B, b, b_row, inner, C, c, c_row, more)

    return strip


_narrow_strip = _strips(*(tile(rows, 1) for rows in (1, 2, 4, 8)))
_half_strip = _strips(*(tile(rows, 2) for rows in (1, 2, 4, 8)))


@njit(nogil=True, _nrt=False)
def matmul(A, a, row, column, B, b, b_row, inner, C, c, c_row, rows, columns, more):
    """C [rows, columns] = A B, or C + A B where `more`: A [rows, inner] by its distances, B [inner, columns].

    `columns` is a multiple of a vector's elements.
    """
    lanes = VECTOR_BYTES // A.itemsize
    j = 0
    while j + TILE_VECTORS * lanes <= columns:
        _strip(A, a, row, column, B, b + j, b_row, inner, C, c + j, c_row, more, rows)
        j += TILE_VECTORS * lanes
    if j + 2 * lanes <= columns:
        _half_strip(A, a, row, column, B, b + j, b_row, inner, C, c + j, c_row, more, rows)
        j += 2 * lanes
    while j < columns:
        _narrow_strip(A, a, row, column, B, b + j, b_row, inner, C, c + j, c_row, more, rows)
        j += lanes


@intrinsic
def _transpose_square(_typing, X, x, x_row, Y, y, y_row):
    """Y[j, i] = X[i, j] for i, j below the number of elements of a vector."""
    kind = Kind(X.dtype)

    def generate(context, builder, signature, arguments):
        X, x, x_row, Y, y, y_row = arguments
        source, out = (pointer(context, builder, signature.args[i], *at) for i, at in ((0, (X, x)), (3, (Y, y))))
        lines = [kind.load(builder, builder.gep(source, [builder.mul(x_row, integer(i))])) for i in range(kind.lanes)]
        stride = 1
        while stride < kind.lanes:  # exchange the blocks beside the diagonal, of 1, 2, 4, ... elements
            upper = [j if not j & stride else kind.lanes + (j ^ stride) for j in range(kind.lanes)]
            lower = [j ^ stride if not j & stride else kind.lanes + j for j in range(kind.lanes)]
            for i in range(kind.lanes):
                if not i & stride:
                    pair = lines[i], lines[i + stride]
                    lines[i], lines[i + stride] = (
                        builder.shuffle_vector(*pair, ir.Constant(ir.VectorType(SHORT, kind.lanes), order))
                        for order in (upper, lower)
                    )
            stride *= 2
        for i, line in enumerate(lines):
            kind.store(builder, line, builder.gep(out, [builder.mul(y_row, integer(i))]))
        return context.get_dummy_value()

    places = [types.int64] * 2
    return types.void(X, *places, Y, *places), generate


@njit(nogil=True, _nrt=False)
def transpose(X, x, x_row, n, m, Y, y, y_row):
    """Y [m, n] = the transpose of X [n, m]; rows lie x_row and y_row apart."""
    lanes = VECTOR_BYTES // X.itemsize
    n_whole, m_whole = n // lanes * lanes, m // lanes * lanes
    for i in range(0, n_whole, lanes):
        for j in range(0, m_whole, lanes):
            _transpose_square(X, x + i * x_row + j, x_row, Y, y + j * y_row + i, y_row)
    for i in range(n):
        for j in range(0 if i >= n_whole else m_whole, m):
            Y[y + j * y_row + i] = X[x + i * x_row + j]


@intrinsic
def dot(_typing, X, x, x_step, Y, y, y_step, blocks):
    """The sum of x y over `blocks` times ROWS elements; from block to block the places move by x_step and y_step."""
    kind = Kind(X.dtype)
    chains = 4  # sums that grow beside each other, since an addition waits for the one before it

    def generate(context, builder, signature, arguments):
        X, x, x_step, Y, y, y_step, blocks = arguments
        left, right = (pointer(context, builder, signature.args[i], *at) for i, at in ((0, (X, x)), (3, (Y, y))))
        sums = [cgutils.alloca_once_value(builder, kind.zero) for _ in range(chains)]
        with cgutils.for_range(builder, blocks) as loop:
            one = builder.gep(left, [builder.mul(loop.index, x_step)])
            other = builder.gep(right, [builder.mul(loop.index, y_step)])
            for i in range(ROWS // kind.lanes):
                place = [integer(i * kind.lanes)]
                pair = kind.load(builder, builder.gep(one, place)), kind.load(builder, builder.gep(other, place))
                chain = sums[i % chains]
                builder.store(kind.fma(builder, *pair, builder.load(chain)), chain)
        first, second, third, fourth = (builder.load(chain) for chain in sums)
        return kind.sum(builder, builder.fadd(builder.fadd(first, second), builder.fadd(third, fourth)))

    places = [types.int64] * 2
    return X.dtype(X, *places, Y, *places, types.int64), generate


@njit(nogil=True, _nrt=False)
def add_outer(matmul, X, x, n_in, D, d, n_out, G, g, bias, ones, scratch):
    """G [n_in, n_out] += X D^T over the samples of one block: X [n_in, ROWS], D [n_out, ROWS].

    Where bias >= 0 the sums of D's rows are added to G from there on. scratch: at least (ROWS + n_in) times n_out,
    rounded up to whole vectors, elements.
    """
    lanes = VECTOR_BYTES // X.itemsize
    whole = n_out // lanes * lanes
    padded = whole if whole == n_out else whole + lanes
    transpose(D, d, ROWS, n_out, ROWS, scratch, 0, padded)
    if whole:
        matmul(X, x, ROWS, 1, scratch, 0, padded, ROWS, G, g, n_out, n_in, whole, 1)
        if bias >= 0:
            matmul(ones, 0, 0, 1, scratch, 0, padded, ROWS, G, bias, n_out, 1, whole, 1)
    if whole < n_out:  # the last columns do not fill a vector: through memory of their own
        rest = padded * ROWS
        matmul(X, x, ROWS, 1, scratch, whole, padded, ROWS, scratch, rest, lanes, n_in, lanes, 0)
        for i in range(n_in):
            for k in range(n_out - whole):
                G[g + i * n_out + whole + k] += scratch[rest + i * lanes + k]
        if bias >= 0:
            for k in range(whole, n_out):
                G[bias + k] += dot(D, d + k * ROWS, 0, ones, 0, 0, 1)
