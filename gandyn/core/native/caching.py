"""Where compiled code is kept between processes."""

from __future__ import annotations

import hashlib
import logging
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

import llvmlite
import llvmlite.binding as llvm
import numba
from numba.core.caching import FunctionCache
from platformdirs import user_cache_path

from gandyn.core.native import old_folders
from gandyn.core.native.processor import config  # that module says what is compiled for, before anything is

CORE = Path(__file__).parents[1]
log = logging.getLogger(__name__)


def _digest(folders: Iterable[str], *more: object) -> str:
    text = b"".join(path.read_bytes() for folder in folders for path in sorted((CORE / folder).glob("*.py")))
    return hashlib.sha256(text + repr(more).encode()).hexdigest()[:16]


@cache
def cache_folder() -> Path:
    """Where compiled kernels are kept: a folder of its own for every text of the kernels' sources."""
    return user_cache_path("gandyn") / f"kernels-{_digest(('native', 'rng'))}"


class _Cache(FunctionCache):
    """numba's cache of a function; what is damaged there or cannot be written is compiled anew, and said."""

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        try:
            return super().load_overload(sig, target_context)
        except Exception:  # noqa: BLE001  damaged bytes raise anything
            log.warning("compiled code in %s was damaged: it is compiled anew", cache_folder())
            with suppress(OSError):
                self.flush()
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        try:
            with _alone():
                super().save_overload(sig, data)
        except OSError as error:
            unkept.append(_reason(error))
            _warn(unkept[0])


unkept: list[str] = []  # why something that this process has compiled is not in the cache


@contextmanager
def _alone() -> Iterator[None]:
    """Within it no other process saves: two that read one list of entries would both write the same place of it."""
    with (cache_folder() / ".saving").open("ab") as lock:
        if old_folders.fcntl:
            with suppress(OSError):  # where the folder lies there are no locks
                old_folders.fcntl.flock(lock, old_folders.fcntl.LOCK_EX)
        yield


def _reason(error: OSError) -> str:
    return f"compiled code cannot be kept in {cache_folder()} ({error.strerror}): XDG_CACHE_HOME can name another place"


def cached(function: Any) -> Any:
    """The dispatcher with its cache in our folder; without one where the folder cannot be written."""
    before = config.CACHE_DIR
    try:
        writable_folder()
        config.CACHE_DIR = str(cache_folder())
        function._cache = _Cache(function.py_func)  # what enable_caching does, with numba's own class
    except (OSError, RuntimeError) as error:
        _warn(str(error))
    finally:
        config.CACHE_DIR = before
    return function


@cache
def writable_folder() -> Path:
    """The folder, made if it is not there; OSError with one line if nothing can be kept in it."""
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.touch()
        probe.unlink(missing_ok=True)
    except OSError as error:
        raise OSError(_reason(error)) from None
    old_folders.use(folder)
    return folder


@cache
def _warn(reason: str) -> None:
    log.warning("%s; every process compiles it anew", reason)


def complete_mark(dtype: str) -> Path:
    """The file that says that all kernels of this type are in the cache, for this machine and these versions."""
    machine = llvm.get_host_cpu_name(), config.CPU_NAME, config.CPU_FEATURES
    files = [path for folder in ("native", "rng", "objectives") for path in sorted((CORE / folder).glob("*.py"))]
    places = str(CORE), [path.stat().st_mtime_ns for path in files]  # by which numba tells one source from another
    versions = numba.__version__, llvmlite.__version__, sys.version_info[:2]
    return cache_folder() / f"complete-{dtype}-{_digest(('objectives',), machine, versions, places)}"
