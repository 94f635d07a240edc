"""The checksums by which a checkpoint vouches for the other files of its run: configuration, log, frames, pictures."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gandyn.records import strict_json as json
from gandyn.records.again import without_engine
from gandyn.records.plan import Plan
from gandyn.records.schema import Vouched


class Facts:
    """The frames and the pictures of a run, each read once."""

    def __init__(self, frames: Path, samples: Path) -> None:
        self._kinds = {"frames": (frames, "*.npy"), "samples": (samples, "*.png")}
        self._known: dict[str, dict[str, str]] = {}

    def vouched(self, config: Mapping[str, Any], size: int, metrics: str) -> dict[str, Any]:
        """A `schema.Vouched` as plain values, with the bytes and the checksum of the log."""
        for kind, (folder, pattern) in self._kinds.items():
            known = self._known.get(kind, {})
            self._known[kind] = {
                path.name: known.get(path.name) or sha256(path.read_bytes()) for path in folder.glob(pattern)
            }
        sums = {"config": config_sum(config), "experiment": config_sum(config, engine=False)}
        return {**sums, "bytes": size, "metrics": metrics, **self._known}


def config_sum(config: Mapping[str, Any], *, engine: bool = True) -> str:
    """The SHA-256 of a config.json but for its steps, which --steps changes; without the engine, too."""
    fixed = dict(config) if engine else {**without_engine(config), "engine": None, "random": None}
    fixed["steps"] = None
    return sha256(json.dumps(fixed, sort_keys=True).encode())


def check_config(path: Path, config: Mapping[str, Any], vouched: Vouched, *, anyway: bool) -> None:
    """ValueError where this is not the configuration with which the run was begun; `anyway`: but for its engine."""
    if config_sum(config, engine=not anyway) != (vouched.experiment if anyway else vouched.config):
        raise ValueError(
            f"{path} is not the one of the checkpoints beside it: put its values (or the checkpoints) back, or begin "
            f"a run with these values by gandyn train --config {path}"
        )


def altered_frame(folder: Path, vouched: Vouched) -> Path | None:
    """The first frame that is not as it was written."""
    for name, wanted in vouched.frames.items():
        path = folder / Path(name).name
        if not path.is_file() or sha256(path.read_bytes()) != wanted:
            return path
    return None


def lost_pictures(frames: Path, samples: Path, vouched: Vouched, plan: Plan) -> list[int]:
    """The steps whose pictures are missing, or not as they were written, though the frames that they show are there."""
    steps = sorted(int(path.stem) for path in frames.glob("*.npy") if path.stem.isdigit())
    return [step for step in steps if _is_lost(samples / f"{step:06d}.png", vouched, due=plan.pictured(step))]


def _is_lost(picture: Path, vouched: Vouched, *, due: bool) -> bool:
    wanted = vouched.samples.get(picture.name)
    if not picture.is_file():
        return due or wanted is not None
    return wanted is not None and sha256(picture.read_bytes()) != wanted


def sha256(data: bytes) -> str:
    """The checksum of these bytes, in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()
