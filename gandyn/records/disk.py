"""Files as a run writes them: all of one or nothing; and a fault of the disk in one line that names the file."""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from PIL import Image

PLACE = "check its permissions, or choose another place"
REMEDIES = {
    errno.ENOSPC: "free some space",
    errno.EDQUOT: "free some space",
    errno.ENOENT: "check its name",
    errno.ENOTDIR: "check its name",
    errno.ELOOP: "check its name",
    errno.EISDIR: "name a file, not a folder",
    errno.ENAMETOOLONG: "choose a shorter name",
    errno.EACCES: PLACE,
    errno.EPERM: PLACE,
    errno.EROFS: PLACE,
    errno.EMFILE: "raise the number of open files (ulimit -n)",
    errno.ENFILE: "close other programs",
}
OTHERWISE = "check the disk"


def trouble(error: OSError) -> str:
    """The file, what the system says of it, and what to do, on one line; an error without a number is its own text.

    Files of ours always have their names (`naming`): one without is what the command prints to.
    """
    if error.errno is None:
        return " ".join(str(error).split())
    where = "the output" if error.filename is None else os.fspath(error.filename)
    return f"{where}: {os.strerror(error.errno)}; {REMEDIES.get(error.errno, OTHERWISE)}"


def unreadable(path: Path, error: OSError) -> ValueError:
    """The error for a file that was asked for and cannot be read."""
    reason = trouble(error).partition(": ")[2] if error.errno is not None else trouble(error)
    return ValueError(f"{path} cannot be read: {reason}")


@contextmanager
def going_on(how: Callable[[], str]) -> Iterator[None]:
    """A fault of the disk from within says, too, how to go on when it is put right."""
    try:
        yield
    except OSError as error:
        raise OSError(f"{trouble(error)}, then {how()}") from error


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """An OSError from within names this file: that of a write names none, that of a file on the way another."""
    try:
        yield
    except OSError as error:
        if error.errno is None:
            raise OSError(f"{path} cannot be written ({' '.join(str(error).split())}); {OTHERWISE}") from error
        error.filename = os.fspath(path)
        raise


def write(path: Path, data: bytes) -> None:
    """All of it or nothing: a crash in the middle leaves the old file."""
    part = path.with_name(path.name + ".part")
    with naming(path):
        try:
            with part.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        except OSError:
            with suppress(OSError):  # half a file on a full disk
                part.unlink()
            raise


def write_picture(path: Path, picture: Image.Image, **how: Any) -> None:
    """A picture or a movie, all of it or nothing; the suffix says how, and `how` what Pillow takes besides."""
    buffer = io.BytesIO()
    picture.save(buffer, Image.registered_extensions()[path.suffix.lower()], **how)
    write(path, buffer.getvalue())
