"""The runs that a page shows: one, or several side by side, and which of them the controls are for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from torch import Tensor

from gandyn.core import checks
from gandyn.core.bounds import MAX_SPEED
from gandyn.core.engine import resolve
from gandyn.core.experiment import Experiment
from gandyn.core.lanes import knobs_of
from gandyn.live.broadcast import Broadcast
from gandyn.live.run import Run
from gandyn.live.stepper import THREADS
from gandyn.records.config import resolve_device
from gandyn.records.engine import engine_of
from gandyn.targets.point_files import stored_only
from gandyn.timeline.branch import branched
from gandyn.timeline.timeline import Timeline
from gandyn.ui.page.messages import Axis
from gandyn.ui.session.choices import check_affordable, checked_lanes
from gandyn.ui.session.put_aside import PutAside, Scene
from gandyn.ui.views.comparison import MOST


class SessionRuns:
    """Runs on one broadcast. What each is under is known by its timeline alone. Lives on the server's event loop."""

    def __init__(self, broadcast: Broadcast) -> None:
        self.broadcast = broadcast
        self.bookmarks: list[dict[str, int]] = []  # {line, step} of the first run
        self.views: tuple[str, ...] = ()  # those of choice that the page shows, by name
        self.alone = False  # whether it shows nothing else
        self.axis: Axis = "steps"  # what its curves are drawn over
        self.pinned: Timeline | None = None  # a baseline for comparisons
        self.steered: int | None = 0  # the run that the controls are for; None: all of them
        self._aside = PutAside()
        self._listeners: list[Callable[[], None]] = []
        self._announced: list[Experiment] = []  # what the runs were under when the listeners were last called

    @property
    def runs(self) -> tuple[Run, ...]:
        """The runs that are shown: the first, and those that it is compared with."""
        return self.broadcast.runs

    @property
    def experiment(self) -> Experiment:
        """What the controls show: of the run that they are for."""
        return self.staged(self.broadcast.experiment(self.runs[self.steered or 0]))

    def staged(self, experiment: Experiment) -> Experiment:
        """The experiment; where a knob differs between GANs, with the values of the one on the stage."""
        knobs = experiment.knobs
        if not any(isinstance(value, Tensor) and value.ndim for value in knobs.numbers().values()):
            return experiment
        return replace(experiment, knobs=knobs_of(knobs, self.lane))

    @property
    def lanes(self) -> int:
        """GANs at once, of consecutive seeds."""
        return self.broadcast.run.lanes or 1

    @property
    def lane(self) -> int:
        """The one of them that is on the stage; 0 has the seed of the experiment."""
        return self.broadcast.lane

    @property
    def speed(self) -> float:
        """Steps per second; 0 = unlimited."""
        return self.broadcast.speed

    def watch(self, listener: Callable[[], None]) -> None:
        """Call `listener` after every change made through this session."""
        self._listeners.append(listener)

    def unwatch(self, listener: Callable[[], None]) -> None:
        """Call it no more."""
        self._listeners = [one for one in self._listeners if one != listener]

    def refresh(self) -> None:
        """Have all that shows it look at it again."""
        self._changed()

    @stored_only()
    def change(self, /, **controls: Any) -> None:
        """Change controls by name, live ones at the next step, the others with a reset; ValueError with one line."""
        speed = checks.number("steps_per_second", float(controls.pop("steps_per_second", self.speed)), 0, MAX_SPEED)
        steered = [run for i, run in enumerate(self.runs) if self.steered in (None, i)]
        anew = {run: new for run in steered if (new := self._checked(run, controls)) is not None}
        for run in (run for run in steered if controls and run not in anew):
            self._want(run, run.timeline.change, controls)
        if anew:
            fresh = {run: new_run(new, self.lanes) for run, new in anew.items()}
            self._put(*(fresh.get(run, run) for run in self.runs), steered=self.steered)
            self._to_the_start()
        self.broadcast.speed = speed
        self._changed()

    def _want(self, run: Run, change: Callable[..., None], controls: Mapping[str, Any]) -> None:
        """Have live controls changed by one of the ways of its timeline, from the step on that is looked for."""
        if (sought := self.broadcast.sought) is None:
            change(**controls)
        else:
            sought.wanted[run] = sought.experiment(run).replace(**controls)
            self.broadcast.do(partial(change, **controls))

    def _checked(self, run: Run, controls: dict[str, Any]) -> Experiment | None:
        """The experiment with which this run must begin anew for these controls; None if they are live."""
        now = self.broadcast.experiment(run)
        new = now.replace(**controls)
        resolve(new, resolve_device(new))  # refuses what cannot be stepped here
        checked_lanes(self.lanes, new)
        return new if now.resets(**controls) else None

    def _to_the_start(self) -> None:
        """One clock: where a run begins anew, the others go back to step 0, their past is kept."""
        if len(self.runs) > 1:
            self.broadcast.look(0, pause=False)

    # -- many seeds

    def multiply(self, lanes: Any, **controls: Any) -> None:
        """So many GANs at once, from step 0, under these live controls; one: that which is on the stage goes on.

        ValueError with one line, and nothing is changed.
        """
        lanes, run = checked_lanes(lanes, self.experiment), self.runs[self.steered or 0]
        if lanes == 1 and run.lanes:
            self._check_there()
            self._put(Run.of(branched(run.timeline, self.lane)))
        else:
            new = new_run(self.staged(run.experiment), lanes)
            if controls:
                new.timeline.change(False, **controls)  # there is nothing before it to which undo could lead
            self._put(new)
        self.broadcast.lane = 0
        self._changed()

    def choose(self, lane: Any) -> None:
        """Put that one of the GANs on the stage; ValueError with one line."""
        self.broadcast.lane = checks.integer("lane", lane, 0, self.lanes - 1)
        self._changed()

    # -- comparing

    @stored_only()
    def compare(self, controls: Mapping[str, Any], *, which: int | None = None, here: bool = False) -> None:
        """Put a run beside the others that differs in these controls from run number `which` (default: the steered).

        Both go from step 0 on, or, `here`, from where they stand, which needs live controls. ValueError with one line.
        """
        run = self.runs[(self.steered or 0) if which is None else which]
        if here:
            self._check_there()
        new = self.broadcast.experiment(run).replace(**controls)
        resolve(new, resolve_device(new))
        check_affordable(new)
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
            other = new_run(new, 1)
        self._beside(other, here=here)

    def pin(self) -> None:
        """Keep the run that is steered, as it is at this step, to be compared with later."""
        self._check_there()
        run = self.runs[self.steered or 0]
        self.pinned = branched(run.timeline, self.lane if run.lanes else None)
        self._changed()

    def _check_there(self) -> None:
        """ValueError while a step is looked for: what is copied would end before it."""
        if self.broadcast.seeking is not None:
            raise ValueError(f"step {self.broadcast.seeking:,} is being computed: do it again when it is there")

    def compare_with_pinned(self) -> None:
        """Put the pinned run beside the others, from step 0 on; ValueError where none is or there is no room."""
        if self.pinned is None:
            raise ValueError("no run is pinned: pin one first")
        self._beside(Run.of(branched(self.pinned)))

    def _beside(self, other: Run, *, here: bool = False) -> None:
        if len(self.runs) >= MOST:
            raise ValueError(f"{MOST} runs are compared at once at most: close one first")
        self.broadcast.put(*self.runs, other)
        if not here:
            self._to_the_start()
        self.steered = len(self.runs) - 1
        self._changed()

    def steer(self, which: int | None) -> None:
        """Let the controls be for run number `which`, or for all (None); ValueError with one line."""
        self.steered = None if which is None else checks.integer("run", which, 0, len(self.runs) - 1)
        self._changed()

    def dismiss(self, which: int) -> None:
        """Take run number `which` out of the comparison; ValueError with one line."""
        which = checks.integer("run", which, 0, len(self.runs) - 1)
        if len(self.runs) > 1:
            self._put(*(run for i, run in enumerate(self.runs) if i != which))
            self._changed()

    def _put(self, *runs: Run, steered: int | None = 0, speed: float | None = None) -> None:
        """Show these runs alone; what was shown can be brought back."""
        self._aside.put(self._scene())
        self._show(
            Scene(
                runs, steered, self.lane, self.speed if speed is None else speed,
                self.bookmarks if runs[0] is self.runs[0] else [],
            )
        )  # fmt: skip

    def _bring_back(self, way: str) -> None:
        """What was shown before others took its place ("undo"), or those again ("redo")."""
        if (scene := self._aside.take(way, self._scene())) is not None:
            self._show(scene)

    def _scene(self) -> Scene:
        return Scene(self.runs, self.steered, self.lane, self.speed, self.bookmarks)

    def _show(self, scene: Scene) -> None:
        self.bookmarks, self.steered = scene.bookmarks, scene.steered
        self.broadcast.lane, self.broadcast.speed = scene.lane, scene.speed
        self.broadcast.aside = self._aside.runs(scene.runs)
        self.broadcast.put(*scene.runs)

    def _moved(self) -> bool:
        """Whether a run is under another experiment than the page knows: it follows its past, or is looked at there."""
        return list(map(id, self._announced)) != [id(self.broadcast.experiment(run)) for run in self.runs]

    def _changed(self) -> None:
        self._announced = [self.broadcast.experiment(run) for run in self.runs]
        self.broadcast.hurry()  # a paused run shows the change too
        for listener in list(self._listeners):
            listener()


def new_run(experiment: Experiment, lanes: int) -> Run:
    """A run with its measures, as the stepper computes it; one of one GAN has no axis for it."""
    engine = engine_of(experiment, THREADS)
    return Run(experiment, lanes=lanes if lanes > 1 else None, measured=True, engine=engine)
