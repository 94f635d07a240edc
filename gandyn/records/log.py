"""metrics.jsonl: one JSON object a line for every step, appended in pieces."""

from __future__ import annotations

import hashlib
import math
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import torch

from gandyn.core.types import Metrics
from gandyn.records import strict_json as json
from gandyn.records.disk import naming
from gandyn.records.reading import checked, parsed
from gandyn.records.schema import Row as RowSchema

Row = dict[str, Any]
BLOCK, LONGEST = 2**20, 2**20  # bytes that are read at once; of a row
PIECE = 64  # steps between transfers from the device: no synchronisation per step


class MetricsLog:
    """Rows wait as tensors until `flush`; a row may be given more values while it waits.

    Those that another thread still computes hold up their row and those after it, but not the training.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rows: list[Row] = []  # they wait with their metrics [steps]
        self._metrics: list[Metrics] = []
        self._later: dict[int, Future[dict[str, Any]]] = {}  # what is still computed, by the step of its row
        self._hashed, self._hash = 0, hashlib.sha256()  # bytes of the file, and their checksum

    def extend(self, last: int, metrics: Metrics, start: float, end: float) -> None:
        """The metrics [steps] of the steps up to number `last`, made between two moments on the clock."""
        count = len(metrics.f)
        each = (end - start) / count
        self._rows += [{"step": last - count + 1 + i, "wall": round(start + (i + 1) * each, 3)} for i in range(count)]
        self._metrics.append(metrics)

    def add(self, /, **values: Any) -> None:
        """More values for the last row."""
        self._rows[-1].update(values)

    def add_later(self, values: Future[dict[str, Any]]) -> None:
        """More values for the last row, which it waits for."""
        self._later[self._rows[-1]["step"]] = values

    @property
    def full(self) -> bool:
        """Whether a piece is complete."""
        return len(self._rows) >= PIECE

    def flush(self, *, wait: bool = True) -> list[Row]:
        """Write what waits, and return it. A loss that is not finite becomes null: JSON has no other word for it.

        Not `wait`: only the rows before the first one of which something is still computed.
        """
        pending = min((step for step, values in self._later.items() if not (wait or values.done())), default=math.inf)
        count = next((i for i, row in enumerate(self._rows) if row["step"] >= pending), len(self._rows))
        if not count:
            return []
        whole = Metrics(*(torch.cat(one) for one in zip(*self._metrics, strict=True)))
        waiting, self._rows = self._rows[:count], self._rows[count:]
        self._metrics = [Metrics(*(one[count:] for one in whole))] if self._rows else []
        values = torch.stack([one[:count] for one in whole], 1).double().cpu().tolist()
        rows: list[Row] = []
        for row, numbers in zip(waiting, values, strict=True):
            if (later := self._later.pop(row["step"], None)) is not None:
                row |= later.result()
            finite = (number if math.isfinite(number) else None for number in numbers)
            rows.append({"step": row.pop("step"), **dict(zip(Metrics._fields, finite, strict=True)), **row})
        with naming(self._path), self._path.open("a") as file:
            file.write("".join(json.dumps(row) + "\n" for row in rows))
        return rows

    def checksum(self) -> tuple[int, str]:
        """(bytes, sha256) of what is written; read on from where it was read to the last time."""
        with naming(self._path), self._path.open("rb") as file:
            file.seek(self._hashed)
            while piece := file.read(BLOCK):
                self._hash.update(piece)
                self._hashed += len(piece)
        return self._hashed, self._hash.hexdigest()


def agrees(path: Path, size: int, sha256: str) -> bool:
    """Whether the first `size` bytes of a log are those of this checksum."""
    whole, left = hashlib.sha256(), size
    try:
        with path.open("rb") as file:
            while left and (piece := file.read(min(left, BLOCK))):
                whole.update(piece)
                left -= len(piece)
    except OSError:
        return False
    return not left and whole.hexdigest() == sha256


def cut(path: Path, size: int) -> Row:
    """Forget what is written after the first `size` bytes; the last row that stays, {} where there is none."""
    with naming(path), path.open("r+b") as file:
        file.truncate(size)
        file.seek(max(0, size - LONGEST))
        lines = file.read().splitlines()
    return parsed(lines[-1]) if lines else {}


def read(path: Path) -> list[Row]:
    """The rows of a log; a line that was not finished ends it."""
    rows: list[Row] = []
    with path.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            try:
                rows.append(checked(parsed(line, LONGEST), RowSchema))
            except ValueError:
                break
    return rows


def rows_with(path: Path, name: str) -> list[Row]:
    """The rows of a log that hold a value of this name, without parsing the others."""
    key = json.dumps(name)
    with path.open(encoding="utf-8", errors="replace") as file:
        return [checked(parsed(line, LONGEST), RowSchema) for line in file if key in line and line.endswith("\n")]
