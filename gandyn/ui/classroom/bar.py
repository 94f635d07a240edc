"""The line above the laboratory in a class: for the teacher with its dialog, for the others with their way on."""

from __future__ import annotations

from typing import Any

import param

from gandyn.core.types import is_knob
from gandyn.ui.classroom.member import Member
from gandyn.ui.classroom.messages import Fix, FromClass, FromTeacher, HoldKnob, Push, StopAll, Sweep
from gandyn.ui.classroom.room import Classroom
from gandyn.ui.page.component import Component
from gandyn.ui.page.opening import InTurn

LONGEST_NAME = 24  # characters


class _Bar(Component):
    """Follows the class in its page's own turn."""

    said = param.String("", doc="one line")

    def __init__(self, classroom: Classroom, **params: Any) -> None:
        self._classroom = classroom
        self._in_turn: InTurn | None = None
        super().__init__(**params)
        self.refresh()

    def open(self, in_turn: InTurn) -> None:
        """The page is there."""
        self._in_turn = in_turn
        self._classroom.watch(self._follow)
        self._follow()

    def close(self) -> None:
        """The page is gone."""
        self._in_turn = None
        self._classroom.unwatch(self._follow)

    def _follow(self) -> None:
        if self._in_turn is not None:
            self._in_turn(self.refresh)

    def tell(self, line: str) -> None:
        """One line."""
        self.said = line

    def refuse(self, message: Any, line: str) -> None:
        """In the line."""
        self.said = line
        self.refresh()

    def refresh(self) -> None:
        """Show the class as it is now."""


class TeacherBar(_Bar):
    """How many are there, and the dialog "Class"."""

    takes = FromTeacher
    watching = param.Integer(0, doc="pages that look on")
    own = param.Integer(0, doc="pages with a run of their own")
    fixable = param.List(doc="{name, label, group, follows} of each control and menu; the last: it may be preset")
    locked = param.List(doc="names of controls")
    hidden = param.List()
    preset = param.List()
    stop = param.Integer(None, allow_None=True, doc="where every own run stands still")
    knobs = param.List(doc="{name, title} of the controls that a sweep may give every GAN its own value of")
    swept = param.String("", doc="the title of the one that is swept; nothing: none is")

    def refresh(self) -> None:
        """Show the class as it is now."""
        room = self._classroom
        own = sum(one.own is not None for one in room.members)
        known = room.session.experiment.controls() if room.session else {}
        values = room.session.experiment.values() if room.session else {}
        listed = [_fixable(name, one.label, one.group) for name, one in known.items() if name in values]
        of_bar = [
            _fixable("steps_per_second", "steps per second", "top bar"),
            _fixable("preset", "preset menu", "top bar", follows=False),
            _fixable("lanes", "number of GANs", "top bar", follows=False),
        ]
        swept = _title(room)
        if self.swept and not swept:
            self.said = "The sweep has ended: undo (z) or redo (y) brings it back, with everybody's values."
        self.param.update(
            watching=len(room.members) - own,
            own=own,
            fixable=[*listed, *of_bar],
            locked=sorted(room.rules.locked),
            hidden=sorted(room.rules.hidden),
            preset=sorted(room.rules.preset),
            stop=room.rules.stop,
            knobs=[{"name": name, "title": known[name].title} for name in values if is_knob(name)],
            swept=swept,
        )

    def receive(self, message: FromTeacher) -> None:
        """A check box, or a button of the dialog."""
        room = self._classroom
        match message:
            case Fix():
                room.fix(message.rule, message.control, message.on)
            case StopAll():
                room.stop(message.step)
                self.said = "" if message.step is None else f"Own runs stand still at step {message.step:,}."
            case Push():
                count = room.push()
                self.said = f"{count} own run{'' if count == 1 else 's'} now branch{'es' if count == 1 else ''} here."
            case Sweep():
                if message.control:
                    room.sweep(message.control, message.low, message.high)
                else:
                    room.end_sweep()
                self.said = ""


class ClassBar(_Bar):
    """For everybody else. In a sweep the value of the knob that they hold."""

    takes = FromClass
    own = param.Boolean(False, constant=True, doc="whether the page has a run of its own")
    number = param.Integer(0)
    stop = param.Integer(None, allow_None=True, doc="where every own run stands still")
    swept = param.String("", doc="the title of the knob that is swept; nothing: none is")
    lane = param.Integer(0, doc="the GAN that they hold")
    value = param.Number(0.0, doc="its value of the knob")

    def __init__(self, classroom: Classroom, **params: Any) -> None:
        self.member: Member | None = None
        super().__init__(classroom, **params)

    def own_lane(self) -> int | None:
        """The GAN that they hold; None: there is no sweep."""
        return self._classroom.lane_of(self.member) if self.member and self._classroom.values() else None

    def refresh(self) -> None:
        """Show the class as it is now."""
        room, member = self._classroom, self.member
        values = room.values()
        lane = room.lane_of(member) if member and values else 0
        self.param.update(
            number=member.number if member else 0,
            stop=room.rules.stop,
            swept=_title(room) if values else "",
            lane=lane,
            value=values[lane] if values else 0.0,
        )

    def receive(self, message: FromClass) -> None:
        """A name, or the value of their knob."""
        if self.member is None:
            return
        if isinstance(message, HoldKnob):
            if self.own:
                raise ValueError("this page has a run of its own: back to the class first")
            self._classroom.hold(self.member, message.value)
            self.said = ""
        else:
            self.member.name = "".join(c for c in message.name if c.isprintable()).strip()[:LONGEST_NAME]
            self._classroom.changed()


def _fixable(name: str, label: str, group: str, *, follows: bool = True) -> dict[str, Any]:
    return {"name": name, "label": label, "group": group, "follows": follows}


def _title(room: Classroom) -> str:
    """What the knob that is swept is called; nothing where none is."""
    return room.session.experiment.controls()[room.swept].title if room.session and room.swept else ""
