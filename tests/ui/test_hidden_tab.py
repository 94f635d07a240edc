"""A page in a tab that nobody sees: its runs go on for a while, stand still, and go on when it is seen again."""

import asyncio
import json

import pytest
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from gandyn.ui.server import stream
from gandyn.ui.server.limits import Limits
from gandyn.ui.server.on_air import ON_AIR
from tests.ui.bare import bare_server
from tests.ui.test_messages import next_frame
from tests.ui.test_save import one_thread, opened  # noqa: F401  torch's threads are put back


class Clock:
    """Seconds that the test says."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.mark.parametrize(("seconds", "stands"), [(59, False), (61, True)])
def test_runs_that_nobody_sees_stand_still_after_a_while_and_say_so(monkeypatch, seconds, stands):
    session, clock = opened(), Clock()
    broadcast = session.broadcast
    monkeypatch.setitem(ON_AIR, session.run_id, broadcast)
    monkeypatch.setattr(stream, "limits", lambda: Limits(max_hidden=60))
    monkeypatch.setattr(stream, "time", clock)

    async def watch() -> None:
        server, port = bare_server([(stream.ROUTE, stream.Stream)])
        url = f"ws://127.0.0.1:{port}{stream.ROUTE}?run={session.run_id}"
        socket = await websocket_connect(HTTPRequest(url, headers={"Origin": f"http://127.0.0.1:{port}"}))
        await socket.write_message(json.dumps({"type": "hello", "layers": []}))
        first = await next_frame(session, socket)
        (viewer,) = broadcast.viewers
        broadcast.playing = True
        clock.now += seconds
        viewer.on_pong(b"")  # a hidden tab answers pings
        assert broadcast.watched() is not stands
        await socket.write_message(json.dumps({"type": "ack", "id": first, "layers": []}))
        await asyncio.sleep(0.05)
        assert broadcast.watched()
        notice = broadcast.notice
        assert (notice is not None and "while this tab was hidden" in notice.text) is stands
        socket.close()
        await asyncio.sleep(0.05)
        server.stop()

    asyncio.run(watch())


def test_a_run_that_was_paused_is_not_said_to_have_stood_still(monkeypatch):
    session, clock = opened(), Clock()
    monkeypatch.setattr(stream, "time", clock)
    viewer = object.__new__(stream.Stream)
    viewer._unseen, viewer._heard = 0.0, clock.now
    session.broadcast.playing = False
    session.broadcast.viewers.add(viewer)
    assert not session.broadcast.watched()
    viewer._see(session.broadcast)
    assert session.broadcast.watched() and session.broadcast.notice is None
