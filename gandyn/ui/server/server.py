"""`gandyn serve`: the laboratory with server options that suit it."""

from __future__ import annotations

import errno
import socket
from contextlib import suppress
from typing import Any

import panel as pn

from gandyn.core import checks
from gandyn.live.compiler import COMPILER
from gandyn.ui.app import laboratory
from gandyn.ui.server.stream import ROUTES

EXPIRY_MS = 1_000  # a closed page is freed this long after it is found unused
CHECK_MS = 1_000


def _origins(address: str, port: int) -> list[str]:
    """The hosts under which the page may be opened: a socket from any other page is refused."""
    hosts = {"127.0.0.1", "localhost", address}
    if address == "0.0.0.0":
        name = socket.gethostname()
        hosts |= {name, f"{name}.local"}
        with suppress(socket.gaierror):  # a machine without a resolvable name is reached by localhost alone
            hosts |= {str(info[4][0]) for info in socket.getaddrinfo(name, None, socket.AF_INET)}
    return [f"{host}:{port}" for host in sorted(hosts)]


def options(port: int, address: str) -> dict[str, Any]:
    """What panel.serve is given: closed pages are freed soon, frames travel from the first session on."""
    return {
        "port": port,
        "address": address,
        "title": "gandyn",
        "websocket_origin": _origins(address, port),
        "unused_session_lifetime_milliseconds": EXPIRY_MS,
        "check_unused_sessions_milliseconds": CHECK_MS,
        "extra_patterns": list(ROUTES),
    }


def run_server(port: int, address: str, *, show: bool = False) -> int:
    """Serve the laboratory until interrupted. Raises OSError with one line if the address cannot be had."""
    checks.integer("port", port, 0, 65535)
    if COMPILER.fill_cache():
        print("Compiling the training step in the background, once on this machine; the page opens meanwhile.")
    try:
        pn.serve({"dynamics": laboratory}, show=show, **options(port, address))
    except OSError as error:
        if error.errno in (errno.EADDRINUSE, errno.EADDRNOTAVAIL, errno.EACCES):
            raise OSError(f"cannot listen on {address}:{port} ({error.strerror}): choose another with --port") from None
        raise
    return 0
