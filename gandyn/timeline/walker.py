"""The one stepping loop's call of the engine: some steps of a run of certain seeds, on one device."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import NamedTuple

import torch

from gandyn.core.drawing import Batches
from gandyn.core.engine import advance, engine_at
from gandyn.core.experiment import Experiment
from gandyn.core.lanes import check_lanes
from gandyn.core.pace import Pace
from gandyn.core.play import init_lanes
from gandyn.core.types import Metrics, State
from gandyn.records.config import resolve_device
from gandyn.records.engine import Engine, engine_of

CALL = 0.008  # seconds of a call of the engine: whoever steers waits no longer than that


class Piece(NamedTuple):
    """What one call has made."""

    experiment: Experiment  # under which
    state: State  # after the last step
    metrics: Metrics  # [steps, (N)]
    seconds: float


class Walker:
    """What steps are computed with: seeds, lanes, precision, device and engine. Its calls take about `call` seconds."""

    def __init__(
        self,
        experiment: Experiment,
        dtype: torch.dtype,
        lanes: int | None,
        seeds: Sequence[int] | None,
        engine: Engine | None,
        call: float,
    ) -> None:
        """`seeds`, one a lane: default seed, seed + 1, ...; `engine`: default what fits here."""
        self.lanes = check_lanes(experiment.knobs, lanes)
        self.dtype = dtype
        self.device = resolve_device(experiment)
        self.engine = engine or engine_of(experiment, torch.get_num_threads())
        self.seeds = list(seeds) if seeds else [experiment.seed + i for i in range(self.lanes or 1)]
        self.call = call
        self._batches = Batches()
        self._pace = Pace(call)

    def initial(self, experiment: Experiment) -> State:
        """The state at step 0."""
        return init_lanes(experiment.game, experiment.seed, self.lanes, self.dtype, self.device)

    def step_engine(self, now: Experiment) -> str:
        """The engine of a step under this experiment; ValueError with one line where it cannot be made."""
        return engine_at(now.game, now.rule, self.engine.name, self.device, self.dtype)

    def walk(self, state: State, now: Experiment, most: int, left: float = math.inf) -> Piece:
        """Up to `most` >= 1 steps, as many as one call makes, with `left` seconds to go."""
        start = time.monotonic()
        count = self._pace.steps(now.rule, most, left)
        state, metrics = self.steps(state, now, count)
        seconds = time.monotonic() - start
        self._pace.took(count, seconds)
        return Piece(now, state, metrics, seconds)

    def steps(self, state: State, now: Experiment, count: int) -> tuple[State, Metrics]:
        """`count` steps."""
        return advance(now, state, self.seeds, count, self.engine.name, self._batches)
