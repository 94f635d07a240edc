"""Where compiled code is kept between processes."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path

from gandyn.core.native.processor import config  # that module says what is compiled for, before anything is


@cache
def cache_folder() -> Path:
    """Where compiled kernels are kept: a folder of its own for every text of the kernels' sources."""
    folders = (Path(__file__).parent, Path(__file__).parents[1] / "rng")
    text = b"".join(path.read_bytes() for folder in folders for path in sorted(folder.glob("*.py")))
    return user_cache_path("gandyn") / f"kernels-{hashlib.sha256(text).hexdigest()[:16]}"


def cached(function: Any) -> Any:
    """The dispatcher with its cache in our folder; without one where the folder cannot be written."""
    before = config.CACHE_DIR
    try:
        folder = cache_folder()
        folder.mkdir(parents=True, exist_ok=True)
        config.CACHE_DIR = str(folder)
        function.enable_caching()
    except (OSError, RuntimeError):
        pass  # compiled anew in every process
    finally:
        config.CACHE_DIR = before
    return function
