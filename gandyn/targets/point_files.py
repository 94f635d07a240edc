"""Files of points in the plane: CSV or NPY, and where those are kept that a page was given. Registers nothing.

Nothing is ever unpickled. A file is known by the SHA-256 of its bytes: what a run has read is written down with it, and
another file under the same name is refused. The store holds files by that hash alone,
`platformdirs.user_data_path("gandyn") / "points"` or the folder that GANDYN_POINTS names. A server's pages reach the
store, and no other file of the machine (`stored_only`).
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from weakref import WeakValueDictionary

import torch
from platformdirs import user_data_path
from torch import Tensor

from gandyn.core.bounds import MEGABYTE
from gandyn.core.registry import brief
from gandyn.targets.point_tables import BYTES, table

ROOM = 2**31  # bytes of the store, at most
_held: WeakValueDictionary[str, Tensor] = WeakValueDictionary()  # by SHA-256, of the targets that there are
_stored_only: ContextVar[bool] = ContextVar("stored_only", default=False)


@contextmanager
def stored_only() -> Iterator[None]:
    """Within, only files of the store are read: their names come from whoever has opened a page."""
    token = _stored_only.set(True)
    try:
        yield
    finally:
        _stored_only.reset(token)


def load(name: str, sha256: str) -> tuple[Tensor, str]:
    """The points [n, 2] in float32 of a file, and its SHA-256; where one is given, it must be that one.

    Of files that fit that of the store is taken, and none is read again while a target holds its points. ValueError
    with one line for anything else.
    """
    if sha256 and not re.fullmatch("[0-9a-f]{64}", sha256):
        raise ValueError("target.sha256 must be 64 hexadecimal digits, or none: that of the file is written down then")
    held = _held.get(sha256)
    if held is not None:
        return held, sha256
    kept = folder() / sha256
    if sha256 and kept.is_file():
        return _read(kept, name, sha256)
    if _stored_only.get():
        raise ValueError(f"target.file: {brief(name)} was not given to this server: load it with “own data”")
    return _read(Path(name).expanduser(), name, sha256)


def keep(raw: bytes) -> str:
    """Put the bytes of a file of points into the store, and return their SHA-256; OSError where the disk refuses."""
    digest = hashlib.sha256(raw).hexdigest()
    path = folder() / digest
    if path.is_file():
        return digest
    folder().mkdir(parents=True, exist_ok=True)
    used = sum(one.stat().st_size for one in folder().iterdir())
    if used + len(raw) > ROOM:
        raise ValueError(f"the files that were loaded fill {folder()}, {ROOM / 1e9:.0f} GB: delete some there")
    handle, part = tempfile.mkstemp(dir=folder())
    try:
        with open(handle, "wb") as file:
            file.write(raw)
        os.replace(part, path)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(part)
    return digest


def folder() -> Path:
    """Where the store is."""
    named = os.environ.get("GANDYN_POINTS")
    return Path(named) if named else user_data_path("gandyn") / "points"


def _read(path: Path, name: str, sha256: str) -> tuple[Tensor, str]:
    _check(path)
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ValueError(f"{path} cannot be read ({error.strerror}): check its permissions") from None
    digest = hashlib.sha256(raw).hexdigest()
    if sha256 and digest != sha256:
        raise ValueError(
            f"{name} is not the file of this run: its sha256 is {digest[:12]}..., not {sha256[:12]}...; "
            "name that file as target.file"
        )
    if (points := _held.get(digest)) is None:
        points = _held[digest] = torch.from_numpy(table(raw, name)).float()
    return points, digest


def _check(path: Path) -> None:
    """ValueError with one line where this is no file, or one that is too large."""
    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no such name"
        raise ValueError(f"{path} cannot be read ({reason}): check target.file") from None
    if not path.is_file():
        raise ValueError(f"{path} is no file: check target.file")
    if status.st_size > BYTES:
        raise ValueError(f"{path} has {status.st_size / MEGABYTE:.0f} MB, and at most {BYTES // MEGABYTE} are read")
