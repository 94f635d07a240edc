"""The threads that compute the steps of one GAN together: which blocks and parameters are whose, and where they meet.

All of a team run the same code on the same arrays (single program, multiple data). A minibatch is cut into parts, a
fixed number that does not depend on the threads; each part has a gradient of its own, and these are added in order, so
bits are the same with one thread and with two.
"""

from __future__ import annotations

import sys
from typing import Any, NamedTuple

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from gandyn.core.native.inner import inner
from gandyn.core.native.products import ROWS

PARTS = 2  # of a large minibatch
LINE = 16  # elements, at most, of a line of the cache
BEGUN, CALLED_OFF = 1, -1  # what the first of a team says, or who has called it
PATIENCE = 2000  # looks before the processor is given away, some microseconds
WORTHWHILE = 2**22  # parameters times samples from which on parts pay for the meetings of a step


class Team(NamedTuple):
    """A thread of a team."""

    rank: int
    size: int
    parts: int  # of a minibatch
    meeting: Any  # [3] int64: how many wait, how many meetings there were, and BEGUN or CALLED_OFF
    g_first: int  # its share of the generator's parameters
    g_last: int
    d_first: int  # and of the critic's
    d_last: int
    scratch: Any  # its own
    words: Any


def parts_of(parameters: int, samples: int) -> int:
    """How many parts a minibatch is cut into: a function of the game alone."""
    return PARTS if parameters * samples >= WORTHWHILE and samples > ROWS else 1


def _atomic(generate):
    """An operation on element i of an int64 array that other threads see at once."""

    def operation(_typing, array, i):
        def codegen(context, builder, signature, arguments):
            pointer = builder.gep(
                context.make_array(signature.args[0])(context, builder, arguments[0]).data, [arguments[1]]
            )
            return generate(builder, pointer)

        return types.int64(array, types.int64), codegen

    return intrinsic(operation)


_ONE = ir.Constant(ir.IntType(64), 1)
_load = _atomic(lambda builder, pointer: builder.load_atomic(pointer, "seq_cst", 8))
_count = _atomic(lambda builder, pointer: builder.atomic_rmw("add", pointer, _ONE, "seq_cst"))
_clear = _atomic(
    lambda builder, pointer: builder.atomic_rmw("xchg", pointer, ir.Constant(ir.IntType(64), 0), "seq_cst")
)


_give_way = types.ExternalFunction("SwitchToThread" if sys.platform == "win32" else "sched_yield", types.int32())


@inner
def begins(team):
    """Whether the first of the team has come, for whom the others wait; False where Ctrl-C has kept it away."""
    if team.size == 1:
        return True
    if team.rank == 0:
        _count(team.meeting, 2)
        return True
    looks = 0
    while _load(team.meeting, 2) == 0:
        looks += 1
        if looks > PATIENCE:
            _give_way()
    return _load(team.meeting, 2) == BEGUN


@inner
def meet(team):
    """Wait until all of the team are here: what each has written all can read."""
    if team.size > 1:
        meetings = _load(team.meeting, 1)
        if _count(team.meeting, 0) == team.size - 1:  # the last one
            _clear(team.meeting, 0)
            _count(team.meeting, 1)
        else:
            looks = 0
            while _load(team.meeting, 1) == meetings:
                looks += 1
                if looks > PATIENCE:  # the processor may be wanted by whom this thread waits for
                    _give_way()


@inner
def is_mine(team, part):
    """Whether this thread computes that part."""
    return part % team.size == team.rank


@inner
def blocks_of_part(team, part, blocks):
    """(first, last) of a part's blocks, of all `blocks` of a minibatch."""
    return blocks * part // team.parts, blocks * (part + 1) // team.parts


@inner
def shares(size, rank, count):
    """(first, last) of a thread's share of a vector of `count` elements, in whole lines of the cache."""
    lines = (count + LINE - 1) // LINE
    return min(LINE * (lines * rank // size), count), min(LINE * (lines * (rank + 1) // size), count)
