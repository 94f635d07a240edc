"""One page: a private run, and what its person asks of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gandyn.core import checks
from gandyn.core.engine import resolve
from gandyn.core.experiment import Experiment
from gandyn.core.registry import brief
from gandyn.core.rng import MAX_SEED
from gandyn.live.broadcast import Broadcast
from gandyn.live.frame_builder import FrameBuilder
from gandyn.live.run import Run
from gandyn.presets import PRESETS
from gandyn.records import strict_json as json
from gandyn.records.config import resolve_device
from gandyn.ui import stream

DEFAULT_PRESET = "collapse"
MAX_SPEED = 100_000.0
LANES = (1, 4, 9, 16)  # GANs at once: squares


def listed_presets() -> list[str]:
    """The presets that the laboratory shows: those of points in the plane or on a line."""
    return [
        name
        for name, experiment in PRESETS.items()
        if len(experiment.target.shape) == 1 and experiment.target.shape[0] <= 2
    ]


def checked_lanes(lanes: Any, experiment: Experiment) -> int:
    """A number of GANs at once, for which there are seeds from the experiment's on; ValueError with one line."""
    if lanes not in LANES:
        raise ValueError(f"lanes must be one of {', '.join(map(str, LANES))}, not {brief(lanes)}")
    if experiment.seed > MAX_SEED + 1 - lanes:
        raise ValueError(f"seed must be at most {MAX_SEED + 1 - lanes} for {lanes} GANs, not {experiment.seed}")
    return int(lanes)


def _axis(lanes: int) -> int | None:
    """A run of one GAN has no axis for it."""
    return lanes if lanes > 1 else None


class Session:
    """The controls' and the transport's one counterpart. Lives on the server's event loop; the stepper's thread
    is reached only through the broadcast.
    """

    def __init__(
        self, experiment: Experiment | None = None, *, playing: bool = True, lanes: int = 1, lane: int = 0
    ) -> None:
        self.experiment = experiment or PRESETS[DEFAULT_PRESET]  # as the person wants it
        self.lanes = lanes  # GANs at once, of consecutive seeds
        self.presets = listed_presets()
        run = Run(self.experiment, lanes=_axis(lanes), measured=True)
        self.broadcast = Broadcast(run, FrameBuilder(), playing=playing, speed=self.experiment.steps_per_second)
        self.broadcast.lane = lane
        self._listeners: list[Callable[[], None]] = []
        self._restarting = False

    @property
    def run_id(self) -> str:
        """The unguessable name under which the feed finds the run."""
        return self.broadcast.id

    @property
    def playing(self) -> bool:
        """Whether it plays."""
        return self.broadcast.playing

    @property
    def speed(self) -> float:
        """Steps per second; 0 = unlimited."""
        return self.broadcast.speed

    @property
    def lane(self) -> int:
        """The one of them that is on the stage; 0 has the seed of the experiment."""
        return self.broadcast.lane

    def open(self) -> None:
        """The page is there: let it see the run."""
        stream.put_on_air(self.broadcast)

    def close(self) -> None:
        """The page is gone: free the run."""
        stream.take_off_air(self.broadcast)
        self._listeners.clear()

    def watch(self, listener: Callable[[], None]) -> None:
        """Call `listener` after every change made through this session."""
        self._listeners.append(listener)

    def change(self, **controls: Any) -> None:
        """Change controls by name, live ones at the next step, the others with a reset; ValueError with one line."""
        speed = controls.get("steps_per_second", self.speed)
        new = self.experiment.replace(**controls)
        resolve(new, resolve_device(new))  # refuses what cannot be stepped here
        checked_lanes(self.lanes, new)
        restart = self.experiment.resets(**controls)
        self.experiment = new
        if restart:
            self._restart()
        elif not self._restarting:
            self.broadcast.run.set(**{name: value for name, value in controls.items() if name != "steps_per_second"})
        if "steps_per_second" in controls:
            self.broadcast.speed = float(checks.number("steps_per_second", float(speed), 0, MAX_SPEED))
        self._changed()

    def multiply(self, lanes: Any) -> None:
        """Start again with so many GANs at once; ValueError with one line."""
        self.lanes = checked_lanes(lanes, self.experiment)
        self.broadcast.lane = 0
        self._restart()
        self._changed()

    def choose(self, lane: Any) -> None:
        """Put that one of the GANs on the stage; ValueError with one line."""
        self.broadcast.lane = checks.integer("lane", lane, 0, self.lanes - 1)
        self._changed()

    def load(self, preset: str) -> None:
        """Start a preset from its step 0, at its own speed."""
        checks.choice("preset", preset, self.presets)
        self.experiment = PRESETS[preset]
        self.broadcast.speed = self.experiment.steps_per_second
        self._restart()
        self._changed()

    def command(self, name: str) -> None:
        """play, pause, toggle; step, critic, generator (one step of both or of one player); reset, new-seed, rewind."""
        broadcast = self.broadcast
        if name in ("play", "pause", "toggle"):
            broadcast.play(not broadcast.playing if name == "toggle" else name == "play")
        elif name in ("step", "critic", "generator"):
            broadcast.step_once({"critic": "generator", "generator": "critic"}.get(name))
        elif name == "reset":
            self._restart()
        elif name == "new-seed":
            self._next_seed()
        elif name == "rewind":
            broadcast.notice = None  # the run already stands at its last finite state
            broadcast.wake()
        else:
            raise ValueError(f"there is no command {name!r}")
        self._changed()

    def _next_seed(self) -> None:
        new = self.experiment.replace(seed=self.experiment.seed + 1)
        checked_lanes(self.lanes, new)
        self.experiment = new
        self._restart()

    def save(self, take: Callable[[str, str], None]) -> None:
        """Have the trace taken by the stepper, between two steps: `take(name of the file, text)`, in its thread."""

        def command() -> None:
            trace = self.broadcast.run.trace()
            name = f"gandyn-{trace['config']['preset'] or 'session'}-{trace['stop']}.json"
            take(name, json.dumps(trace, indent=1) + "\n")

        self.broadcast.do(command)

    def query(self) -> dict[str, str]:
        """What a link must carry: the preset, and every control that differs from it."""
        base = PRESETS[self.experiment.name] if self.experiment.name in PRESETS else PRESETS[DEFAULT_PRESET]
        pairs = {"preset": base.name}
        plain = base.values()
        for name, value in self.experiment.values().items():
            if plain.get(name) != value:
                pairs[name] = ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
        if self.speed != base.steps_per_second:
            pairs["steps_per_second"] = f"{self.speed:g}"
        pairs |= {"lanes": str(self.lanes)} if self.lanes > 1 else {}
        return pairs | ({"lane": str(self.lane)} if self.lane else {})

    def _restart(self) -> None:
        self._restarting = True
        self.broadcast.restart(self._reset)

    def _reset(self) -> None:
        """By the stepper, with the experiment as it is by then: a change in between is not lost."""
        self._restarting = False
        self.broadcast.run.reset(self.experiment, lanes=_axis(self.lanes))

    def _changed(self) -> None:
        self.broadcast.wake()  # a paused run shows the change too
        for listener in list(self._listeners):
            listener()
