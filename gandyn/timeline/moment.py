"""A moment as a short text, for the end of a link: the trace that leads to it, compressed.

`1.` and base64url of the zlib stream of the trace as JSON. The number is the version of this form.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from typing import Any

from gandyn.records.reading import parsed

VERSION = "1"
MOST = 6000  # characters that every browser, mail program and chat takes in an address
LARGEST = 2**22  # bytes of JSON that a text may unpack to


def encode(trace: dict[str, Any]) -> str:
    """The text of a trace."""
    plain = json.dumps(trace, separators=(",", ":"), allow_nan=False).encode()
    packed = zlib.compress(plain, 9)
    return f"{VERSION}.{base64.urlsafe_b64encode(packed).decode().rstrip('=')}"


def decode(text: str) -> dict[str, Any]:
    """The trace of a text. Raises ValueError with one line for what is none."""
    version, _, packed = text.partition(".")
    if version != VERSION:
        raise ValueError("the moment in this link is of a form that is not known here: a newer gandyn may open it")
    try:
        stream = zlib.decompressobj()
        plain = stream.decompress(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)), LARGEST)
        trace = parsed(plain, LARGEST) if stream.eof else None
    except (ValueError, binascii.Error, zlib.error):
        trace = None
    if not isinstance(trace, dict):
        raise ValueError("the moment in this link is damaged: was all of the address copied?")
    return trace
