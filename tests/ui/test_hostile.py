"""Real servers and raw sockets: what is too large is cut, what is not logged in sees nothing, and others go on."""

import asyncio
import http.cookiejar
import urllib.parse
import urllib.request
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.iostream import StreamClosedError
from tornado.websocket import WebSocketClientConnection, WebSocketClosedError, websocket_connect

from benchmarks.sessions import Session
from gandyn.core.bounds import MEGABYTE
from gandyn.ui.server import stream
from tests.ui.test_security import serving

pytestmark = pytest.mark.slow


def most_memory(url: str) -> float:
    """MB that the server at this address has had at most."""
    port = url.rpartition(":")[2]
    (server,) = (one for one in psutil.Process().children() if port in one.cmdline())
    status = Path(f"/proc/{server.pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


async def closed(socket: WebSocketClientConnection) -> None:
    """Wait until the other side has closed it."""
    while socket.protocol is not None and not socket.protocol.stream.closed():
        await asyncio.sleep(0.05)


@pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="the most memory of a process is told by Linux alone"
)
@pytest.mark.parametrize("which", [0, -1], ids=["Bokeh's socket", "the stream"])
def test_a_message_of_19_megabytes_is_cut_without_being_kept_and_the_others_go_on(which):
    async def attack(url: str) -> tuple[int | None, int, float]:
        neighbour, hostile = Session(url), Session(url)
        await neighbour.open()
        await hostile.open()
        await asyncio.sleep(2)
        before = most_memory(url)
        socket = hostile._sockets[which]
        with suppress(StreamClosedError, WebSocketClosedError):
            await socket.write_message("x" * (19 * MEGABYTE))
        await asyncio.wait_for(closed(socket), 30)
        seen, more = neighbour.frames, most_memory(url) - before
        await asyncio.sleep(2)
        for one in (neighbour, hostile):
            await one.close()
        return socket.close_code, neighbour.frames - seen, more

    with serving(["gandyn", "serve"]) as (url, log):
        code, frames, more = asyncio.run(attack(url))
    assert code in (None, 1006, 1009), "too big, or cut"
    assert frames > 2 and more < 3 * 19, "of one unpacked copy and its text there would be more"
    assert "Traceback" not in log[0]


def test_under_panel_serve_with_a_password_a_bare_socket_is_refused_and_a_logged_in_one_is_not():
    """Panel's server has our routes from the first page on that was opened by somebody who has the password."""
    command = ["panel", "serve", "apps/dynamics.py", "--address", "127.0.0.1", "--basic-auth", "secret"]

    async def knock(url: str, cookies: dict[str, str]) -> list[int]:
        inside = Session(url)
        inside.cookies |= cookies
        await inside.open()
        assert inside.frames == 1
        headers, codes = {"Origin": url}, []
        for route, _ in stream.ROUTES:
            request = HTTPRequest(url + route, headers=headers, follow_redirects=False)
            codes.append((await AsyncHTTPClient().fetch(request, raise_error=False)).code)
        try:
            feed = f"{url.replace('http', 'ws')}{stream.ROUTE}?run={inside.run}"
            await websocket_connect(HTTPRequest(feed, headers=headers))
        except HTTPClientError as error:
            codes.append(error.code)
        await inside.close()
        return codes

    with serving([*command, "--cookie-secret", "c" * 40]) as (url, log):
        jar = http.cookiejar.CookieJar()
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        form = urllib.parse.urlencode({"username": "guest", "password": "secret"}).encode()
        browser.open(f"{url}/login", form).read()
        codes = asyncio.run(knock(url, {one.name: str(one.value) for one in jar}))
    assert len(codes) > 3 and set(codes) == {302, 403} and codes.count(302) == 1, "the admin page leads to the login"
    assert "Traceback" not in log[0]
