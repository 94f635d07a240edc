"""Under which host others reach this server, as far as the server knows."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from contextlib import suppress
from urllib.parse import urlsplit, urlunsplit

from bokeh.document import Document

from gandyn.ui.server.guard import is_loopback


def is_local(page: str) -> bool:
    """Whether an address is for this computer only."""
    return _is_here(urlsplit(page).hostname or "")


def reachable(page: str, hosts: Collection[str]) -> str:
    """The address of a page under a host of these ("name:port") that others reach, if its own is this computer's."""
    parts = urlsplit(page)
    others = [host for host in hosts if "*" not in host and not _is_here(_name(host))]
    if not is_local(page) or not others:
        return page
    return urlunsplit(parts._replace(netloc=min(others, key=_doubt).removesuffix(":80")))


def _name(host: str) -> str:
    return urlsplit(f"//{host}").hostname or ""


def _is_here(name: str) -> bool:
    """Whether a browser elsewhere would not get here by it: a name of this computer's own, or 0.0.0.0 and ::."""
    with suppress(ValueError):
        return is_loopback(name) or ipaddress.ip_address(name).is_unspecified
    return name.endswith(".localhost")


def _doubt(host: str) -> tuple[int, str]:
    """How doubtful it is that others find the host: full names, numbers, those of the local network, bare ones."""
    name = _name(host)
    with suppress(ValueError):
        ipaddress.ip_address(name)
        return 1, host
    return (2 if name.endswith(".local") else 0 if "." in name else 3), host


def hosts(document: Document | None) -> frozenset[str]:
    """The hosts under which the server of this document lets pages be opened."""
    session = getattr(getattr(document, "session_context", None), "session", None)
    for connection in getattr(session, "_subscribed_connections", ()):
        return frozenset(getattr(connection._socket.application, "websocket_origins", ()))
    return frozenset()
