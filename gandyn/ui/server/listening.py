"""The address of a server: as it is written in links, and what is said where it cannot be had."""

from __future__ import annotations

import errno
import os
import re
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tornado.netutil import bind_sockets

from gandyn.core.registry import brief

EVERYWHERE = ("0.0.0.0", "::", "")  # all addresses of this machine
_ADVICE = {
    errno.EADDRINUSE: "choose another port with --port",
    errno.EADDRNOTAVAIL: "this machine has no such address: --address takes one of its own, or 0.0.0.0 for all",
    errno.EACCES: "choose a port from 1024 on with --port",
}
_NAME = "[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_HOST = re.compile(rf"(?P<host>(\*|{_NAME})(\.(\*|{_NAME}))*)(:(?P<port>\*|[1-9][0-9]{{0,4}}))?")
_PATH = re.compile(r"/?([A-Za-z0-9_~-][A-Za-z0-9._~-]*(/(?!$)|/?$))*")
LONGEST = 253  # characters of a host's name, and of a prefix


@contextmanager
def listening(address: str, port: int) -> Iterator[None]:
    """OSError with one line for an address that cannot be had."""
    try:
        yield
    except socket.gaierror:
        raise OSError(f"there is no address {address!r}: --address takes one of this machine's, or 0.0.0.0") from None
    except OSError as error:
        if (advice := _ADVICE.get(error.errno or 0)) is None:
            raise
        raise OSError(f"cannot listen on {address}:{port} ({os.strerror(error.errno or 0)}): {advice}") from None


def host_of(address: str) -> str:
    """As a link names it: an IPv6 address in brackets, and this machine where it is all addresses."""
    return "localhost" if address in EVERYWHERE else f"[{address}]" if ":" in address else address


def path_of(prefix: str) -> str:
    """What stands before all paths, with a slash before it; nothing where it is empty."""
    return f"/{prefix.strip('/')}" if prefix.strip("/") else ""


def check_free(address: str, port: int) -> None:
    """OSError with one line for an address that cannot be had, before anything else is done or said."""
    with listening(address, port):
        for one in bind_sockets(port, address):
            one.close()


def check_prefix(prefix: str) -> None:
    """ValueError with one line for what is no path of a server."""
    if len(prefix) > LONGEST or not _PATH.fullmatch(prefix):
        raise ValueError(
            f"--prefix is a path of letters, digits, - _ . ~ and / between them, as /lab, not {brief(prefix)}"
        )


def check_origins(hosts: Sequence[str]) -> None:
    """ValueError with one line for what is no host of a page: it would let nobody in, without a word."""
    for host in hosts:
        match = _HOST.fullmatch(host)
        port = match and match["port"]
        if not match or len(match["host"]) > LONGEST or (port and port != "*" and int(port) > 65_535):
            raise ValueError(
                "--allow-websocket-origin takes HOST or HOST:PORT, as lab.example.org or 192.168.1.7:5006, without "
                f"https:// and without a path, several with spaces between, not {brief(host)}"
            )
