"""A server in a process of its own, as its command starts it."""

import os
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import contextmanager

from tests.ui.conftest import ROOT, free_port, until


@contextmanager
def serving(command: list[str], **environment: str):
    """The address of a server in a process of its own, and what it says."""
    port = free_port()
    start = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "cwd": ROOT}
    process = subprocess.Popen(
        [sys.executable, "-m", *command, "--port", str(port)], env={**os.environ, **environment}, **start
    )
    url = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        try:
            urllib.request.urlopen(f"{url}/favicon.ico", timeout=5).read()
        except urllib.error.URLError:
            return False
        return True

    log: list[str] = []
    try:
        until(answers, 60, "the server answers")
        yield url, log
    finally:
        process.terminate()
        log.append(process.communicate(timeout=20)[0])
