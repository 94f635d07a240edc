"""Which GANs of a sweep are stepped together, as the lanes of one state."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from gandyn.core.types import is_knob
from gandyn.records import strict_json as json
from gandyn.sweep.grid import Job

Most = Callable[[Sequence[Job]], int]


class Task(NamedTuple):
    """What a worker is given: GANs to be stepped together, and the sweep's engine. Plain values only."""

    jobs: tuple[Job, ...]
    engine: str  # native or autograd, see core.engine.engine_at


def common(job: Job) -> str:
    """What GANs must have in common to share lanes."""

    def shared(config: dict[str, Any] | None) -> dict[str, Any]:
        controls = {} if config is None else config["controls"]
        return {name: value for name, value in controls.items() if name != "seed" and not is_knob(name)}

    both = [shared(job.config), shared(job.before)]
    return json.dumps([job.config["preset"], job.config["steps"], job.every, job.warmup, both], sort_keys=True)


def tasks(jobs: Sequence[Job], most: Most, workers: int, engine: str) -> list[Task]:
    """The jobs in groups that can share lanes, as even as possible, the longest groups of lanes first.

    `most` says how many of a kind may share lanes. No group is so large that another of the workers stands idle.
    """
    kinds: dict[str, list[Job]] = {}
    for job in jobs:
        kinds.setdefault(common(job), []).append(job)
    fair = -(-len(jobs) // workers)
    parts = []
    for kind in kinds.values():
        pieces = -(-len(kind) // min(most(kind), fair))
        ends = [len(kind) * i // pieces for i in range(pieces + 1)]
        parts += [Task(tuple(kind[a:b]), engine) for a, b in pairwise(ends)]
    return sorted(parts, key=lambda task: -len(task.jobs))
