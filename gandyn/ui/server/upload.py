"""The HTTP route on which a page sends files of points, in pieces: Bokeh's socket takes messages of 20 MB at most.

Who may: a request that comes from the page's own origin, from somebody whom the server's login lets in (Bokeh's and
Panel's: this asks the same provider as the page does), and that knows the unguessable id of a run on the air. The last
stands in for Tornado's XSRF cookie: it is a token that a page of another origin cannot read, and is not sent by itself
as a cookie is. The body is `application/octet-stream`, which no form of another page can send.

Nothing is parsed on the event loop, nothing is unpickled, and no name of a file is a path.
"""

from __future__ import annotations

import time
from pathlib import PurePosixPath
from typing import NamedTuple, Protocol
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

from bokeh.server.views.auth_request_handler import AuthRequestHandler

from gandyn.targets.point_tables import BYTES, MEGABYTE
from gandyn.ui.server.on_air import ON_AIR

ROUTE = "/gandyn/data"
PIECE = MEGABYTE  # bytes of a request, at most
TOGETHER = 4 * BYTES  # of all files that are on their way to this server
FORGOTTEN = 60.0  # seconds after its last piece a file that did not arrive is dropped
NAME = 80  # characters


class Receiver(Protocol):
    """What takes the files of a page."""

    async def receive(self, name: str, raw: bytes) -> str:
        """What was done with the file, in a line; ValueError with one line where it does not fit."""
        ...


RECEIVERS: WeakValueDictionary[str, Receiver] = WeakValueDictionary()  # by the id of their run


class Arriving(NamedTuple):
    """A file whose pieces arrive, one after another."""

    upload: str  # one file of a run at a time: another one takes its place
    pieces: list[bytes]
    at: float  # when the last one came

    @property
    def size(self) -> int:
        """In bytes, so far."""
        return sum(map(len, self.pieces))


_arriving: dict[str, Arriving] = {}  # by run


class Upload(AuthRequestHandler):
    """POST ?run=&upload=&name=&part=&of= with the bytes of a piece; answers {}, {text} or {error}, a line."""

    def check_xsrf_cookie(self) -> None:
        """The id of the run is the token; see above."""

    async def post(self) -> None:
        """One piece; after the last one the file is handed over."""
        run = self.get_query_argument("run", "")
        if not self._may():
            self._refuse(403, "these data come from elsewhere: open the page itself")
        elif run not in ON_AIR or (receiver := RECEIVERS.get(run)) is None:
            self._refuse(404, "the session of this page has ended: reload the page")
        elif len(self.request.body) > PIECE:
            self._refuse(413, f"a piece has more than {PIECE:,} bytes")
        else:
            try:
                whole = self._add(run)
                self.write({} if whole is None else {"text": await receiver.receive(self._name(), whole)})
            except ValueError as error:
                _arriving.pop(run, None)
                self.write({"error": str(error)})

    def _may(self) -> bool:
        origin = urlsplit(self.request.headers.get("Origin", "")).netloc.lower()
        plain = self.request.headers.get("Content-Type", "") == "application/octet-stream"
        return plain and origin == self.request.headers.get("Host", "").lower() and bool(self.current_user)

    def _refuse(self, status: int, line: str) -> None:
        self.set_status(status)
        self.write({"error": line})

    def _name(self) -> str:
        name = " ".join(PurePosixPath(self.get_query_argument("name", "").replace("\\", "/")).name.split())
        return "".join(letter for letter in name if letter.isprintable())[:NAME] or "data"

    def _number(self, name: str) -> int:
        text = self.get_query_argument(name, "")
        return int(text) if text.isdecimal() and len(text) < 5 else -1

    def _add(self, run: str) -> bytes | None:
        """The whole file, if this was its last piece. ValueError with one line for what does not fit."""
        now, upload = time.monotonic(), self.get_query_argument("upload", "")
        for other in [name for name, one in _arriving.items() if now - one.at > FORGOTTEN or name not in ON_AIR]:
            del _arriving[other]
        part, of = self._number("part"), self._number("of")
        before = _arriving.pop(run, None)
        pieces = before.pieces if before and before.upload == upload else []
        if not 0 <= part < of or part != len(pieces):
            raise ValueError(f"{self._name()} did not arrive in one piece: load it again")
        one = Arriving(upload, [*pieces, self.request.body], now)
        if one.size > BYTES or of > BYTES // PIECE:
            raise ValueError(f"{self._name()} has more than {BYTES // MEGABYTE} MB: load a part of it")
        if one.size + sum(other.size for other in _arriving.values()) > TOGETHER:
            raise ValueError("the server receives other files now: load it again in a moment")
        if part == of - 1:
            return b"".join(one.pieces)
        _arriving[run] = one
        return None
