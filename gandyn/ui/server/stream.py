"""The WebSocket route on which frames travel: one unacknowledged frame a viewer, so nothing ever queues.

Beside Bokeh's own socket because that has Nagle's delay, no back-pressure and a message for every array.
"""

from __future__ import annotations

import logging
import time
from asyncio import Future
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import msgspec
from bokeh.document import Document
from tornado.ioloop import IOLoop, PeriodicCallback
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from gandyn.core.registry import brief
from gandyn.live.broadcast import Broadcast
from gandyn.live.frame import LAYERS, Frame
from gandyn.live.schema import Notice
from gandyn.live.stepper import dismiss, serve
from gandyn.ui.messages import Ack, FromViewer, Hello
from gandyn.ui.server import admin, downloads, reach, upload
from gandyn.ui.server.guard import Guarded
from gandyn.ui.server.limits import limits
from gandyn.ui.server.on_air import KEPT, ON_AIR, WATCHED, forget, join, leave
from gandyn.ui.studies import STUDIES

log = logging.getLogger(__name__)

ROUTE = "/gandyn/stream"
FROM_VIEWER = msgspec.json.Decoder(FromViewer)
NO_SUCH_RUN = 4404
POLICY = 1008
LARGEST = 16_384  # bytes of a message from a viewer
MISTAKES = 100  # messages that are none, after which a viewer is disconnected
AWAY_MS = 15 * 60 * 1000  # a page that does not say good-bye may be away so long: a laptop that sleeps
CHECK_MS = 1_000  # a closed page is freed this long after it said good-bye
PING_S = 1.0  # a browser answers pings by itself, also from a hidden tab
ABSENT_S = 3.0  # without an answer for so long the viewer counts as gone: nobody trains for a broken line
LOST_S = 90.0  # after so long its connection is given up: the page opens another


def put_on_air(broadcast: Broadcast, follow: Callable[[], None] = lambda: None) -> None:
    """Let viewers find the broadcast by its id, and train it; `follow` is called after every frame.

    Called on the server's event loop, where `follow` is called, too.
    """
    loop = IOLoop.current()

    def framed() -> None:
        follow()
        _offer_all(broadcast)

    broadcast.on_frame = lambda b: loop.add_callback(framed)
    serve(broadcast)
    join(broadcast)


def take_off_air(broadcast: Broadcast) -> None:
    """Forget the broadcast, stop training it and close the connections of its viewers."""
    broadcast.on_frame = lambda b: None  # what is kept of it keeps no page
    leave(broadcast)
    IOLoop.current().call_later(KEPT + 1, forget)
    dismiss(broadcast)
    for viewer in list(broadcast.viewers):
        if isinstance(viewer, Stream):
            viewer.close(NO_SUCH_RUN, "the session of this run has ended")


def show_on_air(broadcast: Broadcast) -> None:
    """Have a broadcast's frames made and offered, without letting anybody find it by its id."""
    loop = IOLoop.current()
    broadcast.on_frame = lambda b: loop.add_callback(_offer_all, b)
    serve(broadcast)


def turn(watch_id: str, broadcast: Broadcast) -> None:
    """Who watches under this id sees this broadcast from now on."""
    old = WATCHED.get(watch_id)
    WATCHED[watch_id] = broadcast
    for viewer in list(old.viewers) if old is not None else []:
        if isinstance(viewer, Stream) and viewer.name == watch_id:
            viewer.turn_to(broadcast)


def _offer_all(broadcast: Broadcast) -> None:
    for viewer in list(broadcast.viewers):
        if isinstance(viewer, Stream):
            viewer.offer()


class Stream(Guarded, WebSocketHandler):
    """One viewer of one broadcast."""

    @property
    def max_message_size(self) -> int:
        """In bytes: Tornado disconnects who sends more, before it is read whole."""
        return LARGEST

    def open(self, *args: str, **kwargs: str) -> None:
        """Find the run; an unknown id is refused and creates nothing."""
        self.name = self.get_query_argument("run", "")
        broadcast = ON_AIR.get(self.name) or WATCHED.get(self.name)
        self._broadcast: Broadcast | None = broadcast
        if broadcast is None:
            self.close(NO_SUCH_RUN, "no such run")
            return
        self.set_nodelay(True)  # with it a frame arrives at once, without it 40 ms late
        self._layers: frozenset[str] = frozenset()
        self._ready = False
        self._sent: tuple[int, tuple[int, ...]] = (-1, ())  # ids of the last frame and of the last series sent
        self._studied: dict[str, tuple[int, ...]] = {}  # ids of what was sent last of each study
        self._unread: Future[None] | None = None  # the last frame, until all of it has left for the viewer
        self._unseen: float | None = None  # since when a frame is not acknowledged: a hidden tab paints none
        self._mistakes = 0
        self._heard = time.monotonic()
        self._pinger = PeriodicCallback(self._ping, 1000 * PING_S)
        self._pinger.start()

    def layers(self) -> frozenset[str]:
        """The layers this viewer shows."""
        return self._layers

    def present(self) -> bool:
        """Whether the connection answered lately, and frames have been seen lately."""
        return time.monotonic() - self._heard < ABSENT_S and not self._hidden()

    def _hidden(self) -> bool:
        return self._unseen is not None and time.monotonic() - self._unseen >= limits().max_hidden

    def _hear(self) -> None:
        was_absent = not self.present()
        self._heard = time.monotonic()
        if was_absent and self._broadcast is not None:
            self._broadcast.wake()

    def _see(self, broadcast: Broadcast) -> None:
        """The page is seen; it is told if its runs stood still for that nobody saw them."""
        if self._hidden() and broadcast.playing and not broadcast.watched():
            step = broadcast.run.state.step
            text = f"It stood still at step {step:,} while this tab was hidden (the server's --max-hidden)."
            broadcast.notice = broadcast.notice or Notice("info", text)
        self._unseen = None

    def _ping(self) -> None:
        try:
            self.ping()
        except WebSocketClosedError:
            self._pinger.stop()
        if time.monotonic() - self._heard > LOST_S:
            self.close()  # with no answer to this either Tornado cuts the line

    def on_pong(self, data: bytes) -> None:
        """The line lives."""
        self._hear()

    def on_message(self, message: str | bytes) -> None:
        """A Hello first, then an Ack of each painted frame; of anything else a line is logged, and the frames go on.

        A viewer that says more than that gets no more for it: one frame at a time is on its way, and until all of it
        has left nothing else is written.
        """
        broadcast = self._broadcast
        try:
            sent = FROM_VIEWER.decode(message)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            self._mistakes += 1
            if self._mistakes > MISTAKES:
                self.close(POLICY, "this is not what a stream takes")
            else:
                log.warning("a viewer sent what a stream does not take: %s", brief(str(error)[:200]))
            return
        if broadcast is None or (isinstance(sent, Ack) and sent.id != self._sent[0]):
            return
        if isinstance(sent, Hello) and self._sent[0] != -1:
            return
        self._see(broadcast)
        self._hear()
        self._layers, self._ready = (LAYERS | STUDIES.keys()).intersection(sent.layers), True
        broadcast.viewers.add(self)
        self.offer()

    def offer(self) -> None:
        """Send the latest frame if the viewer is ready and has not seen it; else ask for the next."""
        broadcast = self._broadcast
        if broadcast is None or not self._ready or (self._unread is not None and not self._unread.done()):
            return
        _, frame = broadcast.frames.get()
        if isinstance(frame, Frame) and frame.id != self._sent[0] and frame.stamp == broadcast.program.stamp:
            whole = frame.series_id != self._sent[1]
            studied = {name: ids for name, ids in frame.studies.items() if name in self._layers}
            new = frozenset(name for name, ids in studied.items() if ids != self._studied.get(name))
            self._studied = studied
            self._ready, self._sent = False, (frame.id, frame.series_id)
            self._unseen = time.monotonic()
            with suppress(WebSocketClosedError):
                self._unread = self.write_message(frame.encode(series=whole, studies=new), binary=True)
                self._unread.add_done_callback(lambda written: written.exception() or self.offer())
        else:
            broadcast.want_frame()

    def turn_to(self, broadcast: Broadcast) -> None:
        """Show another broadcast from now on, on the same line."""
        if self._broadcast is not None:
            self._broadcast.viewers.discard(self)
        self._broadcast, self._ready, self._sent, self._unseen = broadcast, True, (-1, ()), None
        self._studied = {}
        broadcast.viewers.add(self)
        self.offer()

    def on_close(self) -> None:
        """The viewer is gone; without viewers the run stands still."""
        broadcast = getattr(self, "_broadcast", None)  # none of one that was refused before it was open
        if broadcast is not None:
            self._pinger.stop()
            broadcast.viewers.discard(self)


ROUTES = [
    (ROUTE, Stream),
    (reach.ROUTE, reach.Reach),
    (downloads.ROUTE, downloads.Download),
    (upload.ROUTE, upload.Upload),
    (admin.ROUTE, admin.Admin),
    (admin.DATA, admin.AdminData),
]


def install_routes(document: Document) -> None:
    """Add our routes to the server that serves this document, once; without a session (`--warm`) do nothing.

    Also lets its pages be away as long as those of `gandyn serve`, and switches Nagle's delay off for Bokeh's own
    socket: a moved slider arrives 20 ms earlier.
    """
    session = getattr(document.session_context, "session", None)
    for connection in getattr(session, "_subscribed_connections", ()):
        connection._socket.set_nodelay(True)
        application: Any = connection._socket.application
        prefix = getattr(application, "prefix", "") or ""
        if not getattr(application, "_gandyn_route", False):
            application.add_handlers(r".*", [(prefix + route, handler) for route, handler in ROUTES])
            application._gandyn_route = True
            keep = max(AWAY_MS, application._unused_session_lifetime_milliseconds)
            application._unused_session_lifetime_milliseconds = keep
            application._cleanup_job.stop()
            application._cleanup_job = PeriodicCallback(application._cleanup_sessions, CHECK_MS)
            application._cleanup_job.start()
