"""Whether one more page may be opened: within the server's limits, in one process and one thread."""

from __future__ import annotations

import logging
from contextvars import Context
from http import HTTPStatus
from typing import Any
from weakref import WeakKeyDictionary, ref

import panel as pn
from bokeh.document import Document
from panel.io.server import DocHandler
from panel.viewable import Viewable
from tornado import process
from tornado.ioloop import IOLoop

from gandyn.ui.page.feed import Feed
from gandyn.ui.server.limits import limits
from gandyn.ui.server.memory import memory
from gandyn.ui.server.on_air import sessions

log = logging.getLogger(__name__)

panels_session: Any = DocHandler.get_session
AGAIN_S = 30  # seconds after which a full server may be asked again
UNOPENED_S = 60.0  # seconds after which a page that was fetched, and never opened a line, is let go


_refused: WeakKeyDictionary[Document, int | None] = WeakKeyDictionary()  # pages that say no more than why they are none


def unfit() -> str | None:
    """Why no page can ever be opened here, in a line; None where one can.

    Under `panel serve --num-procs N` the sockets of a page come to other processes than its run is in, and under
    `--num-threads N` Panel changes a page from two threads at once.
    """
    if pn.config.nthreads is not None:
        return "gandyn does not run under --num-threads, since training has a thread of its own: leave it out."
    if process.task_id() is not None:  # of a process that Tornado forked
        return "gandyn does not run under --num-procs: `gandyn serve --processes N` does, see docs/deploy.md."
    return None


def full() -> str | None:
    """Why no page can be opened now, in a line; None where one can."""
    if sessions() >= (most := limits().max_sessions):
        return f"This server has {most} pages open, as many as it takes: try again when somebody has left."
    if (held := memory()) is not None and held >= (room := limits().max_memory):
        return f"This server holds {held:,.0f} MB of {room:,}: try again when somebody has left."
    return None


def let_go_unopened(document: Document, feed: Feed) -> None:
    """Free the page's session after a while if no browser has opened it: it was fetched, and nothing more."""
    page, receiver = ref(document), ref(feed)  # a page that has gone is not kept until then

    def look() -> None:
        held, receives = page(), receiver()
        session = None if held is None else getattr(held.session_context, "session", None)
        if session is not None and receives is not None and not receives.ready and session.connection_count == 0:
            session.request_expiration()

    # In a context of its own: a timer keeps that in which it is set, and Panel's holds the document.
    Context().run(IOLoop.current().call_later, UNOPENED_S, look)


def notice_page(line: str, again: int | None = None) -> Viewable:
    """A page with this line alone, for which the server answers that it cannot: try again after so many seconds."""
    log.warning("a page was not opened: %s", line)
    if (document := pn.state.curdoc) is not None:
        _refused[document] = again
    return pn.pane.Str(line, styles={"font": "16px system-ui, sans-serif", "padding": "2em", "white-space": "normal"})


async def _get_session(handler: Any) -> Any:
    """As Panel's page has it, with the status by which programs see that there is none."""
    session = await panels_session(handler)
    if session.document in _refused:
        handler.set_status(HTTPStatus.SERVICE_UNAVAILABLE)
        if (again := _refused[session.document]) is not None:
            handler.set_header("Retry-After", str(again))
    return session


def install() -> None:
    """Have this process answer so; again: nothing."""
    DocHandler.get_session = _get_session
