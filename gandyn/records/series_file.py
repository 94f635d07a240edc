"""A table of series as a file: CSV, or Parquet where pyarrow is installed."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import numpy as np

MISSING = "Parquet needs pyarrow (pip install 'gandyn[sweep]'); CSV does not"


def as_csv(columns: Mapping[str, np.ndarray]) -> bytes:
    """Columns of one length under a line of their names; every digit of a number, nothing where it is NaN."""
    texts = [_texts(column) for column in columns.values()]
    lines = [",".join(columns), *map(",".join, zip(*texts, strict=True))]
    return ("\n".join(lines) + "\n").encode()


def _texts(column: np.ndarray) -> list[str]:
    if column.dtype == object:
        return ['"' + text.replace('"', '""') + '"' for text in column]
    if column.dtype != np.float64:
        return list(map(str, column.tolist()))
    return ["" if number != number else repr(number).removesuffix(".0") for number in column.tolist()]


def check_parquet() -> None:
    """ValueError with one line where it cannot be written."""
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        raise ValueError(MISSING) from None


def as_parquet(columns: Mapping[str, np.ndarray], metadata: Mapping[str, Any]) -> bytes:
    """The same, NaN as null, with texts about it; ValueError with one line where pyarrow is missing."""
    check_parquet()
    import pyarrow as arrow
    from pyarrow import parquet

    arrays = {
        name: arrow.array(column, from_pandas=True) if column.dtype != object else arrow.array(column.tolist())
        for name, column in columns.items()
    }
    whole = arrow.table(arrays).replace_schema_metadata({f"gandyn.{key}": str(text) for key, text in metadata.items()})
    buffer = io.BytesIO()
    parquet.write_table(whole, buffer)
    return buffer.getvalue()
