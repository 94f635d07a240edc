"""metrics.jsonl: one JSON object a line for every step, appended in pieces."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import torch

from gandyn.core.types import Metrics
from gandyn.records import strict_json as json

Row = dict[str, Any]
PIECE = 64  # steps between transfers from the device: no synchronisation per step


class MetricsLog:
    """Rows wait as tensors until `flush`; a row may be given more values while it waits."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._waiting: list[tuple[Row, Metrics]] = []

    def append(self, step: int, metrics: Metrics, wall: float) -> None:
        """The metrics of the step that led to the state after `step` steps."""
        self._waiting.append(({"step": step, "wall": round(wall, 3)}, metrics))

    def add(self, **values: Any) -> None:
        """More values for the last row."""
        self._waiting[-1][0].update(values)

    @property
    def full(self) -> bool:
        """Whether a piece is complete."""
        return len(self._waiting) >= PIECE

    def flush(self) -> list[Row]:
        """Write what waits, and return it. A loss that is not finite becomes null: JSON has no other word for it."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return []
        values = torch.stack([torch.stack(tuple(metrics)) for _, metrics in waiting]).double().cpu().tolist()
        rows: list[Row] = []
        for (row, _), numbers in zip(waiting, values, strict=True):
            finite = (number if math.isfinite(number) else None for number in numbers)
            rows.append({"step": row.pop("step"), **dict(zip(Metrics._fields, finite, strict=True)), **row})
        with self._path.open("a") as file:
            file.write("".join(json.dumps(row) + "\n" for row in rows))
        return rows

    def cut(self, step: int) -> None:
        """Forget what was written of later steps than `step`, and a last line that was not finished."""
        if self._path.exists():
            kept = [json.dumps(row) + "\n" for row in read(self._path) if row["step"] <= step]
            part = self._path.with_name(self._path.name + ".part")
            part.write_text("".join(kept))
            part.replace(self._path)


def read(path: Path) -> list[Row]:
    """The rows of a log; a line that was not finished ends it."""
    rows: list[Row] = []
    with path.open() as file:
        for line in file:
            try:
                rows.append(json.loads(line))
            except ValueError:
                break
    return rows
