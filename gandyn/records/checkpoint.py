"""A run on disk: state.pt with tensors alone, trace.json, and run.json that vouches for all three by checksum."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from gandyn.core.experiment import Experiment
from gandyn.core.registry import brief
from gandyn.core.state import on
from gandyn.core.trees import to_dict
from gandyn.core.types import State
from gandyn.records import reading
from gandyn.records import strict_json as json
from gandyn.records.config import from_config, to_config
from gandyn.records.disk import write
from gandyn.records.schema import Checkpoint, Trace
from gandyn.records.stored_state import LARGEST, series_of, state_of, tensors_of
from gandyn.records.trace import DTYPES
from gandyn.records.vouching import sha256


class Saved(NamedTuple):
    """What a directory holds."""

    trace: dict[str, Any]
    experiment: Experiment  # as it was when it was saved
    state: State
    series: tuple[np.ndarray, np.ndarray]
    about: dict[str, Any]  # what `save` was given besides


def save(
    directory: Path,
    trace: dict[str, Any],
    experiment: Experiment,
    state: State,
    series: tuple[np.ndarray, np.ndarray],
    **about: Any,
) -> None:
    """Write state.pt and trace.json, then run.json with the checksums, each of them atomically."""
    directory.mkdir(parents=True, exist_ok=True)
    stored = {"state": to_dict(on(state, "cpu"))}
    stored |= {"steps": torch.from_numpy(series[0]), "rows": torch.from_numpy(series[1])}
    buffer = io.BytesIO()
    torch.save(stored, buffer)
    files = {"state.pt": buffer.getvalue(), "trace.json": json.dumps(trace, indent=1).encode()}
    for name, data in files.items():
        write(directory / name, data)
    head = {"now": to_config(experiment), "about": about}
    sums = {name: sha256(data) for name, data in files.items()} | {"run.json": sha256(_plain(head))}
    write(directory / "run.json", json.dumps(head | {"sha256": sums}, indent=1).encode())


def _plain(head: dict[str, Any]) -> bytes:
    return json.dumps(head, sort_keys=True).encode()


def load(directory: Path) -> Saved:
    """Read what `save` wrote; ValueError with one line that names the file for anything else."""
    for name in ("run.json", "state.pt", "trace.json"):
        if directory.is_dir() and not (directory / name).exists():
            raise ValueError(f"{directory} holds no saved run: {name} is missing")
    try:
        head = reading.read(directory / "run.json", Checkpoint)
        files = {name: reading.content(directory / name, LARGEST) for name in ("state.pt", "trace.json")}
    except ValueError as error:
        raise ValueError(f"{directory} holds no saved run ({error})") from None
    now, about, checksums = head["now"], head["about"], head["sha256"]
    files["run.json"] = _plain({"now": now, "about": about})
    for name, data in files.items():
        if sha256(data) != checksums.get(name):
            other = "" if name == "run.json" else ", or of another save than run.json beside it"
            raise ValueError(f"{directory / name} is damaged{other}")
    try:
        trace = reading.checked(reading.parsed(files["trace.json"]), Trace)
    except ValueError as error:
        raise ValueError(f"{directory / 'trace.json'} cannot be read: {error}") from None
    experiment = from_config(now)
    try:
        stored = tensors_of(files["state.pt"])
        state = state_of(stored["state"], experiment, DTYPES[trace.get("dtype", "float32")], trace.get("lanes"))
        if state.step != trace["stop"]:
            raise ValueError(f"it is of step {brief(state.step)}, and the trace beside it ends at {trace['stop']}")
        series = series_of(stored, trace.get("lanes"))
    except ValueError as error:
        raise ValueError(f"{directory / 'state.pt'} does not fit its configuration: {error}") from None
    return Saved(trace, experiment, state, series, about)
