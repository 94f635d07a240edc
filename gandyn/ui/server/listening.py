"""What is said where a server cannot listen."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def listening(address: str, port: int) -> Iterator[None]:
    """OSError with one line for an address that cannot be had."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.EADDRINUSE, errno.EADDRNOTAVAIL, errno.EACCES):
            raise OSError(f"cannot listen on {address}:{port} ({error.strerror}): choose another with --port") from None
        raise
