"""What is printed, where nobody may take it any more: a pipe whose reader has ended, a terminal that was closed."""

from __future__ import annotations

import errno
import os
import sys


def is_gone(error: OSError) -> bool:
    """Whether a stream has no reader any more: `| head` has what it wants, or the terminal was closed."""
    return error.filename is None and error.errno in (errno.EPIPE, errno.EIO)


def silence() -> None:
    """Let what a stream cannot take go nowhere, so that the end of the process has nothing left to complain of."""
    for stream in (sys.stdout, sys.stderr):
        if stream is None:  # closed before this process began
            continue
        try:
            stream.flush()
        except OSError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)


def say(text: str) -> None:
    """A line for a person on stderr, beside what is printed on stdout for programs; nothing where stderr is broken."""
    try:
        print(text, file=sys.stderr, flush=True)
    except OSError:  # there is nowhere to say so
        silence()
