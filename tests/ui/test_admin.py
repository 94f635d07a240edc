"""The page that says what the server does: what it counts, and who sees it."""

import asyncio
import json
import os
from types import SimpleNamespace

import psutil
import pytest
from tornado.httpclient import AsyncHTTPClient

from gandyn.core.bounds import MEGABYTE
from gandyn.core.trees import tensors
from gandyn.live.broadcast import Broadcast
from gandyn.live.run import Run
from gandyn.live.stepper import LONG
from gandyn.presets import PRESETS
from gandyn.timeline.kept import OBJECT
from gandyn.ui.server import admin, on_air
from tests.ui.bare import bare_server


class Watcher:
    """Somebody whose line answers, or not."""

    def __init__(self, answers: bool = True) -> None:
        self.present = lambda: answers
        self.layers = frozenset


class Drawn:
    """A frame of the plainest kind."""

    id = 0


@pytest.fixture
def broadcast(monkeypatch) -> Broadcast:
    run = Run(PRESETS["collapse"])
    one = Broadcast(run, lambda b, layers: Drawn(), playing=True, speed=60.0)
    for module in (admin, on_air):
        monkeypatch.setattr(module, "ON_AIR", {one.id: one})
        monkeypatch.setattr(module, "WATCHED", {})
    return one


def test_a_row_counts_steps_frames_viewers_and_the_bytes_of_the_past(broadcast):
    run = broadcast.run
    run.advance(40)
    broadcast.viewers |= {Watcher(), Watcher(answers=False), Watcher()}
    for _ in range(3):
        broadcast.frames.put(Drawn())
    row = admin.row(broadcast)
    assert (row["step"], row["frames"], row["viewers"], row["present"]) == (40, 3, 3, 2)
    assert row["presets"] == ["collapse"] and row["wanted_steps_per_s"] == 60 and row["lanes"] == 1
    moments = [moment for line in run.timeline.lines for moment in line.kept]
    held = sum(OBJECT + tensor.nbytes for moment in moments for tensor in tensors(moment))
    assert len(moments) > 1 and row["past_mb"] * MEGABYTE == pytest.approx(held)


def test_the_state_says_why_a_run_stands_still(broadcast):
    assert admin.state(broadcast) == "stands still: nobody watches"
    broadcast.viewers.add(Watcher(answers=False))
    assert admin.state(broadcast) == "stands still: nobody watches"
    broadcast.viewers.add(Watcher())
    assert admin.state(broadcast) == "trains"
    broadcast.program.tracks[0].seconds = 2 * LONG
    assert "long steps" in admin.state(broadcast)
    broadcast.look(7, pause=False)
    assert admin.state(broadcast) == "goes back to step 7"
    broadcast.play(False)
    assert admin.state(broadcast) == "paused"
    broadcast.fail("error", "The step failed.")
    assert admin.state(broadcast) == "paused: The step failed."


def fetch(*paths: str, **login) -> list:
    async def ask() -> list:
        server, port = bare_server([(admin.ROUTE, admin.Admin), (admin.DATA, admin.AdminData)], **login)
        plain = {"raise_error": False, "follow_redirects": False}
        answers = [await AsyncHTTPClient().fetch(f"http://127.0.0.1:{port}{path}", **plain) for path in paths]
        server.stop()
        return answers

    return asyncio.run(ask())


def test_the_page_and_its_data_name_no_run_by_its_id(broadcast, monkeypatch):
    other = Broadcast(Run(PRESETS["collapse"]), lambda b, layers: Drawn(), playing=False)
    monkeypatch.setattr(admin, "WATCHED", {"a-name-to-watch": other, "another": broadcast})
    page, data = fetch(admin.ROUTE, admin.DATA)
    said = json.loads(data.body)
    assert page.code == data.code == 200 and data.headers["Cache-Control"] == "no-store"
    assert [run["state"] for run in said["runs"]] == ["stands still: nobody watches", "paused"]
    assert said["sessions"] == 1 and said["limits"]["max_sessions"] == 64
    if said["memory_mb"] is not None:
        assert said["memory_mb"] == pytest.approx(psutil.Process(os.getpid()).memory_info().rss / MEGABYTE, rel=0.1)
    for key in (broadcast.id, other.id, "a-name-to-watch"):
        assert key[:6].encode() not in page.body + data.body


def test_the_page_loads_nothing_from_elsewhere():
    (page,) = fetch(admin.ROUTE)
    assert b"http:" not in page.body and b"https:" not in page.body and b"src=" not in page.body
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_nobody_sees_it_without_a_login():
    assert [answer.code for answer in fetch(admin.ROUTE, admin.DATA, user=None)] == [403, 403]


def test_the_page_leads_to_the_login_and_its_data_do_not():
    page, data = fetch(admin.ROUTE, admin.DATA, user=None, login_url="/login")
    assert page.code == 302 and page.headers["Location"] == "../login?next=.%2Fgandyn%2Fadmin"
    assert data.code == 403


def test_a_guest_of_panels_login_does_not_see_it(monkeypatch):
    """Panel calls a guest a user; the cookie that a login sets is what tells them apart."""
    guests = SimpleNamespace(get_user=lambda h: "guest", get_user_async=None, _allow_guest=lambda uri: True)
    cookies = []
    monkeypatch.setattr(admin.OfServer, "get_signed_cookie", lambda self, name, **more: cookies and cookies[0])

    async def ask() -> int:
        server, port = bare_server([(admin.DATA, admin.AdminData)])
        server.request_callback.auth_provider = guests
        answer = await AsyncHTTPClient().fetch(f"http://127.0.0.1:{port}{admin.DATA}", raise_error=False)
        server.stop()
        return answer.code

    assert asyncio.run(ask()) == 403
    cookies.append(b"teacher")
    assert asyncio.run(ask()) == 200
