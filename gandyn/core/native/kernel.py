"""The entry into compiled code: many steps of many GANs in one call that holds no lock of the interpreter."""

from __future__ import annotations

from numba import njit

from gandyn.core.native.inner import inner
from gandyn.core.native.players import copy_player
from gandyn.core.native.records import NativeKnobs, Point
from gandyn.core.native.signatures import parts_at
from gandyn.core.native.steps import steps_of_one
from gandyn.core.native.team import Team, begins, meet, shares
from gandyn.core.native.vectors import copy


@inner
def _of_lane(points, lane):
    return Point(
        points.g[lane], points.g_m[lane], points.g_v[lane], points.g_t,
        points.d[lane], points.d_m[lane], points.d_v[lane], points.d_t, points.ema[lane],
        points.averaged,
    )  # fmt: skip


@njit(nogil=True, error_model="numpy", _nrt=False, no_cfunc_wrapper=True)
def steps_of_lanes(
    addresses, game, rule, knobs, start, points, data, first, last, count, memory, blocks, old, penalty, ahead, second,
    metrics, donated, rank, size,
):  # fmt: skip
    """`count` steps of the lanes first ... last - 1, one lane after the other: its networks stay in the cache.

    addresses: those of records.Parts, int64; knobs [lanes, 10 + penalties] float64; metrics [5, count, lanes], written.
    The steps begin at `start` and write into `points`: the same arrays if `donated`, else the copy is made here, with
    no lock.
    rank, size: of this thread in a team that computes the steps together, each of it by a call of its own.
    """
    parts = parts_at(addresses, memory.ones)
    g_first, g_last = shares(size, rank, points.g.shape[1])
    d_first, d_last = shares(size, rank, points.d.shape[1])
    team = Team(
        rank, size, rule.parts, memory.meeting, g_first, g_last, d_first, d_last, memory.scratch[rank],
        memory.words[rank],
    )  # fmt: skip
    if not begins(team):
        return
    for lane in range(first, last):
        k = knobs[lane]
        own = NativeKnobs(k[0], k[1], k[2], k[3], k[4], k[5], k[6], k[7], k[8], k[9], k[10:])
        point = _of_lane(points, lane)
        if not donated:
            begin = _of_lane(start, lane)
            copy_player(begin.g, begin.g_m, begin.g_v, point.g, point.g_m, point.g_v, g_first, g_last)
            copy_player(begin.d, begin.d_m, begin.d_v, point.d, point.d_m, point.d_v, d_first, d_last)
            copy(begin.ema, g_first, g_last - g_first, point.ema, g_first)
            meet(team)
        steps_of_one(
            parts, team, game, rule, own, point, data, lane, count, memory, blocks, old, penalty, ahead, second, metrics
        )
