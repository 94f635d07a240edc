"""The processes of a measurement: started here, asked line by line, ended by their own id; and what they cost."""

from __future__ import annotations

import json
import os
import selectors
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Self

import psutil

from gandyn.benchmarks.report import ROOT

PATIENCE = 90.0  # seconds for a process to start on a busy machine


class Child:
    """A Python module in a process of its own."""

    def __init__(self, module: str, *arguments: str, asked: bool = True) -> None:
        pipe = subprocess.PIPE if asked else subprocess.DEVNULL
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115  closed with the child
        command = [sys.executable, "-m", module, *arguments]
        self._process = subprocess.Popen(
            command,
            stdin=pipe,
            stdout=pipe,
            stderr=self._errors,
            text=True,
            cwd=ROOT,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )
        self.module, self.pid = module, self._process.pid
        if asked and self._line(PATIENCE).strip() != "ready":
            raise RuntimeError(self.complaint())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """End it, and it alone."""
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)
        for stream in (self._process.stdin, self._process.stdout, self._errors):
            if stream:
                stream.close()

    def complaint(self) -> str:
        """What it wrote to stderr, as one line."""
        self._errors.seek(0)
        return f"{self.module} did not answer: {self._errors.read()[-400:].strip() or 'no message'}"

    def alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, seconds: float) -> None:
        """Let it measure for so long; `answer` fetches what it found."""
        assert self._process.stdin
        self._process.stdin.write(f"{seconds}\n")
        self._process.stdin.flush()

    def answer(self, timeout: float) -> dict[str, Any]:
        return json.loads(self._line(timeout))

    def _line(self, timeout: float) -> str:
        assert self._process.stdout
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            line = self._process.stdout.readline() if selector.select(timeout) else ""
        if not line:
            raise RuntimeError(self.complaint())
        return line


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server(Child):
    """The laboratory on a free port of 127.0.0.1."""

    def __init__(self, folder: str) -> None:
        port = free_port()
        self.log = Path(folder) / "tap.jsonl"
        self.log.touch()
        self.url = f"http://127.0.0.1:{port}/dynamics"
        super().__init__("benchmarks.serve", str(port), str(self.log), asked=False)
        until = time.monotonic() + PATIENCE
        while not self._answers():
            if not self.alive() or time.monotonic() > until:
                complaint = self.complaint()
                self.__exit__()
                raise RuntimeError(complaint)
            time.sleep(0.2)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(self.url.removesuffix("dynamics") + "favicon.ico", timeout=5):
                return True
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False

    def notes(self, kind: str) -> list[dict[str, Any]]:
        """What the tap has written: the lines that have this key."""
        lines = self.log.read_text(encoding="utf-8").splitlines()
        return [note for note in map(json.loads, lines) if kind in note]

    def rss(self) -> float:
        """Its memory in MB."""
        return psutil.Process(self.pid).memory_info().rss / 1e6


class Costs:
    """CPU seconds so far: of the server and its threads, of the browser's processes, of everybody else."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.at = time.monotonic()
        self.seconds = self._now()

    def _now(self) -> dict[str, float]:
        busy_by_kind = dict.fromkeys(("server", "loop", "stepper", "page", "browser", "helpers"), 0.0)
        me = psutil.Process()
        for one in (me, *me.children(recursive=True)):
            try:
                with one.oneshot():
                    seconds = sum(one.cpu_times()[:2])
                    busy_by_kind[self._kind(one)] += seconds
            except psutil.Error:
                continue  # it has ended
        threads = {one.id: one.user_time + one.system_time for one in psutil.Process(self._server.pid).threads()}
        costs = self._server.notes("thread")
        busy_by_kind["loop"] = threads.get(self._server.pid, 0.0)
        busy_by_kind["stepper"] = threads.get(costs[-1]["thread"], 0.0) if costs else 0.0
        everybody = psutil.cpu_times()
        busy = sum(everybody) - everybody.idle - getattr(everybody, "iowait", 0.0) - getattr(everybody, "guest", 0.0)
        busy_by_kind["others"] = busy - sum(busy_by_kind[kind] for kind in ("server", "page", "browser", "helpers"))
        return busy_by_kind

    def _kind(self, process: psutil.Process) -> str:
        if process.pid == self._server.pid:
            return "server"
        if "chrom" not in process.name():
            return "helpers"
        return "page" if "--type=renderer" in process.cmdline() else "browser"

    def since(self) -> dict[str, float]:
        """Cores used since this was made."""
        wall = time.monotonic() - self.at
        now = self._now()
        return {name: (now[name] - before) / wall for name, before in self.seconds.items()}
