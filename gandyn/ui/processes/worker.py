"""A process that serves the connections which the front hands to it."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from weakref import WeakSet

import panel as pn
from bokeh.application.handlers.handler import Handler
from bokeh.document import Document
from tornado.httpserver import HTTPServer
from tornado.httputil import (
    HTTPHeaders,
    HTTPMessageDelegate,
    HTTPServerConnectionDelegate,
    HTTPServerRequest,
    ResponseStartLine,
)
from tornado.ioloop import IOLoop, PeriodicCallback
from tornado.iostream import IOStream

from gandyn.ui.app import laboratory
from gandyn.ui.processes.orders import Orders
from gandyn.ui.processes.share import PARAMETER, Share, set_share
from gandyn.ui.server.limits import set_limits
from gandyn.ui.server.listening import path_of
from gandyn.ui.server.on_air import ON_AIR, ON_CHANGE
from gandyn.ui.server.server import options

REPORT_MS = 500  # until a report that could not be sent is tried again
SWITCHING = 101  # the answer that makes a WebSocket of a connection
MOST = 255  # sessions that a report, which is one byte, can say


def serve(channel: socket.socket, orders: Orders) -> None:
    """Serve until the front closes the channel.

    Over it come connections, one with each byte, and back go bytes: the number of sessions, the first when it serves.
    """
    set_share(orders.share)
    set_limits(orders.limits)
    wanted = options(**orders.server)
    kept = {"xheaders": wanted["use_xheaders"], **wanted["http_server_kwargs"]}
    # Panel's server listens on a port, if only of this machine: it is closed before the loop runs.
    wanted |= {"port": 0, "address": "127.0.0.1", "verbose": False, "show": False, "start": False}
    server: Any = pn.serve({"dynamics": laboratory}, **wanted)
    server.unlisten()
    for context in server._tornado.applications.values():
        context.application.add(Naming(orders.share))
    http = HTTPServer(Marking(server._tornado, orders.share, wanted["prefix"]), **kept)
    server.start()
    loop = IOLoop.current()
    channel.setblocking(False)
    loop.add_handler(channel, lambda *_: _receive(channel, http, loop.stop), IOLoop.READ)
    report = Report(channel)
    report()
    ON_CHANGE.append(report)
    reports = PeriodicCallback(report, REPORT_MS)
    reports.start()
    loop.start()
    os._exit(0)  # nothing is to be saved, and freeing every page at its end would take seconds


def _receive(channel: socket.socket, http: HTTPServer, end: Callable[[], None]) -> None:
    """Serve what connections have come; `end` where the front is gone."""
    while True:
        try:
            data, descriptors, *_ = socket.recv_fds(channel, 1, 1)
        except BlockingIOError:
            return
        except OSError:
            data, descriptors = b"", []
        if not data:
            return end()
        for descriptor in descriptors:
            connection = socket.socket(fileno=descriptor)
            connection.setblocking(False)
            try:
                address = connection.getpeername()
            except OSError:  # it has gone
                connection.close()
                continue
            http.handle_stream(IOStream(connection), address)


class Report:
    """Tells the front how many sessions there are, whenever that has changed."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._reported: int | None = None

    def __call__(self) -> None:
        """Tell it now."""
        if (sessions := min(len(ON_AIR), MOST)) != self._reported:
            try:
                self._channel.send(bytes([sessions]))
            except OSError:  # the front is busy, or gone, which is seen where connections come
                return
            self._reported = sessions


class Naming(Handler):
    """Names this process in the token of each page: its socket comes here also where no cookie is sent."""

    def __init__(self, share: Share) -> None:
        super().__init__()
        self._name = {PARAMETER: share.index}

    def modify_document(self, doc: Document) -> None:
        """Nothing: the laboratory is there."""

    def process_request(self, request: HTTPServerRequest) -> dict[str, Any]:
        """What the token of a page holds besides what was sent with the request for it."""
        return self._name


class Marking(HTTPServerConnectionDelegate):
    """An application that marks each browser with this process, by a cookie, and answers one request a connection.

    A proxy would send other browsers' requests through a connection that is kept open, and has its process already.
    """

    def __init__(self, application: HTTPServerConnectionDelegate, share: Share, prefix: str) -> None:
        self._application = application
        self._mark = f"{share.cookie}={share.index}"
        self._path = path_of(prefix) or "/"
        self._answered: WeakSet[Any] = WeakSet()

    def start_request(self, server_conn: Any, request_conn: Any) -> Any:
        """With a line in the head of the answer, unless the browser has it."""
        if server_conn in self._answered:
            if not server_conn.stream.closed():
                with suppress(OSError):  # what is still on its way arrives: a closed line would lose it
                    server_conn.stream.socket.shutdown(socket.SHUT_WR)
            return HTTPMessageDelegate()  # which answers nothing; the other side closes
        self._answered.add(server_conn)
        delegate = self._application.start_request(server_conn, request_conn)
        receive, write = delegate.headers_received, request_conn.write_headers
        marked = False

        def headers_received(start_line: Any, headers: HTTPHeaders) -> Any:
            nonlocal marked
            marked = self._mark in (part.strip() for part in headers.get("Cookie", "").split(";"))
            return receive(start_line, headers)

        def write_headers(start_line: ResponseStartLine, headers: HTTPHeaders, chunk: bytes | None = None) -> Any:
            if start_line.code != SWITCHING:
                headers["Connection"] = "close"
            if not marked:
                headers.add("Set-Cookie", f"{self._mark}; Path={self._path}; HttpOnly; SameSite=Lax")
            return write(start_line, headers, chunk)

        delegate.headers_received, request_conn.write_headers = headers_received, write_headers
        return delegate

    def on_close(self, server_conn: object) -> None:
        """Handed on."""
        self._application.on_close(server_conn)
