"""The class as a sweep: many GANs in step, of which everybody who looks on holds one, with a value of a knob."""

from __future__ import annotations

from torch import Tensor

from gandyn.core import checks
from gandyn.core.lanes import by_lane
from gandyn.core.types import is_knob
from gandyn.live.stepper import dismiss
from gandyn.ui.classroom.class_run import ClassRun
from gandyn.ui.classroom.member import Member
from gandyn.ui.classroom.of_lane import OfLane
from gandyn.ui.server import stream
from gandyn.ui.server.on_air import WATCHED
from gandyn.ui.session.choices import LANES


class Sweep:
    """What a class does with a run of many GANs."""

    def __init__(self) -> None:
        self.members: list[Member] = []
        self.session: ClassRun | None = None  # of the class

    @property
    def swept(self) -> str | None:
        """The knob of which everybody holds a value; None: there is no sweep."""
        return self.session and self.session.swept

    def changed(self) -> None:
        """Tell all pages."""

    def sweep(self, control: str, low: float, high: float) -> None:
        """As many GANs as people are there, each with its own value of a knob, from `low` to `high`, from step 0 on.

        Rates go in equal factors, other numbers in equal steps. ValueError with one line, and nothing is changed.
        """
        session = self.begun()
        known = session.experiment.controls()
        if not is_knob(control) or control not in known:
            choices = ", ".join(filter(is_knob, known))
            raise ValueError(f"{control} cannot differ between GANs that go in step: choose {choices}")
        control_of = known[control]
        for end, value in (("from", low), ("to", high)):
            checks.number(f"{control}, {end},", value, control_of.low, control_of.high)
        lanes = next((n for n in LANES if n > 1 and n >= len(self.members)), LANES[-1])
        session.multiply(lanes, **by_lane({control: spread(low, high, lanes)}))
        session.swept = control
        self.aim()
        self.changed()

    def end_sweep(self) -> None:
        """Go on with the GAN that is on the stage."""
        session = self.begun()
        if session.lanes > 1:
            session.multiply(1)
        session.swept = None
        self.changed()

    def aim(self) -> None:
        """Whoever looks on has the GAN that they hold on the stage; without a sweep that of the class."""
        if self.session is None:
            return
        sweeps = bool(self.values())
        for member in self.members:
            if member.watch_id is None:
                continue
            lane = self.lane_of(member) if sweeps else None
            if member.watch_id in WATCHED and (None if member.view is None else member.view.lane) == lane:
                continue
            old, member.view = member.view, None if lane is None else OfLane(self.session.broadcast, lane)
            if member.view is not None:
                stream.show_on_air(member.view)
            stream.turn(member.watch_id, member.view or self.session.broadcast)
            if old is not None:
                dismiss(old)

    def lane_of(self, member: Member) -> int:
        """The GAN that somebody holds; where there are more people than GANs several hold one."""
        return (member.number - 1) % self.begun().lanes

    def values(self) -> list[float]:
        """The swept knob of every GAN; none where there is no sweep."""
        session = self.session
        if self.swept is None or session is None or session.lanes < 2:
            return []
        value = session.broadcast.experiment(session.runs[0]).knobs.numbers()[self.swept]
        return value.tolist() if isinstance(value, Tensor) and value.ndim else [float(value)] * session.lanes

    def hold(self, member: Member, value: float) -> None:
        """Another value of the knob for the GAN that this member holds; ValueError with one line."""
        values = self.values()
        if not values or self.swept is None:
            raise ValueError("there is no sweep now")
        known = self.begun().experiment.controls()[self.swept]
        values[self.lane_of(member)] = checks.number(self.swept, value, known.low, known.high)
        self.begun().hold(values)
        self.changed()

    def labels(self) -> list[str]:
        """What each GAN is called in a sweep: who holds it, by name or number, and the value."""
        values = self.values()
        who: list[list[str]] = [[] for _ in values]
        for member in self.members if values else []:
            who[self.lane_of(member)].append(member.name or str(member.number))
        return [f"{', '.join(names) or '–'}: {value:.3g}" for names, value in zip(who, values, strict=True)]

    def begun(self) -> ClassRun:
        """The class's session; ValueError with one line before its first page."""
        if self.session is None:
            raise ValueError("the class has no run yet: open its page")
        return self.session


def spread(low: float, high: float, count: int) -> list[float]:
    """`count` numbers from low to high: in equal factors where both are positive and far apart, else in equal steps.

    They are round where that keeps them between the ends.
    """
    factors = low > 0 and high > 0 and max(low, high) / min(low, high) >= 4
    parts = [i / (count - 1) for i in range(count)]
    exact = [low * (high / low) ** t if factors else low + t * (high - low) for t in parts]
    least, most = sorted((low, high))
    plain = [value if least <= (value := float(f"{one:.4g}")) <= most else one for one in exact[1:-1]]
    return [float(low), *plain, float(high)]
