"""The address of a server under a prefix, typed without the slash at its end."""

from __future__ import annotations

from typing import Any

from tornado.web import RequestHandler

from gandyn.ui.server.listening import path_of


class WithSlash(RequestHandler):
    """To the same address with it; seen from there all others begin, and a proxy may have put more before it."""

    def get(self) -> None:
        """Without the host and all but the last part of the path, which the browser knows better than this server."""
        query = f"?{self.request.query}" if self.request.query else ""
        self.redirect(f"{self.request.path.rpartition('/')[2]}/{query}")


def routes(prefix: str) -> list[tuple[str, Any]]:
    """The route of a server under this prefix: none where there is none."""
    return [("", WithSlash)] if path_of(prefix) else []
