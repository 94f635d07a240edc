"""A Run: an experiment in motion. Its state, its series and its trace; it owns no thread."""

from __future__ import annotations

import math
import threading
import time
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from gandyn.core import checks
from gandyn.core.drawing import Batches
from gandyn.core.engine import advance, engine_at, resolve
from gandyn.core.experiment import Experiment
from gandyn.core.lanes import by_lane, check_lanes, generate, sampling_params
from gandyn.core.pace import Pace
from gandyn.core.play import draw_latents, init_lanes
from gandyn.core.rng import Rng
from gandyn.core.types import Metrics, State
from gandyn.live.compiler import COMPILER
from gandyn.live.last_finite import LastFinite
from gandyn.live.series import COLUMNS, Series
from gandyn.records import checkpoint
from gandyn.records.again import again
from gandyn.records.config import resolve_device
from gandyn.records.engine import Engine, engine_of
from gandyn.records.trace import Trace, experiment_of, settings_of

CALL = 8e-3  # seconds of a call of the stepping loop, after which a changed control is used


class Diverged(ArithmeticError):
    """The state stopped being finite; the run stands at its last finite state."""


class Run:
    """A run of an experiment, stepped by whoever calls `advance`, steered by whoever calls `set`.

    `set` may be called from another thread than `advance`; a change takes effect at the next step. Every random
    number of step t is a function of (seed, t), so the same seed and the same changes at the same steps give the
    same states, bit for bit, on the same machine.
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
    ) -> None:
        """From step 0 of `seed` (default: the experiment's), or from `state`. Raises ValueError for bad input.

        With `lanes` = N it is N runs in step, of the seeds seed, seed + 1, ...: the state has a leading axis, metrics
        and samples have one, and a knob may be a list of N numbers. Lane i is the run of its seed, but for rounding.
        `engine`: what computes it (default: what fits here, resolved at every reset).
        """
        checks.instance("experiment", experiment, Experiment, "gandyn.preset(NAME)")
        given = {"seed": seed, "device": None if device is None else str(device)}
        changes = {name: value for name, value in given.items() if value is not None}
        self._experiment = experiment.replace(**changes) if changes else experiment
        self._dtype = dtype
        self._lanes = check_lanes(self._experiment.knobs, lanes)
        self._steering = threading.Lock()  # one change at a time; never waits for a step
        self._stepping = threading.Lock()  # one thread moves the state
        self._start(state, engine)

    def _start(self, state: State | None, engine: Engine | None = None) -> None:
        self._device = resolve_device(self._experiment)
        self._batches = Batches()
        self._engine = engine or engine_of(self._experiment, torch.get_num_threads())
        initial = (self._experiment.game, self.seed, self._lanes, self._dtype, self._device)
        self._state = init_lanes(*initial) if state is None else state
        self._last_finite = LastFinite(self._state)
        self._pace = Pace(CALL)
        self._series = Series(self._lanes)
        self._trace = Trace(self._experiment, self._dtype, state, lanes=self._lanes, engine=self._engine)

    @property
    def lanes(self) -> int | None:
        """How many runs go in step; None: one, without an axis for it."""
        return self._lanes

    @property
    def seeds(self) -> list[int]:
        """The seed of each of them."""
        return [self.seed + i for i in range(self._lanes or 1)]

    @property
    def experiment(self) -> Experiment:
        """The experiment as it is wanted from the next step on."""
        return self._experiment

    @property
    def state(self) -> State:
        """The last state: immutable, so it may be kept and read anywhere."""
        return self._state

    @property
    def seed(self) -> int:
        """The seed of every random number of this run."""
        return self._experiment.seed

    @property
    def device(self) -> str:
        """Where the step is computed: cpu or cuda."""
        return self._device

    @property
    def metrics(self) -> dict[str, Any]:
        """The metrics of the last step: critic_loss, generator_loss, f, f_k, gap; empty at step 0.

        Floats, or arrays [N] with lanes.
        """
        return self._series.last()

    def series(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """(steps [n], values [n]) of one metric, or of `unroll`. The older half of a very long run is thinned."""
        checks.choice("series", name, COLUMNS)
        steps, rows = self.history()
        return steps, rows[:, COLUMNS.index(name)]

    def history(self) -> tuple[np.ndarray, np.ndarray]:
        """(steps [n], rows [n, columns]) of all series at once."""
        return self._series.read()

    def events(self) -> list[dict[str, Any]]:
        """The live changes so far: [{step, controls}]."""
        return self._trace.events()

    def set(self, *, reset: bool = False, **controls: Any) -> None:
        """Change controls by name. Live ones take effect at the next step; the others restart the run at step 0.

        Raises ValueError with one line, and changes nothing, for bad input and for a control that needs a reset
        when `reset` is False.
        """
        with self._steering:
            controls = controls if self._lanes is None else by_lane(controls)
            new = self._experiment.replace(**controls)
            check_lanes(new.knobs, self._lanes)
            restart = self._experiment.resets(**controls)
            if restart and not reset:
                raise ValueError(
                    f"{', '.join(restart)} cannot change while the run goes on: pass reset=True to start it anew"
                )
            if not restart:
                engine_at(
                    new.game, new.rule, self._engine.name, self._device, self._dtype
                )  # refuses what cannot be stepped
                self._experiment = new
                return
        self.reset(new)

    def reset(self, experiment: Experiment | None = None, *, lanes: int | Literal["same"] | None = "same") -> None:
        """Back to step 0 under the present controls, or with another experiment, or with other lanes."""
        new = experiment or self._experiment
        count = check_lanes(new.knobs, self._lanes if lanes == "same" else lanes)
        resolve(new, resolve_device(new))  # refuses what cannot be stepped here
        with self._stepping:
            self._experiment, self._lanes = new, count
            self._start(None)

    def is_ready(self, experiment: Experiment | None = None) -> bool:
        """Whether the next step, under `experiment` (default: the present one), needs no compilation.

        If it does, one begins in a background thread.
        """
        now = experiment or self._experiment
        engine = engine_at(now.game, now.rule, self._engine.name, self._device, self._dtype)
        return engine != "native" or COMPILER.is_ready(now.rule, self._dtype)

    def advance(
        self, n: int = 1, *, seconds: float | None = None, freeze: str | None = None, compile: bool = True
    ) -> int:
        """n steps, or as many of them as fit into `seconds`; returns how many. Blocks.

        `freeze`: for these steps alone, the player that stands still. `compile=False`: ends before a step that needs a
        compilation, which then begins in a background thread. Raises Diverged when the state stops being finite; the
        run then stands at the last finite state.
        """
        checks.integer("the number of steps", n, 0, 2**53)
        until = math.inf if seconds is None else time.monotonic() + seconds
        with self._stepping:
            done = 0
            while done < n and (done == 0 or until - time.monotonic() > CALL / 2):  # a short call is mostly overhead
                now = self._experiment if freeze is None else self._experiment.replace(freeze=freeze)
                if not compile and not self.is_ready(now):
                    break
                start = time.monotonic()
                count = self._pace.steps(now.rule, n - done, until - start)
                self._trace.note(self._state.step, now)
                self._state, metrics = self._next(self._state, now, count)
                self._series.extend(self._state.step, now.rule.unroll, metrics)
                done += count
                if self._last_finite.is_due(now, count):
                    self._check()
                self._pace.took(count, time.monotonic() - start)
            self._check()
            return done

    def _next(self, state: State, now: Experiment, count: int) -> tuple[State, Metrics]:
        return advance(now, state, self.seeds, count, self._engine.name, self._batches)

    def _check(self) -> None:
        """Raise Diverged where the state is not finite, and stand at the last that is."""
        if self._last_finite.holds(self._state, self._next):
            return
        self._state = self._last_finite.state
        at = self._state.step
        self._series.cut(at)
        self._trace.cut(at)
        raise Diverged(f"the parameters stop being finite at step {at + 1:,}; the state of step {at:,} is kept")

    def sample(self, n: int, seed: int = 0) -> Tensor:
        """n generated samples [n, *x], [N, n, *x] with lanes, from latents of `seed`, without touching the run."""
        now, state = self._experiment, self._state
        z = draw_latents(now.game.latent, checks.integer("n", n, 1, 10**7), Rng(seed)).to(state.g)
        return generate(now.game, sampling_params(state, now.knobs), z)

    def trace(self) -> dict[str, Any]:
        """What it takes to do this run again: see gandyn.replay. JSON-able."""
        return self._trace.as_dict(self._state)

    def save(self, directory: str | Path) -> None:
        """Write the run into `directory` (made if it is not there), so that Run.load goes on bit for bit."""
        with self._stepping:
            checkpoint.save(Path(directory), self.trace(), self._experiment, self._state, self._series.read())

    @classmethod
    def load(cls, directory: str | Path, *, anyway: bool = False) -> Run:
        """The run that was saved there; ValueError with one line if there is none or it is damaged.

        `anyway`: also one that was made with other random numbers, under the new ones, and where its engine is not
        available here, by the one that is: bits may differ then.
        """
        saved = checkpoint.load(Path(directory))
        trace, engine = again(saved.trace, experiment_of(saved.trace)[0], anyway=anyway)
        changed = {} if trace["config"] == saved.trace["config"] else {"engine": "auto"}
        now, lanes = saved.experiment.replace(**changed), settings_of(trace)[0]
        run = cls(now, dtype=saved.state.g.dtype, state=saved.state, lanes=lanes, engine=engine)
        run._trace = Trace.from_dict(trace | {"engine": engine.as_dict()})
        run._series.load(*saved.series)
        return run
