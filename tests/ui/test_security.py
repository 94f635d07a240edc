"""Who gets in: origins, logins, passwords; and what logs say of it."""

import asyncio
import http.cookiejar
import json
import logging
import os
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from contextlib import suppress
from types import SimpleNamespace

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

from gandyn.ui.server import downloads, guard, login, quiet_logs, reach, root, stream
from gandyn.ui.server.limits import Limits
from gandyn.ui.session.choices import listed_presets
from gandyn.ui.share import link
from tests.ui.bare import bare_server
from tests.ui.serving import serving


def let_in(origin: str, *listed: str) -> bool:
    return guard.check_origin(SimpleNamespace(application=SimpleNamespace(websocket_origins=set(listed))), origin)


def test_origins_are_those_of_bokehs_list_and_this_machines_other_names():
    assert let_in("http://lab.example", "lab.example:80") and let_in("https://lab.example:8443", "lab.example:8443")
    assert let_in("http://127.0.0.1:5006", "localhost:5006") and let_in("http://localhost:5006", "127.0.0.1:5006")
    assert let_in("http://x.lab.example:5006", "*.lab.example:5006")
    for origin in (
        "http://evil.example",
        "http://localhost:5007",
        "null",
        "",
        "http://[",
        "http://localhost.evil:5006",
    ):
        assert not let_in(origin, "localhost:5006", "lab.example:80")


async def refused_run(request: HTTPRequest, **how) -> None:
    """A socket that opens, and is closed by the server: HTTPClientError where it does not."""
    line = await websocket_connect(request, **how)
    assert await line.read_message() is None
    line.close()
    await asyncio.sleep(0.05)


def test_sockets_without_an_origin_and_from_foreign_names_are_refused_whatever_the_host():
    """A name of somebody else's that leads here is its own Host and its own Origin, and the same site to a browser."""
    routes = [(stream.ROUTE, stream.Stream), (reach.ROUTE, reach.Reach), (downloads.ROUTE, downloads.Download)]

    async def ask() -> list[int]:
        server, port = bare_server(routes)
        own = {"Origin": f"http://127.0.0.1:{port}"}
        foreign = {"Origin": "http://evil.example", "Host": "evil.example", "Sec-Fetch-Site": "same-origin"}
        codes = []
        for headers in (own, {}, foreign, {"Origin": "null"}):
            try:
                url = f"ws://127.0.0.1:{port}{stream.ROUTE}?run=x"
                await refused_run(HTTPRequest(url, headers=headers))
                codes.append(101)
            except HTTPClientError as error:
                codes.append(error.code)
        for headers in (own, foreign):
            url = f"http://127.0.0.1:{port}{reach.ROUTE}"
            answer = await AsyncHTTPClient().fetch(url, method="POST", body="run=x", headers=headers, raise_error=False)
            codes.append(answer.code)
            assert answer.headers.get("Access-Control-Allow-Origin") == (own["Origin"] if headers is own else None)
        server.stop()
        return codes

    assert asyncio.run(ask()) == [101, 403, 403, 403, 404, 403]


def test_every_route_asks_the_login():
    async def ask() -> list[int]:
        server, port = bare_server(list(stream.ROUTES), user=None)
        at, headers = f"http://127.0.0.1:{port}", {"Origin": f"http://127.0.0.1:{port}"}
        codes = []
        for route, _ in stream.ROUTES:
            for method in ("GET", "POST"):
                request = HTTPRequest(at + route, method, headers, body=b"" if method == "POST" else None)
                codes.append((await AsyncHTTPClient().fetch(request, raise_error=False)).code)
        server.stop()
        return codes

    assert set(asyncio.run(ask())) == {403}


@pytest.fixture
def no_login(monkeypatch):
    for name in [name for name in os.environ if name.startswith("PANEL_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(login.LoginPage, "secret", None)
    return monkeypatch


def test_an_address_that_others_reach_has_a_password_unless_everybody_may_come(no_login):
    for address in ("127.0.0.1", "127.8.0.1", "::1", "localhost"):
        assert login.entrance(address) == login.Entrance({})
    for address in ("0.0.0.0", "192.168.1.7", "::", "lab.example", ""):
        assert login.entrance(address, everybody=True) == login.Entrance({})
        first, other = login.entrance(address), login.entrance(address)
        assert first.line != other.line and "--open" in first.line
        (password,) = re.findall(r"password is (\S+)", other.line)
        assert len(password) >= 16 and login.matches("guest", password, login.LoginPage.secret)
        assert isinstance(first.options["auth_provider"], login.Login) and len(first.options["cookie_secret"]) >= 32
    assert login.entrance("127.0.0.1", password="secret").line is None
    assert login.LoginPage.secret == "secret"


@pytest.mark.parametrize(
    ("variables", "options", "said"),
    [
        ({"PANEL_BASIC_AUTH": "x"}, {"everybody": True}, "PANEL_BASIC_AUTH and --open"),
        ({"PANEL_BASIC_AUTH": "x"}, {"password": "y"}, "PANEL_BASIC_AUTH and --password"),
        ({}, {"password": "y", "everybody": True}, "--password and --open"),
        ({}, {"password": ""}, "--password needs"),
        ({"PANEL_OAUTH_PROVIDER": "github"}, {}, "needs PANEL_OAUTH_KEY, PANEL_OAUTH_SECRET, PANEL_COOKIE_SECRET"),
        ({"PANEL_OAUTH_PROVIDER": "github"}, {"everybody": True}, "PANEL_OAUTH_PROVIDER and --open"),
    ],
    ids=range(6),
)
def test_what_does_not_fit_together_is_one_line(no_login, variables, options, said):
    for name, value in variables.items():
        no_login.setenv(name, value)
    with pytest.raises(ValueError, match=re.escape(said)) as refusal:
        login.entrance("127.0.0.1", **options)
    assert "\n" not in str(refusal.value)


def test_passwords_are_those_of_everybody_or_of_names():
    assert login.matches("anybody", "é", "é") and not login.matches("anybody", "e", "é")
    names = {"ann": "1", "bob": "2"}
    assert login.matches("ann", "1", names) and not login.matches("ann", "2", names)
    assert not login.matches("eve", "", names) and not login.matches("eve", "1", names)


@pytest.mark.parametrize("name", sorted(vars(Limits())))
def test_a_limit_that_is_none_is_one_line(name):
    with pytest.raises(ValueError, match=f"--{name.replace('_', '-')} is . or more, not -1"):
        Limits(**{name: -1})


def test_logs_have_no_ids_and_no_keys(caplog, monkeypatch):
    quiet_logs.install()
    access = logging.getLogger("tornado.access")
    for name, value in {"propagate": True, "disabled": False}.items():  # whatever a server has set before
        monkeypatch.setattr(access, name, value)
    session = "Ab1" * 14 + "xy"
    lines = [
        "101 GET /gandyn/stream?run=Zm9v-_bar (127.0.0.1)", "200 GET /gandyn/download?key=abc123&x=1",
        f"HTTPServerRequest(uri='/dynamics?bokeh-session-id={session}&preset=ring')", f"Token for session '{session}'",
        "GET /login?code=oauth-code&state=xyz", "bad eyJzZXNzaW9uX2lkIjogImRlZmF1bHQifQ.abcdef",
    ]  # fmt: skip
    with caplog.at_level(logging.INFO, logger="tornado.access"):
        for line in lines:
            access.info("%s", line)
    logged = "\n".join(caplog.messages)
    assert not re.search(r"Zm9v|abc123|Ab1|oauth-code|xyz|eyJz", logged)
    assert "preset=ring" in logged and "x=1" in logged and "/gandyn/stream?run=..." in logged
    assert quiet_logs.without_ids("WebSocket connection closed: code=1001") == "WebSocket connection closed: code=1001"


@pytest.mark.parametrize(
    ("path", "arguments", "name", "expected"),
    [
        ("/dynamics", {}, "/dynamics", "./"), ("/dynamics/", {}, "/dynamics", "../"), ("/", {}, "/", "./"),
        ("/lab/dynamics", {"bokeh-absolute-url": [b"http://evil.example/dynamics"]}, "/dynamics", "./"),
        ("/dynamics/autoload.js", {"bokeh-absolute-url": [b"http://lab:1/x/dynamics"]}, "/dynamics", "http://lab:1/x/"),
        ("/dynamics/autoload.js", {"bokeh-app-path": [b"/x/dynamics"]}, "/dynamics", "/x/"),
        ("/autoload.js", {"bokeh-absolute-url": [b"https://lab.example"]}, "/", "https://lab.example/"),
    ],
    ids=range(7),
)  # fmt: skip
def test_a_page_is_told_where_its_server_is(path, arguments, name, expected):
    assert root.of(path, arguments, name) == expected


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [["gandyn", "serve"], ["panel", "serve", "apps/dynamics.py", "--address", "127.0.0.1"]],
    ids=["own", "panel"],
)
def test_panels_password_holds_for_the_page_and_for_every_route(command):
    """Nothing is seen without it; with it the page is, and the login page fetches nothing from elsewhere."""
    with serving(command, PANEL_BASIC_AUTH="secret", PANEL_COOKIE_SECRET="c" * 40) as (url, log):
        plain = urllib.request.build_opener()
        page = plain.open(f"{url}/dynamics").read().decode()
        assert 'name="password"' in page and "data-root-id" not in page
        if command[0] == "gandyn":
            assert not re.search(r"https?://|cdn", page)
        jar = http.cookiejar.CookieJar()
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        start = time.monotonic()
        for password in ("wrong", "secret"):
            form = urllib.parse.urlencode({"username": "guest", "password": password}).encode()
            browser.open(f"{url}/login", form).read()
            inside = "data-root-id" in browser.open(f"{url}/dynamics").read().decode()
            assert inside == (password == "secret")
        assert command[0] == "panel" or time.monotonic() - start > login.PAUSE_S

        async def watch(headers: dict) -> int:
            try:
                socket = f"{url.replace('http', 'ws')}{stream.ROUTE}?run=x"
                await refused_run(HTTPRequest(socket, headers={"Origin": url, **headers}))
            except HTTPClientError as error:
                return error.code
            return 101

        if command[0] == "gandyn":  # Panel's server has our routes from the first page on that a browser has opened
            cookies = "; ".join(f"{one.name}={one.value}" for one in jar)
            assert asyncio.run(watch({})) == 403 and asyncio.run(watch({"Cookie": cookies})) == 101
    assert "Traceback" not in log[0] and "secret" not in log[0]


def test_a_bad_token_on_bokehs_socket_leaves_no_traceback():
    with serving(["gandyn", "serve"]) as (url, log):

        async def knock(token: str) -> None:
            request = HTTPRequest(f"{url.replace('http', 'ws')}/dynamics/ws", headers={"Origin": url})
            with suppress(HTTPClientError):
                await refused_run(request, subprotocols=["bokeh", token])

        for token in ("x", "e30", "eyJzZXNzaW9uX2lkIjogMX0", json.dumps({}).encode().hex()):
            asyncio.run(knock(token))
    assert "Traceback" not in log[0]


DIGITS = "9" * 5000
LINKS = [
    {"lane": DIGITS}, {"lanes": DIGITS}, {"lanes": "4", "lane": "-" + DIGITS}, {"play": DIGITS}, {"preset": DIGITS},
    {"steps_per_second": DIGITS}, {"unroll": DIGITS}, {"seed": DIGITS}, {"lr_d": f"1e{DIGITS}"},
    {"generator.widths": ",".join(["9"] * 2500)}, {"generator.widths": DIGITS}, {"penalty": "+".join(["r1"] * 1500)},
    {"compare": "|".join(["lr_d=1"] * 800)}, {"compare": "x" * 5000}, {DIGITS: "1"}, {"target": DIGITS},
    {f"x{i}": "1" for i in range(5000)},
]  # fmt: skip


@pytest.mark.parametrize("query", LINKS, ids=range(len(LINKS)))
def test_a_link_of_5000_characters_is_one_line_and_costs_the_loop_nothing(query):
    """Whatever a value is: it is refused, or left out and named, within what the event loop can bear."""
    link.read({}, listed_presets())  # what is made once a process
    start = time.process_time()
    asked = link.read({name: [value.encode()] for name, value in query.items()}, listed_presets())
    assert time.process_time() - start < 0.05
    assert asked.notice and "\n" not in asked.notice and len(asked.notice) < 1000


def test_a_page_is_let_in_by_the_very_address_that_it_reached():
    """Debian's /etc/hosts leads a machine's name to itself: its address in the network is on no list."""

    def at(address: str, origin: str) -> bool:
        line = SimpleNamespace(getsockname=lambda: (address, 5006))
        request = SimpleNamespace(connection=SimpleNamespace(stream=SimpleNamespace(socket=line)))
        application = SimpleNamespace(websocket_origins={"localhost:5006"})
        return guard.check_origin(SimpleNamespace(request=request, application=application), origin)

    assert at("192.0.2.2", "http://192.0.2.2:5006") and at("::ffff:192.0.2.2", "http://192.0.2.2:5006")
    assert not at("192.0.2.2", "http://192.0.2.3:5006") and not at("192.0.2.2", "http://192.0.2.2:5007")
    assert not at("192.0.2.2", "http://evil.example:5006") and not at("192.0.2.2", "http://192.0.2.2")
