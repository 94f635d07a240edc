"""Products of small matrices that stay in the vector registers, written as LLVM vectors."""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

VECTOR_BYTES = 64  # of the vectors in the code, whatever the registers: the order of sums over samples depends on it
INDEX, SHORT = ir.IntType(64), ir.IntType(32)


def integer(value: int) -> ir.Constant:
    """A whole number in the code, of 64 bits."""
    return ir.Constant(INDEX, value)


class Kind:
    """Scalars and vectors of one floating point type, and how they are loaded and stored."""

    def __init__(self, dtype: types.Float) -> None:
        self.bytes = dtype.bitwidth // 8
        self.lanes = VECTOR_BYTES // self.bytes
        self.scalar = ir.FloatType() if self.bytes == 4 else ir.DoubleType()
        self.vector = ir.VectorType(self.scalar, self.lanes)
        self.zero = ir.Constant(self.vector, [0.0] * self.lanes)

    def load(self, builder, pointer, *, vector: bool = True):
        """A vector or a scalar from memory, wherever it lies."""
        if vector:
            pointer = builder.bitcast(pointer, self.vector.as_pointer())
        value = builder.load(pointer)
        value.align = self.bytes
        return value

    def store(self, builder, value, pointer) -> None:
        """A scalar or vector into memory, wherever it lies."""
        builder.store(value, builder.bitcast(pointer, value.type.as_pointer())).align = self.bytes

    def splat(self, builder, scalar):
        """A vector with the scalar everywhere."""
        undefined = ir.Constant(self.vector, ir.Undefined)
        first = builder.insert_element(undefined, scalar, ir.Constant(SHORT, 0))
        return builder.shuffle_vector(first, undefined, ir.Constant(ir.VectorType(SHORT, self.lanes), [0] * self.lanes))

    def fma(self, builder, x, y, z):
        """x y + z with one rounding."""
        name = f"llvm.fma.v{self.lanes}f{8 * self.bytes}"
        kind = ir.FunctionType(self.vector, [self.vector] * 3)
        return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), [x, y, z])

    def sum(self, builder, vector):
        """The sum of a vector's elements: halves are added until one is left."""
        width = self.lanes
        undefined = ir.Constant(self.vector, ir.Undefined)
        while width > 1:
            width //= 2
            order = [width + i if i < width else i for i in range(self.lanes)]
            half = builder.shuffle_vector(vector, undefined, ir.Constant(ir.VectorType(SHORT, self.lanes), order))
            vector = builder.fadd(vector, half)
        return builder.extract_element(vector, ir.Constant(SHORT, 0))


def pointer(context, builder, kind: types.Array, array, place):
    """Of the element at `place` of a one-dimensional array."""
    return builder.gep(context.make_array(kind)(context, builder, array).data, [place])


def tile(rows: int, vectors: int):
    """C [rows, vectors] = A B, or C + A B where `more` is not 0. A[i, k] lies at a + i row + k column."""

    @intrinsic
    def product(_typing, A, a, row, column, B, b, b_row, inner, C, c, c_row, more):
        kind = Kind(A.dtype)
        width = kind.lanes

        def generate(context, builder, signature, arguments):
            A, a, row, column, B, b, b_row, inner, C, c, c_row, more = arguments
            left, right, out = (
                pointer(context, builder, signature.args[i], array, place)
                for i, array, place in ((0, A, a), (4, B, b), (8, C, c))
            )
            each = [(i, j) for i in range(rows) for j in range(vectors)]
            sums = {at: cgutils.alloca_once_value(builder, kind.zero) for at in each}
            begins = [builder.gep(left, [builder.mul(row, integer(i))]) for i in range(rows)]
            ends = {
                (i, j): builder.gep(out, [builder.add(builder.mul(c_row, integer(i)), integer(width * j))])
                for i, j in each
            }
            with builder.if_then(builder.icmp_signed("!=", more, integer(0))):
                for at in each:
                    builder.store(kind.load(builder, ends[at]), sums[at])
            with cgutils.for_range(builder, inner) as loop:
                along, below = builder.mul(loop.index, column), builder.gep(right, [builder.mul(loop.index, b_row)])
                line = [kind.load(builder, builder.gep(below, [integer(width * j)])) for j in range(vectors)]
                for i in range(rows):
                    factor = kind.splat(builder, kind.load(builder, builder.gep(begins[i], [along]), vector=False))
                    for j in range(vectors):
                        builder.store(kind.fma(builder, factor, line[j], builder.load(sums[i, j])), sums[i, j])
            for at in each:
                kind.store(builder, builder.load(sums[at]), ends[at])
            return context.get_dummy_value()

        return types.void(A, *[types.int64] * 3, B, *[types.int64] * 3, C, *[types.int64] * 3), generate

    return product
