"""Which of the processes behind one address this one is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

COOKIE = "gandyn_process"  # of a browser: the process that has its pages
PARAMETER = "process"  # of a query: the process whose administration is asked for


@dataclass(frozen=True)
class Share:
    """Process `index`, from 0, of `count`."""

    index: int = 0
    count: int = 1


class Request(NamedTuple):
    """What of an HTTP request says to which process it goes."""

    asks: int | None  # the process that the query names
    cookie: int | None  # the process that the browser's cookie names
    upgrade: bool  # whether it asks for a WebSocket, which belongs to a page


_share = Share()
_COOKIE = re.compile(rb"^cookie:[^\n]*?\b" + COOKIE.encode() + rb"=([0-9]{1,3})\b", re.IGNORECASE | re.MULTILINE)
_UPGRADE = re.compile(rb"^upgrade: *websocket", re.IGNORECASE | re.MULTILINE)
_ASKS = re.compile(
    rb"^[A-Z]+ [^ \n]*/gandyn/admin(?:\.json)?\?(?:[^ \n]*&)?" + PARAMETER.encode() + rb"=([0-9]{1,3})\b"
)


def share() -> Share:
    """That of this process."""
    return _share


def set_share(wanted: Share) -> None:
    """Before the process serves."""
    global _share  # noqa: PLW0603  one server a process
    _share = wanted


def parsed(head: bytes) -> Request:
    """What the head of an HTTP request says; of anything else, that it says nothing."""
    asks, cookie = _ASKS.search(head), _COOKIE.search(head)
    return Request(
        asks and int(asks[1]),
        cookie and int(cookie[1]),
        _UPGRADE.search(head) is not None,
    )
