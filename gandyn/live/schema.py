"""What a frame's header holds, field by field: checked when it is encoded, and written out as the page's types.

A number that is not finite is null in JSON: a run that diverges shows what it can, and takes no stream down.
`make web` writes web/src/frames/schema.ts of it.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

Action = Literal["rewind", "reset", "undo"]


class Notice(msgspec.Struct, frozen=True):
    """One line for a person: what happened, and what may be done about it."""

    kind: str  # error, nan, warning, info
    text: str
    action: Action | None = None


class Branch(msgspec.Struct, frozen=True):
    """The steps of a branch, from where it leaves the present one."""

    start: int
    stop: int
    label: str  # in what it differs, at its end, from the one on which the run stands


class Past(msgspec.Struct, frozen=True):
    """The past of a run, as the bar under the stage shows it."""

    start: int  # the first step
    stop: int  # the last that was made on this branch
    events: list[tuple[int, str]]  # changes of controls by name
    line: int  # on which it stands, a number in `lines`
    lines: list[Branch]
    kept: tuple[float, float]  # MB of states: used, at most


class MapScale(msgspec.Struct, frozen=True):
    """The scale of the critic's map."""

    low: float
    high: float
    mid: float
    kind: str  # probability, target, score, difference


class Many(msgspec.Struct, frozen=True):
    """Many GANs at once: which is on the stage, and what is known of each."""

    lane: int
    seeds: list[int]
    lost: list[bool]
    flat: bool


class StudyHead(msgspec.Struct, frozen=True):
    """What a view of choice says beside its columns."""

    step: int  # of the state that it was computed from
    numbers: dict[str, float | str | None] = {}
    problem: str = ""  # why there is nothing to see, in a line


class PartHeader(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a frame says of one run."""

    timeline: str  # its id
    step: int
    seed: int
    preset: str
    device: str
    controls: dict[str, Any]
    window: float  # the stage is [-window, window]^2
    measures: dict[str, float | None]  # of the samples on the stage, empty where there are none
    caption: str  # what is happening now
    notice: Notice | None
    differs: str  # in what from the other runs, in words
    axes: dict[str, tuple[float, float]]
    marks: list[tuple[int, str]]  # changes of controls, by name
    spikes: dict[str, list[tuple[int, int, str]]]  # by axis: step, above (1) or below (-1), the value
    spent: list[tuple[int, float, float]]  # gradients, by pieces: from a step on, spent before it, and by each step
    gap_k: int  # updates of the look-ahead that the gap is measured with
    past: Past
    outside: list[int] | None = None  # samples beyond the stage: left, right, below, above
    map: MapScale | None = None
    many: Many | None = None
    cause: str = ""  # what is wrong with a player, where something is
    cause_view: str = ""  # the view of choice that shows it
    covered: list[int | None] | None = None  # modes that each of many GANs covers
    studies: dict[str, StudyHead] | None = None  # the views of choice that are new in this message


class Common(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a frame says of all its runs."""

    id: int
    stamp: int  # grows when other runs are shown
    time: float  # s, by the server's clock
    playing: bool
    rate: float  # steps a second
    seeking: int | None  # the step that is looked for, until it is there
    series: bool  # whether it brings what changes seldom


class Head(Common, frozen=True, kw_only=True):
    """The header of a message."""

    parts: list[PartHeader]
    # where an array lies: the number of its run, source, column, kind (f4, i4, u1), shape, first byte, and
    # values = raw * scale + shift
    columns: list[tuple[int, str, str, str, list[int], int, float, float]]
