"""The tensors of a saved run: nothing unpickled but tensors, of names, shapes and types of its configuration."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gandyn.core import checks
from gandyn.core.experiment import MAX_TOTAL_STEPS, Experiment
from gandyn.core.registry import brief
from gandyn.core.state import initial
from gandyn.core.trees import from_dict, leaves, tree_map
from gandyn.core.types import Metrics, State

LARGEST = 2**33  # bytes of the tensors
REMEMBERED = ("rule.", "aux.")  # what update rules and regularisers remember has a form of their own


def tensors_of(data: bytes) -> Mapping[str, Any]:
    """What `torch.save` wrote; ValueError with a line for anything else."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            stored_plainly = all(entry.compress_type == zipfile.ZIP_STORED for entry in packed.infolist())
        with warnings.catch_warnings(action="error", category=UserWarning):  # of a form that torch.save does not write
            stored = torch.load(io.BytesIO(data), weights_only=True, map_location="cpu") if stored_plainly else None
    except Exception as error:  # noqa: BLE001  the instructions of a damaged file end in whatever they come upon
        raise ValueError(f"it holds no tensors ({brief(str(error) or type(error).__name__)})") from None
    if not stored_plainly:  # they could need any room
        raise ValueError("its tensors are compressed, which gandyn never does")
    if not isinstance(stored, Mapping) or not {"state", "steps", "rows"} <= stored.keys():
        raise ValueError("it lacks state, steps or rows")
    return stored


def state_of(numbers: Any, experiment: Experiment, dtype: torch.dtype, lanes: int | None) -> State:
    """The state as the named tuples of the experiment's game; ValueError where a name, shape or type is another's."""
    game = experiment.game
    like = initial(game, torch.zeros(game.generator.size, dtype=dtype), torch.zeros(game.critic.size, dtype=dtype))
    if lanes is not None:
        like = tree_map(lambda leaf: leaf.new_zeros(lanes, *leaf.shape) if leaf.ndim else leaf, like)
    if not isinstance(numbers, Mapping):
        raise ValueError(f"its state is {brief(numbers)}")
    state = from_dict(numbers, like)
    wanted = {name: leaf for name, leaf in leaves(like) if not name.startswith(REMEMBERED)}
    held = {name: leaf for name, leaf in leaves(state) if not name.startswith(REMEMBERED)}
    for name, leaf in held.items():
        other = wanted.get(name)
        if other is None and name not in wanted:
            raise ValueError(f"it holds {name}, which a state of this run does not")
        if isinstance(other, Tensor) and _form(leaf) != _form(other):
            raise ValueError(f"{name} is {_form(leaf)}, not {_form(other)}")
    if len(held) != len(wanted):
        raise ValueError("its state lacks something")
    return state._replace(step=checks.integer("the step of its state", state.step, 0, MAX_TOTAL_STEPS))


def _form(leaf: Any) -> str:
    if not isinstance(leaf, Tensor):
        return brief(leaf)
    return f"{str(leaf.dtype).removeprefix('torch.')} {list(leaf.shape)}"


def series_of(stored: Mapping[str, Any], lanes: int | None) -> tuple[np.ndarray, np.ndarray]:
    """(steps, rows) of the series; ValueError where they are of another form."""
    steps, rows = stored["steps"], stored["rows"]
    axis = [] if lanes is None else [lanes]
    wanted = (
        f"float64 {[len(steps) if isinstance(steps, Tensor) and steps.ndim else 0, len(Metrics._fields) + 1, *axis]}"
    )
    if not isinstance(steps, Tensor) or steps.ndim != 1 or steps.dtype != torch.int64:
        raise ValueError(f"its steps are {_form(steps)}, not int64 [n]")
    if len(steps) and _form(rows) != wanted:
        raise ValueError(f"its rows are {_form(rows)}, not {wanted}")
    return steps.numpy(), rows.numpy()
