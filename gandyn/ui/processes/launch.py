"""Starts the processes of a server, and the one before them."""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
import threading
import webbrowser
from dataclasses import replace
from typing import Any

from tornado.netutil import bind_sockets

from gandyn.records.cores import cores
from gandyn.records.signals import stoppable
from gandyn.ui.processes.front import Front
from gandyn.ui.processes.orders import Orders
from gandyn.ui.processes.share import Share
from gandyn.ui.server import links, login
from gandyn.ui.server.limits import Limits
from gandyn.ui.server.listening import host_of, listening, path_of

LEAST_MEMORY = 1024  # MB that a process of several may hold, where nobody says how many there are
USED_MEMORY = 512  # MB that a process holds with a few pages


def shares(limits: Limits, count: int) -> list[Limits]:
    """The limits of each of so many processes: what is meant for all of them is divided, to the last page."""
    each, more = divmod(limits.max_sessions, count)
    return [
        replace(
            limits,
            max_sessions=each + (i < more),
            max_memory=limits.max_memory // count,
            max_past=max(1, limits.max_past // count),
        )
        for i in range(count)
    ]


def count_for(address: str, limits: Limits) -> int:
    """How many processes serve an address: one where only this machine's people come, a core each elsewhere."""
    if login.is_loopback(address) or sys.platform == "win32":
        return 1
    return max(1, min(cores(), limits.max_sessions, limits.max_memory // LEAST_MEMORY))


def run_front(count: int, port: int, address: str, limits: Limits, *, show: bool = False, **server: Any) -> int:
    """Serve with so many processes until interrupted; `server`: the arguments of `options`.

    ValueError and OSError with one line: for what does not fit together; if the address cannot be had, or a process
    does not start.
    """
    if sys.platform == "win32":
        raise ValueError("--processes needs a system on which processes can hand connections on: Windows cannot")
    if count > limits.max_sessions:
        raise ValueError(
            f"--processes {count} is more than --max-sessions {limits.max_sessions}: a process has a page at least"
        )
    if limits.max_memory // count < USED_MEMORY:
        least = count * USED_MEMORY
        raise ValueError(
            f"--processes {count} needs --max-memory {least} or more: one holds {USED_MEMORY} MB with a page"
        )
    entrance = login.entrance(address, password=server.get("password"), everybody=server.get("everybody", False))
    if entrance.line:
        print(entrance.line, flush=True)
        server["password"] = entrance.generated
    os.environ.setdefault("PANEL_COOKIE_SECRET", secrets.token_hex(32))  # a login holds in all of them
    with listening(address, port):
        listeners = bind_sockets(port, address)
    server |= {"port": port, "address": address}
    orders = [Orders(Share(i, count, port), each, server) for i, each in enumerate(shares(limits, count))]
    url = f"http://{host_of(address)}:{port}{path_of(server.get('prefix', ''))}"

    async def serve() -> None:
        front = Front(orders)
        try:
            await front.ready()
            announcement = links.lines(address, port, server.get("prefix", ""))
            print(*announcement, f"Launching server at {url}, {count} processes", sep="\n", flush=True)
            if show:
                threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()  # some return at their end
            await front.serve(listeners)
        finally:
            front.end()

    with stoppable():
        asyncio.run(serve())
    return 0
