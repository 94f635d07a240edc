"""One page: the runs that it shows, and what its person asks of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gandyn.core import checks
from gandyn.core.engine import resolve
from gandyn.core.experiment import Experiment
from gandyn.live.broadcast import Broadcast
from gandyn.live.frame_builder import FrameBuilder
from gandyn.live.run import Run
from gandyn.presets import PRESETS
from gandyn.records.config import resolve_device
from gandyn.targets.point_files import stored_only
from gandyn.timeline.branch import branched
from gandyn.timeline.trace import timeline_of
from gandyn.ui import stream
from gandyn.ui.choices import DEFAULT_PRESET, MAX_SPEED, checked_lanes, listed_presets
from gandyn.ui.views.comparison import MOST


class Session:
    """The counterpart of controls and transport. Lives on the server's event loop; the stepper's thread is reached
    through the broadcast alone, and what each run is under is known by its timeline alone.
    """

    def __init__(
        self, experiment: Experiment | None = None, *, playing: bool = True, lanes: int = 1, lane: int = 0
    ) -> None:
        self.presets = listed_presets()
        first = experiment or PRESETS[DEFAULT_PRESET]
        self.bookmarks: list[dict[str, int]] = []  # {line, step} of the first run
        self.steered: int | None = 0  # the run that the controls are for; None: all of them
        self.broadcast = Broadcast(
            _run(first, lanes), FrameBuilder(), playing=playing, speed=first.steps_per_second
        )  # fmt: skip
        self.broadcast.lane = lane
        self._listeners: list[Callable[[], None]] = []
        self._told: list[Experiment] = []  # what the runs were under when the listeners were last called

    @property
    def runs(self) -> tuple[Run, ...]:
        """The runs that are shown: the first, and those that it is compared with."""
        return self.broadcast.runs

    @property
    def experiment(self) -> Experiment:
        """What the controls show: of the run that they are for."""
        return self.runs[self.steered or 0].experiment

    @property
    def lanes(self) -> int:
        """GANs at once, of consecutive seeds."""
        return self.broadcast.run.lanes or 1

    @property
    def run_id(self) -> str:
        """The unguessable name under which the feed finds the runs."""
        return self.broadcast.id

    @property
    def playing(self) -> bool:
        """Whether they play."""
        return self.broadcast.playing

    @property
    def speed(self) -> float:
        """Steps per second; 0 = unlimited."""
        return self.broadcast.speed

    @property
    def lane(self) -> int:
        """The one of them that is on the stage; 0 has the seed of the experiment."""
        return self.broadcast.lane

    def open(self, in_turn: Callable[[Callable[[], None]], object]) -> None:
        """The page is there: let it see the runs. `in_turn` calls a function when the page's models may be changed."""

        def follow() -> None:
            if self._moved():
                in_turn(lambda: self._changed() if self._moved() else None)

        stream.put_on_air(self.broadcast, follow)

    def close(self) -> None:
        """The page is gone: free the runs."""
        stream.take_off_air(self.broadcast)
        self._listeners.clear()

    def watch(self, listener: Callable[[], None]) -> None:
        """Call `listener` after every change made through this session."""
        self._listeners.append(listener)

    @stored_only()
    def change(self, **controls: Any) -> None:
        """Change controls by name, live ones at the next step, the others with a reset; ValueError with one line."""
        speed = checks.number("steps_per_second", float(controls.pop("steps_per_second", self.speed)), 0, MAX_SPEED)
        steered = [run for i, run in enumerate(self.runs) if self.steered in (None, i)]
        anew = {run: new for run in steered if (new := self._checked(run, controls)) is not None}
        for run in steered:
            if run not in anew and controls:
                run.set(**controls)
        if anew:
            fresh = {run: _run(new, self.lanes) for run, new in anew.items()}
            self.broadcast.put(*(fresh.get(run, run) for run in self.runs))
            self._to_the_start()
        self.broadcast.speed = speed
        self._changed()

    def _checked(self, run: Run, controls: dict[str, Any]) -> Experiment | None:
        """The experiment with which this run must begin anew for these controls; None if they are live."""
        new = run.experiment.replace(**controls)
        resolve(new, resolve_device(new))  # refuses what cannot be stepped here
        checked_lanes(self.lanes, new)
        return new if run.experiment.resets(**controls) else None

    def _to_the_start(self) -> None:
        """One clock: where a run begins anew, the others go back to step 0, their past is kept."""
        if len(self.runs) > 1:
            self.broadcast.look(0, pause=False)

    # -- many seeds

    def multiply(self, lanes: Any) -> None:
        """So many GANs at once, from step 0; one: that which is on the stage goes on. ValueError with one line."""
        lanes, run = checked_lanes(lanes, self.experiment), self.runs[self.steered or 0]
        if lanes == 1 and run.lanes:
            self._put(Run.of(branched(run.timeline, self.lane)))
        else:
            self._put(_run(run.experiment, lanes))
        self.broadcast.lane = 0
        self._changed()

    def choose(self, lane: Any) -> None:
        """Put that one of the GANs on the stage; ValueError with one line."""
        self.broadcast.lane = checks.integer("lane", lane, 0, self.lanes - 1)
        self._changed()

    # -- comparing

    @stored_only()
    def compare(self, *, which: int | None = None, here: bool = False, **controls: Any) -> None:
        """Put a run beside the others that differs in these controls from run number `which` (default: the steered).

        Both go from step 0 on, or, `here`, from where they stand, which needs live controls. ValueError with one line.
        """
        if len(self.runs) >= MOST:
            raise ValueError(f"{MOST} runs are compared at once at most: close one first")
        run = self.runs[(self.steered or 0) if which is None else which]
        new = (run.experiment if here else run.timeline.lines[0].first).replace(**controls)
        resolve(new, resolve_device(new))
        if here and (anew := run.experiment.resets(**controls)):
            raise ValueError(f"{', '.join(anew)} can be compared from step 0 only: another value begins the run anew")
        if run.lanes:  # the one on the stage stands for the others
            run = Run.of(branched(run.timeline, self.lane))
            new = new.replace(seed=run.seed)
            self._put(run)
        if here:
            other = Run.of(branched(run.timeline))
            other.set(**controls)
        else:
            other = _run(new, 1)
        self.broadcast.put(*self.runs, other)
        if not here:
            self._to_the_start()
        self.steered = len(self.runs) - 1
        self._changed()

    def steer(self, which: Any) -> None:
        """Let the controls be for run number `which`, or for all (None); ValueError with one line."""
        self.steered = None if which is None else checks.integer("run", which, 0, len(self.runs) - 1)
        self._changed()

    def dismiss(self, which: Any) -> None:
        """Take run number `which` out of the comparison; ValueError with one line."""
        which = checks.integer("run", which, 0, len(self.runs) - 1)
        if len(self.runs) > 1:
            self._put(*(run for i, run in enumerate(self.runs) if i != which))
            self._changed()

    def _put(self, *runs: Run) -> None:
        """Show these runs alone."""
        if runs[0] is not self.runs[0]:
            self.bookmarks = []
        self.broadcast.put(*runs)
        self.steered = 0

    # -- time

    def look(self, step: Any, line: Any = None) -> None:
        """Stand at a step of the past, of the first run on its line number `line`; ValueError with one line."""
        step, line = self._place(step, line)
        self.broadcast.look(step, self.runs[0].timeline.lines[line])
        self._changed()

    def bookmark(self, step: Any, line: Any = None) -> None:
        """Mark a step of the first run, or unmark it; ValueError with one line."""
        step, line = self._place(step, line)
        mark = {"line": line, "step": step}
        others = [one for one in self.bookmarks if one != mark]
        self.bookmarks = others if mark in self.bookmarks else sorted([*others, mark], key=lambda one: one["step"])
        self._changed()

    def _place(self, step: Any, line: Any) -> tuple[int, int]:
        timeline = self.runs[0].timeline
        number = timeline.lines.index(timeline.line) if line is None else line
        return (
            checks.integer("step", step, 0, 2**53),
            checks.integer("the number of the line", number, 0, len(timeline.lines) - 1),
        )

    @stored_only()
    def open_trace(self, trace: Any) -> None:
        """Go on with a saved session, at its step and with its branches; ValueError with one line."""
        timeline = timeline_of(trace, measured=True)
        run = Run.of(timeline)
        checked_lanes(run.lanes or 1, run.experiment)
        if run.experiment.target.shape not in ((1,), (2,)):
            raise ValueError("this session is not about points in the plane, which this page shows")
        self._put(run)
        self.broadcast.look(trace["stop"])
        marks = trace.get("bookmarks", [])
        self.bookmarks = [one for one in marks if one["line"] < len(timeline.lines)]
        self._changed()

    def go_on_with(self, other: Broadcast) -> None:
        """Show what another page showed, at the step where it stands: that page is gone, or goes on with a copy."""
        runs = other.runs
        if other.watched():
            runs = [Run.of(branched(run.timeline)) for run in runs]
        self.broadcast.speed, self.broadcast.playing, self.broadcast.lane = other.speed, other.playing, other.lane
        self._put(*runs)
        self._changed()

    def load(self, preset: str) -> None:
        """Start a preset from its step 0, at its own speed."""
        checks.choice("preset", preset, self.presets)
        lanes = self.lanes
        self.broadcast.speed = PRESETS[preset].steps_per_second
        self._put(_run(PRESETS[preset], lanes))
        self._changed()

    def command(self, name: str) -> None:
        """play, pause, toggle; step, critic, generator (one step of both or of one player); reset, new-seed; rewind;
        undo, redo (of the run that is steered), back (one step of the past), bookmark.
        """
        broadcast = self.broadcast
        if name in ("play", "pause", "toggle"):
            broadcast.play(not broadcast.playing if name == "toggle" else name == "play")
        elif name in ("step", "critic", "generator"):
            broadcast.step_once({"critic": "generator", "generator": "critic"}.get(name))
        elif name == "reset":
            broadcast.do(self._back_to_the_start)
        elif name == "new-seed":
            self._next_seed()
        elif name in ("undo", "redo"):
            timeline = self.runs[self.steered or 0].timeline
            broadcast.do(timeline.undo if name == "undo" else timeline.redo)
        elif name == "back":
            broadcast.look(max(0, broadcast.run.state.step - 1))
        elif name == "bookmark":
            self.bookmark(broadcast.run.state.step)
        elif name == "rewind":
            broadcast.notice = None  # the run already stands at its last finite state
        else:
            raise ValueError(f"there is no command {name!r}")
        self._changed()

    def _back_to_the_start(self) -> None:
        """By the stepper: all of them at step 0, on a branch of their own, so that nothing is lost."""
        self.broadcast.notice = self.broadcast.seeking = None
        for run in self.runs:
            run.timeline.restart()

    def _next_seed(self) -> None:
        new = [run.experiment.replace(seed=run.experiment.seed + 1) for run in self.runs]
        for experiment in new:
            checked_lanes(self.lanes, experiment)
        steered = self.steered
        self._put(*(_run(experiment, self.lanes) for experiment in new))
        self.steered = steered

    def save(self, take: Callable[[dict[str, Any]], None]) -> None:
        """Have the trace of the run that is steered taken by the stepper, between two steps, and handed over by it."""
        run = self.runs[self.steered or 0]
        marks = {"bookmarks": self.bookmarks} if self.bookmarks and run is self.runs[0] else {}
        self.broadcast.do(lambda: take(run.trace() | marks))

    def _moved(self) -> bool:
        """Whether a run is under another experiment than the page knows: it follows its past, or is looked at there."""
        return list(map(id, self._told)) != [id(run.experiment) for run in self.runs]

    def _changed(self) -> None:
        self._told = [run.experiment for run in self.runs]
        self.broadcast.wake()  # a paused run shows the change too
        for listener in list(self._listeners):
            listener()


def _run(experiment: Experiment, lanes: int) -> Run:
    """A run with its measures; one of one GAN has no axis for it."""
    return Run(experiment, lanes=lanes if lanes > 1 else None, measured=True)
