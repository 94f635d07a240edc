"""A file of names and passwords, which PANEL_BASIC_AUTH may name: read anew at every login, so it may be changed."""

from __future__ import annotations

import codecs
from pathlib import Path

import msgspec

LARGEST = 2**20  # bytes
USERS = msgspec.json.Decoder(dict[str, str])


def users(file: Path) -> dict[str, str]:
    """The password of each name; ValueError with one line, which has none of them, for a file that is no such one."""
    try:
        with file.open("rb") as opened:
            raw = opened.read(LARGEST + 1)
    except OSError as error:
        raise ValueError(f"{_of(file)} cannot be read ({error.strerror}): {_ADVICE}") from None
    if len(raw) > LARGEST:
        raise ValueError(f"{_of(file)} has more than {LARGEST:,} bytes: {_ADVICE}")
    try:
        known = USERS.decode(raw.removeprefix(codecs.BOM_UTF8))
    except (ValueError, RecursionError):
        raise ValueError(f"{_of(file)} is no JSON object of names and passwords, all of them text: {_ADVICE}") from None
    if not known:
        raise ValueError(f"{_of(file)} has no name in it: {_ADVICE}")
    for name, password in known.items():
        if not password:
            raise ValueError(f"{_of(file)} has no password for {name[:80]!r}: {_ADVICE}")
    return known


_ADVICE = 'make it as {"ann": "her password", "bob": "his password"}'


def _of(file: Path) -> str:
    return f"the file of users {str(file)!r}, which PANEL_BASIC_AUTH names,"
