"""Which of the processes behind one address this one is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

COOKIE = "gandyn_process"  # of a browser: the process that has its pages; with the port, since cookies have none
PARAMETER = "process"  # of a query: the process whose administration is asked for


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

    asks: int | None  # the process that the query names
    cookie: int | None  # the process that the browser's cookie names
    opens: bool  # whether it is for a page, which may be in any process


_share = Share()
# Each of them is searched in time that grows with the head's length, whatever is in it.
_COOKIES = re.compile(rb"^cookie:([^\n]*)", re.IGNORECASE | re.MULTILINE)
_ASKS = re.compile(
    rb"^[A-Z]+ [^ ?\n]*/gandyn/admin(?:\.json)?\?(?:[^ &\n]*&)*" + PARAMETER.encode() + rb"=([0-9]{1,3})\b"
)
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
    asks, mark = _ASKS.search(head), cookie.encode() + b"="
    said = [part.strip() for line in _COOKIES.findall(head) for part in line.split(b";")]
    marks = [part.removeprefix(mark) for part in said if part.startswith(mark)]
    process = next((int(one) for one in marks if len(one) <= 3 and one.isdigit()), None)
    return Request(asks and int(asks[1]), process, _OPENS.search(head) is not None)
