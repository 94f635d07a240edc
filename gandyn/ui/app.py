"""One session of the laboratory: what happens when a page is opened, and when it is closed."""

from __future__ import annotations

import panel as pn
import torch
from panel.viewable import Viewable

from gandyn.live.compiler import COMPILER
from gandyn.live.stepper import THREADS
from gandyn.ui.classroom.pages import class_page
from gandyn.ui.classroom.room import room
from gandyn.ui.page.opening import when_opened
from gandyn.ui.page.page import build_page
from gandyn.ui.server import admission, bokeh_patches, bokeh_socket, quiet_logs
from gandyn.ui.session.choices import listed_presets
from gandyn.ui.session.session import Session
from gandyn.ui.share import link

pn.extension(notifications=False)  # the page itself opens a broken line again, see web/src/frames/lines.ts
bokeh_socket.install()
bokeh_patches.install()
quiet_logs.install()
admission.install()


def laboratory() -> Viewable:
    """The page of a new session, by its link. Call it once a session, from a served script or by panel.serve."""
    if (line := admission.unfit()) is not None:
        return admission.notice_page(line)
    if (classroom := room()) is not None:
        return class_page(classroom)
    if (line := admission.full()) is not None:
        return admission.notice_page(line, admission.AGAIN_S)
    torch.set_num_threads(THREADS)  # in this thread: a second one for a first state makes it ten times longer
    asked = link.read(pn.state.session_args, listed_presets())
    COMPILER.is_ready(asked.experiment.rule, torch.float32)  # begins now what the first step would have to wait for
    session = Session(asked.experiment, playing=asked.playing, lanes=asked.lanes, lane=asked.lane)
    for controls in asked.compare:
        session.compare(controls, which=0)
    page, feed = build_page(session, notice=asked.notice, views=asked.views, axis=asked.axis)
    when_opened(feed, session.open, session.close)
    return page
