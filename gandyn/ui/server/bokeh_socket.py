"""Bokeh's own socket, held to the limits of the server: the one file that overrides Bokeh's handler.

Bokeh unpacks, parses and, to refuse it, prints whatever a page sends. Here every fragment is measured before it is
parsed, and what is parsed is walked before Bokeh makes values of it: text alone, of `max_message`, no deeper and no
longer than a page of ours needs, and none of the forms that Bokeh would unpack (compressed bytes, arrays, models).
A page sends patches and asks for its document once a connection; anything else ends the connection with one line.

Two rules of a page that comes back belong here, too. Its token does not expire while its session lives, or while tokens
are not signed and so are no secret: a laptop that slept longer than `--session-token-expiration` goes on. And a page
that says good-bye (1001, which browsers send when a tab is closed or leaves) is freed soon, one whose line breaks not.

tests/ui/test_bokeh_socket.py holds what is relied upon of the installed Bokeh.
"""

from __future__ import annotations

import asyncio
import logging
import os.path
import traceback
import zlib
from types import SimpleNamespace
from typing import Any, Literal

import bokeh.util.token as tokens
import msgspec
from bokeh.protocol.message import Message
from bokeh.server.views.auth_request_handler import AuthRequestHandler
from bokeh.server.views.ws import WSHandler
from tornado.websocket import WebSocketClosedError

import gandyn
from gandyn.core.registry import brief
from gandyn.ui.server.guard import check_origin, require_origin
from gandyn.ui.server.limits import limits

log = logging.getLogger(__name__)

OURS = os.path.dirname(gandyn.__file__)
SMALL = 1_000  # characters of a header, and of the metadata
DEPTH = 32  # of lists and objects in one another
HELD, VALUES = 20_000, 100_000  # lists and objects in one message, and values; a text counts as if it were none
KINDS = {"event", "map", "number"}  # of all forms of Bokeh's, those that a page of ours sends
GOING_AWAY, POLICY, TOO_BIG = 1001, 1008, 1009
TOKEN = 2**20  # bytes that a token may unpack to
FRESH_S = 300  # that a token is good for which needs no longer expire


class Refused(ValueError):
    """Why a message is not read: one line, without what was in it."""


class Header(msgspec.Struct):
    """The first fragment of a message."""

    msgid: str
    msgtype: Literal["PATCH-DOC", "PULL-DOC-REQ", "SERVER-INFO-REQ"]
    num_buffers: Literal[0] = 0  # a page of ours sends no arrays


HEADER = msgspec.json.Decoder(Header)
_receive, _open, _on_close = WSHandler._receive, WSHandler.open, WSHandler.on_close
_async_open = WSHandler._async_open


def check_fragment(part: str, fragment: str | bytes) -> Header | None:
    """Refused with one line, before Bokeh parses it; the Header, of the fragment that is one.

    Args:
        part: which of the three fragments of a message is due: "header", "metadata" or "content".
        fragment: as it came, unpacked by Tornado.
    """
    most = 1024 * limits().max_message if part == "content" else SMALL
    if not isinstance(fragment, str):
        raise Refused("a page sends text alone")
    if len(fragment) > most:
        raise Refused(f"the {part} of a message has {len(fragment):,} characters, and {most:,} are read")
    if fragment.count(",") > VALUES or fragment.count("[") + fragment.count("{") > HELD:
        raise Refused(f"a message has more than {VALUES:,} values, or {HELD:,} lists and objects")
    try:
        raw = fragment.encode()
        if part == "header":
            return HEADER.decode(raw)
        walk(msgspec.json.decode(raw))
    except Refused:
        raise
    except RecursionError:
        raise Refused(f"the {part} of a message is nested too deep") from None
    except (msgspec.MsgspecError, ValueError) as error:
        raise Refused(f"the {part} of a message is not what a page sends: {brief(str(error)[:200])}") from None
    return None


def walk(content: Any) -> None:
    """Refused for what is nested too deep, or asks Bokeh for a form that no page sends."""
    levels = [content]
    for _ in range(DEPTH):
        inner: list[Any] = []
        for value in levels:
            if isinstance(value, dict) and "type" in value and str(value["type"])[:40] not in KINDS:
                raise Refused(f"a page sends no value of the type {brief(str(value['type'])[:40])}")
            held = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
            inner += [one for one in held if isinstance(one, (dict, list))]
        if not inner:
            return
        levels = inner
    raise Refused(f"a message is nested deeper than {DEPTH}")


async def receive(self: Any, fragment: str | bytes) -> Message[Any] | None:
    """In place of WSHandler._receive: measured, parsed and walked first; the connection of what is refused ends."""
    if getattr(self, "_gandyn_refused", False):
        return None
    try:
        if self.receiver is None:
            raise Refused("a page waits until it is answered")
        part = self.receiver._current_consumer.__name__.strip("_").lower()
        header = check_fragment(part, fragment)
        if header is not None and header.msgtype == "PULL-DOC-REQ":
            if getattr(self, "_gandyn_pulled", False):
                raise Refused("a page asks for its document once a connection")
            self._gandyn_pulled = True
        return await _receive(self, fragment)
    except Refused as error:
        refuse(self, str(error))
    except Exception as error:  # of Bokeh's parsing: whatever it is, the message is not what a page sends
        refuse(self, f"a message was not understood: {brief(str(error)[:200])}")
    return None


def refuse(self: Any, line: str, code: int = POLICY) -> None:
    """End this connection, and say why: to its page and in the log."""
    self._gandyn_refused = True
    log.warning("a page is disconnected: %s", line)
    self.close(code, line[:120])


async def handle(self: Any, message: Message[Any]) -> Message[Any]:
    """In place of WSHandler._handle: what cannot be applied is refused with a line, and its content not printed."""
    try:
        return await self.handler._handlers[message.msgtype](message, self.connection)
    except Exception as error:
        line = f"{type(error).__name__}: {brief(str(error)[:200])}"
        if _is_ours(error):
            log.exception("a message of a page failed")
        else:
            log.warning("a page sent what cannot be applied: %s", line)
        return self.connection.error(message, line)


def _is_ours(error: Exception) -> bool:
    """Whether code of ours raised it, and it is none of the errors that mean that a value does not fit."""
    last = traceback.extract_tb(error.__traceback__)[-1].filename
    return last.startswith(OURS) and last != __file__ and not isinstance(error, ValueError)


async def prepare(self: Any) -> None:
    """In place of what WSHandler inherits: no socket without an origin."""
    require_origin(self)
    await AuthRequestHandler.prepare(self)


def report(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """In place of asyncio's report of what nobody awaited: that a line broke while Panel wrote to it is no fault."""
    if not isinstance(context.get("exception"), WebSocketClosedError):
        loop.default_exception_handler(context)


def open_again(self: Any) -> Any:
    """Around WSHandler.open: a page that comes back is let in by the token with which it came."""
    loop = asyncio.get_running_loop()
    if loop.get_exception_handler() is None:
        loop.set_exception_handler(report)
    try:
        self._token = _renewed(self)
        return _open(self)
    except Exception:  # whatever is wrong with what anybody can send as a token
        refuse(self, "the token of this page is damaged or too old: reload the page")
        return None


def _renewed(self: Any) -> str | None:
    """The token, good for a while again where its session lives here, or where anybody could write one."""
    token, app = self._token, self.application
    if token is None or not tokens.check_token_signature(token, app.secret_key, app.sign_sessions):
        return token
    session, payload = tokens.get_session_id(token), tokens.get_token_payload(token)
    if "session_expiry" not in payload or (app.sign_sessions and session not in self.application_context._sessions):
        return token
    rest = {name: value for name, value in payload.items() if name not in ("session_id", "session_expiry")}
    return tokens.generate_jwt_token(session, app.secret_key, app.sign_sessions, rest, FRESH_S)


async def join_session(self: Any, token: str) -> None:
    """Around WSHandler._async_open: who is back has not said good-bye."""
    await _async_open(self, token)
    if self.connection is not None:
        self.connection.session._expiration_requested = False


def leave_session(self: Any) -> None:
    """Around WSHandler.on_close: a page that was closed, or left, does not come back."""
    session = self.connection.session if self.connection is not None else None
    _on_close(self)
    if session is not None and self.close_code == GOING_AWAY:
        session.request_expiration()


def _unpack(data: bytes) -> bytes:
    """zlib.decompress for tokens, which anybody may write: ValueError beyond TOKEN bytes."""
    stream = zlib.decompressobj()
    plain = stream.decompress(data, TOKEN)
    if not stream.eof:
        raise ValueError("a token is too long")
    return plain


def install() -> None:
    """Hold every socket of Bokeh's in this process to it, those that are open already included; again: nothing."""
    handler: Any = WSHandler  # Panel's is derived from it
    handler.max_message_size = property(lambda self: 4 * 1024 * limits().max_message)  # in bytes, of four a character
    handler.check_origin, handler.prepare, handler.open = check_origin, prepare, open_again
    handler._async_open, handler.on_close = join_session, leave_session
    handler._receive, handler._handle = receive, handle
    tokens.zlib = SimpleNamespace(compress=zlib.compress, decompress=_unpack)  # type: ignore[attr-defined]
