"""A Run: the public face of a timeline. It owns no thread."""

from __future__ import annotations

import math
import threading
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from gandyn.core import checks
from gandyn.core.engine import resolve
from gandyn.core.experiment import Experiment
from gandyn.core.lanes import by_lane, check_lanes, sampling_params
from gandyn.core.play import draw_latents
from gandyn.core.reference import generate
from gandyn.core.rng import Rng
from gandyn.core.types import State
from gandyn.live.compiler import COMPILER
from gandyn.records import checkpoint
from gandyn.records.config import resolve_device
from gandyn.records.engine import Engine
from gandyn.timeline.line import Line
from gandyn.timeline.readings import READ, probe_rule
from gandyn.timeline.series import COLUMNS
from gandyn.timeline.timeline import Timeline
from gandyn.timeline.trace import timeline_of, to_trace


class Run:
    """A run of an experiment, stepped by whoever calls `advance`, steered by whoever calls `set`.

    `set` may be called from another thread than `advance`; a change takes effect at the next step. Every random
    number of step t is a function of (seed, t), so the same seed and the same changes at the same steps give the
    same states, bit for bit, on the same machine. Its past is in `timeline`; a reset begins another one.
    """

    def __init__(
        self,
        experiment: Experiment,
        seed: int | None = None,
        dtype: torch.dtype = torch.float32,
        device: torch.device | str | None = None,
        state: State | None = None,
        *,
        lanes: int | None = None,
        engine: Engine | None = None,
        measured: bool = False,
    ) -> None:
        """From step 0 of `seed` (default: the experiment's), or from `state`. Raises ValueError for bad input.

        With `lanes` = N it is N runs in step, of the seeds seed, seed + 1, ...: the state has a leading axis, metrics
        and samples have one, and a knob may be a list of N numbers. Lane i is the run of its seed, but for rounding.
        `engine`: what computes it (default: what fits here, resolved at every reset). `measured`: its series have
        measures, too, read on a grid of steps; see timeline.readings.
        """
        checks.instance("experiment", experiment, Experiment, "gandyn.preset(NAME)")
        given = {"seed": seed, "device": None if device is None else str(device)}
        changes = {name: value for name, value in given.items() if value is not None}
        experiment = experiment.replace(**changes) if changes else experiment
        self._hold(Timeline(experiment, dtype=dtype, state=state, lanes=lanes, engine=engine, measured=measured))

    @classmethod
    def of(cls, timeline: Timeline) -> Run:
        """The run that goes on with a timeline."""
        run = cls.__new__(cls)
        run._hold(timeline)
        return run

    def _hold(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._steering = threading.Lock()  # no change falls between the choice of a timeline and the change of it
        self._stepping = threading.Lock()  # a reset waits for the step in work

    @property
    def timeline(self) -> Timeline:
        """Its past and present."""
        return self._timeline

    @property
    def lanes(self) -> int | None:
        """How many runs go in step; None: one, without an axis for it."""
        return self._timeline.lanes

    @property
    def seeds(self) -> list[int]:
        """The seed of each of them."""
        return self._timeline.walker.seeds

    @property
    def experiment(self) -> Experiment:
        """The experiment as it is wanted from the next step on."""
        return self._timeline.experiment

    @property
    def state(self) -> State:
        """The last state: immutable, so it may be kept and read anywhere."""
        return self._timeline.state

    @property
    def seed(self) -> int:
        """The seed of every random number of this run."""
        return self.experiment.seed

    @property
    def device(self) -> str:
        """Where the step is computed: cpu or cuda."""
        return self._timeline.walker.device

    @property
    def metrics(self) -> dict[str, Any]:
        """The metrics of the last step: critic_loss, generator_loss, f, f_k, gap; empty at step 0.

        Floats, or arrays [N] with lanes.
        """
        return self._timeline.metrics

    def series(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """(steps [n], values [n]) of one metric, or of `unroll`. The older half of a very long run is thinned.

        Of a run that is `measured` also READ of timeline.readings, where there is a reading; [n, N] with lanes.
        """
        readings = [one for one in READ if one not in COLUMNS] if self._timeline.measured else []
        if name in READ and name not in COLUMNS and not readings:
            raise ValueError(f"series {name!r} is of runs that are measured: gandyn.Run(..., measured=True)")
        checks.choice("series", name, [*COLUMNS, *readings])
        if name in COLUMNS:
            steps, rows = self.history()
            return steps, rows[:, COLUMNS.index(name)]
        steps, rows = self.readings()
        return steps, rows[:, READ.index(name), :] if self.lanes else rows[:, READ.index(name), 0]

    def readings(self) -> tuple[np.ndarray, np.ndarray]:
        """(steps [n], values [n, READ, N]) of all measures at once."""
        return self._timeline.readings()

    def history(self) -> tuple[np.ndarray, np.ndarray]:
        """(steps [n], rows [n, columns]) of all series at once."""
        return self._timeline.history()

    def events(self) -> list[dict[str, Any]]:
        """The live changes so far: [{step, controls}]."""
        return self._timeline.events()

    def set(self, /, *, reset: bool = False, **controls: Any) -> None:
        """Change controls by name. Live ones take effect at the next step; the others restart the run at step 0.

        Raises ValueError with one line, and changes nothing, for bad input and for a control that needs a reset
        when `reset` is False.
        """
        with self._steering:
            controls = controls if self.lanes is None else by_lane(controls)
            if not reset or not self.experiment.resets(**controls):
                self._timeline.change(**controls)
                return
            new = self.experiment.replace(**controls)
        self.reset(new)

    def reset(self, experiment: Experiment | None = None, *, lanes: int | Literal["same"] | None = "same") -> None:
        """Back to step 0 under the present controls, or with another experiment, or with other lanes."""
        with self._stepping, self._steering:
            new = experiment or self.experiment
            count = check_lanes(new.knobs, self.lanes if lanes == "same" else lanes)
            resolve(new, resolve_device(new))  # refuses what cannot be stepped here
            self._timeline = Timeline(
                new, dtype=self._timeline.walker.dtype, lanes=count, measured=self._timeline.measured
            )

    def is_ready(self, experiment: Experiment | None = None) -> bool:
        """Whether the next step, under `experiment` (default: the present one), needs no compilation.

        If it does, one begins in a background thread.
        """
        walker, now = self._timeline.walker, experiment or self.experiment
        rules = [now.rule]
        if self._timeline.measured and not now.rule.unroll_g:
            rules.append(probe_rule(now.rule, now.probe_unroll))
        waiting = [
            rule for rule in rules if walker.step_engine(now) == "native" and not COMPILER.is_ready(rule, walker.dtype)
        ]
        return not waiting

    def advance(
        self, n: int = 1, *, seconds: float | None = None, freeze: str | None = None, compile: bool = True
    ) -> int:
        """n steps, or as many of them as fit into `seconds`; returns how many. Blocks.

        `freeze`: for these steps alone, the player that stands still. `compile=False`: ends before a step that needs a
        compilation, which then begins in a background thread. Raises Diverged when the state stops being finite; the
        run then stands at the last finite state.
        """
        with self._stepping:
            limit = math.inf if seconds is None else seconds
            return self._timeline.advance(n, seconds=limit, freeze=freeze, ready=None if compile else self.is_ready)

    def seek(self, step: int, line: Line | None = None, *, seconds: float = math.inf) -> bool:
        """Stand at an earlier or later step that was made; see Timeline.seek. Blocks until it is computed.

        With `seconds`, for no longer than that; whether it is there.
        """
        with self._stepping:
            return self._timeline.seek(step, line, seconds=seconds)

    def sample(self, n: int, seed: int = 0) -> Tensor:
        """n generated samples [n, *x], [N, n, *x] with lanes, from latents of `seed`, without touching the run."""
        now, state = self.experiment, self.state
        z = draw_latents(now.game.latent, checks.integer("n", n, 1, 10**7), Rng(seed)).to(state.g)
        return generate(now.game, sampling_params(state, now.knobs), z)

    def trace(self) -> dict[str, Any]:
        """What it takes to do this run again: see gandyn.replay. JSON-able."""
        return to_trace(self._timeline)

    def save(self, directory: str | Path) -> None:
        """Write the run into `directory` (made if it is not there), so that Run.load goes on bit for bit."""
        with self._stepping:
            checkpoint.save(Path(directory), self.trace(), self.experiment, self.state, self.history())

    @classmethod
    def load(cls, directory: str | Path, *, anyway: bool = False) -> Run:
        """The run that was saved there; ValueError with one line if there is none or it is damaged.

        `anyway`: also one that was made with other random numbers, under the new ones, and where its engine is not
        available here, by the one that is: bits may differ then.
        """
        saved = checkpoint.load(Path(directory))
        timeline = timeline_of(saved.trace, at=saved.state, anyway=anyway)
        timeline.line.series.load(*saved.series)
        timeline.want(saved.experiment.replace(engine=timeline.experiment.rule.engine))
        return cls.of(timeline)
