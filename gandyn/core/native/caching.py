"""Where compiled code is kept between processes."""

from __future__ import annotations

import hashlib
import logging
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import llvmlite
import llvmlite.binding as llvm
import numba
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


def cached(function: Any) -> Any:
    """The dispatcher with its cache in our folder; without one where the folder cannot be written."""
    before = config.CACHE_DIR
    try:
        writable_folder()
        config.CACHE_DIR = str(cache_folder())
        function.enable_caching()
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
        raise OSError(
            f"compiled code cannot be kept in {folder} ({error.strerror}): XDG_CACHE_HOME can name another place"
        ) from None
    old_folders.use(folder)
    return folder


@cache
def _warn(reason: str) -> None:
    log.warning("%s; every process compiles it anew", reason)


def complete_mark(dtype: str) -> Path:
    """The file that says that all kernels of this type are in the cache, for this machine and these versions."""
    machine = llvm.get_host_cpu_name(), config.CPU_NAME, config.CPU_FEATURES
    versions = numba.__version__, llvmlite.__version__, sys.version_info[:2]
    return cache_folder() / f"complete-{dtype}-{_digest(('objectives',), machine, versions)}"
