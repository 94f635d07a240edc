"""What the front tells a process that it starts. Loads nothing of the laboratory, which the front does not need."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import Any

from gandyn.ui.processes.share import Share
from gandyn.ui.server.limits import Limits


@dataclass(frozen=True)
class Orders:
    """The share of a worker, the limits of its process, and the arguments of `server.options`."""

    share: Share
    limits: Limits
    server: dict[str, Any]


def work(channel: socket.socket, orders: Orders) -> None:
    """The life of a worker: see `worker.serve`."""
    from gandyn.ui.processes.worker import serve

    serve(channel, orders)
