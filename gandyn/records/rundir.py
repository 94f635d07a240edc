"""A run directory: where each thing of a run lies, and which checkpoint is the last good one."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from gandyn.core.experiment import Experiment
from gandyn.core.types import Metrics, State
from gandyn.records import checkpoint, reading
from gandyn.records import strict_json as json
from gandyn.records.checkpoint import Saved
from gandyn.records.config import from_config
from gandyn.records.disk import naming, write
from gandyn.records.engine import Engine
from gandyn.records.lock import LOCK, exclusive, is_free
from gandyn.records.log import MetricsLog, Row, agrees, cut
from gandyn.records.schema import RunConfig, Vouched
from gandyn.records.trace import settings_of
from gandyn.records.vouching import Facts, altered_frame, check_config

KEPT = 2  # checkpoints: the newest, and one to fall back on if it is damaged

log = logging.getLogger(__name__)


class Intact(NamedTuple):
    """A checkpoint, and the checksums of what was written before it, with which the files agree."""

    saved: Saved
    vouched: Vouched


class RunDirectory:
    """Names and files, no numbers: config.json, metrics.jsonl, samples/, frames/, checkpoints/, summary.json."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.samples = path / "samples"
        self.frames = path / "frames"
        self.checkpoints = path / "checkpoints"
        self.metrics = path / "metrics.jsonl"
        self._facts = Facts(self.frames, self.samples)

    @classmethod
    def new(cls, path: Path, config: dict[str, Any]) -> RunDirectory:
        """A fresh one; ValueError if something is there already."""
        cls.check_free(path)
        directory = cls(path)
        directory._make_folders()
        with exclusive(path):
            cls.check_free(path)  # another command may have been quicker
            directory.metrics.touch()
            directory.write("config.json", config)
        return directory

    @staticmethod
    def check_free(path: Path) -> None:
        """ValueError with one line where a new run cannot have this folder."""
        if path.exists() and not path.is_dir():
            raise ValueError(f"{path} is a file: choose another --out")
        if not is_free(path) and not _left_by_a_failure(path):
            there = (path / "config.json").is_file()
            advice = f", or go on with the run in it by gandyn train --resume {path}" if there else ""
            raise ValueError(f"{path} is not empty: choose another --out{advice}")

    def _make_folders(self) -> None:
        for folder in (self.samples, self.frames, self.checkpoints):
            folder.mkdir(parents=True, exist_ok=True)

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
        try:
            return reading.read(self.path / "config.json", RunConfig)
        except ValueError as error:
            raise ValueError(f"{error}; put it back as it was, or begin a run in another folder") from None

    def first(self) -> Experiment:
        """The experiment with which it begins; ValueError with one line that names config.json."""
        try:
            return from_config(self.config())
        except ValueError as error:
            name = str(self.path / "config.json")
            raise ValueError(str(error) if name in str(error) else f"{name}: {error}") from None

    def engine(self) -> Engine | None:
        """The engine that computes it; None for a run that does not say."""
        return settings_of(self.config())[1]

    def read(self, name: str) -> dict[str, Any]:
        """A JSON file; ValueError with one line if it cannot be read."""
        return reading.read(self.path / name, dict[str, Any])

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

    def _saved(self) -> list[Path]:
        """The checkpoints, newest first."""
        return sorted((path for path in self.checkpoints.glob("*") if path.name.isdigit()), reverse=True)

    def last(self) -> Saved:
        """The newest checkpoint that is whole; ValueError if there is none."""
        for saved in self._whole():
            return saved
        raise ValueError(f"{self.checkpoints} holds no whole checkpoint: gandyn train --resume {self.path} makes them")

    def own_last(self) -> Saved:
        """The same; ValueError where it is one of a run with another config.json."""
        saved = self.last()
        if "files" in saved.about:  # older checkpoints do not say
            check_config(self.path / "config.json", self.config(), _vouched(saved), anyway=True)
        return saved

    def _whole(self) -> Iterator[Saved]:
        """The checkpoints that are whole, newest first."""
        for place in self._saved():
            try:
                yield checkpoint.load(place)
            except ValueError as error:
                log.warning("%s; trying the checkpoint before it", error)

    def vouched(self, config: Mapping[str, Any], size: int, metrics: str) -> dict[str, Any]:
        """The checksums of all facts beside a checkpoint, given those of the log: see vouching."""
        return self._facts.vouched(config, size, metrics)

    def intact(self, config: Mapping[str, Any], *, anyway: bool = False) -> Intact | None:
        """The newest checkpoint with which all facts that were written before it agree; None: begin at step 0.

        A warning for each that is passed over, with the file that is not as it was written. ValueError for another
        config.json than it was begun with; `anyway`: but for its engine.
        """
        for saved in self._whole():
            vouched = _vouched(saved)
            check_config(self.path / "config.json", config, vouched, anyway=anyway)
            altered = self.metrics if not agrees(self.metrics, vouched.bytes, vouched.metrics) else None
            if (altered := altered or altered_frame(self.frames, vouched)) is None:
                return Intact(saved, vouched)
            log.warning(
                "%s is missing or not as it was written up to step %s: what is lost is computed again",
                altered, f"{saved.state.step:,}",
            )  # fmt: skip
        return None

    def cut(self, step: int, size: int) -> Row:
        """Forget what was written of later steps than `step`, of the log but `size` bytes; its last row that stays."""
        self._make_folders()
        for folder in (self.path, self.samples, self.frames, self.checkpoints):
            for part in folder.glob("*.part"):  # left by a process that was killed
                shutil.rmtree(part) if part.is_dir() else part.unlink()
        for path in (*self.samples.glob("*.png"), *self.frames.glob("*.npy")):
            if path.stem.isdigit() and int(path.stem) > step:
                path.unlink()
        self.metrics.touch()
        return cut(self.metrics, size)


def _vouched(saved: Saved) -> Vouched:
    return reading.value("files", saved.about.get("files"), Vouched)


def _left_by_a_failure(path: Path) -> bool:
    """Whether a run failed here before it had its configuration: empty folders and an empty log, nothing else."""
    ours = {"samples", "frames", "checkpoints", "metrics.jsonl", "config.json.part", LOCK}
    return path.is_dir() and all(
        one.name in ours and not (any(one.iterdir()) if one.is_dir() else one.suffix == ".jsonl" and one.stat().st_size)
        for one in path.iterdir()
    )


def _sync(folder: Path) -> None:
    """A renamed entry survives a power cut only when its folder is on the disk."""
    if os.name == "posix":
        with naming(folder):
            handle = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
