"""Link, command, Python and frame of another page: each leads to the state that was on the screen, bit for bit."""

import json
import shlex
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import torch

import gandyn
from gandyn.cli import main
from gandyn.core import native
from gandyn.records.trace import digest
from gandyn.timeline import moment
from gandyn.ui.session.session import Session
from gandyn.ui.share import link
from gandyn.ui.share.copy_as import MOST_EVENTS, Place, copies
from gandyn.ui.share.reach import is_local, reachable
from gandyn.ui.time.transport import _name, _short
from tests.ui.test_comparison import go, settled
from tests.ui.test_save import one_thread, opened  # noqa: F401  torch's threads are put back
from tests.ui.test_time import trace_of, with_branches

HERE = "http://127.0.0.1:5006/dynamics"


def texts(session: Session, page: str = HERE, hosts: tuple[str, ...] = ()) -> tuple[dict, dict]:
    """(what is copied, the trace)."""
    trace = trace_of(session)
    place = Place(page, link.write(session), hosts)
    return json.loads(json.dumps(copies(trace, place, _name(trace), _short(trace)))), trace


def of_command(text: str, folder: Path) -> str:
    """The sha256 of the last state of that run."""
    program, *arguments = shlex.split(text)
    assert program == "gandyn"
    assert main([*arguments, "--out", str(folder), "--quiet"]) == 0
    return json.loads((folder / "summary.json").read_text())["sha256"]


def of_python(text: str) -> str:
    names: dict = {}
    exec(text, names)
    return digest(names["run"].state)


def check(session: Session, tmp_path: Path, monkeypatch) -> dict:
    """All that can be copied leads to the state on which the session stands."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("gandyn.cli.training.draw", lambda directory: None)
    copied, trace = texts(session)
    (tmp_path / copied["file"]).write_text(json.dumps(trace))
    assert of_python(copied["python"]) == trace["sha256"]
    assert of_command(copied["command"], tmp_path / "again") == trace["sha256"]
    page = opened()
    page.open_trace(moment.decode(urlsplit(copied["link"]).fragment.removeprefix("moment=")))
    settled(page)
    assert digest(page.runs[0].state) == trace["sha256"]
    return copied


def test_an_untouched_run_is_a_command_and_two_lines(tmp_path, monkeypatch):
    session = opened(seed=7, penalty="r1", **{"target.radius": 1.5})
    go(session, 20)
    copied = check(session, tmp_path, monkeypatch)
    assert copied["command"].startswith("gandyn train collapse --steps 20 --set ")
    assert "seed=7" in copied["command"] and "generator.widths=8" in copied["command"]
    assert copied["reads"] == [] and "json" not in copied["python"]
    assert copied["python"].endswith("run.advance(20)\n")


def test_changes_before_the_first_step_are_part_of_how_it_began(tmp_path, monkeypatch):
    session = opened()
    session.change(target="grid", **{"target.sigma": session.experiment.values()["target.sigma"]})
    session.change(unroll=2)
    go(session, 7)
    copied = check(session, tmp_path, monkeypatch)
    assert "gandyn train" in copied["command"] and "run.set" not in copied["python"]


def test_a_run_with_changes_is_replayed_from_its_file_and_written_out_in_python(tmp_path, monkeypatch):
    session = opened()
    go(session, 5)
    session.change(unroll=1, **{"target.radius": 2.5})
    for command in ("critic", "critic", "generator", "generator"):
        session.command(command)
    go(session, 3)
    copied = check(session, tmp_path, monkeypatch)
    assert copied["command"] == f"gandyn replay {copied['file']}" and copied["reads"] == ["command"]
    assert copied["python"].count("run.set(") == 3 and copied["python"].count("run.advance(") == 4


def test_on_a_branch(tmp_path, monkeypatch):
    check(with_branches(), tmp_path, monkeypatch)


def test_many_gans(tmp_path, monkeypatch):
    session = opened(lanes=4)
    go(session, 9)
    copied = check(session, tmp_path, monkeypatch)
    assert "lanes=4" in copied["python"] and copied["reads"] == ["command"]


def test_the_other_engine_computes_as_the_laboratory_does(tmp_path, monkeypatch):
    session = opened(engine="autograd")
    go(session, 12)
    threads = torch.get_num_threads()
    assert "torch.set_num_threads(1)" in check(session, tmp_path, monkeypatch)["python"]
    assert torch.get_num_threads() == threads


def test_a_drag_of_a_slider_stays_in_the_file(tmp_path, monkeypatch):
    session = opened()
    for i in range(MOST_EVENTS + 5):
        go(session, 1)
        session.change(lr_d=1e-3 + i * 1e-6)
    go(session, 2)
    copied = check(session, tmp_path, monkeypatch)
    assert copied["reads"] == ["command", "python"] and "gandyn.replay" in copied["python"]


def test_a_run_of_no_preset_is_its_file(tmp_path, monkeypatch):
    base = gandyn.preset("collapse", batch_size=8)
    critic = gandyn.mlp([2, 6, 1], "tanh", "he")
    session = Session(
        gandyn.Experiment(base.target, base.game._replace(critic=critic), base.rule, base.knobs, name="mine"),
        playing=False,
    )
    go(session, 4)
    assert check(session, tmp_path, monkeypatch)["reads"] == ["command", "python"]


def test_at_step_0_the_command_trains_it_and_of_many_gans_there_is_none():
    copied, trace = texts(opened())
    assert trace["stop"] == 0 and copied["command"].startswith("gandyn train collapse --set")
    assert of_python(copied["python"]) == trace["sha256"]
    assert texts(opened(lanes=4))[0]["command"] == ""


def test_the_link_of_the_controls_opens_them_at_step_0():
    session = opened()
    sigma = session.experiment.values()["target.sigma"]
    session.change(target="grid", **{"target.sigma": sigma})
    go(session, 3)
    plain = urlsplit(texts(session)[0]["plain"])
    asked = {name: [one.encode() for one in values] for name, values in parse_qs(plain.query).items()}
    again = link.read(asked, session.presets)
    assert again.notice is None and again.experiment.values() == session.experiment.values()
    assert plain.fragment == "" and not again.playing


def test_a_frame_of_another_page_opens_the_link():
    session = opened()
    go(session, 3)
    copied, _ = texts(session)

    class Frame(HTMLParser):
        def handle_starttag(self, tag, attrs):
            self.tag, self.attributes = tag, dict(attrs)

    frame = Frame()
    frame.feed(copied["iframe"])
    assert frame.tag == "iframe" and frame.attributes["src"] == copied["link"]
    assert frame.attributes["title"] == "gandyn: collapse, step 3"


def test_a_session_too_long_for_a_link_says_so(monkeypatch):
    session = opened()
    go(session, 3)
    monkeypatch.setattr(moment, "MOST", 10)
    copied, _ = texts(session)
    assert copied["long"] and copied["link"] == copied["plain"]


@pytest.mark.parametrize(
    ("page", "hosts", "shared"),
    [
        ("http://127.0.0.1:5006/dynamics", (), None),
        ("http://localhost:5006/dynamics", ("localhost:5006", "127.0.0.1:5006", "[::1]:5006", "*"), None),
        ("http://localhost:5006/dynamics", ("127.0.1.1:5006", "desk:5006", "desk.local:5006"), "http://desk.local:5006/dynamics"),
        ("http://127.0.0.1:5006/dynamics", ("desk.local:5006", "192.168.1.7:5006"), "http://192.168.1.7:5006/dynamics"),
        ("http://localhost:5006/a/dynamics", ("lab.example.org:80",), "http://lab.example.org/a/dynamics"),
        ("http://[::1]:5006/dynamics", ("[fe80::1]:5006",), "http://[fe80::1]:5006/dynamics"),
        ("https://lab.example.org/dynamics", ("192.168.1.7:5006",), "https://lab.example.org/dynamics"),
        ("http://192.168.1.7:5006/dynamics", ("localhost:5006",), "http://192.168.1.7:5006/dynamics"),
    ],
)  # fmt: skip
def test_the_host_is_one_that_others_reach_or_it_is_said_that_they_do_not(page, hosts, shared):
    assert reachable(page, hosts) == (shared or page)
    assert is_local(reachable(page, hosts)) is (shared is None)
    session = opened()
    copied, _ = texts(session, page, hosts)
    assert copied["local"] is (shared is None) and copied["link"].startswith(f"{shared or page}?preset=collapse")


def test_many_gans_with_a_rate_each_from_step_0_on_can_be_copied(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    session = opened(lanes=4)
    session.runs[0].set(lr_g=[1e-4, 1e-3, 1e-3, 2e-3])
    go(session, 3)
    copied, trace = texts(session)
    (tmp_path / copied["file"]).write_text(json.dumps(trace))
    assert of_python(copied["python"]) == trace["sha256"]


@pytest.mark.skipif(not native.INSTALLED, reason="needs numba")
def test_the_other_engine_from_step_0_on_of_a_branch_is_copied(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    session = opened(engine="autograd")
    go(session, 3)
    session.command("reset")
    session.broadcast.serve()
    session.change(engine="native")
    go(session, 5)
    copied, trace = texts(session)
    (tmp_path / copied["file"]).write_text(json.dumps(trace))
    assert of_python(copied["python"]) == trace["sha256"]


def test_a_first_step_that_the_run_s_engine_does_not_compute_is_copied(tmp_path, monkeypatch):
    session = opened()
    session.change(unroll=2)
    session.change(penalty="r1")
    go(session, 4)
    session.change(penalty="none")
    go(session, 2)
    check(session, tmp_path, monkeypatch)
