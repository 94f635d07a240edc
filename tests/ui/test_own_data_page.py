"""Own data in the page: what the tool makes of a person's points and Gaussians, and which files a page reaches."""

import asyncio
import io
import json
from urllib.parse import urlencode

import msgspec
import numpy as np
import pytest
from tornado.httpclient import AsyncHTTPClient

import gandyn
from gandyn.live.frame_builder import PartBuilder
from gandyn.targets import point_files, point_text
from gandyn.targets.gaussians import Gaussians
from gandyn.targets.points import Points
from gandyn.targets.ring import Ring
from gandyn.timeline import moment
from gandyn.ui.controls.own_data import OwnData, drawing, mixture, target_of
from gandyn.ui.messages import Mixture
from gandyn.ui.server import upload
from gandyn.ui.session.choices import listed_presets
from gandyn.ui.share import link
from tests.ui.bare import bare_server
from tests.ui.test_comparison import go, settled
from tests.ui.test_save import opened
from tests.ui.test_time import trace_of

DRAWN = point_text.encode(np.array([[1.0, 1], [-1, 0.5], [0, -1]]))


@pytest.fixture(autouse=True)
def own_store(tmp_path, monkeypatch):
    monkeypatch.setenv("GANDYN_POINTS", str(tmp_path / "store"))


def csv(points: np.ndarray) -> bytes:
    return "\n".join(f"{x},{y}" for x, y in points).encode()


# -- what the tool begins with, and what it makes


def test_the_modes_of_any_mixture_become_gaussians():
    ring = Ring(modes=4, weights=(1, 2, 1, 0))
    written = mixture(ring)
    assert written == Mixture(x=[0, 2, 0], y=[2, 0, -2], sigmas=[0.15], weights=[0.5, 1, 0.5])
    assert Gaussians(**msgspec.to_builtins(written)).mixture().weights.tolist() == ring.mixture().weights.tolist()
    own = Gaussians(x=(0, 1), y=(0, 1), sigmas=(0.1, 0.2))
    assert mixture(own) == Mixture(x=[0, 1], y=[0, 1], sigmas=[0.1, 0.2], weights=[])
    assert [mixture(gandyn.targets()[name]()) for name in ("spiral", "dirac", "points")] == [None, None, None]


def test_points_become_a_drawing_as_they_are_on_the_stage():
    assert drawing(Points(points=DRAWN)) == DRAWN
    assert len(point_text.decode(drawing(Points()))) == 240
    scaled = Points(points=DRAWN, scale="standard")
    assert point_text.decode(drawing(scaled)).std(0).max() == pytest.approx(1, abs=0.01)
    assert drawing(Ring()) == ""


def test_a_drawing_is_the_target_from_the_next_step_on_and_travels_in_trace_moment_and_link():
    session = opened()
    own = OwnData(session)
    session.watch(own.refresh)
    go(session, 5)
    own._handle_msg(
        {"type": "change-target", "controls": {"target": "points", "target.points": DRAWN, "target.scale": "plain"}}
    )
    go(session, 5)
    assert (own.target, own.drawing, own.points, own.mixture) == ("points", DRAWN, 3, None)
    trace = trace_of(session)
    assert trace["events"][-1]["controls"]["target.points"] == DRAWN
    other = opened()
    other.open_trace(moment.decode(moment.encode(trace)))
    while other.broadcast.seeking is not None:
        other.broadcast.serve()
    assert np.array_equal(other.runs[0].sample(20), session.runs[0].sample(20))
    query = {key: [value.encode()] for key, value in link.write(session).items()}
    assert link.read(query, listed_presets()).experiment.target.points == DRAWN


def test_gaussians_are_moved_in_the_run_that_is_steered_or_in_all():
    session = opened()
    session.compare({"unroll": 1})
    settled(session)
    own = OwnData(session)
    session.watch(own.refresh)
    one = {"target": "gaussians", "target.x": [1], "target.y": [0], "target.sigmas": [0.2], "target.weights": []}
    own._handle_msg({"type": "change-target", "controls": one})
    assert [run.experiment.target.name for run in session.runs] == ["ring", "gaussians"]
    session.steer(None)
    own._handle_msg({"type": "change-target", "controls": {**one, "target.x": [2]}})
    assert {run.experiment.target.x for run in session.runs} == {(2.0,)} and (own.count, own.steered) == (2, None)


def test_what_is_refused_is_said_and_the_page_shows_what_there_is():
    session = opened()
    own = OwnData(session)
    for change, line in (
        ({"target": "gaussians", "target.x": [1]}, "target.x and target.y"),
        ({"lr_d": 1}, "lr_d is no control of a target"),
        ({"target": "points", "target.file": "/etc/passwd"}, "was not given to this server"),
    ):
        own._handle_msg({"type": "change-target", "controls": change})
        assert line in own.refusal["text"] and "\n" not in own.refusal["text"]
    assert own.refusal["id"] == 3 and own.target == "ring"


def test_the_stage_stands_still_under_the_hand():
    builder, base = PartBuilder(), gandyn.preset("collapse")
    small = point_text.encode(np.array([[0.1, 0.1], [0.2, 0]]))
    wide = point_text.encode(np.array([[2.9, 0], [-2.9, 0]]))
    far = point_text.encode(np.array([[3.5, 0], [-2.9, 0]]))
    sizes = [
        builder._half_width(base.replace(target=target))
        for target in (Ring(), Points(points=small), Points(points=wide), Gaussians(), Points(points=far))
    ]
    assert sizes == [3, 3, 3, 3, 5]


# -- files


def test_no_page_reaches_a_file_of_the_server(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_bytes(csv(np.eye(2)))
    query = {"target": [b"points"], "target.file": [str(path).encode()]}
    asked = link.read(query, listed_presets())
    assert asked.experiment.target.name == "ring" and "was not given to this server" in asked.notice
    session = opened()
    for act in (
        lambda: session.change(target="points", **{"target.file": str(path)}),
        lambda: session.compare({"target": "points", **{"target.file": str(path)}}),
    ):
        with pytest.raises(ValueError, match="was not given to this server"):
            act()
    trace = trace_of(session)
    controls = {name: value for name, value in trace["config"]["controls"].items() if not name.startswith("target")}
    trace["config"]["controls"] = controls | {"target": "points", "target.file": str(path)}
    with pytest.raises(ValueError, match="was not given to this server"):
        session.open_trace(trace)


def test_few_points_are_a_text_and_many_a_file_of_the_store():
    few, said = target_of("few.csv", csv(np.random.default_rng(0).normal(size=(500, 2))))
    assert (len(few.places), few.file, few.scale) == (500, "", "plain")
    assert said == "500 points of few.csv; kept to three digits"
    raw = io.BytesIO()
    np.save(raw, np.random.default_rng(0).normal(size=(5000, 2)) * 100)
    many, said = target_of("many.npy", raw.getvalue())
    assert (len(many.places), many.file, many.points, many.scale) == (5000, "many.npy", "", "standard")
    assert [one.name for one in point_files.folder().iterdir()] == [many.sha256]
    assert said == "5,000 points of many.npy, scaled to standard deviation 1; links name the file by its SHA-256"
    with point_files.stored_only():
        again = Points(**many.parameters())
    assert again == many


# -- the route


class Page:
    """What takes the files of a page."""

    def __init__(self) -> None:
        self.received: list[tuple[str, bytes]] = []

    async def receive_file(self, name: str, raw: bytes) -> str:
        if raw == b"bad":
            raise ValueError("it is bad")
        self.received.append((name, raw))
        return f"{len(raw)} bytes of {name}"


@pytest.fixture
def page(monkeypatch):
    page = Page()
    monkeypatch.setitem(upload.ON_AIR, "known", None)
    monkeypatch.setitem(upload.RECEIVERS, "known", page)
    monkeypatch.setattr(upload, "_arriving", {})
    return page


def ask(*posts: dict, user: str | None = "me") -> list[tuple[int, dict]]:
    """The answers to requests, one after another, of a server whose login knows `user`."""

    async def run() -> list[tuple[int, dict]]:
        server, port = bare_server([(upload.ROUTE, upload.Upload)], user=user, xsrf_cookies=True)
        answers = []
        for post in posts:
            query = {"run": "known", "upload": "1", "name": "a.csv", "part": 0, "of": 1, **post.get("query", {})}
            headers = {"Origin": f"http://127.0.0.1:{port}", "Content-Type": "application/octet-stream"}
            headers |= post.get("headers", {})
            url = f"http://127.0.0.1:{port}{upload.ROUTE}?{urlencode(query)}"
            answer = await AsyncHTTPClient().fetch(
                url, method="POST", body=post.get("body", b"1,2"), headers=headers, raise_error=False
            )
            answers.append((answer.code, json.loads(answer.body)))
        server.stop()
        return answers

    return asyncio.run(run())


def test_the_pieces_of_a_file_are_handed_over_together(page):
    pieces = [{"query": {"part": i, "of": 3}, "body": bytes([i]) * 10} for i in range(3)]
    assert ask(*pieces) == [(200, {}), (200, {}), (200, {"text": "30 bytes of a.csv"})]
    assert page.received == [("a.csv", b"\0" * 10 + b"\1" * 10 + b"\2" * 10)] and not upload._arriving


@pytest.mark.parametrize(
    ("post", "status"),
    [
        ({"headers": {"Origin": "http://elsewhere"}}, 403), ({"headers": {"Origin": ""}}, 403),
        ({"headers": {"Content-Type": "text/plain"}}, 403), ({"query": {"run": "unknown"}}, 404),
        ({"body": b"x" * (upload.PIECE + 1)}, 413),
    ],
)  # fmt: skip
def test_who_may_not_is_refused(page, post, status):
    ((code, answer),) = ask(post)
    assert code == status and answer["error"] and not page.received and not upload._arriving


def test_a_login_that_knows_nobody_is_asked(page):
    assert ask({}, user=None)[0][0] == 403 and ask({})[0][0] == 200


def test_pieces_out_of_order_and_too_many_of_them_are_one_line(page, monkeypatch):
    for posts, line in (
        ([{"query": {"part": 1, "of": 2}}], "did not arrive in one piece"),
        ([{"query": {"part": 0, "of": 3}}, {"query": {"part": 2, "of": 3}}], "did not arrive in one piece"),
        ([{"query": {"part": 0, "of": 2}}, {"query": {"part": 1, "of": 2, "upload": "2"}}], "did not arrive in one"),
        ([{"query": {"part": 0, "of": 65}}], "a.csv has more than 64 MB"),
        ([{"body": b"bad"}], "it is bad"),
    ):
        code, answer = ask(*posts)[-1]
        assert code == 200 and line in answer["error"] and not upload._arriving
    for wrong in ({"part": "x"}, {"of": -1}, {"of": 10**9}, {"more": 1}):
        code, answer = ask({"query": wrong})[0]
        assert code == 400 and "no piece of a file" in answer["error"]
    monkeypatch.setattr(upload, "TOGETHER", 2)
    assert "receives other files now" in ask({})[0][1]["error"]


def test_a_name_is_no_path(page):
    ask({"query": {"name": "../../etc/pass wd\n.csv"}}, {"query": {"name": "C:\\data\\x.npy"}}, {"query": {"name": ""}})
    assert [name for name, _ in page.received] == ["pass wd .csv", "x.npy", "data"]
