"""Builds frames from states: runs the probes, and keeps the ranges that must not jump from frame to frame."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gandyn.core.experiment import Experiment
from gandyn.core.lanes import is_finite, select_lane
from gandyn.core.rng import Rng
from gandyn.core.types import State
from gandyn.diagnosis import diagnose
from gandyn.diagnosis.moment import SAMPLES, judged, of_samples
from gandyn.live.broadcast import Broadcast
from gandyn.live.curves import Curves
from gandyn.live.differences import differences
from gandyn.live.frame import LAYERS, Column, Frame, Part, column, image
from gandyn.live.latest import Latest
from gandyn.live.many import Pictures, Selection
from gandyn.live.past import Past
from gandyn.live.ranges import ColourScale, ProbabilityScale
from gandyn.live.run import Run
from gandyn.live.schema import Notice
from gandyn.live.studies import Moment
from gandyn.live.track import Track
from gandyn.probes import PROBES
from gandyn.probes.divergence import divergence
from gandyn.probes.inputs import critic_unread, generate, reals
from gandyn.probes.window import columns, half_width, reach
from gandyn.records.config import to_config
from gandyn.timeline.readings import READ

ARROWS = 120
FLOAT32 = 1e38  # a column holds no larger numbers
CELLS = 64  # a side of the map, which the page smooths: more are not seen


class FrameBuilder:
    """Builds the frames of one broadcast. Called by its stepper alone."""

    def __init__(self, ahead: bool = True) -> None:
        """`ahead`: also the curves that are kept beyond the step at which a run stands."""
        self._ahead = ahead
        self._count = 0
        self._builders: dict[Track, PartBuilder] = {}
        self._compared: list[Experiment] = []
        self._words: list[str] = []

    def __call__(self, broadcast: Broadcast, layers: frozenset[str]) -> Frame:
        """The frame of this moment with these layers, a part for each run."""
        self._count += 1
        stamp, tracks = broadcast.program
        self._builders = {track: self._builders.get(track) or PartBuilder(self._ahead) for track in tracks}
        header = {
            "time": time.time(),
            "playing": broadcast.playing,
            "rate": round(broadcast.rate, 1),
            "seeking": broadcast.seeking,
        }
        parts = [builder.build(broadcast, track, layers) for track, builder in self._builders.items()]
        for part, differs in zip(parts, self._differences([track.run.experiment for track in tracks]), strict=True):
            part.header["differs"] = differs
        return Frame(self._count, stamp, header, parts)

    def _differences(self, experiments: list[Experiment]) -> list[str]:
        """Of each run the values of the controls in which they differ, in words."""
        if list(map(id, experiments)) != list(map(id, self._compared)):  # immutable: the same object is the same value
            self._compared, self._words = experiments, differences(experiments)
        return self._words


class PartBuilder:
    """Builds what frames show of one run, and remembers what must not jump from one to the next."""

    def __init__(self, ahead: bool = True) -> None:
        self._described: Experiment | None = None
        self._controls: dict[str, Any] = {}
        self._select(-1)
        self._pictures = Pictures()
        self._curves = Curves(ahead)
        self._past = Past()
        self._known: dict[str, Any] = {}  # what is known of it
        self._slow: list[Column] = []  # what is renewed with the curves
        self._window = 0.0
        self._target: Any = None

    def _select(self, lane: int) -> None:
        """Select another lane, whose critic gets a colour scale of its own."""
        self._lane = lane
        self._scale = ColourScale()
        self._chances = ProbabilityScale()
        self._latest = Latest()

    @np.errstate(over="ignore", invalid="ignore")  # of a run that diverges
    def build(self, broadcast: Broadcast, track: Track, layers: frozenset[str]) -> Part:
        """The part of this run with these layers."""
        run = track.run
        state, experiment = run.state, run.experiment
        selection = Selection(min(broadcast.lane, run.lanes - 1), "many" in layers) if run.lanes else Selection()
        if selection.lane != self._lane:
            self._select(selection.lane)
        one, single = select_lane(experiment, state, selection.lane) if run.lanes else (experiment, state)
        if experiment is not self._described:
            self._described, self._controls = experiment, to_config(experiment)["controls"]
        header: dict[str, Any] = {
            "timeline": run.timeline.id,
            "step": state.step,
            "seed": one.seed,
            "preset": experiment.name,
            "device": run.device,
            "controls": {**self._controls, "steps_per_second": broadcast.speed, "lanes": run.lanes or 1},
            "window": self._half_width(experiment),
            "measures": {},
            "caption": "",
        }
        notice = broadcast.notice or (Notice("nan", track.stopped) if track.stopped else None)
        header["notice"] = notice
        renewed = self._curves.update(run, experiment, state, settled=not broadcast.playing, selection=selection)
        if renewed:
            self._known, strip = self._past.show(run, selection.lane, self._window, settled=not broadcast.playing)
            self._slow = [*self._curves.columns, *_real(one), *strip]
        header |= {**self._curves.header, "past": self._known}
        metrics = {name: float(np.ravel(value)[selection.lane]) for name, value in run.metrics.items()}
        at, readings = run.readings()
        past, changed = (at, readings[..., selection.lane]), run.timeline.line.last_changes(state.step, experiment)
        stage = (
            self._stage(run, one, single, metrics, past, changed, layers, header, renewed) if is_finite(single) else []
        )
        if selection.many:
            lost, flat = (~is_finite(state)).tolist(), experiment.target.shape == (1,)
            header["many"] = {"lane": selection.lane, "seeds": run.seeds, "lost": lost, "flat": flat}
            pictures, header["covered"] = self._pictures.show(experiment, state)
            stage += pictures
        moment = Moment((state, experiment, selection.lane), one, single)
        wake = lambda: broadcast.wake()  # noqa: E731, PLW0108  by then another stepper may serve it
        studies = track.studies.ask(layers - LAYERS, moment, wake, broadcast.chosen)
        return Part(header, stage, self._curves.id, self._slow, studies)

    def _half_width(self, experiment: Experiment) -> float:
        """R of the stage [-R, R]^2: asked when the target changes, never smaller than before within a run.

        Under the hand that draws or moves a target it stands still as long as the target lies within.
        """
        target = experiment.target
        if target != self._target:
            if not (target.by_hand and self._target is not None and reach(target) <= self._window):
                other = type(target) is not type(self._target)
                self._window = half_width(target) if other else max(half_width(target), self._window)
            self._target = target
        return self._window

    def _stage(
        self,
        run: Run,
        experiment: Experiment,
        state: State,
        metrics: Mapping[str, float],
        past: tuple[np.ndarray, np.ndarray],
        changed: Mapping[str, int],
        layers: frozenset[str],
        header: dict[str, Any],
        probe: bool,
    ) -> list[Column]:
        """What is drawn of one GAN of the run, all of this state.

        `metrics`: of the step that led to it; `past`: its readings; `changed`: at which step a control last was, by
        name; `probe`: also what is too slow for every frame.
        """
        rng = _probe_rng(experiment)
        samples = generate(experiment, state, SAMPLES, rng)
        of = judged(experiment.target, samples, self._window)
        data = [*_dots("generated", samples), *_modes(of.modes)]
        at, rows = past
        readings: dict[str, np.ndarray] = dict(zip(READ, rows.T, strict=True))
        header |= {"measures": of.measures, "outside": of.outside}
        data += self._latest.show(experiment, state, metrics, of.measures, past, probe=probe)
        if what := divergence(experiment.target, samples, metrics):
            header["caption"] = f"Diverging: {what}."
            header["notice"] = header["notice"] or _diverging(what, run)
        else:
            for finding in diagnose(of_samples(experiment, state.step, of, at, readings, changed)):
                if finding.about == "samples":
                    header["caption"] = finding.text
                else:
                    header |= {"cause": finding.text, "cause_view": finding.view}
        if "map" in layers or "contours" in layers:
            data += self._map(experiment, state, rng, layers, header)
        if "arrows" in layers and bool(samples.isfinite().all()):
            arrows = PROBES["gradient_field"](experiment, state, rng, n=ARROWS, of=SAMPLES, half_width=self._window)
            data += [column("arrows", name, values) for name, values in _with_barbs(arrows, self._window).items()]
        return data

    def _map(
        self, experiment: Experiment, state: State, rng: Rng, layers: frozenset[str], header: dict[str, Any]
    ) -> list[Column]:
        window = self._window
        if critic_unread(experiment):
            return []
        critic = PROBES["critic_map"](experiment, state, rng, m=CELLS, half_width=window)
        kind, middle = str(critic["scale"]), float(critic["middle"])
        values = critic["values"]
        if not np.isfinite([values.min(), values.max(), middle]).all() or np.ptp(values) > FLOAT32:
            return []  # no colour shows it
        data: list[Column] = []
        if kind == "probability":
            middle, reach = 0.5, self._chances.show(critic["probability"])
        else:
            reach = self._scale.show(critic["values"], middle)
        header["map"] = {"low": middle - reach, "high": middle + reach, "mid": middle, "kind": kind}
        if "map" in layers:
            data += [image("critic", critic["probability"] if kind == "probability" else critic["values"])]
            data += [
                column("critic", name, [value])
                for name, value in zip(("x", "y", "dw", "dh"), (-window, -window, 2 * window, 2 * window), strict=True)
            ]
        if "contours" in layers:
            lines = PROBES["contours"](experiment, state, rng, critic=critic)
            data += [column("contours", "x", lines["x"]), column("contours", "y", lines["y"])]
            data += [column("midline", "x", lines["mid_x"]), column("midline", "y", lines["mid_y"])]
        return data


def _diverging(what: str, run: Run) -> Notice:
    if run.events():
        return Notice("warning", f"Diverging: {what}.", "undo")
    return Notice("warning", f"Diverging: {what}. Set smaller rates, and reset.", "reset")


def _probe_rng(experiment: Experiment) -> Rng:
    """The same latents and real samples in every frame: they move, they do not flicker."""
    return Rng(experiment.seed)


def _dots(source: str, samples: Tensor) -> list[Column]:
    x, y = columns(samples)
    return [column(source, "x", x), column(source, "y", y)]


def _real(experiment: Experiment) -> list[Column]:
    return _dots("real", reals(experiment, SAMPLES, _probe_rng(experiment)))


def _modes(modes: dict[str, np.ndarray]) -> list[Column]:
    """The circles at 3 sigma and the share of every mode; nothing for targets without modes."""
    count = len(modes["shares"])
    if not count:
        return []
    x, y = columns(torch.from_numpy(modes["centres"]))
    circles = {"x": x, "y": y, "radius": np.broadcast_to(modes["radius"], count), "covered": modes["covered"]}
    shares = {"mode": np.arange(count), "share": modes["shares"], "weight": modes["weights"]}
    data = [column("circles", name, values) for name, values in circles.items()]
    return data + [column("shares", name, values) for name, values in shares.items()]


def _with_barbs(arrows: dict[str, np.ndarray], window: float) -> dict[str, np.ndarray]:
    """Arrows as segments: the shafts, then two barbs each."""
    start = np.stack([arrows["x0"], arrows["y0"]], 1)
    end = np.stack([arrows["x1"], arrows["y1"]], 1)
    way = end - start
    length = np.linalg.norm(way, axis=1, keepdims=True)
    unit = way / np.maximum(length, 1e-9)
    across = np.stack([-unit[:, 1], unit[:, 0]], 1)
    barb = np.minimum(0.35 * length, window / 40)
    feet = [end - barb * unit + side * 0.55 * barb * across for side in (1, -1)]
    starts, ends = np.concatenate([start, end, end]), np.concatenate([end, *feet])
    return {"x0": starts[:, 0], "y0": starts[:, 1], "x1": ends[:, 0], "y1": ends[:, 1]}
