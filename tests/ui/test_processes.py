"""`gandyn serve --processes N`: pages shared out, sockets that come to their page's process, processes that end."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress

import psutil
import pytest
from bokeh.util.token import generate_jwt_token

from benchmarks.sessions import Session
from gandyn.ui.processes import launch
from gandyn.ui.processes.share import parsed
from gandyn.ui.server.limits import Limits
from tests.ui.conftest import free_port

pytestmark = [
    # The client of these tests leaves with messages on their way, as a browser does.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


def token(payload: dict) -> bytes:
    """As Bokeh makes one for a page."""
    return generate_jwt_token("session", extra_payload=payload, signed=False).encode()


SOCKET = b"GET /lab/dynamics/ws HTTP/1.1\r\nHost: x\r\nSec-WebSocket-Protocol: bokeh, "
PAGE = b"GET /lab/dynamics HTTP/1.1\r\nHost: x\r\n"
FILE = b"GET /static/a.js HTTP/1.1\r\nHost: x\r\n"


@pytest.mark.parametrize(
    ("head", "asks", "cookie", "opens"),
    [
        (PAGE + b"\r\n", None, None, True),
        (PAGE + b"Cookie: gandyn_7=1\r\n\r\n", None, 1, True),
        (FILE + b"cookie: user=\"a b\"; gandyn_7=12; x=y\r\n\r\n", None, 12, False),
        (FILE + b"Cookie: not_gandyn_7=1; gandyn_8=1\r\n\r\n", None, None, False),
        (FILE + b"Cookie: gandyn_7=1234; gandyn_7=x; gandyn_7=-1\r\n\r\n", None, None, False),
        (FILE + b"X: Cookie: gandyn_7=1\r\n\r\n", None, None, False),
        (b"GET / HTTP/1.1\r\n\r\n", None, None, True),
        (b"GET /dynamics?seed=1 HTTP/1.1\r\n\r\n", None, None, True),
        (b"GET /dynamics/autoload.js?x=1 HTTP/1.1\r\n\r\n", None, None, True),
        (b"POST /dynamics HTTP/1.1\r\n\r\n", None, None, False),
        (b"GET /dynamics/ws HTTP/1.1\r\nUpgrade: websocket\r\n\r\n", None, None, False),
        (b"GET /lab/gandyn/admin.json?process=3 HTTP/1.1\r\n\r\n", 3, None, False),
        (b"GET /gandyn/admin?a=b&process=0 HTTP/1.1\r\n\r\n", 0, None, False),
        (b"GET /lab/gandyn/stream?run=a_-b&process=1 HTTP/1.1\r\n\r\n", 1, None, False),
        (b"GET /gandyn/stream?process=1234 HTTP/1.1\r\n\r\n", None, None, False),
        (b"GET /dynamics?process=3 HTTP/1.1\r\n\r\n", None, None, True),
        (SOCKET + token({"process": 2}) + b"\r\nCookie: gandyn_7=1\r\n\r\n", 2, 1, False),
        (SOCKET + token({}) + b"\r\n\r\n", None, None, False),
        (SOCKET + token({"process": "2"}) + b"\r\n\r\n", None, None, False),
        (SOCKET + token({"process": -1}) + b"\r\n\r\n", None, None, False),
        (SOCKET + token({"x": "0" * 10**7, "process": 2}) + b"\r\n\r\n", None, None, False),
        (SOCKET + b"eyJ9\r\n\r\n", None, None, False),
        (b"GET /x HTTP/1.1\r\nX: /gandyn/admin?process=3\r\n\r\n", None, None, False),
        (b"\x16\x03\x01\xff nothing of HTTP", None, None, False),
    ],
)  # fmt: skip
def test_what_a_request_says_of_its_process(head, asks, cookie, opens):
    assert parsed(head, "gandyn_7") == (asks, cookie, opens)


@pytest.mark.parametrize(
    "head",
    [
        b"GET " + b"/gandyn/admin?" * 2300 + b"&" * 33_000,
        b"GET " + b"/gandyn/admin?" * 4600,
        b"GET /gandyn/admin?" + b"process=x&" * 6500,
        b"GET " + b"/dynamics?" * 6500,
        b"Cookie: gandyn_7=" * 3800,
        b"cookie:" + b";" * 65_000,
        b"\ncookie:" * 8000,
    ],
)
def test_no_head_takes_the_front_long(head):
    start = time.process_time()
    parsed(head[:65_536], "gandyn_7")
    assert time.process_time() - start < 0.5, "a second and more where the search goes back and forth"


def test_limits_of_the_server_are_shared_and_those_of_a_run_are_not():
    each = launch.shares(Limits(max_sessions=5, max_memory=4001, max_lanes=7), 2)
    assert [(one.max_sessions, one.max_memory, one.max_past, one.max_lanes) for one in each] == [
        (3, 2000, 512, 7),
        (2, 2000, 512, 7),
    ]


def test_a_laptop_has_one_process_and_a_server_one_a_core_as_its_memory_allows(monkeypatch):
    monkeypatch.setattr(launch, "cores", lambda: 6)
    monkeypatch.setattr(sys, "platform", "linux")
    assert launch.count_for("127.0.0.1", Limits()) == launch.count_for("localhost", Limits()) == 1
    assert launch.count_for("0.0.0.0", Limits()) == 4
    assert launch.count_for("0.0.0.0", Limits(max_memory=10_000)) == 6
    assert launch.count_for("0.0.0.0", Limits(max_memory=500)) == 1


class Several:
    """A server of two processes."""

    def __init__(self, *arguments: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.cookie = f"gandyn_process_{self.port}"
        command = [sys.executable, "-m", "gandyn", "serve", "--port", str(self.port), "--processes", "2", *arguments]
        self.front = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.lines: list[str] = []

    def wait(self) -> None:
        assert self.front.stdout
        for line in self.front.stdout:
            self.lines.append(line)
            if "Launching" in line:
                return
        raise AssertionError(self.lines)

    def workers(self) -> list[psutil.Process]:
        """In the order of their shares."""
        children = psutil.Process(self.front.pid).children()
        return sorted((one for one in children if "spawn_main" in " ".join(one.cmdline())), key=lambda one: one.pid)

    def admin(self, index: int) -> dict:
        with urllib.request.urlopen(f"{self.url}/gandyn/admin.json?process={index}", timeout=30) as answer:
            return json.load(answer)

    async def empty(self) -> None:
        """Wait until the pages of the tests before are gone: a new one goes where fewer are."""
        until = time.monotonic() + 60
        while any([self.admin(index)["sessions"] for index in (0, 1)]):
            assert time.monotonic() < until
            await asyncio.sleep(0.05)

    def end(self) -> None:
        self.front.terminate()
        self.front.communicate(timeout=30)


@pytest.fixture(scope="module")
def server():
    one = Several()
    try:
        one.wait()
        yield one
    finally:
        one.end()


def aside(work):
    """What the coroutine gives: where browser tests ran before, this thread has a loop."""
    with ThreadPoolExecutor(1) as thread:
        result = thread.submit(lambda: asyncio.run(work)).result()
    gc.collect()  # here, where it is known that sockets are left open
    return result


def of_server(test):
    """A test with processes of its own."""
    here = pytest.mark.skipif(sys.platform == "win32", reason="connections are handed on by Unix sockets")
    return pytest.mark.slow(here(test))


@asynccontextmanager
async def opened(server: Several, count: int, kind: type[Session] = Session) -> AsyncIterator[list[Session]]:
    """So many pages, and no others; closed at the end."""
    await server.empty()
    sessions = [kind(server.url) for _ in range(count)]
    try:
        await asyncio.wait_for(asyncio.gather(*(one.open() for one in sessions)), 120)
        yield sessions
    finally:
        for one in sessions:
            await one.close()


async def all_go_on(sessions: list[Session]) -> None:
    """Wait until each has frames that were sent after it took those that were on their way."""
    before = [one.frames for one in sessions]
    async with asyncio.timeout(60):
        while not all(one.frames > was + 2 for one, was in zip(sessions, before, strict=True)):
            await asyncio.sleep(0.05)


@of_server
def test_pages_are_shared_out_and_their_sockets_come_to_their_process(server):
    async def go() -> list[str]:
        async with opened(server, 6) as sessions:
            await all_go_on(sessions)
            assert [server.admin(i)["process"] for i in (0, 1)] == [0, 1]
            assert [server.admin(i)["sessions"] for i in (0, 1)] == [3, 3]
            return [one.cookies[server.cookie] for one in sessions]

    assert sorted(aside(go())) == ["0"] * 3 + ["1"] * 3


class Blocked(Session):
    """A page within another site's, in a browser that keeps no cookies of others."""

    async def _greet(self) -> None:
        self.cookies.clear()
        await super()._greet()


@of_server
def test_pages_without_a_cookie_meet_their_own_process(server):
    async def go() -> None:
        async with opened(server, 5, Blocked) as sessions:
            await sessions[0].drop(0.5)
            await all_go_on(sessions)
            assert sorted(server.admin(i)["sessions"] for i in (0, 1)) == [2, 3]

    aside(go())


@of_server
def test_a_browser_whose_process_is_full_is_let_into_another():
    server = Several("--max-sessions", "2")
    try:
        server.wait()

        async def go() -> None:
            first, second = Session(server.url), Session(server.url)
            await first.open()
            second.cookies = dict(first.cookies)
            await second.open()
            assert second.cookies != first.cookies and second.frames
            await first.drop(0.5)
            assert first.step
            await first.close()
            await second.close()

        aside(asyncio.wait_for(go(), 120))
    finally:
        server.front.terminate()
        server.front.communicate()


@of_server
def test_a_head_that_comes_in_pieces_is_waited_for_and_one_that_never_comes_holds_up_nobody(server):
    with socket.create_connection(("127.0.0.1", server.port)) as silent:
        silent.sendall(b"GET /dyn")
        with socket.create_connection(("127.0.0.1", server.port)) as slow:
            slow.settimeout(30)
            for piece in (
                b"GET /favicon.ico HTTP/1.1\r\n",
                b"Host: 127.0.0.1\r\nCookie: gandyn_proc",
                b"ess_%d=1\r\n\r\n" % server.port,
            ):
                slow.sendall(piece)
                time.sleep(0.1)
            answer = b""
            while piece := slow.recv(65536):
                answer += piece
        assert answer.startswith(b"HTTP/1.1 ") and b"\r\nConnection: close\r\n" in answer
        assert b"gandyn_process" not in answer, "it has the cookie"
        silent.settimeout(30)
        with suppress(ConnectionError):
            assert silent.recv(1) == b""


@of_server
def test_a_process_that_is_killed_is_replaced_and_the_pages_of_the_other_go_on(server):
    async def go() -> None:
        again = Session(server.url)
        async with opened(server, 2) as sessions:
            first, second = sorted(sessions, key=lambda one: one.cookies[server.cookie])
            server.workers()[0].kill()
            await all_go_on([second])
            again.cookies = {server.cookie: first.cookies[server.cookie]}
            await asyncio.wait_for(again.open(), 120)  # in the one that took its place
            assert again.frames
            assert server.admin(0)["sessions"] + server.admin(1)["sessions"] == 2
            server.workers()[-1].kill()  # the one that took its place
            await asyncio.sleep(0.5)
            server.workers()[-1].kill()  # the next, before it serves
            await all_go_on([second])  # one that does not start again ends nobody
            await again.close()

    aside(go())


@of_server
def test_with_the_front_all_processes_end_also_where_it_is_killed():
    for how in (signal.SIGKILL, signal.SIGTERM):
        one = Several("--password", "secret-of-all")
        try:
            one.wait()
            workers = one.workers()
            assert len(workers) == 2
            os.kill(one.front.pid, how)
            _, alive = psutil.wait_procs(workers, timeout=20)
            assert not alive
        finally:
            one.front.kill()
            one.front.communicate()


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--classroom", "--processes", "2"], "gandyn: a class is one process"),
        (["--processes", "0"], "gandyn: --processes is a whole number in [1, 64], not 0"),
        (["--port", "70000"], "gandyn: --port is a whole number in [1, 65535], not 70000"),
        (["--processes", "3", "--max-sessions", "2"], "gandyn: --processes 3 is more than --max-sessions 2"),
        (["--processes", "4", "--max-memory", "1000"], "gandyn: --processes 4 needs --max-memory 2048 or more"),
    ],
)
def test_what_does_not_fit_is_one_line(arguments, line, capfd):
    from gandyn.cli import main

    assert main(["serve", *arguments]) == 2
    out, err = capfd.readouterr()
    assert err.startswith(line) and err.count("\n") == 1 and not out
