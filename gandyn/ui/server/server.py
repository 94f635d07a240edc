"""`gandyn serve`: the laboratory with server options that suit it."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import panel as pn

from gandyn.live.compiler import COMPILER
from gandyn.ui.app import laboratory
from gandyn.ui.classroom import door
from gandyn.ui.classroom.room import Classroom, open_room, room
from gandyn.ui.server import links, login, slash
from gandyn.ui.server.listening import EVERYWHERE, listening
from gandyn.ui.server.stream import AWAY_MS, CHECK_MS, ROUTES
from gandyn.ui.server.upload import PIECE


def _origins(address: str, port: int) -> list[str]:
    """The hosts under which the page may be opened: a socket from any other page is refused."""
    hosts = {"127.0.0.1", "localhost", address}
    if address in EVERYWHERE:
        name = socket.gethostname()
        hosts |= {name, f"{name}.local"}
        with suppress(socket.gaierror):  # a machine without a resolvable name is reached by localhost alone
            hosts |= {str(info[4][0]) for info in socket.getaddrinfo(name, None, socket.AF_INET)}
    # Bokeh's list takes no IPv6 addresses; this machine's own is let in by another of its names (guard.py).
    return [f"{host}:{port}" for host in sorted(hosts) if host and ":" not in host]


def options(
    port: int,
    address: str,
    *,
    password: str | None = None,
    everybody: bool = False,
    allow_websocket_origin: Sequence[str] | None = None,
    prefix: str = "",
    use_xheaders: bool = False,
    classroom: bool = False,
    key: str | None = None,
) -> dict[str, Any]:
    """What panel.serve is given; ValueError with one line for what does not fit together. It prints a password that it
    makes.
    """
    if key is not None and not classroom:
        raise ValueError("--key is for --classroom")
    if classroom:
        open_room(Classroom(key))
    entrance = login.entrance(address, password=password, everybody=everybody)
    if entrance.line:
        print(entrance.line, flush=True)
    return {
        "port": port,
        "address": address,
        "title": "gandyn",
        "websocket_origin": [*_origins(address, port), *(allow_websocket_origin or ())],
        "prefix": prefix,
        "use_xheaders": use_xheaders,
        "extra_patterns": [*ROUTES, *slash.routes(prefix), *([(door.ROUTE, door.Teacher)] if classroom else [])],
        "unused_session_lifetime_milliseconds": AWAY_MS,
        "check_unused_sessions_milliseconds": CHECK_MS,
        "session_token_expiration": AWAY_MS // 1000,
        "http_server_kwargs": {"max_body_size": 2 * PIECE},
        **entrance.options,
    }


def run_server(port: int, address: str, *, show: bool = False, **others: Any) -> int:
    """Serve the laboratory until interrupted; `others` are those of `options`.

    Raises OSError with one line if the address cannot be had.
    """
    wanted = options(port, address, **others)
    of_class = room()
    print(*links.lines(address, port, wanted["prefix"], of_class and of_class.key), sep="\n", flush=True)
    if COMPILER.fill_cache():
        print("Compiling the training step in the background, once on this machine; the page opens meanwhile.")
    with listening(address, port):
        pn.serve({"dynamics": laboratory}, show=show, verbose=False, **wanted)
    return 0
