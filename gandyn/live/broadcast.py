"""Runs on the air under one clock: whether they play, how fast, who watches, and the latest frame."""

from __future__ import annotations

import math
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping

from gandyn.core.experiment import Experiment
from gandyn.live.asked import Command, Frame, Look, Viewer
from gandyn.live.frame_rate import FrameRate
from gandyn.live.mailbox import Latest
from gandyn.live.run import Run
from gandyn.live.schema import Action, Notice
from gandyn.live.track import Program, Track, advance_all, stopped_by
from gandyn.timeline.kept import BUDGET
from gandyn.timeline.last_finite import Diverged
from gandyn.timeline.line import Line

SLICE = 0.010  # seconds that one run may hold the stepper
CATCH_UP = 0.25  # seconds of steps that a run may be behind its speed before it lets them go
PORTION = 0.2  # seconds of steps, at most, that are made in one call where a stepper serves many
POLL = 0.05  # seconds between two looks whether the compiler is done
ASIDE = 8  # of the room for the past of the runs on the air, the part for those that are put aside
PATIENCE = 0.5  # seconds of waiting for it before a notice says so: what is in its cache is there sooner
COMPILING = Notice("info", "Compiling the training step (once on this machine): it begins in some seconds.")
FrameMaker = Callable[["Broadcast", frozenset[str]], Frame]


class Broadcast:
    """One run, or several in step, with their transport and viewers. Levels (playing, speed, lane, the step to look at)
    are set by anyone, the latest wins; commands queue and are carried out by the stepper that serves it, none lost.
    """

    def __init__(self, run: Run, make_frame: FrameMaker, *, playing: bool = True, speed: float = 0.0) -> None:
        self.id = secrets.token_urlsafe(16)  # whoever knows it may watch
        self.program = Program(0, (Track(run),))
        self.playing = playing
        self.speed = speed  # steps per second; 0 = unlimited
        self.lane = 0  # of a run of many GANs, the one on the stage
        self.chosen: Mapping[str, Mapping[str, str]] = {}  # of views of choice options of their probes
        self.until: int | None = None  # the step at which the runs stand still; None: none
        self.shared = False  # whether its runs stay its own: who goes on with them goes on with a copy
        self.rate = 0.0  # steps per second, as measured
        self.notice: Notice | None = None
        self.frames: Latest[Frame | None] = Latest(None)
        self.viewers: set[Viewer] = set()
        self.on_frame: Callable[[Broadcast], None] = lambda broadcast: None  # called by the stepper
        self.wake: Callable[[], None] = lambda: None  # set by the stepper that serves it
        self.hurried = False  # whether somebody waits for it: the stepper serves it next
        self._room = BUDGET
        self.aside: tuple[Run, ...] = ()  # others, which may be put on again: their past takes a share of the room
        self._look: Look | None = None  # the step that is looked for, until it is there
        self._make_frame = make_frame
        self._commands: deque[Command] = deque()
        self._wanted = threading.Event()
        self._levels: tuple[object, ...] = ()
        self._values: list[object] = []
        self._last_frame = 0.0
        self._anchor = (time.monotonic(), 0.0, speed)  # (when, steps owed, at which speed)
        self._rated, self._walked = (time.monotonic(), 0), 0
        self.frame_rate = FrameRate()
        self._waits_since = math.inf  # when it began to wait for the compiler

    @property
    def runs(self) -> tuple[Run, ...]:
        """The runs, in the order in which they are shown."""
        return tuple(track.run for track in self.program.tracks)

    @property
    def run(self) -> Run:
        """The first of them."""
        return self.program.tracks[0].run

    @property
    def sought(self) -> Look | None:
        """What is looked for, until it is there: what changes meanwhile is noted with it, and is made there (`do`)."""
        return self._look

    @property
    def seeking(self) -> int | None:
        """The step that is looked for, until it is there."""
        return None if (look := self._look) is None else look.step

    def experiment(self, run: Run) -> Experiment:
        """What one of the runs goes on under: from the step that is looked for, while there is one."""
        look = self._look
        return run.experiment if look is None else look.experiment(run)

    # -- asked for by viewers and controls, from any thread

    def want_frame(self) -> None:
        """A viewer is ready for the next frame. Twenty of them say so 500 times a second: only the first wakes."""
        if not self._wanted.is_set():
            self._wanted.set()
            self.hurried = self.frame_rate.soon
            self.wake()

    def hurry(self) -> None:
        """Somebody has asked for something: it is served next, and shown before its frames are due."""
        self.hurried = self.frame_rate.soon = True
        self.wake()

    def do(self, command: Callable[[], object]) -> None:
        """Queue something that moves the run or starts it anew; it waits for the step that is looked for."""
        self._queue(Command(command, self._look))
        self.hurry()

    def _queue(self, command: Command) -> None:
        self._commands.append(command)
        self.wake()

    def play(self, playing: bool) -> None:
        """Play or pause."""
        if playing:
            self.notice = None
            for track in self.program.tracks:
                track.stopped = None
        self.playing = playing
        self.hurry()

    def step_once(self, freeze: str | None = None) -> None:
        """Pause, and one step; with `freeze`, of the other player alone."""
        self.playing = False
        step = Command(lambda: self._left() and self._advance(1, None, freeze), self._look, steps=self.program.stamp)
        self._queue(step)
        self.hurry()

    def put(self, *runs: Run) -> None:
        """Have these runs on the air from now on. Single steps that the others were to make are forgotten."""
        stamp, tracks = self.program
        present = {track.run: track for track in tracks}
        self.notice = self._look = None
        self.program = Program(stamp + 1, tuple(present.get(run) or Track(run) for run in runs))
        self.give_room(self._room)

    def give_room(self, room: int) -> None:
        """The bytes that the past of all runs may take together, from the next turn of the stepper on."""
        self._room = room
        self._queue(Command(lambda: self._fit(room), self._look))

    def look(self, step: int, line: Line | None = None, *, pause: bool = True) -> None:
        """Stand at this step of the past, or at the last one before it that was made; play on from there or `pause`.

        `line`: another one of the first run than that on which it stands.
        """
        self.playing = self.playing and not pause
        self._look = Look(step, line)
        self.hurry()

    def stay(self) -> None:
        """Look for no step any more."""
        self._look = None

    def watched(self) -> bool:
        """Whether somebody is there to see it."""
        return any(viewer.present() for viewer in list(self.viewers))

    def longest_step(self) -> float:
        """Seconds that the longest step of its runs takes, about."""
        return max(track.seconds for track in self.program.tracks)

    def fail(self, kind: str, text: str, action: Action | None = None) -> None:
        """Pause and tell why; the last finite state is kept."""
        self.playing = False
        self.notice = Notice(kind, text, action)

    # -- done by the stepper

    def _fit(self, room: int) -> None:
        aside, share = self.aside, room // ASIDE if self.aside else 0
        for run in aside:
            run.timeline.kept.fit(share // len(aside), run.state.step)
        self.program.fit(room - share)

    def serve(self) -> float:
        """Commands, one slice of steps, and a frame if one is wanted: seconds until it wants to be served again."""
        try:
            self._obey()
            if (look := self._look) is not None:
                self._seek(look)
                self._obey()  # what waited for it
            moving = self.playing and self.watched() and self.seeking is None
            if (moving or self._commands) and not self._is_ready():
                return self._wait_for_compiler()
            self._waits_since = math.inf
            if self.notice is COMPILING:
                self.notice = None
            wait = self._walk() if moving else self._rest()
            return min(wait, self._show(), math.inf if self.seeking is None else 0.0)
        except Diverged as error:
            self.fail("nan", stopped_by(error), "rewind")
        except Exception as error:  # noqa: BLE001  whatever a step raises becomes a notice, the server goes on
            self._look = None
            self.fail("error", f"The step failed: {type(error).__name__}: {error}".splitlines()[0], "reset")
        return 0.0

    def _is_ready(self) -> bool:
        """Whether no step of a run that moves has to wait for the compiler; all are asked, so that all are compiled."""
        return all([track.run.is_ready() for track in self.program.tracks if not track.stopped])

    def _obey(self) -> None:
        """Carry out what was asked for, in order, up to what waits for the compiler or for the step to look at."""
        while self._commands:
            command = self._commands[0]
            if command.after is not None and command.after is self._look:
                return
            stale = command.steps is not None and command.steps != self.program.stamp
            if command.steps is not None and not stale and not self._is_ready():
                return
            self._commands.popleft()
            if not stale:
                command.carry_out()

    def _seek(self, look: Look) -> None:
        """For one slice, towards the step that is looked for."""
        there = []
        for run in self.runs:
            line = look.line_of(run)
            first = run.timeline.lines[0].start
            there.append(run.seek(min(max(look.step, first), line.stop), line, seconds=SLICE))
        if all(there) and self._look is look:
            self._look = None

    def _wait_for_compiler(self) -> float:
        now = time.monotonic()
        self._waits_since = min(self._waits_since, now)
        if now - self._waits_since >= PATIENCE:
            self.notice = COMPILING
        return min(self._rest(), self._show(), POLL)

    def _walk(self) -> float:
        """As many steps as the speed owes, for one slice at most; seconds until the next is due."""
        now, speed, left = time.monotonic(), self.speed, self._left()  # read once: a slider may move it meanwhile
        if not left:
            self.playing = False
            return self._rest()
        if speed <= 0:
            self.frame_rate.idle = False
            self._advance(left, SLICE)
            return 0.0
        since, owed, before = self._anchor
        if before != speed:
            since, owed = now, 0.0
        owed = min(owed + (now - since) * speed, 1.0 + CATCH_UP * speed)
        due = max(1.0, min(left, speed * min(PORTION, self.frame_rate.rhythm)))
        if owed >= due:
            owed -= self._advance(min(int(owed), left), SLICE)
            self.frame_rate.idle = owed < due
        self._anchor = (now, owed, speed)
        return max(0.0, (due - owed) / speed - (time.monotonic() - now))

    def _left(self) -> int:
        until = self.until
        return 2**31 if until is None else max(0, until - self.run.state.step)

    def _rest(self) -> float:
        self.frame_rate.idle = True
        now, self.rate = time.monotonic(), 0.0
        self._anchor, self._rated = (now, 0.0, self.speed), (now, self._walked)
        return math.inf

    def _advance(self, n: int, seconds: float | None, freeze: str | None = None) -> int:
        tracks = self.program.tracks
        done = tracks[0].advance(n, seconds, freeze) if len(tracks) == 1 else advance_all(tracks, n, seconds, freeze)
        if len(tracks) > 1 and all(track.stopped for track in tracks):
            self.fail("nan", "All of them have stopped.", "rewind")
        self._walked += done
        when, walked = self._rated
        now = time.monotonic()
        if now - when >= 0.5:
            self.rate, self._rated = (self._walked - walked) / (now - when), (now, self._walked)
        return done

    def _show(self) -> float:
        """A frame, if a viewer is ready and there is something new to see; seconds until the next may follow."""
        if not self._wanted.is_set():
            return math.inf
        layers = frozenset[str]().union(*(viewer.layers() for viewer in list(self.viewers)))
        stamp, tracks = self.program
        news = tuple((track.stopped, track.studies.count) for track in tracks)
        levels = (stamp, self.playing, self.notice, self.speed, self.lane, self.chosen, self.seeking, news, layers)
        # immutable: the same object is the same value
        values: list[object] = [value for track in tracks for value in (track.run.state, track.run.experiment)]
        if levels == self._levels and all(a is b for a, b in zip(values, self._values, strict=True)):
            return math.inf
        now = time.monotonic()
        early = self._last_frame + self.frame_rate.apart(len(self.viewers), len(tracks)) - now
        if early > 0:
            return early
        self._wanted.clear()
        self._last_frame, self._levels, self._values = now, levels, values
        start = time.thread_time()
        self.frames.put(self._make_frame(self, layers))
        self.frame_rate.took(time.thread_time() - start)
        self.on_frame(self)
        return math.inf
