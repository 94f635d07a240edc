"""Routes of ours on a server of their own, with what a Bokeh server says of its login and of its origins."""

from types import SimpleNamespace

from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application


def bare_server(
    routes: list, *, user: str | None = "me", login_url: str | None = None, **settings
) -> tuple[HTTPServer, int]:
    """It listens, and its port; the login knows `user`."""
    listening, port = bind_unused_port()
    application = Application(routes, **settings)
    application.auth_provider = SimpleNamespace(get_user=lambda handler: user, get_user_async=None, login_url=login_url)
    application.websocket_origins = {f"127.0.0.1:{port}"}
    application.prefix, application.app_paths = "", {"/dynamics"}
    application.get_sessions = lambda path: []
    server = HTTPServer(application)
    server.add_sockets([listening])
    return server, port
