"""Who may reach a route of ours: the same origins and the same login as the page that Bokeh and Panel serve.

One rule of origins for both sockets and for what is sent by HTTP: Bokeh's list (`--allow-websocket-origin`, or
BOKEH_ALLOW_WS_ORIGIN). Where this machine's own name is on it, its other names are, too. Tornado would also let in
whatever page calls itself what the request calls the server: a name of somebody else's that leads here does. A socket
without an Origin is refused: browsers always send one.
"""

from __future__ import annotations

import ipaddress
import logging
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode, urlsplit

from bokeh.server.util import check_allowlist
from bokeh.server.views.auth_request_handler import AuthRequestHandler
from bokeh.settings import settings
from panel.io.state import state
from tornado.web import HTTPError
from tornado.websocket import WebSocketHandler

log = logging.getLogger(__name__)
HERE = ("localhost", "127.0.0.1", "[::1]")


def is_loopback(name: str) -> bool:
    """Whether this machine alone is reached by a name or an address."""
    with suppress(ValueError):
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    return name == "localhost"


def check_origin(handler: Any, origin: str) -> bool:
    """Whether pages of this origin are let in; in place of Bokeh's own, which knows no second name of this machine."""
    with suppress(ValueError):
        parts = urlsplit(origin)
        host, port = parts.netloc.lower(), parts.port
        listed = list(settings.allowed_ws_origin() or handler.application.websocket_origins)
        others = (
            [name if port is None else f"{name}:{port}" for name in HERE] if is_loopback(parts.hostname or "") else []
        )
        if any(check_allowlist(one, listed) for one in (host, *others)) or _is_this_end(handler, parts.hostname, port):
            return True
    log.warning("a page from %.80r is not let in: --allow-websocket-origin names those that are", origin)
    return False


def _is_this_end(handler: Any, host: str | None, port: int | None) -> bool:
    """Whether an origin is the very address, in digits, at which this connection came in: no name is believed."""
    with suppress(AttributeError, OSError, ValueError):
        address, own = handler.request.connection.stream.socket.getsockname()[:2]
        here, there = ipaddress.ip_address(address), ipaddress.ip_address(host or "")
        return there == (getattr(here, "ipv4_mapped", None) or here) and (port or 80) == own
    return False


def require_origin(handler: Any) -> None:
    """HTTPError 403 for a socket of a foreign page, or of none: before Tornado's own check, which is a wider one."""
    origin = handler.request.headers.get("Origin") or handler.request.headers.get("Sec-Websocket-Origin")
    if not origin or not check_origin(handler, origin):
        raise HTTPError(403)


class Guarded(AuthRequestHandler):
    """A route of ours: 403 for whom the server's login does not let in, and for a request from a foreign page."""

    async def prepare(self) -> None:
        """Before anything of the request is looked at."""
        await super().prepare()
        self._count_as_page(-1)
        if not self.current_user and not self._open_to_guests():
            self.turn_away()
        if self._finished:
            return
        if isinstance(self, WebSocketHandler):
            require_origin(self)
        elif (origin := self.request.headers.get("Origin")) is not None:
            if not check_origin(self, origin):
                raise HTTPError(403)
            self.set_header("Access-Control-Allow-Origin", origin)  # another site's page that takes ours in
            self.set_header("Vary", "Origin")

    def turn_away(self) -> None:
        """Whom the login does not let in: HTTPError 403. A page that a person opens leads to the login instead."""
        raise HTTPError(403)

    def login_page(self) -> str | None:
        """Where a person logs in, who comes back here then, seen from this route; None where there is no such page."""
        application: Any = self.application
        page = getattr(application.auth_provider, "login_url", None)
        here = "." + self.request.path.removeprefix(application.prefix or "")
        return page and f"..{page}?{urlencode({'next': here})}"

    def options(self) -> None:
        """A browser asks before such a page sends a file."""
        self.set_header("Access-Control-Allow-Methods", "GET, POST")
        self.set_header("Access-Control-Allow-Headers", "Content-Type")
        self.set_status(204)

    def check_origin(self, origin: str) -> bool:
        """For sockets: Tornado asks."""
        return check_origin(self, origin)

    def get_login_url(self) -> str:
        """For Tornado: nobody is sent to the login without `turn_away`."""
        raise HTTPError(403)

    def _open_to_guests(self) -> bool:
        """Whether the login lets anybody see a page of this server: its frames then, too."""
        application: Any = self.application
        allows = getattr(application.auth_provider, "_allow_guest", None)
        return allows is not None and any(allows(application.prefix + path) for path in application.app_paths)

    def _count_as_page(self, change: int) -> None:
        """Panel counts the sockets of a user as pages, and uncounts a page when its session ends: ours are none."""
        user = self.current_user
        if isinstance(self, WebSocketHandler) and isinstance(user, str) and user in state._active_users:
            state._active_users[user] += change
