"""Where a run goes under many values of one number: a bifurcation picture over lanes that begin at the same moment."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from gandyn.core.controls import Control
from gandyn.core.cost import step_cost
from gandyn.core.drawing import Batches
from gandyn.core.engine import advance
from gandyn.core.experiment import Experiment
from gandyn.core.lanes import sampling_params, stack
from gandyn.core.numerals import real
from gandyn.core.reference import generate
from gandyn.core.registry import brief
from gandyn.core.rng import Rng
from gandyn.core.types import Knobs, Metrics, State, is_knob
from gandyn.probes import PROBES, Arrays, Probe
from gandyn.probes.ahead import OPERATIONS, engine_here
from gandyn.probes.inputs import latents
from gandyn.probes.modes import modes_of_samples
from gandyn.probes.reference import modes_of

LANES, STEPS = 64, 200
KEPT = 24  # of the last steps, whose values are drawn
MODES_EVERY, SAMPLES = 6, 400  # steps between two counts of the modes, and samples of each
DECAYS = ("decay_g", "decay_d", "decay_steps")
LONGEST = 2 * OPERATIONS  # of one step of all lanes: it cannot be interrupted
AROUND = 30.0  # times the present value, and by it: the range of a logarithmic knob that nobody has chosen
FAR = 10.0  # times as long as the longer of both players' first parameters and 1: such a lane has run away

THETA, GENERATOR, CRITIC, MODES = "first number of θ_G", "generator's loss", "critic's loss", "modes covered"


def knobs_of(experiment: Experiment) -> dict[str, Control]:
    """The live numbers that lanes may differ in and that do something now, by name, rates first.

    Not the decays of rates: a picture is of the rates that a moment has.
    """
    every = {name: one for name, one in experiment.controls().items() if is_knob(name) and name not in DECAYS}
    doing = [one for one in every.values() if not one.idle(experiment)]
    return {one.name: one for one in sorted(doing, key=lambda one: one.group != "rates")}


def values_of(experiment: Experiment) -> list[str]:
    """What may be drawn of every lane, the most telling first."""
    small = experiment.game.generator.size == experiment.game.critic.size == 1
    modes = [MODES] if modes_of(experiment.target) is not None else []
    return [THETA, GENERATOR, CRITIC] if small else [*modes, GENERATOR, CRITIC, THETA]


class Spread(NamedTuple):
    """One number, and its values."""

    knob: Control
    at: Tensor  # [N] in float64, rising
    log: bool  # whether they are so many decades apart, not so much


def range_of(experiment: Experiment, knob: Control) -> tuple[float, float]:
    """The range over which a knob is spread where nobody says: around its value, or that of its slider."""
    value = float(experiment.values()[knob.name])
    if knob.log and value > 0:
        return max(knob.low, float(f"{value / AROUND:.2g}")), min(knob.high, float(f"{value * AROUND:.2g}"))
    return knob.suggest or (knob.low, knob.high)


def spread(experiment: Experiment, knob: str = "", low: str = "", high: str = "", lanes: int = LANES) -> Spread:
    """`lanes` values of a knob from low to high, evenly, by decades where it is logarithmic and low is above 0.

    Texts as a person writes them; "": the first knob that there is, and `range_of`. ValueError with one line.
    """
    known = knobs_of(experiment)
    if not known:
        raise ValueError("no number does anything now: each control says why")
    name = knob or next(iter(known))
    if name not in known:
        control = experiment.controls().get(name)
        why = control.idle(experiment) if control and is_knob(name) else None
        raise ValueError(
            f"{name} does nothing now: {why}" if why else f"{brief(name)} is no number of {', '.join(known)}"
        )
    control = known[name]
    ends = [
        control.checked(_number(text, end))
        for text, end in zip((low, high), range_of(experiment, control), strict=True)
    ]
    if not ends[0] < ends[1]:
        raise ValueError(f"{name} is to go from {ends[0]:g} to {ends[1]:g}: the first must be the smaller one")
    log = control.log and ends[0] > 0
    first, last = map(math.log10, ends) if log else ends
    line = torch.linspace(first, last, lanes, dtype=torch.float64)
    return Spread(control, 10**line if log else line, log)


def _number(text: str, otherwise: float) -> float:
    if not text.strip():
        return otherwise
    if (number := real(text.strip())) is None:
        raise ValueError(f"a number is wanted, not {brief(text)}")
    return number


class Bifurcation:
    """Lanes on their way from one moment, each under its own value of a knob, all fed the run's own batches."""

    def __init__(
        self,
        experiment: Experiment,
        state: State,
        rng: Rng,
        *,
        knob: str = "",
        low: str = "",
        high: str = "",
        value: str = "",
        lanes: int = LANES,
        steps: int = STEPS,
    ) -> None:
        """`knob`, `low`, `high`: see `spread`; `value`: one of `values_of`. ValueError with one line."""
        self.spread = spread(experiment, knob, low, high, lanes)
        self.value = value or values_of(experiment)[0]
        if self.value not in values_of(experiment):
            raise ValueError(f"{brief(value)} is none of {', '.join(values_of(experiment))}")
        if (each := step_cost(experiment, lanes).operations) > LONGEST:
            raise ValueError(
                f"a step of {lanes} of these takes {each / 1e6:,.0f} million operations: too long for a view"
            )
        numbers = experiment.knobs.numbers()
        self.present = float(numbers[self.spread.knob.name])
        self._experiment = replace(experiment, knobs=Knobs.of({**numbers, self.spread.knob.name: self.spread.at}))
        self._start, self._state, self._batches = state, stack([state] * lanes), Batches()
        self._engine, self._z = engine_here(self._experiment, self._state), latents(experiment, state, SAMPLES, rng)
        self._steps, self._lanes, self._done = steps, lanes, 0
        self._kept: deque[np.ndarray] = deque(maxlen=KEPT if self.value != MODES else -(-KEPT // MODES_EVERY))

    @property
    def complete(self) -> bool:
        """Whether all steps are made."""
        return self._done >= self._steps

    def go_on(self) -> None:
        """One step of all lanes."""
        seeds = [self._experiment.seed] * self._lanes
        self._state, metrics = advance(self._experiment, self._state, seeds, 1, self._engine, self._batches)
        self._done += 1
        if self.value != MODES or self._done % MODES_EVERY == 0 or self.complete:
            self._kept.append(self._values(metrics))

    def _values(self, metrics: Metrics) -> np.ndarray:
        """What is drawn of every lane [N], after the last step."""
        if self.value == MODES:
            theta = sampling_params(self._state, self._experiment.knobs)
            clouds = generate(self._experiment.game, theta, self._z)
            return np.array([modes_of_samples(self._experiment.target, one)["covered"].sum() for one in clouds], float)
        of_loss = {GENERATOR: metrics.generator_loss, CRITIC: metrics.critic_loss}
        drawn = of_loss[self.value][-1] if self.value in of_loss else self._state.g[:, 0]
        return drawn.double().cpu().numpy()

    def arrays(self) -> Arrays:
        """What there is after the steps made so far; see `bifurcation`."""
        at = self.spread.at.numpy()
        place = np.log10(at) if self.spread.log else at
        first, last = _length(self._start.g, self._start.d), _length(self._state.g, self._state.d)
        away = ~(last <= FAR * max(1.0, float(first)))
        seen = np.array(self._kept).reshape(-1, self._lanes)
        own = np.broadcast_to(place, seen.shape)[:, ~away].flatten()
        values = seen[:, ~away].flatten()
        now = math.log10(self.present) if self.spread.log and self.present > 0 else self.present
        there = place[0] <= now <= place[-1] and not (self.spread.log and self.present <= 0)
        return {
            "knob": at, "growth": last / first, "away": away,
            "at": own, "value": values, "span": _span(values),
            "away_at": place[away], "foot": np.zeros(away.sum()), "top": np.ones(away.sum()),
            "now": np.array([now if there else math.nan]), "below": np.zeros(1), "above": np.ones(1),
            "ends": place[[0, -1]], "log": np.array([float(self.spread.log)]),
            "progress": np.array(f"{self._done} of {self._steps} steps"),
            "over": np.array(self.spread.knob.name), "drawn": np.array(self.value),
            "lost": np.array(f"{away.sum()} of {self._lanes}" if away.any() else math.nan),
        }  # fmt: skip


def _length(g: Tensor, d: Tensor) -> np.ndarray:
    """|w| of both players' parameters: 0-d, or [N]."""
    return torch.cat([g, d], -1).double().norm(dim=-1).cpu().numpy()


def _span(values: np.ndarray) -> np.ndarray:
    """From the least to the largest value [2] that is no farther from the middle 80 % than four times their span."""
    if not len(values := values[np.isfinite(values)]):
        return np.full(2, np.nan)
    low, high = np.quantile(values, [0.1, 0.9])
    near = values[(values >= low - 4 * (high - low)) & (values <= high + 4 * (high - low))]
    return np.array([near.min(), near.max()])


def bifurcation(experiment: Experiment, state: State, rng: Rng, **chosen: str | int) -> Arrays:
    """Where copies of this state come under `lanes` values of one knob in `steps` steps; `Bifurcation`'s arguments.

    knob [N]              the values, rising
    growth, away [N]      |w| of both players after the last step by that before the first; whether the lane has run
                          away: |w| is not finite, or above FAR times the longer of 1 and |w| at first
    at, value [n]         the points: the place of a lane's knob, log10 where it is logarithmic, and its value after one
                          of the last KEPT steps (of the modes, of every MODES_EVERY-th), of lanes that have not
    span, ends [2]        of the values without those far from the others; of the places
    away_at, foot, top    the places of those that have run away, zeros and ones
    now, below, above [1] the place of the present value, NaN where it is beyond the ends; log [1], whether it is log10
    0-d texts: `progress`, `over`, the knob, `drawn`, what is drawn of it, `lost`, how many have run away, if any
    Every lane is fed the batches of the run's own seed: a function of the experiment, the state and the choices; rng
    gives the latents that modes are counted with. Ref: Strogatz 2015, Nonlinear Dynamics and Chaos, section 10.2.
    """
    lanes = Bifurcation(experiment, state, rng, **chosen)  # pyright: ignore[reportArgumentType]  by their names
    while not lanes.complete:
        lanes.go_on()
    return lanes.arrays()


PROBES.add(Probe("bifurcation", "where a run goes under many values of one number", bifurcation, Bifurcation), rank=14)
