"""When a page that was built is opened by a browser, and when it is closed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import panel as pn
from bokeh.application.application import SessionContext
from bokeh.document import Document

from gandyn.ui.page.feed import Feed
from gandyn.ui.server.admission import let_go_unopened
from gandyn.ui.server.stream import install_routes

InTurn = Callable[[Callable[[], None]], object]  # calls a function when the models of a page may be changed


def when_opened(feed: Feed, opened: Callable[[InTurn], None], closed: Callable[[], None]) -> None:
    """Have `opened` called when the browser is there, and `closed` when the page's session ends.

    Outside of a server neither is; nor is `opened` under `--warm`, where there is no browser.
    """
    document = pn.state.curdoc
    if document is None or document.session_context is None:
        return
    let_go_unopened(document, feed)
    pn.state.onload(partial(_open, opened, feed, document))
    pn.state.on_session_destroyed(partial(_close, closed))


def _open(opened: Callable[[InTurn], None], feed: Feed, document: Document) -> None:
    if getattr(document.session_context, "session", None) is None:
        return
    install_routes(document)
    opened(document.add_next_tick_callback)
    feed.ready = True


def _close(closed: Callable[[], None], context: SessionContext) -> None:
    closed()
