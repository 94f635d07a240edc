"""A frame: one moment of the runs of a broadcast as bytes, encoded once for all its viewers.

A message is a uint32 header length (little endian), a JSON header padded to a multiple of 4, and arrays aligned to
4 bytes, so that a browser reads them in place as typed arrays.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import numpy as np

from gandyn.live.schema import Head

if TYPE_CHECKING:
    from gandyn.live.studies import Result

LAYERS = frozenset({"map", "contours", "arrows", "many"})  # what is only computed while somebody shows it
LEVELS = 255
DTYPES = {np.dtype(np.float32): "f4", np.dtype(np.uint8): "u1", np.dtype(np.int32): "i4"}


class Column(NamedTuple):
    """One column of a source of the page; its values are raw * scale + shift."""

    source: str
    name: str
    values: np.ndarray
    scale: float = 1.0
    shift: float = 0.0


def column(source: str, name: str, values: Any) -> Column:
    """Numbers as float32."""
    return Column(source, name, np.ascontiguousarray(values, np.float32))


def image(source: str, values: np.ndarray) -> Column:
    """An image [n, n] in 256 levels of its own range: a quarter of the bytes, finer than the palette."""
    low, high = float(values.min()), float(values.max())
    scale = (high - low) / LEVELS or 1.0
    raw = np.round((values - low) / scale).astype(np.uint8)
    return Column(source, "image", raw, scale, low)


class Part(NamedTuple):
    """What a frame shows of one run. The series are the larger part of it and change slower, and so do the studies."""

    header: dict[str, Any]
    stage: list[Column]
    series_id: int
    series: list[Column]
    studies: Mapping[str, Result] = {}


def encode(header: dict[str, Any], parts: Sequence[Sequence[Column]]) -> bytes:
    """The message: `header` (see schema.Head) with the places of all columns, each under the number of its part."""
    places: list[list[Any]] = []
    body: list[bytes] = []
    offset = 0
    for number, item in ((i, item) for i, columns in enumerate(parts) for item in columns):
        data = item.values.tobytes()
        data += b"\0" * (-len(data) % 4)
        kind, shape = DTYPES[item.values.dtype], list(item.values.shape)
        places.append([number, item.source, item.name, kind, shape, offset, item.scale, item.shift])
        body.append(data)
        offset += len(data)
    head = msgspec.json.encode(msgspec.convert({**header, "columns": places}, Head))
    head += b" " * (-len(head) % 4)
    return b"".join((struct.pack("<I", len(head)), head, *body))


class Frame:
    """What viewers are sent: one moment of every run of a broadcast, with their series or without, and with those
    studies that are new to a viewer.
    """

    def __init__(self, id: int, stamp: int, header: dict[str, Any], parts: Sequence[Part]) -> None:
        self.id = id
        self.stamp = stamp
        self.series_id = tuple(part.series_id for part in parts)
        names = dict.fromkeys(name for part in parts for name in part.studies)
        #: of each study the ids of what was found of every run, 0 where nothing was
        self.studies = {
            name: tuple(part.studies[name].id if name in part.studies else 0 for part in parts) for name in names
        }
        self._header = {"id": id, "stamp": stamp, **header}
        self._parts = parts
        self._messages: dict[tuple[bool, frozenset[str]], bytes] = {}

    def encode(self, *, series: bool, studies: frozenset[str] = frozenset()) -> bytes:
        """The message, with the series or without, and with these studies; made at the first asking."""
        key = series, studies
        if key not in self._messages:
            self._messages[key] = self._encoded(series, studies)
        return self._messages[key]

    def _encoded(self, series: bool, studies: frozenset[str]) -> bytes:
        headers, columns = [], []
        for part in self._parts:
            new = {name: one for name, one in part.studies.items() if name in studies}
            studied = {"studies": {name: one.head for name, one in new.items()}} if new else {}
            headers.append({**part.header, **studied})
            of_studies = [item for one in new.values() for item in one.columns]
            columns.append([*part.stage, *(part.series if series else ()), *of_studies])
        return encode({**self._header, "parts": headers, "series": series}, columns)
