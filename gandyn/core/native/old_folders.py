"""Compiled code of other sources, which every edit and every version leaves behind: removed when it rests for long."""

from __future__ import annotations

import os
import shutil
import time
from contextlib import suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows: age alone decides there
    fcntl = None

UNUSED = 30 * 24 * 3600.0  # seconds since a folder's last use after which it goes
LOCK = ".used"


def use(folder: Path) -> None:
    """Note that the folder is used, now and by this process until it ends, and remove those beside it that rest."""
    with suppress(OSError):
        os.utime(folder)
        if fcntl:  # never closed: the system frees the lock when this process ends, however it ends
            fcntl.flock(os.open(folder / LOCK, os.O_CREAT | os.O_RDWR), fcntl.LOCK_SH)
    for other in folder.parent.glob("kernels-*"):
        with suppress(OSError):
            if other != folder and _rests(other):
                shutil.rmtree(other)


def _rests(folder: Path) -> bool:
    """Whether nobody uses it, nor has for long. OSError where that cannot be known."""
    if time.time() - folder.stat().st_mtime < UNUSED:
        return False
    if fcntl and (folder / LOCK).exists():
        with (folder / LOCK).open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # BlockingIOError while a process uses it
    return True
