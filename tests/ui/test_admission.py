"""Whether one more page may be opened."""

import asyncio
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import panel as pn
import psutil
import pytest

from benchmarks.sessions import Session
from gandyn.ui.app import laboratory
from gandyn.ui.server import admission, on_air
from gandyn.ui.server.limits import Limits, limits
from gandyn.ui.server.memory import STATM, memory
from tests.ui.conftest import free_port

ROOT = Path(__file__).parents[2]


class Held(SimpleNamespace):
    """One that can be referred to weakly."""


def under(monkeypatch, **fields):
    monkeypatch.setattr(admission, "limits", lambda: replace(limits(), **fields))


def test_a_server_that_is_full_says_so_and_opens_nothing(monkeypatch):
    assert admission.full() is None
    under(monkeypatch, max_sessions=2)
    monkeypatch.setattr(admission, "sessions", lambda: 2)
    assert "2 pages" in admission.full()
    page = laboratory()
    assert isinstance(page, pn.pane.Str) and page.object == admission.full()


def test_who_looks_on_and_who_has_a_run_are_one_session_each_and_the_run_of_the_class_is_none(monkeypatch):
    of_class, own = Held(shared=True), Held(shared=False)
    monkeypatch.setattr(on_air, "ON_AIR", {"class": of_class, "own": own})
    monkeypatch.setattr(on_air, "WATCHED", {"one": of_class, "two": Held(shared=True)})
    assert on_air.sessions() == 3


@pytest.mark.skipif(not STATM.exists(), reason="this system does not say what a process holds")
def test_a_server_whose_memory_is_used_says_so(monkeypatch):
    held = psutil.Process(os.getpid()).memory_info().rss / 2**20
    assert memory() == pytest.approx(held, rel=0.1)
    under(monkeypatch, max_memory=1)
    assert "MB" in admission.full()


async def fetched(url: str) -> str:
    session = Session(url)
    try:
        return await asyncio.wait_for(session.fetch(), 60)
    finally:
        await session.close()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Tornado does not fork there")
@pytest.mark.parametrize("option", ["--num-procs", "--num-threads"])
def test_several_processes_and_several_threads_of_panel_are_refused_in_a_line(option):
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "panel", "serve", "apps/dynamics.py", "--port", str(port), option, "2"]
    server = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, start_new_session=True)
    try:
        seen = b""
        while b"Starting Bokeh server" not in seen:
            assert (line := server.stderr.readline()), seen.decode()
            seen += line
        with ThreadPoolExecutor(1) as aside:  # where browser tests ran before, this thread has a loop
            for _ in range(3):
                content = aside.submit(lambda: asyncio.run(fetched(url))).result()
                assert f"gandyn does not run under {option}" in content
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.communicate()


@pytest.mark.parametrize(("opened", "connections", "freed"), [(False, 0, True), (True, 0, False), (False, 1, False)])
def test_a_page_that_is_fetched_and_never_opened_is_let_go(monkeypatch, opened, connections, freed):
    later, asked = [], []
    loop = SimpleNamespace(call_later=lambda seconds, look: later.append(look))
    monkeypatch.setattr(admission.IOLoop, "current", staticmethod(lambda: loop))
    session = SimpleNamespace(connection_count=connections, request_expiration=lambda: asked.append(True))
    document, feed = Held(session_context=SimpleNamespace(session=session)), Held(ready=opened)
    admission.let_go_unopened(document, feed)
    later[0]()
    assert asked == [True] * freed


@pytest.mark.parametrize("name", list(vars(Limits())))
def test_no_limit_is_zero(name):
    with pytest.raises(ValueError, match="1 or more"):
        Limits(**{name: 0})
