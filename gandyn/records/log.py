"""metrics.jsonl: one JSON object a line for every step, appended in pieces."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import torch

from gandyn.core.types import Metrics
from gandyn.records import strict_json as json
from gandyn.records.disk import naming, write

Row = dict[str, Any]
PIECE = 64  # steps between transfers from the device: no synchronisation per step


class MetricsLog:
    """Rows wait as tensors until `flush`; a row may be given more values while it waits."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rows: list[Row] = []  # they wait with their metrics [steps]
        self._metrics: list[Metrics] = []

    def extend(self, last: int, metrics: Metrics, start: float, end: float) -> None:
        """The metrics [steps] of the steps up to number `last`, made between two moments on the clock."""
        count = len(metrics.f)
        each = (end - start) / count
        self._rows += [{"step": last - count + 1 + i, "wall": round(start + (i + 1) * each, 3)} for i in range(count)]
        self._metrics.append(metrics)

    def add(self, /, **values: Any) -> None:
        """More values for the last row."""
        self._rows[-1].update(values)

    @property
    def full(self) -> bool:
        """Whether a piece is complete."""
        return len(self._rows) >= PIECE

    def flush(self) -> list[Row]:
        """Write what waits, and return it. A loss that is not finite becomes null: JSON has no other word for it."""
        (waiting, each), self._rows, self._metrics = (self._rows, self._metrics), [], []
        if not waiting:
            return []
        values = torch.cat([torch.stack(tuple(metrics), 1) for metrics in each]).double().cpu().tolist()
        rows: list[Row] = []
        for row, numbers in zip(waiting, values, strict=True):
            finite = (number if math.isfinite(number) else None for number in numbers)
            rows.append({"step": row.pop("step"), **dict(zip(Metrics._fields, finite, strict=True)), **row})
        with naming(self._path), self._path.open("a") as file:
            file.write("".join(json.dumps(row) + "\n" for row in rows))
        return rows

    def cut(self, step: int) -> None:
        """Forget what was written of later steps than `step`, and a last line that was not finished."""
        if self._path.exists():
            kept = [json.dumps(row) + "\n" for row in read(self._path) if row["step"] <= step]
            write(self._path, "".join(kept).encode())


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
