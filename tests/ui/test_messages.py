"""Messages between page and server: taken by their types, refused with one line, and the server goes on."""

import asyncio
import json
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
