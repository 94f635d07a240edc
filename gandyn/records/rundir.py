"""A run directory: where each thing of a run lies, and which checkpoint is the last good one."""

from __future__ import annotations

import logging
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from gandyn.core.experiment import Experiment
from gandyn.core.types import Metrics, State
from gandyn.records import checkpoint
from gandyn.records import strict_json as json
from gandyn.records.checkpoint import Saved
from gandyn.records.disk import naming, unreadable, write
from gandyn.records.engine import Engine
from gandyn.records.lock import is_free
from gandyn.records.log import MetricsLog
from gandyn.records.trace import settings_of

CONFIG = ("preset", "steps", "controls", "events", "dtype", "plan", "data")
KEPT = 2  # checkpoints: the newest, and one to fall back on if it is damaged

log = logging.getLogger(__name__)


class RunDirectory:
    """Names and files, no numbers: config.json, metrics.jsonl, samples/, frames/, checkpoints/, summary.json."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.samples = path / "samples"
        self.frames = path / "frames"
        self.checkpoints = path / "checkpoints"
        self.metrics = path / "metrics.jsonl"

    @classmethod
    def new(cls, path: Path, config: dict[str, Any]) -> RunDirectory:
        """A fresh one; ValueError if something is there already."""
        if path.exists() and not path.is_dir():
            raise ValueError(f"{path} is a file: choose another --out")
        if not is_free(path):
            raise ValueError(f"{path} is not empty: choose another folder, or go on with it by --resume {path}")
        directory = cls(path)
        for folder in (directory.samples, directory.frames, directory.checkpoints):
            folder.mkdir(parents=True, exist_ok=True)
        directory.metrics.touch()
        directory.write("config.json", config)
        return directory

    @classmethod
    def existing(cls, path: Path) -> RunDirectory:
        """One that is there; ValueError if it is none."""
        if not (path / "config.json").is_file():
            raise ValueError(f"{path} holds no run: there is no config.json")
        return cls(path)

    def write(self, name: str, value: Any) -> None:
        """A JSON file, all of it or nothing."""
        write(self.path / name, (json.dumps(value, indent=1) + "\n").encode())

    def config(self) -> dict[str, Any]:
        """config.json; ValueError with one line if it lacks something."""
        config = self.read("config.json")
        missing = [key for key in CONFIG if key not in config]
        if missing:
            raise ValueError(f"{self.path / 'config.json'} lacks {', '.join(missing)}: it is not as gandyn wrote it")
        return config

    def engine(self) -> Engine | None:
        """The engine that computes it; None for a run that does not say."""
        return settings_of(self.config())[1]

    def read(self, name: str) -> dict[str, Any]:
        """A JSON file; ValueError with one line if it cannot be read."""
        try:
            return json.loads((self.path / name).read_text())
        except OSError as error:
            raise unreadable(self.path / name, error) from None
        except ValueError as error:
            raise ValueError(f"{self.path / name} cannot be read: {error}") from None

    def log(self) -> MetricsLog:
        """The log of metrics, at its end."""
        return MetricsLog(self.metrics)

    def save(self, trace: dict[str, Any], experiment: Experiment, state: State, **about: Any) -> None:
        """A checkpoint, complete or not there at all; the ones before the last two go."""
        place = self.checkpoints / f"{state.step:09d}"
        part = place.with_name(place.name + ".part")
        for old in (part, place):
            shutil.rmtree(old, ignore_errors=True)
        nothing = (np.zeros(0, np.int64), np.zeros((0, len(Metrics._fields) + 1)))  # the series are in metrics.jsonl
        checkpoint.save(part, trace, experiment, state, nothing, **about)
        part.rename(place)
        _sync(self.checkpoints)
        for old in self._saved()[KEPT:]:
            shutil.rmtree(old, ignore_errors=True)

    @property
    def resumable(self) -> bool:
        """Whether there is a checkpoint to go on from."""
        return bool(self._saved())

    def _saved(self) -> list[Path]:
        """The checkpoints, newest first."""
        return sorted((path for path in self.checkpoints.glob("*") if path.name.isdigit()), reverse=True)

    def last(self) -> Saved:
        """The newest checkpoint that is whole; ValueError if there is none."""
        for place in self._saved():
            try:
                return checkpoint.load(place)
            except ValueError as error:
                log.warning("%s; going back to the one before", error)
        raise ValueError(f"{self.checkpoints} holds no checkpoint to go on from")

    def cut(self, step: int) -> None:
        """Forget what was written of later steps than `step`."""
        self.log().cut(step)
        for path in (*self.samples.glob("*.png"), *self.frames.glob("*.npy")):
            if path.stem.isdigit() and int(path.stem) > step:
                path.unlink()


def _sync(folder: Path) -> None:
    """A renamed entry survives a power cut only when its folder is on the disk."""
    if os.name == "posix":
        with naming(folder):
            handle = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
