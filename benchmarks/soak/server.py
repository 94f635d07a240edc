"""The server of a soak: its processes, what they use, and what each of them says of itself."""

from __future__ import annotations

import json
import time
import urllib.request
from dataclasses import dataclass
from typing import Any

import psutil

from benchmarks.processes import Child, free_port

START_S = 60.0  # in which it starts


@dataclass(frozen=True)
class Held:
    """What all processes of a server hold."""

    sessions: int
    documents: int
    threads: int
    megabytes: float


class Server(Child):
    """`gandyn serve` with so many processes, on a free port of this machine."""

    def __init__(self, processes: int) -> None:
        port = free_port()
        self.address = f"http://127.0.0.1:{port}"
        super().__init__("gandyn", "serve", "--port", str(port), "--processes", str(processes), asked=False)
        self.count = processes
        until = time.monotonic() + START_S
        while True:
            try:
                self.held()
                break
            except OSError:
                if not self.alive() or time.monotonic() > until:
                    complaint = self.complaint()
                    self.__exit__()
                    raise RuntimeError(complaint) from None
                time.sleep(0.2)
        first = psutil.Process(self.pid)
        self._processes = [first, *first.children(recursive=True)]

    def overview(self, index: int) -> dict[str, Any]:
        """What one of its processes says on the admin page."""
        url = f"{self.address}/gandyn/admin.json?process={index}"
        with urllib.request.urlopen(url, timeout=30) as answer:
            return json.load(answer)

    def held(self) -> Held:
        """By all of them, as they say themselves."""
        said = [self.overview(i) for i in range(self.count)]
        return Held(
            sum(one["sessions"] for one in said),
            sum(one["documents"] for one in said),
            sum(one["threads"] for one in said),
            sum(one["memory_mb"] for one in said),
        )

    def cpu(self) -> float:
        """Seconds of processor time so far."""
        return sum(sum(one.cpu_times()[:2]) for one in self._processes)
