"""The HTTP route on which a page sends files of points, in pieces: Bokeh's socket takes messages of 20 MB at most.

Who may: a request from an origin of a page of this server, of somebody whom the server's login lets in (guard.py), that
knows the unguessable id of a run on the air. The last stands in for Tornado's XSRF cookie: it is a token that a page of
another origin cannot read, and is not sent by itself as a cookie is. The body is `application/octet-stream`, which no
form of another page can send.

Nothing is parsed on the event loop, nothing is unpickled, and no name of a file is a path.
"""

from __future__ import annotations

import time
from pathlib import PurePosixPath
from typing import NamedTuple, Protocol
from weakref import WeakValueDictionary

import msgspec
from tornado.web import stream_request_body

from gandyn.core.bounds import MEGABYTE
from gandyn.targets.point_tables import BYTES
from gandyn.ui.messages import Answer, Piece
from gandyn.ui.server.guard import Guarded
from gandyn.ui.server.limits import limits
from gandyn.ui.server.on_air import ON_AIR

ROUTE = "/gandyn/data"
PIECE = MEGABYTE  # bytes of a request, at most
TOGETHER = 4 * BYTES  # of all files that are on their way to this server
FORGOTTEN = 60.0  # seconds after its last piece a file that did not arrive is dropped
NAME = 80  # characters


class Receiver(Protocol):
    """What takes the files of a page."""

    async def receive_file(self, name: str, raw: bytes) -> str:
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


@stream_request_body
class Upload(Guarded):
    """POST with a Piece as the query and its bytes as the body; an Answer."""

    async def prepare(self) -> None:
        """Before the body is read: of a larger one, or of a stranger's, nothing is."""
        await super().prepare()
        self._body = bytearray()
        if int(self.request.headers.get("Content-Length", "0")) > PIECE:
            self._answer(Answer(error=f"a piece has more than {PIECE:,} bytes"), 413)
            await self.finish()
        else:
            self.request.connection.set_max_body_size(PIECE)  # type: ignore[union-attr]

    def write_error(self, status_code: int, **rest: object) -> None:
        """In the form in which the page reads every answer."""
        self._answer(Answer(error="these data come from elsewhere: open the page itself"), status_code)

    def data_received(self, chunk: bytes) -> None:
        """A part of the body."""
        self._body += chunk

    def check_xsrf_cookie(self) -> None:
        """The id of the run is the token; see above."""

    async def post(self) -> None:
        """One piece; after the last one the file is handed over."""
        if not self._may():
            self.send_error(403)
            return
        query = {name: self.get_query_argument(name) for name in self.request.query_arguments}
        try:
            piece = msgspec.convert(query, Piece, strict=False)  # numbers stand as text in a query
        except msgspec.ValidationError as error:
            self._answer(Answer(error=f"this is no piece of a file: {error}"), 400)
            return
        run, name = piece.run, _plain(piece.name)
        if run not in ON_AIR or (receiver := RECEIVERS.get(run)) is None:
            self._answer(Answer(error="the session of this page has ended: reload the page"), 404)
        else:
            try:
                whole = self._add(piece, name)
                self._answer(Answer(text=None if whole is None else await receiver.receive_file(name, whole)))
            except ValueError as error:
                _arriving.pop(run, None)
                self._answer(Answer(error=str(error)))

    def _may(self) -> bool:
        plain = self.request.headers.get("Content-Type", "") == "application/octet-stream"
        return plain and "Origin" in self.request.headers

    def _answer(self, answer: Answer, status: int = 200) -> None:
        self.set_status(status)
        self.write(msgspec.to_builtins(answer))

    def _add(self, piece: Piece, file: str) -> bytes | None:
        """The whole file, if this was its last piece. ValueError with one line for what does not fit."""
        now, run, upload, part, of = time.monotonic(), piece.run, piece.upload, piece.part, piece.of
        for other in [name for name, one in _arriving.items() if now - one.at > FORGOTTEN or name not in ON_AIR]:
            del _arriving[other]
        before = _arriving.pop(run, None)
        pieces = before.pieces if before and before.upload == upload else []
        if not 0 <= part < of or part != len(pieces):
            raise ValueError(f"{file} did not arrive in one piece: load it again")
        one = Arriving(upload, [*pieces, bytes(self._body)], now)
        most = min(BYTES, limits().max_upload * MEGABYTE)
        if one.size > most or of > most // PIECE:
            raise ValueError(f"{file} has more than {most // MEGABYTE} MB: load a part of it")
        if one.size + sum(other.size for other in _arriving.values()) > TOGETHER:
            raise ValueError("the server receives other files now: load it again in a moment")
        if part == of - 1:
            return b"".join(one.pieces)
        _arriving[run] = one
        return None


def _plain(name: str) -> str:
    """The name of a file without folders and letters that cannot be seen."""
    last = " ".join(PurePosixPath(name.replace("\\", "/")).name.split())
    return "".join(letter for letter in last if letter.isprintable())[:NAME] or "data"
