"""A session of the laboratory without a browser: the page, Bokeh's socket, and the socket of frames."""

from __future__ import annotations

import asyncio
import json
import re
import struct
import time
from contextlib import suppress
from http.cookies import SimpleCookie
from ssl import SSLContext
from typing import Any

from bokeh.protocol import Protocol
from tornado.httpclient import AsyncHTTPClient, HTTPError, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

LAYERS = ["map", "contours", "arrows", "real", "generated", "modes"]
READY = {"type": "event", "name": "document_ready", "values": {"type": "map"}}
PATIENCE = 120.0  # seconds for an answer of a server that is busy


class Session:
    """One open page. It acknowledges each frame at once, and notes when a change of the critic's rate is in one."""

    def __init__(self, address: str, ssl_options: SSLContext | None = None, query: str = "") -> None:
        """`address`: http://HOST:PORT, and what stands before all paths of the server; `ssl_options`: for https;
        `query`: what the page's link asks for, NAME=VALUE&...
        """
        self._address, self._ssl, self._query = address, ssl_options, query
        self.cookies: dict[str, str] = {}  # sent with everything: a login's, if the server asks for one
        self._process = ""  # what the page says of its process, for the addresses that it asks
        self.frames = self.bytes = self.step = 0
        self.opened: float | None = None  # seconds until its first frame
        self.delays: list[float] = []  # seconds from a change until a frame of a step under it
        self.bandwidth: float | None = None  # bytes a second of its line; None: no limit
        self.seen = asyncio.Event()  # cleared: a hidden tab, which acknowledges nothing
        self.seen.set()
        self._changed: tuple[float, float] | None = None  # when, to what
        self._reading: list[asyncio.Task[None]] = []
        self._sockets: list[WebSocketClientConnection] = []

    async def open(self) -> None:
        """As a browser does, up to the first frame."""
        start = time.monotonic()
        content = await self.fetch()
        (self.run,) = set(re.findall(r'"run":"([\w-]{22})"', content))
        process = re.search(r'"root":"\.+/\?([^"]+)"', content)
        self._process = f"&{process[1]}" if process else ""
        (self._rate,) = re.findall(r'"id":"(\w+)","attributes":\{"name":"lr_d"', content)
        await self._patch({"kind": "MessageSent", "msg_type": "bokeh_event", "msg_data": READY})
        self._reading.append(asyncio.create_task(self._drain()))
        await self.view(self.run)
        self.opened = time.monotonic() - start

    async def fetch(self) -> str:
        """The document of the page, in JSON."""
        AsyncHTTPClient.configure(None, max_clients=1000)
        page = await AsyncHTTPClient().fetch(
            f"{self._address}/dynamics?{self._query}",
            headers=self._sent(),
            request_timeout=PATIENCE,
            ssl_options=self._ssl,
            raise_error=False,  # of a page that says why there is none
        )
        for line in page.headers.get_list("Set-Cookie"):
            self.cookies |= {name: one.value for name, one in SimpleCookie(line).items()}
        (self._token,) = re.findall(r'"token":"([^"]+)"', page.body.decode())
        await self._greet()
        pull = Protocol().create("PULL-DOC-REQ")
        for part in (pull.header_json, pull.metadata_json, pull.content_json):
            await self._bokeh.write_message(part)
        while True:
            header, _, content = await self._parts(3)
            if '"PULL-DOC-REPLY"' in header:
                return content

    async def view(self, run: str) -> None:
        """Watch a run, up to the first frame: one's own, or another page's as a viewer who has nothing else."""
        feed, frame = await self._feed(run)
        self._take(frame)
        await self._acknowledge(feed, frame)
        self._reading.append(asyncio.create_task(self._watch(feed)))

    async def drop(self, seconds: float) -> None:
        """Both lines break, and are there again after a while, as when a laptop sleeps: the run is the same."""
        for task in self._reading:
            task.cancel()
        for socket in self._sockets:
            if socket.protocol is not None and socket.protocol.stream is not None:
                socket.protocol.stream.close()  # without a word, which would say that the page has gone
        self._reading, self._sockets = [], []
        await asyncio.sleep(seconds)
        await self._greet()
        self._reading.append(asyncio.create_task(self._drain()))
        await self.view(self.run)

    async def _greet(self) -> None:
        self._bokeh = await self._connect("/dynamics/ws", subprotocols=["bokeh", self._token])
        await self._parts(3)  # it is acknowledged

    def _sent(self) -> dict[str, str]:
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}

    async def _connect(self, path: str, **more: Any) -> WebSocketClientConnection:
        request = HTTPRequest(
            self._address.replace("http", "ws", 1) + path,
            headers={"Origin": "/".join(self._address.split("/")[:3]), **self._sent()},
            ssl_options=self._ssl,
            connect_timeout=PATIENCE,
            request_timeout=PATIENCE,
        )
        socket = await websocket_connect(request, max_message_size=1 << 28, **more)
        self._sockets.append(socket)
        return socket

    async def _parts(self, count: int) -> list[str]:
        parts = [await self._bokeh.read_message() for _ in range(count)]
        if None in parts:
            raise ConnectionError("the server closed Bokeh's socket")
        return [str(part) for part in parts]

    async def _patch(self, event: dict[str, Any]) -> None:
        for part in ({"msgid": "1", "msgtype": "PATCH-DOC"}, {}, {"events": [event]}):
            await self._bokeh.write_message(json.dumps(part))

    async def _feed(self, run: str) -> tuple[WebSocketClientConnection, bytes]:
        """The socket of frames and the first of them; until the run is on the air there is none."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            with suppress(HTTPError):
                feed = await self._connect(f"/gandyn/stream?run={run}{self._process}")
                await feed.write_message(json.dumps({"type": "hello", "layers": LAYERS}))
                frame = await feed.read_message()
                if isinstance(frame, bytes):
                    return feed, frame
                feed.close()
            await asyncio.sleep(0.1)
        raise TimeoutError("no frame came")

    async def _drain(self) -> None:
        while await self._bokeh.read_message() is not None:
            pass

    async def _watch(self, feed: WebSocketClientConnection) -> None:
        while isinstance(frame := await feed.read_message(), bytes):
            self._take(frame)
            if self.bandwidth:
                await asyncio.sleep(len(frame) / self.bandwidth)
            await self.seen.wait()
            await self._acknowledge(feed, frame)

    def _take(self, frame: bytes) -> None:
        header = header_of(frame)
        part = header["parts"][0]
        self.frames, self.bytes, self.step = self.frames + 1, self.bytes + len(frame), part["step"]
        if self._changed is not None and part["controls"]["lr_d"] == self._changed[1]:
            self.delays.append(time.monotonic() - self._changed[0])
            self._changed = None

    async def _acknowledge(self, feed: WebSocketClientConnection, frame: bytes) -> None:
        await feed.write_message(json.dumps({"type": "ack", "id": header_of(frame)["id"], "layers": LAYERS}))

    async def change(self, rate: float) -> None:
        """Move the slider of the critic's rate."""
        self._changed = time.monotonic(), rate
        await self._patch({"kind": "ModelChanged", "model": {"id": self._rate}, "attr": "value", "new": rate})

    @property
    def lost(self) -> bool:
        """Whether one of its lines has ended."""
        return any(task.done() for task in self._reading)

    async def close(self) -> None:
        """Leave, as a closed tab does."""
        for task in self._reading:
            task.cancel()
        for socket in self._sockets:
            socket.close(1001)
        await asyncio.sleep(0)


def header_of(frame: bytes) -> dict[str, Any]:
    """What a message of frames says before its arrays."""
    (length,) = struct.unpack_from("<I", frame)
    return json.loads(frame[4 : 4 + length])
