"""A run on disk: state.pt with tensors alone, trace.json, and run.json that vouches for all three by checksum."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from gandyn.core.experiment import Experiment
from gandyn.core.state import initial, on
from gandyn.core.trees import from_dict, to_dict
from gandyn.core.types import State
from gandyn.records import strict_json as json
from gandyn.records.config import from_config, to_config
from gandyn.records.disk import trouble, write


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
    sums = {name: _sha256(data) for name, data in files.items()} | {"run.json": _sha256(_plain(head))}
    write(directory / "run.json", json.dumps(head | {"sha256": sums}, indent=1).encode())


def _plain(head: dict[str, Any]) -> bytes:
    return json.dumps(head, sort_keys=True).encode()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def load(directory: Path) -> Saved:
    """Read what `save` wrote; ValueError with one line that names the file for anything else."""
    try:
        head = json.loads((directory / "run.json").read_text())
        files = {name: (directory / name).read_bytes() for name in ("state.pt", "trace.json")}
        now, about, checksums = head["now"], head["about"], head["sha256"]
        files["run.json"] = _plain({"now": now, "about": about})
    except OSError as error:
        raise ValueError(f"{directory} holds no saved run ({trouble(error)})") from None
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{directory} holds no saved run ({error})") from None
    for name, data in files.items():
        if _sha256(data) != checksums.get(name):
            raise ValueError(f"{directory / name} is damaged or belongs to another save: its checksum does not fit")
    stored = torch.load(io.BytesIO(files["state.pt"]), weights_only=True)
    experiment = from_config(now)
    return Saved(
        json.loads(files["trace.json"]),
        experiment,
        _state(stored, experiment, directory / "state.pt"),
        (stored["steps"].numpy(), stored["rows"].numpy()),
        about,
    )


def _state(stored: dict[str, Any], experiment: Experiment, path: Path) -> State:
    """The state as the named tuples of the experiment's game; ValueError where it is of another."""
    try:
        numbers = stored["state"]
        return from_dict(numbers, initial(experiment.game, numbers["g"], numbers["d"]))
    except KeyError as missing:
        raise ValueError(f"{path} lacks {missing}: it was written by another version of gandyn") from None
    except ValueError as error:
        raise ValueError(f"{path} does not fit its configuration: {error}") from None
