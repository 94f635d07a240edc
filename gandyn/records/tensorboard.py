"""TensorBoard's event files beside metrics.jsonl."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from gandyn.records.log import Row


def check() -> None:
    """ValueError where TensorBoard is not installed."""
    if find_spec("tensorboard") is None:
        raise ValueError("--tensorboard needs TensorBoard: pip install 'gandyn[tensorboard]'")


def scalars(folder: Path, step: int) -> Callable[[list[Row]], None]:
    """What writes rows of metrics as scalars, after `step`."""
    from torch.utils.tensorboard import SummaryWriter

    writer = SummaryWriter(str(folder), purge_step=step + 1 if step else None)

    def write(rows: list[Row]) -> None:
        for row in rows:
            for name, value in row.items():
                if name != "step" and value is not None:
                    writer.add_scalar(name, value, row["step"])
        writer.flush()

    return write
