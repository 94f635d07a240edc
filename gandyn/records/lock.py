"""One writer for a folder: a second command for the same run or sweep is told so, instead of spoiling both."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

LOCK = ".lock"


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """While it is entered no other process is; ValueError with one line where one is already.

    The system frees it when this process ends, however it ends.
    """
    lock = FileLock(folder / LOCK, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise ValueError(f"another gandyn writes into {folder}: wait for its end, or choose another --out") from None
    try:
        yield
    finally:
        (folder / LOCK).unlink(missing_ok=True)
        lock.release()


def is_free(folder: Path) -> bool:
    """Whether nothing is there, but for a lock."""
    return not folder.exists() or (folder.is_dir() and all(path.name == LOCK for path in folder.iterdir()))
