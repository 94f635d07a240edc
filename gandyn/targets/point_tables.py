"""The bytes of a CSV or NPY file as points in the plane; what does not fit is refused in one line. Registers nothing.

Nothing is ever unpickled.
"""

from __future__ import annotations

import io
import warnings
from tokenize import TokenError

import numpy as np

from gandyn.core.bounds import MEGABYTE
from gandyn.core.numerals import PLAIN

ROWS = 1_000_000  # at most
LINES = 2 * ROWS  # at most, comments and empty ones included
BLOCK = 20_000  # of them at once: NumPy keeps the interpreter's lock meanwhile, about 10 ms
BYTES = 64 * MEGABYTE  # of a file, at most
LARGEST = 1e6  # of a coordinate
NPY = b"\x93NUMPY"
SEPARATORS = (";", "\t", ",")  # the first one that a line holds; else spaces


def table(raw: bytes, name: str) -> np.ndarray:
    """The points [n, 2] in float64 of a file's bytes; ValueError with one line, which begins with `name`, else.

    NPY: an array of numbers [n, 2]. CSV: two numbers a line, with a comma, semicolon, tab or spaces between, a point
    or, with semicolons, a comma in the numbers; the first line may be a heading; empty lines and what follows # are
    left out.
    """
    try:
        points = _from_npy(raw) if raw.startswith(NPY) else _from_text(raw)
        if not len(points):
            raise ValueError("holds no points")
        if not (finite := np.all(np.isfinite(points), axis=1)).all():
            raise ValueError(
                f"has points that are not finite: {(~finite).sum():,}, the first is number {_first(finite)}"
            )
        if not (near := np.all(np.abs(points) <= LARGEST, axis=1)).all():
            raise ValueError(f"has a coordinate beyond {LARGEST:g}, in point number {_first(near)}: scale it first")
    except ValueError as error:
        raise ValueError(f"{name} {error}") from None
    return points


def _first(right: np.ndarray) -> str:
    return f"{int(right.argmin()) + 1:,}"


def _check_shape(shape: tuple[int, ...]) -> None:
    if len(shape) != 2 or shape[1] != 2:
        raise ValueError(f"must hold two columns, x and y: its shape is {list(shape)}, not [n, 2]")
    if shape[0] > ROWS:
        raise ValueError(f"has {shape[0]:,} rows, and at most {ROWS:,} are read: take some of them")


def _from_npy(raw: bytes) -> np.ndarray:
    """By its header first, so that nothing is allocated for a shape that its bytes do not fill."""
    file = io.BytesIO(raw)
    try:
        version = np.lib.format.read_magic(file)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of headers as Python 2 wrote them
            shape, fortran, dtype = read(file)
    except (ValueError, SyntaxError, TokenError, LookupError, TypeError, RecursionError, MemoryError):
        raise ValueError("is damaged: it begins as an NPY file and has no header of one") from None
    if dtype.hasobject or dtype.kind not in "biuf":
        raise ValueError(f"must hold real numbers, not {'objects' if dtype.hasobject else dtype}")
    _check_shape(shape)
    start, count = file.tell(), shape[0] * shape[1]
    if len(raw) - start != count * dtype.itemsize:
        raise ValueError(f"is damaged: {len(raw) - start:,} bytes of {count * dtype.itemsize:,} are there")
    flat = np.frombuffer(raw, dtype, count, start)
    with np.errstate(over="ignore"):  # a long double beyond float64 becomes infinite, which is refused
        return flat.reshape(shape, order="F" if fortran else "C").astype(np.float64)


def _from_text(raw: bytes) -> np.ndarray:
    if b"\0" in raw[:1000]:
        raise ValueError("is neither CSV nor NPY: save it as one of them")
    if (count := raw.count(b"\n")) > LINES:
        raise ValueError(f"has {count:,} lines, and at most {ROWS:,} points are read: take some of them")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("is neither NPY nor CSV in UTF-8: save it as one of them") from None
    lines = [(number, line) for number, line in enumerate(map(_content, text.splitlines()), 1) if line]
    if not lines:
        return np.empty((0, 2))
    separator = next((one for one in SEPARATORS if one in lines[0][1]), None)
    if not _is_number(_split(lines[0][1], separator)[0]):
        lines = lines[1:]  # the heading
    if len(lines) > ROWS:
        raise ValueError(f"has {len(lines):,} rows, and at most {ROWS:,} are read: take some of them")
    if not lines:
        return np.empty((0, 2))
    return np.concatenate([_block(lines[i : i + BLOCK], separator) for i in range(0, len(lines), BLOCK)])


def _block(lines: list[tuple[int, str]], separator: str | None) -> np.ndarray:
    plain = "\n".join(line for _, line in lines)
    if separator == ";":
        plain = plain.replace(",", ".")
    try:
        points = np.loadtxt(io.StringIO(plain), delimiter=separator, ndmin=2, comments=None, quotechar='"')
    except ValueError:
        points = None
    if points is None or points.shape[1] != 2:
        raise _fault(lines, separator)
    return points


def _content(line: str) -> str:
    return line.partition("#")[0].strip()


def _split(line: str, separator: str | None) -> list[str]:
    return [part.strip(' "').replace(",", ".") for part in line.split(separator)]


def _is_number(part: str) -> bool:
    """Whether it is a cell of a row, not of a heading; one that is not finite is refused later."""
    return PLAIN.fullmatch(part) is not None or part.lower().lstrip("+-") in ("nan", "inf", "infinity")


def _fault(lines: list[tuple[int, str]], separator: str | None) -> ValueError:
    """What is wrong with the first line that is wrong."""
    for number, line in lines:
        parts = _split(line, separator)
        if len(parts) != 2:
            return ValueError(f"must hold two columns, x and y: line {number:,} has {len(parts)}")
        if wrong := [part for part in parts if not _is_number(part)]:
            return ValueError(f"holds {wrong[0][:40]!r} in line {number:,}, which is no number")
    return ValueError("must hold two columns of numbers, x and y")
