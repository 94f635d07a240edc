"""The class of this server: its run, who is there, and what the teacher has fixed. Lives on the event loop."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable

from gandyn.core import checks
from gandyn.core.experiment import Experiment
from gandyn.core.registry import brief
from gandyn.live.stepper import dismiss
from gandyn.ui.classroom.class_run import ClassRun
from gandyn.ui.classroom.member import Member
from gandyn.ui.classroom.own import OwnRun
from gandyn.ui.classroom.rules import MENUS, Rules
from gandyn.ui.classroom.sweep import Sweep
from gandyn.ui.page.opening import InTurn
from gandyn.ui.server.on_air import WATCHED
from gandyn.ui.session.session import Session

SHORTEST_KEY = 8  # characters
PLAIN = (bool, int, float, str, tuple, list)  # values of one GAN, not a tensor of those of many
RULES = ("locked", "hidden", "preset")


class Classroom(Sweep):
    """One run for all, which the pages with the key steer."""

    def __init__(self, key: str | None = None) -> None:
        """ValueError with one line for a key that is guessed too soon."""
        if key is not None and len(key) < SHORTEST_KEY:
            raise ValueError(f"--key needs {SHORTEST_KEY} characters or more, or leave it out: one is made then")
        super().__init__()
        self.key = key or secrets.token_urlsafe(18)
        self.pass_ = secrets.token_urlsafe(24)  # what a browser that has shown the key keeps
        self.rules = Rules()
        self.on_air = False
        self._announced: object = None  # of the sweep, to all pages
        self._taught = False
        self._listeners: list[Callable[[], None]] = []

    def is_teacher(self, offered: str | None) -> bool:
        """Whether what a browser shows is what was kept for the key, in constant time."""
        return hmac.compare_digest((offered or "").encode(), self.pass_.encode())

    def is_key(self, offered: str) -> bool:
        """Whether this is the teacher's key, in constant time."""
        return hmac.compare_digest(offered.encode(), self.key.encode())

    def run_of(self, experiment: Experiment, *, playing: bool, lanes: int = 1, teacher: bool = False) -> Session:
        """The class's session: begun with the first page, as the first link of the teacher says."""
        if self.session is None:
            self.session = ClassRun(experiment, playing=playing and teacher, lanes=lanes)
            self.session.broadcast.shared = True
            self.session.watch(self._follow)
        elif teacher and not self._taught:
            self.session.go_on_anew(experiment, lanes=lanes, playing=playing)
        self._taught = self._taught or teacher
        return self.session

    def open(self) -> None:
        """A page is there: the run is on the air from now on, until the server ends."""
        if not self.on_air and (session := self.session) is not None:
            self.on_air = True
            session.open(lambda act: act())  # its pages take their own turns

    # -- who is there

    def watch(self, listener: Callable[[], None]) -> None:
        """Call it after every change of the class."""
        self._listeners.append(listener)

    def unwatch(self, listener: Callable[[], None]) -> None:
        """Call it no more."""
        self._listeners = [one for one in self._listeners if one != listener]

    def changed(self) -> None:
        """Tell all pages."""
        for listener in list(self._listeners):
            listener()

    def join(
        self, own: OwnRun | None, in_turn: InTurn, tell: Callable[[str], None], watch_id: str | None = None
    ) -> Member:
        """Somebody is there, under the smallest number that is free."""
        numbers = {one.number for one in self.members}
        number = next(n for n in range(1, len(numbers) + 2) if n not in numbers)
        member = Member(number, own, in_turn, tell, watch_id)
        self.members = sorted([*self.members, member], key=lambda one: one.number)
        self.aim()
        self.changed()
        return member

    def leave(self, member: Member) -> None:
        """Their page is gone."""
        self.members = [one for one in self.members if one is not member]
        if member.watch_id is not None:
            WATCHED.pop(member.watch_id, None)
        if member.view is not None:
            dismiss(member.view)
        self.changed()

    # -- what the teacher does

    def fix(self, rule: str, control: str, on: bool) -> None:  # noqa: FBT001  as the check box
        """Let a rule be for a control, or not; ValueError with one line for what is none."""
        checks.choice("rule", rule, RULES)
        session = self.begun()
        known = {*session.experiment.controls(), "steps_per_second", *MENUS}
        if control not in known:
            raise ValueError(f"there is no control {brief(control)}")
        if rule == "preset" and control in MENUS:
            raise ValueError(
                f"{MENUS[control]} can be locked or hidden; push this moment to give all that of the class"
            )
        names: set[str] = getattr(self.rules, rule)
        (names.add if on else names.discard)(control)
        if rule == "preset":
            self.rules.given.pop(control, None)
            self._follow()
        for member in self.members:
            member.have(lambda own: own.refresh())
        self.changed()

    def stop(self, step: int | None) -> None:
        """Have every own run stand still at this step; None: release them."""
        self.rules.stop = step
        for member in self.members:
            member.have(lambda own: own.stop_at(step))
        self.changed()

    def push(self) -> int:
        """Make every own run a branch of the class's present moment; how many."""
        broadcast, owners = self.begun().broadcast, [one for one in self.members if one.own is not None]
        for member in owners:
            member.have(lambda own: own.take(broadcast))
            member.in_turn(
                lambda member=member: member.tell(
                    "The teacher has put the class's present moment here; z brings back what was there."
                )
            )
        return len(owners)

    def _follow(self) -> None:
        """The class's run has changed: what everybody holds of it is told, and its preset controls hold everywhere."""
        if self.session is None:
            return
        self.aim()
        if (sweep := (self.swept, self.values())) != self._announced:
            self._announced = sweep
            self.changed()
        values = self.session.experiment.values() | {"steps_per_second": self.session.speed}
        new = {name: values[name] for name in self.rules.preset if isinstance(values.get(name), PLAIN)}
        given = self.rules.given
        news = {name: value for name, value in new.items() if name not in given or given[name] != value}
        self.rules.given = new
        if news:
            for member in self.members:
                member.have(lambda own: own.force(news))


_room: Classroom | None = None


def room() -> Classroom | None:
    """The class of this process; None without --classroom."""
    return _room


def open_room(new: Classroom | None) -> None:
    """Have this process serve a class; before it serves."""
    global _room  # noqa: PLW0603  one server a process
    _room = new
