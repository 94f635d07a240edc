"""Which page a browser gets in a class: the teacher's, one that looks on, or one with a run of its own."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, cast

import panel as pn
from panel.viewable import Viewable

from gandyn.ui.classroom.bar import ClassBar, TeacherBar
from gandyn.ui.classroom.door import COOKIE
from gandyn.ui.classroom.member import Member
from gandyn.ui.classroom.own import OwnRun
from gandyn.ui.classroom.room import Classroom
from gandyn.ui.classroom.shared import Steering, Watching
from gandyn.ui.page.assets import text
from gandyn.ui.page.opening import InTurn, when_opened
from gandyn.ui.page.page import BASE, WIDE, build_page
from gandyn.ui.server import admission
from gandyn.ui.session.choices import listed_presets
from gandyn.ui.session.session import Session
from gandyn.ui.share import link

OWN = "own"  # what a page with a run of its own has in its address
SEEN = ("views", "view", "axis")  # what a member's link may say: what the page shows of the run


def class_page(classroom: Classroom) -> Viewable:
    """The page of a new session in a class: on a full server none but the teacher's."""
    arguments = dict(pn.state.session_args)
    own_wanted = arguments.pop(OWN, None) is not None
    teacher = classroom.is_teacher(pn.state.cookies.get(COOKIE))
    if not teacher and (line := admission.full()) is not None:
        return admission.notice_page(line, admission.AGAIN_S)
    asked = link.read(heeded(arguments, teacher=teacher), listed_presets())
    shared = classroom.run_of(asked.experiment, playing=asked.playing, lanes=asked.lanes, teacher=teacher)
    session: Any
    if teacher:
        session, bar = Steering(shared), TeacherBar(classroom, stylesheets=_sheets(), **WIDE)
    else:
        session = (
            OwnRun(classroom.rules, shared.broadcast) if own_wanted else Watching(shared, secrets.token_urlsafe(16))
        )
        bar = ClassBar(classroom, own=own_wanted, stylesheets=_sheets(), **WIDE)
    page, feed = build_page(
        cast("Session", session),  # what its parts read and call of one
        notice=asked.notice,
        views=asked.views,
        axis=asked.axis,
        above=bar,
        rules=classroom.rules if own_wanted and not teacher else None,
        labels=classroom.labels,
    )
    when_opened(feed, partial(_open, classroom, session, bar), partial(_close, classroom, session, bar))
    return page


def heeded(arguments: Mapping[str, Sequence[bytes]], *, teacher: bool) -> dict[str, Sequence[bytes]]:
    """What of a query is heeded: all of the teacher's; of a member's, whose run is the class's, what is shown of it."""
    return {name: values for name, values in arguments.items() if teacher or name in SEEN}


def _sheets() -> list[str]:
    return [BASE, text("classroom/classroom.css")]


def _open(classroom: Classroom, session: Any, bar: TeacherBar | ClassBar, in_turn: InTurn) -> None:
    """The browser is there."""
    classroom.open()
    session.open(in_turn)
    if isinstance(bar, ClassBar):
        own = session if isinstance(session, OwnRun) else None
        bar.member = classroom.join(own, in_turn, bar.tell, None if own else session.run_id)
        if isinstance(session, Watching):
            session.own_lane = bar.own_lane
    bar.open(in_turn)


def _close(classroom: Classroom, session: Any, bar: TeacherBar | ClassBar) -> None:
    bar.close()
    session.close()
    if isinstance(bar, ClassBar) and isinstance(member := bar.member, Member):
        classroom.leave(member)
