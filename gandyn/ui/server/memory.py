"""The memory of this process: what it holds, and giving back what nobody needs any more."""

from __future__ import annotations

import ctypes
import os
import threading
import time
from pathlib import Path

from gandyn.core.bounds import MEGABYTE

STATM = Path("/proc/self/statm")  # of Linux; where there is none, memory is not looked at
REST_S = 10.0  # between two times that memory is given back
_given = [0.0]  # when it was


def memory() -> float | None:
    """MB that this process holds; None where the system does not say."""
    if not STATM.exists():
        return None
    return int(STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / MEGABYTE


def give_back() -> None:
    """Have the C library return free memory to the system (glibc's malloc_trim(3)), beside the thread that asks.

    It keeps what was freed: a server whose sessions have all gone would hold as much as when they were there.
    """
    if not STATM.exists() or time.monotonic() - _given[0] < REST_S:
        return
    if (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)) is not None:
        _given[0] = time.monotonic()
        threading.Thread(target=trim, args=(0,), name="gandyn-trim", daemon=True).start()
