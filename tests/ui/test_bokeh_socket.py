"""What anybody may send on Bokeh's socket, and what it costs; and what is relied upon of the installed Bokeh."""

import asyncio
import base64
import gc
import gzip
import inspect
import json
import random
import time
import zlib
from concurrent.futures import ThreadPoolExecutor

import bokeh.protocol.receiver
import bokeh.server.views.ws as ws
import bokeh.util.token as tokens
import pytest
from tornado.websocket import WebSocketClosedError

from gandyn.ui.server import bokeh_socket
from gandyn.ui.server.bokeh_socket import DEPTH, VALUES, Refused, check_fragment
from gandyn.ui.server.limits import limits

MOST_S = 0.05  # of the event loop, for anything that a client sends
HEADER = {"msgid": "1", "msgtype": "PATCH-DOC"}


def patch(value) -> str:
    """The content of a message that sets a property."""
    return json.dumps({"events": [{"kind": "ModelChanged", "model": {"id": "p1"}, "attr": "value", "new": value}]})


def cost(part: str, fragment) -> tuple[float, str]:
    """CPU seconds until it is refused, and why."""
    start = time.process_time()
    with pytest.raises(Refused) as refusal:
        check_fragment(part, fragment)
    return time.process_time() - start, str(refusal.value)


ZEROS = base64.b64encode(gzip.compress(bytes(10**7))).decode()
FORMS = [
    {"type": "bytes", "data": ZEROS},
    {"type": "ndarray", "array": [0], "order": "little", "dtype": "U100000000", "shape": [1]},
    {"type": "ndarray", "array": {"type": "bytes", "data": ZEROS}, "order": "little", "dtype": "float64", "shape": [9]},
    {"type": "typed_array", "array": {"type": "bytes", "data": ZEROS}, "order": "little", "dtype": "uint8"},
    {"type": "object", "name": "Plot", "id": "p2", "attributes": {}},
    {"type": "set", "entries": [1]},
    {"type": "slice", "start": 1, "stop": 2, "step": 3},
    {"type": "symbol", "name": "x"},
    {"type": ["map"], "entries": []},
]


@pytest.mark.parametrize("form", FORMS, ids=range(9))
def test_forms_that_bokeh_would_unpack_are_refused_before(form):
    took, why = cost("content", patch(form))
    assert took < MOST_S and "value of the type" in why and len(why) < 200


@pytest.mark.parametrize(
    ("part", "fragment", "said"),
    [
        ("content", "x" * (1024 * 1024 + 1), "1,048,576 are read"),
        ("content", "[" * 100_000 + "]" * 100_000, "lists and objects"),
        ("content", '{"a":' * 100_000 + "1" + "}" * 100_000, "lists and objects"),
        ("content", "[" * 20_000 + "]" * 20_000, "too deep"),
        ("content", "[" * 900 + "]" * 900, f"deeper than {DEPTH}"),
        ("content", "[" + "[]," * 340_000 + "[]]", f"more than {VALUES:,}"),
        ("content", "[" + "1," * 100_001 + "1]", f"more than {VALUES:,}"),
        ("content", patch("1").replace('"1"', "9" * 5000), "not what a page sends"),
        ("content", '{"events": [NaN]}', "not what a page sends"),
        ("content", "\ud800", "not what a page sends"),
        ("content", b"{}", "text alone"),
        ("header", json.dumps(HEADER | {"num_buffers": 1}), "not what a page sends"),
        ("header", json.dumps(HEADER | {"msgtype": "PUSH-DOC"}), "not what a page sends"),
        ("header", "null", "not what a page sends"),
        ("header", " " * 2000, "1,000 are read"),
        ("metadata", "[" * 999, "too deep"),
    ],
    ids=range(16),
)
def test_what_no_page_sends_is_refused_in_a_line_before_it_costs_anything(part, fragment, said):
    took, why = cost(part, fragment)
    assert took < MOST_S and said in why and len(why) < 250 and "\n" not in why


def test_what_a_page_sends_passes():
    assert check_fragment("header", json.dumps(HEADER)).msgtype == "PATCH-DOC"
    assert check_fragment("metadata", "{}") is None
    event = {"type": "event", "name": "x", "values": {"type": "map", "entries": [["model", {"id": "1"}]]}}
    for value in (1.5, "text", None, [1, 2], {"type": "number", "value": "nan"}, event, "é" * 1000):
        assert check_fragment("content", patch(value)) is None
    assert check_fragment("content", patch("x" * (1024 * limits().max_message - 200))) is None


def test_a_thousand_random_messages_end_in_a_line():
    dice = random.Random(0)

    def thing(depth: int = 0):
        kind = dice.randrange(8 if depth < 6 else 5)
        if kind < 5:
            return [None, dice.random() * 10 ** dice.randrange(-300, 300), "x" * dice.randrange(50), True, "event"][
                kind
            ]
        if kind < 7:
            return [thing(depth + 1) for _ in range(dice.randrange(5))]
        return {dice.choice(["type", "id", "events", "new"]): thing(depth + 1) for _ in range(4)}

    for _ in range(1000):
        text = list(json.dumps(thing()))
        for _ in range(dice.randrange(3)):
            text[dice.randrange(len(text))] = chr(dice.randrange(0x300))
        try:
            check_fragment(dice.choice(["header", "metadata", "content"]), "".join(text))
        except Refused as refusal:
            assert "\n" not in str(refusal)


def test_a_token_that_unpacks_to_much_is_refused(monkeypatch):
    bokeh_socket.install()
    packed = base64.urlsafe_b64encode(zlib.compress(bytes(10**8), 9)).decode().rstrip("=")
    token = (
        base64.urlsafe_b64encode(json.dumps({"session_id": "x", "__bk__zlib_": packed}).encode()).decode().rstrip("=")
    )
    start = time.process_time()
    with pytest.raises(ValueError, match="too long"):
        tokens.get_token_payload(token)
    assert time.process_time() - start < MOST_S
    whole = tokens.generate_jwt_token("x", extra_payload={"arguments": {"preset": ["collapse"]}})
    assert tokens.get_token_payload(whole)["arguments"] == {"preset": ["collapse"]}


def test_the_installed_bokeh_is_the_one_whose_handler_is_overridden():
    """Names and calls that bokeh_socket.py takes the place of; another Bokeh may do the same by other means."""
    handler = inspect.getsource(ws.WSHandler)
    for line in (
        "message = await self._receive(fragment)", "work = await self._handle(message)", "def open(self)",
        "self._token", "async def _async_open(self, token", "self.receiver = Receiver(protocol)",
        "self.handler = ProtocolHandler()", "def on_close(self)", "message = await self.receiver.consume(fragment)",
    ):  # fmt: skip
        assert line in handler
    receiver = inspect.getsource(bokeh.protocol.receiver.Receiver)
    assert all(f"_current_consumer = self._{part}" in receiver for part in ("HEADER", "METADATA", "CONTENT"))
    assert "zlib.decompress(" in inspect.getsource(tokens.get_token_payload)


def test_a_line_that_breaks_while_it_is_written_to_is_no_traceback_and_other_faults_are(capfd, caplog):
    async def fail(error: Exception) -> None:
        raise error

    async def forgotten() -> None:
        asyncio.get_running_loop().set_exception_handler(bokeh_socket.report)
        for error in (WebSocketClosedError(), KeyError("ours")):
            task = asyncio.ensure_future(fail(error))
            await asyncio.wait([task])
            del task
            gc.collect()

    with ThreadPoolExecutor(1) as aside:  # where browser tests ran before, this thread has a loop
        aside.submit(lambda: asyncio.run(forgotten())).result()
    said = capfd.readouterr().err + caplog.text
    assert "WebSocketClosedError" not in said and said.count("never retrieved") == 1 and "KeyError: 'ours'" in said
