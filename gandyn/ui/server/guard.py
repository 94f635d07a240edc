"""Who may reach a route of ours: the same origins and the same login as the page that Bokeh and Panel serve.

One rule of origins for both sockets and for what is sent by HTTP: Bokeh's list (`--allow-websocket-origin`, or
BOKEH_ALLOW_WS_ORIGIN), by Bokeh's own function. A socket without an Origin is refused: browsers always send one.
"""

from __future__ import annotations

from typing import Any

from bokeh.server.views.auth_request_handler import AuthRequestHandler
from bokeh.server.views.ws import WSHandler
from panel.io.state import state
from tornado.httputil import HTTPServerRequest
from tornado.web import HTTPError
from tornado.websocket import WebSocketHandler


def check_origin(handler: Any, origin: str) -> bool:
    """Whether Bokeh would let this origin open its socket."""
    return WSHandler.check_origin(handler, origin)


def require_origin(request: HTTPServerRequest) -> None:
    """HTTPError 403 for a socket that does not say where it comes from."""
    if not (request.headers.get("Origin") or request.headers.get("Sec-Websocket-Origin")):
        raise HTTPError(403, "a socket without an origin")


class Guarded(AuthRequestHandler):
    """A route of ours: 403 for whom the server's login does not let in, and for a request from a foreign page."""

    async def prepare(self) -> None:
        """Before anything of the request is looked at."""
        await super().prepare()
        self._count_as_page(-1)
        if not self.current_user and not self._open_to_guests():
            raise HTTPError(403, "not logged in")
        if isinstance(self, WebSocketHandler):
            require_origin(self.request)
        elif (origin := self.request.headers.get("Origin")) is not None and not check_origin(self, origin):
            raise HTTPError(403, "a foreign origin")

    def check_origin(self, origin: str) -> bool:
        """For sockets: Tornado asks."""
        return check_origin(self, origin)

    def get_login_url(self) -> str:
        """A route is no page: nobody is sent to the login from here."""
        raise HTTPError(403, "not logged in")

    def _open_to_guests(self) -> bool:
        """Whether the login lets anybody see a page of this server: its frames then, too."""
        allows = getattr(self.application.auth_provider, "_allow_guest", None)
        prefix = self.application.prefix
        return allows is not None and any(allows(prefix + path) for path in self.application.app_paths)

    def _count_as_page(self, change: int) -> None:
        """Panel counts the sockets of a user as pages, and uncounts a page when its session ends: ours are none."""
        user = self.current_user
        if isinstance(self, WebSocketHandler) and isinstance(user, str) and user in state._active_users:
            state._active_users[user] += change
