"""Messages between page and server: taken by their types, refused with one line, and the server goes on."""

import asyncio
import json
import socket
import struct
from typing import get_args

import msgspec
import pytest
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from gandyn.ui import messages
from gandyn.ui.compare.stages import Stages
from gandyn.ui.controls.controls import Controls
from gandyn.ui.controls.own_data import OwnData
from gandyn.ui.server import stream
from gandyn.ui.server.on_air import ON_AIR
from gandyn.ui.time.timebar import TimeBar
from gandyn.ui.time.transport import Transport
from tests.ui.bare import bare_server
from tests.ui.test_save import one_thread, opened  # noqa: F401  torch's threads are put back

PARTS = [Controls, OwnData, Stages, TimeBar, Transport]
WRONG = [
    None, "play", 3, [], {}, {"type": "explode"}, {"type": 3}, {"command": "play"},
    {"type": "command"}, {"type": "command", "name": "explode"}, {"type": "command", "name": "play", "more": 1},
    {"type": "look", "step": "3"}, {"type": "look", "step": 2.5}, {"type": "look", "step": -1},
    {"type": "look", "step": 2**54}, {"type": "look", "step": True}, {"type": "look", "step": float("nan")},
    {"type": "bookmark", "step": 1}, {"type": "steer"}, {"type": "steer", "run": "all"}, {"type": "dismiss"},
    {"type": "compare", "controls": [], "here": True}, {"type": "compare", "controls": {}, "here": 1},
    {"type": "change-target", "controls": "ring"}, {"type": "resume", "run": 5}, {"type": "open-file"},
    {"type": "export", "kind": None}, {"type": "share", "page": ["x"]}, {"type": "hello", "layers": []},
]  # fmt: skip


@pytest.mark.parametrize("part", PARTS)
def test_what_is_no_message_of_a_part_is_one_line_and_changes_nothing(part, monkeypatch):
    session = opened()
    component, lines, before = part(session), [], (session.experiment, session.playing)
    monkeypatch.setattr(component, "refuse", lambda message, line: lines.append((message, line)))
    for wrong in WRONG:
        component._handle_msg(wrong)
    assert len(lines) == len(WRONG) and all(message is None and "\n" not in line for message, line in lines)
    assert (session.experiment, session.playing) == before and session.bookmarks == []


def test_a_refusal_says_what_is_wrong_and_where(caplog):
    TimeBar(opened())._handle_msg({"type": "look", "step": "soon"})
    (line,) = caplog.messages
    assert "Expected `int`, got `str` - at `$.step`" in line and "\n" not in line


def test_every_command_that_a_page_may_send_is_carried_out():
    names = get_args(messages.CommandName)
    assert len(names) == 15
    for name in names:
        session = opened()
        session.pin()
        Transport(session).receive(messages.Command(name))
        while session.broadcast._commands:
            session.broadcast.serve()
        assert session.broadcast.notice is None


@pytest.mark.parametrize("name", ["which", "here", "self", "controls", "reset", "x"])
def test_a_control_that_nobody_knows_is_one_line_whatever_it_is_called(name):
    session = opened()
    for act in (lambda: session.compare({name: 1}), lambda: session.change(**{name: 1})):
        with pytest.raises(ValueError, match=name):
            act()


def test_every_message_is_told_apart_by_its_type():
    structs = [one for one in vars(messages).values() if isinstance(one, type) and issubclass(one, messages.Message)]
    names = [one.__struct_config__.tag for one in structs]
    assert len(set(names)) == len(names) > 20
    everything = messages.FromTransport | messages.FromTimeBar | messages.FromStages | messages.FromControls
    again = msgspec.convert({"type": "look", "step": 5}, everything)
    assert again == messages.Look(5) and msgspec.to_builtins(again) == {"type": "look", "step": 5}


async def next_frame(session, socket) -> int:
    """The id of the next frame that a viewer is sent."""
    for _ in range(20):
        await asyncio.sleep(0.01)
        session.broadcast.serve()
        stream._offer_all(session.broadcast)
    message = await asyncio.wait_for(socket.read_message(), 5)
    (size,) = struct.unpack_from("<I", message)
    return json.loads(message[4 : 4 + size])["id"]


def test_a_stream_that_is_sent_nonsense_goes_on(monkeypatch, caplog):
    session = opened()
    monkeypatch.setitem(ON_AIR, session.run_id, session.broadcast)
    wrong = [
        b"\xff", "", "{", "[]", '{"type": "ack"}', '{"type": "hello", "layers": 3}', '{"hello": true, "layers": []}',
        '{"type": "ack", "id": "x", "layers": []}', '{"type": "ack", "id": 1e99, "layers": []}',
    ]  # fmt: skip

    async def watch() -> tuple[int, int]:
        server, port = bare_server([(stream.ROUTE, stream.Stream)])
        url = f"ws://127.0.0.1:{port}{stream.ROUTE}?run={session.run_id}"
        socket = await websocket_connect(HTTPRequest(url, headers={"Origin": f"http://127.0.0.1:{port}"}))
        for one in wrong:
            await socket.write_message(one, binary=isinstance(one, bytes))
        await socket.write_message(json.dumps({"type": "hello", "layers": ["map", "no such layer"]}))
        first = await next_frame(session, socket)
        (viewer,) = session.broadcast.viewers
        assert viewer.layers() == {"map"}
        for one in wrong:
            await socket.write_message(one, binary=isinstance(one, bytes))
        await socket.write_message(json.dumps({"type": "ack", "id": first, "layers": []}))
        await asyncio.sleep(0.05)
        session.change(lr_d=0.001)
        second = await next_frame(session, socket)
        socket.close()
        await asyncio.sleep(0.05)
        server.stop()
        return first, second

    first, second = asyncio.run(watch())
    assert second > first and not session.broadcast.viewers
    assert len(caplog.messages) == 2 * len(wrong) and all("\n" not in line for line in caplog.messages)


def test_a_stream_ends_with_a_message_that_is_too_large_and_the_others_go_on(monkeypatch):
    session = opened()
    monkeypatch.setitem(ON_AIR, session.run_id, session.broadcast)

    async def watch() -> int | None:
        server, port = bare_server([(stream.ROUTE, stream.Stream)])
        request = HTTPRequest(
            f"ws://127.0.0.1:{port}{stream.ROUTE}?run={session.run_id}", headers={"Origin": f"http://127.0.0.1:{port}"}
        )
        hostile, other = await websocket_connect(request), await websocket_connect(request)
        await other.write_message(json.dumps({"type": "hello", "layers": []}))
        await next_frame(session, other)
        await hostile.write_message(json.dumps({"type": "hello", "layers": ["x" * stream.LARGEST]}))
        assert await asyncio.wait_for(hostile.read_message(), 5) is None
        assert len(session.broadcast.viewers) == 1
        await other.write_message(json.dumps({"type": "ack", "id": 1, "layers": []}))
        session.broadcast.step_once()
        await next_frame(session, other)
        for one in (hostile, other):
            one.close()
        await asyncio.sleep(0.05)
        server.stop()
        return hostile.close_code

    assert asyncio.run(watch()) in (1006, 1009), "too big, or cut"


def test_a_viewer_that_never_reads_is_written_one_frame(monkeypatch):
    """It greets and acknowledges whatever it may have been sent, for ever: nothing is kept for it."""
    session = opened()
    monkeypatch.setitem(ON_AIR, session.run_id, session.broadcast)
    sizes: list[int] = []
    write = stream.Stream.write_message
    monkeypatch.setattr(
        stream.Stream, "write_message", lambda self, data, binary: sizes.append(len(data)) or write(self, data, binary)
    )

    async def stuff() -> int:
        server, port = bare_server([(stream.ROUTE, stream.Stream)])
        deaf = socket.socket()
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(deaf, ("127.0.0.1", port))
        asked = {
            "Host": f"127.0.0.1:{port}", "Origin": f"http://127.0.0.1:{port}", "Upgrade": "websocket",
            "Connection": "Upgrade", "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==", "Sec-WebSocket-Version": "13",
        }  # fmt: skip
        lines = [f"GET {stream.ROUTE}?run={session.run_id} HTTP/1.1", *(f"{k}: {v}" for k, v in asked.items()), "", ""]
        await loop.sock_sendall(deaf, "\r\n".join(lines).encode())

        async def say(**message) -> None:
            text = json.dumps(message).encode()
            assert len(text) < 126
            await loop.sock_sendall(deaf, bytes([0x81, 0x80 | len(text), 0, 0, 0, 0]) + text)

        await say(type="hello", layers=["map"])
        monkeypatch.setattr(session.broadcast.frame_rate, "apart", lambda viewers, runs=1: 0.0)
        await asyncio.sleep(0.05)
        (viewer,) = session.broadcast.viewers
        viewer.ws_connection.stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        for _ in range(60):
            session.broadcast.step_once()
            session.broadcast.serve()
            stream._offer_all(session.broadcast)
            await say(type="hello", layers=["map"])
            await say(type="ack", id=viewer._sent[0], layers=["map"])
            await asyncio.sleep(0.005)
        assert viewer._unread is not None and not viewer._unread.done(), "it waits until that has left"
        waiting = viewer.ws_connection.stream._write_buffer
        held = len(waiting)
        deaf.close()
        viewer.close()
        await asyncio.sleep(0.05)
        server.stop()
        return held

    assert 0 < asyncio.run(stuff()) <= max(sizes) + 100
