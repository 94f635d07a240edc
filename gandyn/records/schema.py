"""What the files of a run hold, field by field: read by gandyn.records.reading."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired, TypedDict

import msgspec
from msgspec import Meta

from gandyn.core.types import MAX_LANES

MOST_STEPS = 2**53
MOST_EVENTS, MOST_LINES = 50_000, 10_000

Step = Annotated[int, Meta(ge=0, le=MOST_STEPS)]
Every = Annotated[int, Meta(ge=1, le=MOST_STEPS)]
Name = Annotated[str, Meta(max_length=1000)]
Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
Controls = Annotated[dict[str, Any], Meta(max_length=1000)]
Lanes = Annotated[int, Meta(ge=1, le=MAX_LANES)]
Counted = Literal[0, 1]
Dtype = Literal["float32", "float64"]


class Event(TypedDict):
    """Controls that are changed after a step."""

    step: Step
    controls: Controls


Events = Annotated[list[Event], Meta(max_length=MOST_EVENTS)]


class Config(TypedDict):
    """An experiment: see records.config."""

    preset: Name
    steps: Step
    controls: Controls
    networks: NotRequired[dict[str, dict[str, Any] | None] | None]


class Schedule(TypedDict):
    """When a run writes what: see records.plan."""

    samples: Every
    frames: Every
    measures: Every
    sheet: tuple[Annotated[int, Meta(ge=1, le=100)], Annotated[int, Meta(ge=1, le=100)]]
    table: Step
    columns: Annotated[tuple[Name, ...], Meta(max_length=100)]
    samples_from: NotRequired[Counted | None]
    table_from: NotRequired[Counted | None]


class RunConfig(Config):
    """config.json of a run."""

    events: Events
    dtype: Dtype
    plan: Schedule
    data: dict[str, str]
    lanes: NotRequired[Lanes | None]
    random: NotRequired[str | None]
    engine: NotRequired[dict[str, Any] | None]


class Begun(TypedDict):
    """The state with which a recorded run began."""

    step: Step
    sha256: str


class Branch(TypedDict):
    """A line of a timeline."""

    parent: Step | None
    start: NotRequired[Step]
    events: Events
    stop: Step


class Trace(TypedDict):
    """A recorded run: see timeline.trace."""

    format: str
    config: Config
    seed: Any
    start: int | Begun
    events: Events
    stop: Step
    dtype: NotRequired[Dtype]
    random: NotRequired[str | None]
    lanes: NotRequired[Lanes | None]
    engine: NotRequired[dict[str, Any] | None]
    lines: NotRequired[Annotated[list[Branch], Meta(max_length=MOST_LINES)]]
    line: NotRequired[Step]


class Vouched(msgspec.Struct, frozen=True):
    """The checksums of a run's files at a checkpoint."""

    config: Sha256  # of config.json but for its steps
    experiment: Sha256  # of that without its engine
    bytes: Step  # of metrics.jsonl
    metrics: Sha256  # of so many of its first bytes
    frames: dict[str, Sha256]
    samples: dict[str, Sha256] = {}  # pictures; none in runs that were made before there were


class Checkpoint(TypedDict):
    """run.json of a saved run."""

    now: Config
    about: dict[str, Any]
    sha256: dict[str, Sha256]


class Row(TypedDict):
    """A line of metrics.jsonl; probes add to it."""

    step: Step
    wall: NotRequired[float]


class SweptRow(TypedDict):
    """A line of rows.jsonl."""

    key: str
    seed: Step
    error: str | None


class Axis(TypedDict):
    """What takes several values in a sweep."""

    name: str
    values: list[Any]


class Point(Config):
    """A point of a sweep: a configuration without its seed."""

    every: Every
    set: dict[str, Any]
    seeds: list[Step]
    warmup: NotRequired[Step]
    before: NotRequired[Config]


class Sweep(TypedDict):
    """sweep.json."""

    shard: str | None
    engine: dict[str, Any]
    random: NotRequired[str | None]
    axes: list[Axis]
    points: list[Point]
