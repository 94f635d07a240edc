"""One session of the laboratory: what happens when a page is opened, and when it is closed."""

from __future__ import annotations

from functools import partial

import panel as pn
import torch
from bokeh.application.application import SessionContext
from bokeh.document import Document
from panel.viewable import Viewable

from gandyn.live.compiler import COMPILER
from gandyn.ui.classroom.pages import class_page
from gandyn.ui.classroom.room import room
from gandyn.ui.page.feed import Feed
from gandyn.ui.page.page import build_page
from gandyn.ui.server import admission, bokeh_socket, quiet_logs
from gandyn.ui.server.stream import install_routes
from gandyn.ui.session.choices import listed_presets
from gandyn.ui.session.session import Session
from gandyn.ui.share import link
from gandyn.ui.views.figures import SPARES

pn.extension(notifications=False)  # the page itself opens a broken line again, see web/src/frames/lines.ts
bokeh_socket.install()
quiet_logs.install()


def laboratory() -> Viewable:
    """The page of a new session, by its link. Call it once a session, from a served script or by panel.serve."""
    if (line := admission.refusal()) is not None:
        return admission.notice_page(line)
    if (classroom := room()) is not None:
        return class_page(classroom)
    asked = link.read(pn.state.session_args, listed_presets())
    COMPILER.is_ready(asked.experiment.rule, torch.float32)  # begins now what the first step would have to wait for
    session = Session(asked.experiment, playing=asked.playing, lanes=asked.lanes, lane=asked.lane)
    for controls in asked.compare:
        session.compare(controls, which=0)
    page, feed = build_page(session, notice=asked.notice)
    if pn.state.curdoc is not None and pn.state.curdoc.session_context is not None:
        admission.let_go_unopened(pn.state.curdoc, feed)
        pn.state.onload(partial(_open, session, feed, pn.state.curdoc))
        pn.state.on_session_destroyed(partial(_close, session))
    return page


def _open(session: Session, feed: Feed, document: Document) -> None:
    """The browser is there. Under `--warm` there is none, and nothing is put on the air."""
    if getattr(document.session_context, "session", None) is None:
        return
    install_routes(document)
    SPARES.begin()
    session.open(document.add_next_tick_callback)
    feed.ready = True


def _close(session: Session, context: SessionContext) -> None:
    session.close()
