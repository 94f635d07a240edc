"""The address of a server: as it is written in links, and what is said where it cannot be had."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager

EVERYWHERE = ("0.0.0.0", "::", "")  # all addresses of this machine


@contextmanager
def listening(address: str, port: int) -> Iterator[None]:
    """OSError with one line for an address that cannot be had."""
    try:
        yield
    except socket.gaierror:
        raise OSError(f"there is no address {address!r}: --address takes one of this machine's, or 0.0.0.0") from None
    except OSError as error:
        if error.errno in (errno.EADDRINUSE, errno.EADDRNOTAVAIL, errno.EACCES):
            raise OSError(f"cannot listen on {address}:{port} ({error.strerror}): choose another with --port") from None
        raise


def host_of(address: str) -> str:
    """As a link names it: an IPv6 address in brackets, and this machine where it is all addresses."""
    return "localhost" if address in EVERYWHERE else f"[{address}]" if ":" in address else address


def path_of(prefix: str) -> str:
    """What stands before all paths, with a slash before it; nothing where it is empty."""
    return f"/{prefix.strip('/')}" if prefix.strip("/") else ""
