"""What comes from a file or a client: measured before it is parsed, then a value of a declared kind, or one line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from json import JSONDecodeError
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from gandyn.core.bounds import MEGABYTE
from gandyn.core.registry import brief
from gandyn.records import strict_json
from gandyn.records.disk import unreadable

LARGEST = 16 * MEGABYTE  # bytes of a file of JSON
LARGEST_TOML = MEGABYTE
DEEPEST = 64  # lists and tables within one another
DIGITS = 1000  # of a number
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_LITERAL = re.compile(rb"'[^'\n]*'")
_NUMBER = re.compile(rb"[0-9_]{%d}" % (DIGITS + 1))
_KEY = re.compile(r"^[^=\n]*", re.MULTILINE)


def parsed(text: str | bytes, largest: int = LARGEST) -> Any:
    """The value of a JSON text; ValueError with a line without a name for what is none, too large or too deep."""
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    _measure(data, largest)
    if not data.strip():
        raise ValueError("it is empty")
    try:
        return strict_json.loads(data)
    except UnicodeDecodeError:
        raise ValueError("it is no text in UTF-8") from None
    except JSONDecodeError as error:
        what = f"{error.msg[:1].lower()}{error.msg[1:]} (line {error.lineno}, column {error.colno})"
        raise ValueError(f"it is not JSON: {what}") from None


def parsed_toml(text: str) -> dict[str, Any]:
    """The same of a TOML text."""
    _measure(text.encode("utf-8", "surrogatepass"), LARGEST_TOML, toml=True)
    if any(key.count(".") > DEEPEST for key in _KEY.findall(text)):
        raise ValueError(f"it nests deeper than {DEEPEST} levels")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError(f"it nests deeper than {DEEPEST} levels") from None


def _measure(data: bytes, largest: int, *, toml: bool = False) -> None:
    if len(data) > largest:
        raise ValueError(f"it has {len(data) / MEGABYTE:.0f} MB, and at most {largest // MEGABYTE} are read")
    plain = _STRING.sub(b"", data)
    plain = _LITERAL.sub(b"", plain) if toml else plain
    if _NUMBER.search(plain):
        raise ValueError(f"it holds a number of more than {DIGITS:,} digits")
    if plain.count(b"[") + plain.count(b"{") <= DEEPEST:
        return
    signs = np.frombuffer(plain, np.uint8)
    change = ((signs == ord("[")) | (signs == ord("{"))).astype(np.int8)
    change -= ((signs == ord("]")) | (signs == ord("}"))).astype(np.int8)
    if int(change.cumsum(dtype=np.int32).max()) > DEEPEST:
        raise ValueError(f"it nests deeper than {DEEPEST} levels")


def content(path: Path, largest: int = LARGEST) -> bytes:
    """The bytes of a file; ValueError with one line where it cannot be read, or has more than `largest`."""
    try:
        pieces, left = [], largest + 1  # read(n) would take n bytes of memory first, however small the file is
        with path.open("rb") as file:
            while left and (piece := file.read(min(left, MEGABYTE))):
                pieces.append(piece)
                left -= len(piece)
        data = b"".join(pieces)
    except OSError as error:
        raise unreadable(path, error) from None
    except ValueError:
        raise ValueError(f"{brief(str(path))} is no name of a file") from None
    if len(data) > largest:
        raise ValueError(f"{path} cannot be read: it has more than {largest // MEGABYTE} MB")
    return data


def read(path: Path, kind: Any, largest: int = LARGEST) -> dict[str, Any]:
    """A JSON file as a record of this kind; ValueError with one line that names the file and the field."""
    data = content(path, largest)
    try:
        return checked(parsed(data.removeprefix(b"\xef\xbb\xbf"), largest), kind)
    except ValueError as error:
        raise ValueError(f"{path} cannot be read: {error}") from None


def checked(record: Any, kind: Any) -> dict[str, Any]:
    """The record with the fields of this kind (a TypedDict) as it declares them; others stay as they are.

    ValueError with one line that names the field.
    """
    if not isinstance(record, Mapping):
        raise ValueError(f"it holds {kind_of(record)} instead of an object, {{...}}")
    try:
        return {**record, **msgspec.convert(dict(record), kind)}
    except msgspec.ValidationError as error:
        raise ValueError(_line(error)) from None
    except RecursionError:
        raise ValueError(f"it nests deeper than {DEEPEST} levels") from None


def kind_of(record: object) -> str:
    """What kind of value a JSON text holds, in JSON's words."""
    kinds: dict[type, str] = {type(None): "null", list: "a list", str: "a text", int: "a number", float: "a number"}
    return kinds.get(type(record), brief(record))


def value(name: str, record: Any, kind: Any) -> Any:
    """What stands under this name, as a value of this kind; ValueError with one line that names the field."""
    try:
        return msgspec.convert(record, kind)
    except msgspec.ValidationError as error:
        raise ValueError(_line(error, name)) from None


def _line(error: Exception, name: str = "") -> str:
    """msgspec's "Expected `int` - at `$.a`" as "a: expected int"; `name`: of what the place is within."""
    text, _, place = " ".join(str(error).split()).rpartition(" - at `$")
    if not text:
        text, place = place, ""
    text = text.replace("`", "")
    place = f"{name}{place.rstrip('`')}".lstrip(".")
    return f"{place}: {text[0].lower()}{text[1:]}" if place else f"{text[0].lower()}{text[1:]}"
