"""Starts the processes of a server, and the one before them."""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
import webbrowser
from dataclasses import replace
from math import ceil
from typing import Any

from tornado.netutil import bind_sockets

from gandyn.records.cores import cores
from gandyn.records.signals import stoppable
from gandyn.ui.processes.front import Front
from gandyn.ui.processes.orders import Orders
from gandyn.ui.processes.share import Share
from gandyn.ui.server import login
from gandyn.ui.server.limits import Limits
from gandyn.ui.server.listening import listening

LEAST_MEMORY = 1024  # MB that a process of several may hold: three times what it holds without a page


def shares(limits: Limits, count: int) -> Limits:
    """The limits of each of so many processes: what is meant for all of them is divided."""
    divided = ("max_sessions", "max_memory", "max_past")
    return replace(limits, **{name: ceil(getattr(limits, name) / count) for name in divided})


def count_for(address: str, limits: Limits) -> int:
    """How many processes serve an address: one where only this machine's people come, a core each elsewhere."""
    if login.is_loopback(address) or sys.platform == "win32":
        return 1
    return max(1, min(cores(), limits.max_memory // LEAST_MEMORY))


def run_front(count: int, port: int, address: str, limits: Limits, *, show: bool = False, **server: Any) -> int:
    """Serve with so many processes until interrupted; `server`: the arguments of `options`.

    ValueError and OSError with one line: for what does not fit together; if the address cannot be had, or a process
    does not start.
    """
    if sys.platform == "win32":
        raise ValueError("--processes needs a system on which processes can hand connections on: Windows cannot")
    entrance = login.entrance(address, password=server.get("password"), everybody=server.get("everybody", False))
    if entrance.line:
        print(entrance.line, flush=True)
        server["password"] = entrance.made
    os.environ.setdefault("PANEL_COOKIE_SECRET", secrets.token_hex(32))  # a login holds in all of them
    with listening(address, port):
        listeners = bind_sockets(port, address)
    bound = listeners[0].getsockname()[1]
    server |= {"port": bound, "address": address}
    orders = [Orders(Share(i, count), shares(limits, count), server) for i in range(count)]
    url = f"http://{'localhost' if address == '0.0.0.0' else address}:{bound}{server.get('prefix', '')}"

    async def serve() -> None:
        front = Front(orders)
        try:
            await front.ready()
            print(f"Launching server at {url}, {count} processes", flush=True)
            if show:
                webbrowser.open(url)
            await front.serve(listeners)
        finally:
            front.end()

    with stoppable():
        asyncio.run(serve())
    return 0
