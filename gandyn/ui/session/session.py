"""One page: the runs that it shows, and what its person asks of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, assert_never

from gandyn.core import checks
from gandyn.core.experiment import Experiment
from gandyn.core.registry import brief
from gandyn.live.broadcast import Broadcast
from gandyn.live.frame_builder import FrameBuilder
from gandyn.live.run import Run
from gandyn.presets import PRESETS
from gandyn.timeline.branch import branched
from gandyn.timeline.changes import Change, Restart
from gandyn.timeline.line import difference
from gandyn.timeline.timeline import Timeline
from gandyn.ui.messages import CommandName
from gandyn.ui.server import stream
from gandyn.ui.session.choices import DEFAULT_PRESET, checked_lanes, listed_presets
from gandyn.ui.session.runs import SessionRuns, new_run
from gandyn.ui.share.saved import Opened, opened, saved
from gandyn.ui.studies import STUDIES


class Session(SessionRuns):
    """The counterpart of a page: its runs, their past, files and commands. The stepper's thread is reached through the
    broadcast alone.
    """

    watching: bool = False  # whether the page only looks on

    def __init__(
        self, experiment: Experiment | None = None, *, playing: bool = True, lanes: int = 1, lane: int = 0
    ) -> None:
        first = experiment or PRESETS[DEFAULT_PRESET]
        run, speed = new_run(first, lanes), first.steps_per_second
        super().__init__(Broadcast(run, FrameBuilder(), playing=playing, speed=speed))
        self.presets = listed_presets()
        self.broadcast.lane = lane

    @property
    def run_id(self) -> str:
        """The unguessable name under which the feed finds the runs."""
        return self.broadcast.id

    @property
    def playing(self) -> bool:
        """Whether they play."""
        return self.broadcast.playing

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

    def adjust(self, view: str, chosen: Mapping[str, str]) -> None:
        """Have a view of choice computed anew from here with these choices of it; ValueError with one line."""
        known = [choice.name for choice in STUDIES[view].choices(self.experiment, chosen)]
        if strange := sorted(chosen.keys() - set(known)):
            raise ValueError(f"{brief(strange[0])} is no choice of {view}: {', '.join(known) or 'it has none'}")
        self.broadcast.chosen = {**self.broadcast.chosen, view: dict(chosen)}
        self._changed()

    # -- time

    def look(self, step: int, line: int | None = None) -> None:
        """Stand at a step of the past, of the first run on its line number `line`; ValueError with one line."""
        self.broadcast.look(step, self.runs[0].timeline.lines[self._number(line)])
        self._changed()

    def bookmark(self, step: int, line: int | None = None) -> None:
        """Mark a step of the first run, or unmark it; ValueError with one line."""
        mark = {"line": self._number(line), "step": step}
        others = [one for one in self.bookmarks if one != mark]
        self.bookmarks = others if mark in self.bookmarks else sorted([*others, mark], key=lambda one: one["step"])
        self._changed()

    def _number(self, line: int | None) -> int:
        """The number of a line of the first run; None: of that on which it stands."""
        timeline = self.runs[0].timeline
        number = timeline.lines.index(timeline.line) if line is None else line
        return checks.integer("the number of the line", number, 0, len(timeline.lines) - 1)

    def open_trace(self, trace: Any) -> None:
        """Go on with a saved session, at its step and with its branches; ValueError with one line."""
        self.go_on_at(opened(trace))

    def go_on_at(self, page: Opened, *, playing: bool = False) -> None:
        """Go on with what was read of a saved session: at its step, and on from there if it is to play."""
        self._put(*page.runs, steered=page.steered)
        self.broadcast.look(page.step)
        self.broadcast.playing = playing
        self.bookmarks = page.bookmarks
        self._changed()

    def go_on_with(self, other: Broadcast) -> None:
        """Show what another page showed, at the step where it stands: that page is gone, or goes on with a copy."""
        runs = other.runs
        if other.watched() or other.shared:
            runs = [Run.of(branched(run.timeline)) for run in runs]
        self._put(*runs, speed=other.speed)
        self.broadcast.playing, self.broadcast.lane = other.playing, other.lane
        self._changed()

    def go_on_anew(self, experiment: Experiment, *, lanes: int, playing: bool) -> None:
        """Show a new run of this experiment, from step 0 on, at its own speed."""
        self._put(new_run(experiment, lanes), speed=experiment.steps_per_second)
        self.broadcast.play(playing)
        self._changed()

    def load(self, preset: str) -> None:
        """Start a preset from its step 0, under its own settings and at its own speed; undo comes back.

        Where a single run began as this preset does it is a branch of it, so that its past stays in sight.
        """
        checks.choice("preset", preset, self.presets)
        wanted = PRESETS[preset]
        if len(self.runs) == 1 and _can_begin(self.runs[0].timeline, wanted):
            self.broadcast.speed = wanted.steps_per_second
            self.broadcast.stay()
            self.broadcast.do(lambda: self._back_to_the_start(wanted))
        else:
            self._put(new_run(wanted, self.lanes), speed=wanted.steps_per_second)
        self._changed()

    def command(self, name: CommandName) -> None:
        """play, pause; step, critic, generator (one step of both or of one player); reset, new-seed; rewind;
        again (the preset from its beginning); undo, redo (of what is steered, or of what took the place of other runs),
        back (one step of the past), bookmark;
        pin (a baseline), pinned (compare with it).
        """
        broadcast = self.broadcast
        if name in ("play", "pause"):
            broadcast.play(name == "play")
        elif name in ("step", "critic", "generator"):
            broadcast.step_once({"critic": "generator", "generator": "critic"}.get(name))
        elif name == "reset":
            broadcast.stay()
            broadcast.do(self._back_to_the_start)
        elif name == "new-seed":
            self._next_seed()
        elif name == "again":
            self.load(self.experiment.name)
        elif name in ("undo", "redo"):
            self._undo(name)
        elif name == "back":
            broadcast.look(max(0, broadcast.run.state.step - 1))
        elif name == "bookmark":
            self.bookmark(broadcast.run.state.step)
        elif name == "pin":
            self.pin()
        elif name == "pinned":
            self.compare_with_pinned()
        elif name == "rewind":
            broadcast.notice = None  # the run already stands at its last finite state
        else:
            assert_never(name)
        self._changed()

    def _undo(self, way: str) -> None:
        """Of what is steered; of all runs where all were started again; where nothing was done, the runs before."""
        everything = [run.timeline for run in self.runs]
        steered = [one for i, one in enumerate(everything) if self.steered in (None, i)]
        acts = [next_change(one, way) for one in steered]
        if self.broadcast.seeking is None and not any(acts):
            self._bring_back(way)
            return
        if any(isinstance(act, Restart) for act in acts):
            steered = [one for one in everything if one in steered or isinstance(next_change(one, way), Restart)]
        self.broadcast.do(lambda: self._return(steered, way))

    def _return(self, timelines: list[Timeline], name: str) -> None:
        """By the stepper: undo or redo, then all others to the same step, since there is one clock."""
        moved = [one for one in timelines if (one.undo() if name == "undo" else one.redo())]
        if moved and len(self.runs) > 1:
            wanted = [(one, one.experiment) for one in moved]
            self.broadcast.look(min(one.step for one in moved), pause=False)
            self.broadcast.do(lambda: [one.want(experiment) for one, experiment in wanted])

    def _back_to_the_start(self, experiment: Experiment | None = None) -> None:
        """By the stepper: all of them at step 0, on a branch of their own, so that nothing is lost; under this
        experiment, if one is given.
        """
        self.broadcast.notice = None
        for run in self.runs:
            run.timeline.restart(experiment)

    def _next_seed(self) -> None:
        new = [run.experiment.replace(seed=run.experiment.seed + 1) for run in self.runs]
        for experiment in new:
            checked_lanes(self.lanes, experiment)
        self._put(*(new_run(experiment, self.lanes) for experiment in new), steered=self.steered)

    def save(self, take: Callable[[dict[str, Any]], None]) -> None:
        """Have the trace of the run that is steered, with those beside it, taken by the stepper, between two steps, and
        handed over by it.
        """
        runs, place, marks = self.runs, self.steered or 0, list(self.bookmarks)
        self.broadcast.do(lambda: take(saved(runs, place, marks)))


def next_change(timeline: Timeline, way: str) -> Change | Restart | None:
    """What "undo", or "redo", would take back there, or do again."""
    return timeline.changes.next(way, timeline.line, timeline.step)


def _can_begin(timeline: Timeline, experiment: Experiment) -> bool:
    """Whether a branch of it from step 0 can be under this experiment: it began under one with the same networks."""
    first = timeline.lines[0].first
    return timeline.begins is None and timeline.start is None and not first.resets(**difference(first, experiment))
