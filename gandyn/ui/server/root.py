"""Where the paths of a server begin, seen from a page of it: said by the application, which knows how it was asked."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit, urlunsplit

from bokeh.document import Document

from gandyn.ui.processes.share import PARAMETER, share

SCRIPT = "/autoload.js"  # by which another site's page takes a page of ours in


def root(document: Document | None) -> str:
    """With a slash at its end: `./` beside the page; of a page within another site's its whole address.

    Of one process of several its number follows as a query, and with it in all addresses that the page makes of this.
    """
    context = getattr(document, "session_context", None)
    request = getattr(context, "request", None)
    path = getattr(request, "path", None) or ""
    application = getattr(getattr(context, "server_context", None), "application_context", None)
    place = of(path, getattr(request, "arguments", None) or {}, getattr(application, "url", "/"))
    return f"{place}?{PARAMETER}={share().index}" if share().count > 1 else place


def of(path: str, arguments: dict[str, Any], name: str) -> str:
    """Of a request for `path`, with these arguments, of the application `name`, which begins with a slash.

    What Bokeh's own script is told of the address (`server_document`) is believed for a page within another site's
    alone: it comes from that page, and goes back to it.
    """
    name = name.rstrip("/")
    if path.endswith(SCRIPT):
        if address := _text(arguments, "bokeh-absolute-url"):
            parts = urlsplit(address)
            return urlunsplit((parts.scheme, parts.netloc, _without(parts.path, name), "", ""))
        return _without(_text(arguments, "bokeh-app-path"), name)
    return "../" if name and path.endswith("/") else "./"


def _without(path: str, name: str) -> str:
    return path.rstrip("/").removesuffix(name) + "/"


def _text(arguments: dict[str, Any], name: str) -> str:
    values = arguments.get(name) or [b""]
    return values[-1].decode("utf-8", "replace") if isinstance(values[-1], bytes) else str(values[-1])
