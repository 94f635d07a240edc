"""The HTTP route on which the page fetches files that were made for it, of any size: Bokeh's socket takes 20 MB."""

from __future__ import annotations

import secrets
import time
from typing import NamedTuple
from urllib.parse import quote

from tornado.web import HTTPError

from gandyn.ui.server.guard import Guarded
from gandyn.ui.server.limits import limits

ROUTE = "/gandyn/download"
KEPT_S = 300.0  # seconds that a file waits to be fetched
MIME = {
    ".csv": "text/csv; charset=utf-8",
    ".parquet": "application/vnd.apache.parquet",
    ".html": "text/html; charset=utf-8",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".mp4": "video/mp4",
}


class Parcel(NamedTuple):
    """A file that was made."""

    name: str
    content: bytes


_WAITING: dict[str, tuple[float, Parcel]] = {}  # until when each waits


def offer(parcel: Parcel) -> str:
    """Let it be fetched for a while by whoever knows the unguessable key, which is returned."""
    now = time.monotonic()
    waiting = list(_WAITING.items())
    for key in [
        key for i, (key, (until, _)) in enumerate(waiting) if until < now or i <= len(waiting) - limits().max_files
    ]:
        _WAITING.pop(key, None)
    key = secrets.token_urlsafe(24)
    _WAITING[key] = now + KEPT_S, parcel
    return key


class Download(Guarded):
    """`?key=`: the file, to be saved under its name; 404 for a key that nobody was given."""

    def get(self) -> None:
        """Send it."""
        until, parcel = _WAITING.get(self.get_query_argument("key", ""), (0.0, Parcel("", b"")))
        if until < time.monotonic():
            raise HTTPError(404, reason="This file is no longer here: export it again")
        suffix = parcel.name[parcel.name.rindex(".") :]
        self.set_header("Content-Type", MIME[suffix])
        self.set_header("Content-Disposition", f"attachment; filename*=UTF-8''{quote(parcel.name)}")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cache-Control", "no-store")
        self.finish(parcel.content)
