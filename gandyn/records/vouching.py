"""The checksums by which a checkpoint vouches for the other files of its run: configuration, log, frames."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gandyn.records import strict_json as json
from gandyn.records.again import without_engine
from gandyn.records.schema import Vouched


class Facts:
    """The frames of a run, each read once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, str] = {}

    def vouched(self, config: Mapping[str, Any], size: int, metrics: str) -> dict[str, Any]:
        """A `schema.Vouched` as plain values, with the bytes and the checksum of the log."""
        paths = {path.name: path for path in self._folder.glob("*.npy")}
        self._known = {name: self._known.get(name) or sha256(path.read_bytes()) for name, path in paths.items()}
        sums = {"config": config_sum(config), "experiment": config_sum(config, engine=False)}
        return {**sums, "bytes": size, "metrics": metrics, "frames": dict(self._known)}


def config_sum(config: Mapping[str, Any], *, engine: bool = True) -> str:
    """The SHA-256 of a config.json but for its steps, which --steps changes; without the engine, too."""
    fixed = dict(config) if engine else {**without_engine(config), "engine": None, "random": None}
    fixed["steps"] = None
    return sha256(json.dumps(fixed, sort_keys=True).encode())


def check_config(path: Path, config: Mapping[str, Any], vouched: Vouched, *, anyway: bool) -> None:
    """ValueError where this is not the configuration with which the run was begun; `anyway`: but for its engine."""
    if config_sum(config, engine=not anyway) != (vouched.experiment if anyway else vouched.config):
        raise ValueError(
            f"{path} is not as this run wrote it: put its values back, or begin a run with these by "
            f"gandyn train --config {path}"
        )


def altered_frame(folder: Path, vouched: Vouched) -> Path | None:
    """The first frame that is not as it was written."""
    for name, wanted in vouched.frames.items():
        path = folder / Path(name).name
        if not path.is_file() or sha256(path.read_bytes()) != wanted:
            return path
    return None


def sha256(data: bytes) -> str:
    """The checksum of these bytes, in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()
