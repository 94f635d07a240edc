"""What a server keeps, and for how long: pages that close, connections that break, requests that are refused."""

import base64
import os
import socket
import time
import urllib.error
import urllib.request
from contextlib import closing

import pytest

from tests.ui.conftest import Lab, Server, plain_server, until

pytestmark = pytest.mark.browser


def only_run(server: Server) -> dict:
    (run,) = server.stats()["runs"].values()
    return run


def stands(server: Server) -> bool:
    before = server.stats()["runs"]
    time.sleep(0.5)
    return all(run == before[name] for name, run in server.stats()["runs"].items())


def empty(server: Server) -> bool:
    held = server.stats()
    return not held["runs"] and held["threads"] == 0 and held["served"] == 0


def test_a_closed_page_stops_at_once_and_is_freed_with_its_session(browser, tmp_path):
    """On a plain server that has had no other page: one whose line broke without a good-bye is kept for a while."""
    server = plain_server(tmp_path / "log")
    try:
        lab = Lab(browser, server.url)
        assert len(server.stats()["runs"]) == server.stats()["threads"] == 1
        lab.close()
        until(lambda: stands(server), 5, "no training and no frames after the page closed")
        # Bokeh looks every 17 s for sessions that have been unused for 15.
        until(lambda: empty(server), 45, "the run is freed with its session", server.stats)
    finally:
        server.stop()


def test_gandyn_serve_frees_a_closed_page_within_5_seconds(browser, own_server):
    lab = Lab(browser, own_server.url)
    lab.close()
    until(lambda: empty(own_server), 5, "the run is freed")


def test_12_pages_leave_nothing_behind(browser, own_server):
    Lab(browser, own_server.url).close()
    until(lambda: empty(own_server), 10, "the first page is freed")
    before = own_server.stats()["documents"]
    for _ in range(4):
        for lab in [Lab(browser, own_server.url) for _ in range(3)]:
            lab.close()
    until(lambda: empty(own_server), 20, "all pages are freed")
    until(lambda: own_server.stats()["documents"] <= before, 20, "no document is left")
    assert "Traceback" not in own_server.log()


def test_it_works_warmed_up_and_behind_a_prefix(browser, tmp_path):
    served = plain_server(tmp_path / "log", "--warm", "--prefix", "/lab", prefix="/lab")
    try:
        assert empty(served), "warming up trains nothing"
        lab = Lab(browser, served.url)
        lab.wait("window.gandyn.step > 10")
        assert lab.problems == []
        lab.close()
        assert "Traceback" not in served.log()
    finally:
        served.stop()


class RawViewer:
    """A WebSocket client by hand, which can be made deaf: the line stays open, nothing is answered."""

    def __init__(self, server: Server, run: str, origin: str | None = None) -> None:
        host = server.url.removeprefix("http://")
        name, port = host.split(":")
        self._socket = socket.create_connection((name, int(port)), timeout=5)
        lines = [f"GET /gandyn/stream?run={run} HTTP/1.1", f"Host: {host}", "Upgrade: websocket", "Connection: Upgrade"]
        lines += [f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}", "Sec-WebSocket-Version: 13"]
        lines += [f"Origin: {origin or server.url}"]
        self._socket.sendall("\r\n".join([*lines, "", ""]).encode())
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            byte = self._socket.recv(1)
            if not byte:
                break
            head += byte
        self.status = int(head.split()[1])

    def send(self, opcode: int, payload: bytes) -> None:
        """One masked frame of less than 126 bytes."""
        mask = os.urandom(4)
        masked = bytes(b ^ mask[i % 4] for i, b in enumerate(payload))
        self._socket.sendall(bytes([0x80 | opcode, 0x80 | len(payload)]) + mask + masked)

    def hello(self) -> None:
        self.send(1, b'{"type": "hello", "layers": []}')

    def closed_with(self) -> int | None:
        """The code with which the server closed, if it did."""
        head = self._socket.recv(2)
        if head[0] & 15 != 8:
            return None
        return int.from_bytes(self._socket.recv(head[1] & 127)[:2])

    def close(self) -> None:
        self._socket.close()


def test_a_line_that_breaks_without_closing_pauses_the_run_until_it_answers_again(browser, own_server):
    lab = Lab(browser, own_server.url)
    lab.wait("window.gandyn.step > 60")  # past the pauses of a server that has just begun
    (run,) = own_server.stats()["runs"]
    with closing(RawViewer(own_server, run)) as viewer:

        def goes_on() -> bool:
            viewer.send(0xA, b"")  # a pong, as to every ping: the line is back
            return not stands(own_server)

        viewer.hello()
        until(lambda: only_run(own_server)["viewers"] == 2, 5, "both are seen")
        lab.cut_feed()
        until(lambda: only_run(own_server)["viewers"] == 1, 5, "only the deaf viewer is left")
        until(lambda: stands(own_server), 8, "nobody answers, nobody trains")
        until(goes_on, 10, "the run goes on")
    lab.close()


def test_unknown_runs_and_foreign_pages_are_refused_and_create_nothing(browser, own_server):
    lab = Lab(browser, own_server.url)
    (run,) = own_server.stats()["runs"]
    for name in ("", "class", "0" * 22):
        with closing(RawViewer(own_server, name)) as viewer:
            assert viewer.status == 101 and viewer.closed_with() == 4404
    with closing(RawViewer(own_server, run, origin="http://elsewhere.example")) as stranger:
        assert stranger.status == 403
    assert list(own_server.stats()["runs"]) == [run]
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(f"{own_server.url}/gandyn/stream?run={run}", timeout=5)
    lab.close()
