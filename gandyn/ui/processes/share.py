"""Which of the processes behind one address this one is."""

from __future__ import annotations

import json
import re
import zlib
from base64 import urlsafe_b64decode
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

TOKEN = 262_144  # bytes of a token, unpacked, that are looked at
COOKIE = "gandyn_process"  # of a browser: the process that has its pages; with the port, since cookies have none
PARAMETER = "process"  # of the query of our routes: the process that is asked; in a token: that of the page


@dataclass(frozen=True)
class Share:
    """Process `index`, from 0, of `count`, which listen on `port`."""

    index: int = 0
    count: int = 1
    port: int = 0

    @property
    def cookie(self) -> str:
        """The name of the cookie by which a browser is known."""
        return f"{COOKIE}_{self.port}"


class Request(NamedTuple):
    """What of an HTTP request says to which process it goes."""

    asks: int | None  # the process that has what it asks for, by its address or the token of its page
    cookie: int | None  # the process that the browser's cookie names
    opens: bool  # whether it is for a page, which may be in any process


_share = Share()
# Each of them is searched in time that grows with the head's length, whatever is in it.
_COOKIES = re.compile(rb"^cookie:([^\n]*)", re.IGNORECASE | re.MULTILINE)
_ASKS = re.compile(rb"^[A-Z]+ [^ ?\n]*/gandyn/[a-z.]+\?(?:[^ &\n]*&)*" + PARAMETER.encode() + rb"=([0-9]{1,3})(?=[& ])")
# What Bokeh's script says in place of a password, since a socket's request has no body.
_TOKEN = re.compile(rb"^sec-websocket-protocol: *bokeh, *([\w-]+)", re.IGNORECASE | re.MULTILINE)
_OPENS = re.compile(rb"^GET [^ ?\n]*(?:/|/dynamics|/autoload\.js|/login)(?:\?[^ \n]*)? ")


def share() -> Share:
    """That of this process."""
    return _share


def set_share(wanted: Share) -> None:
    """Before the process serves."""
    global _share  # noqa: PLW0603  one server a process
    _share = wanted


def parsed(head: bytes, cookie: str) -> Request:
    """What the head of an HTTP request says; of anything else, that it says nothing. `cookie`: the name of it."""
    asks, token, mark = _ASKS.search(head), _TOKEN.search(head), cookie.encode() + b"="
    cookies = [part.strip() for line in _COOKIES.findall(head) for part in line.split(b";")]
    marks = [part.removeprefix(mark) for part in cookies if part.startswith(mark)]
    process = next((int(one) for one in marks if len(one) <= 3 and one.isdigit()), None)
    asked = int(asks[1]) if asks else _in_token(token[1]) if token else None
    return Request(asked, process, _OPENS.search(head) is not None)


def _in_token(token: bytes) -> int | None:
    """The process that the token of a Bokeh session names. Anybody may write one: a process is all that it decides."""
    with suppress(ValueError, KeyError, TypeError, AttributeError, zlib.error, RecursionError):
        payload = json.loads(urlsafe_b64decode(token + b"=" * (-len(token) % 4)))
        packed = payload["__bk__zlib_"].encode()
        plain = zlib.decompressobj().decompress(urlsafe_b64decode(packed + b"=" * (-len(packed) % 4)), TOKEN)
        process = json.loads(plain)[PARAMETER]
        return process if type(process) is int and process >= 0 else None
    return None
