"""A session saved from the page is done again without it, bit for bit."""

import json
import math
import threading
import time
from functools import partial
from pathlib import Path

import pytest
import torch

import gandyn
from gandyn.cli.evaluating import evaluate, score
from gandyn.cli.options import Data, Output
from gandyn.cli.replaying import replay
from gandyn.core.pace import Pace
from gandyn.live.stepper import Stepper
from gandyn.records.rundir import RunDirectory
from gandyn.records.trace import digest
from gandyn.training.begin import begin_replay
from gandyn.training.train import Training
from gandyn.ui.session.session import Session
from gandyn.ui.time.transport import _name, _text
from tests.live.test_stepper import Someone, until

SMALL = {"generator.widths": "8", "critic.widths": "8", "batch_size": 16, "latent_size": 4, "steps_per_second": 0}


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def opened(lanes: int = 1, **controls) -> Session:
    """A session that stands at step 0; whoever asks it something serves it."""
    return Session(gandyn.preset("collapse", **SMALL, **controls), playing=False, lanes=lanes)


def go(session: Session, steps: int, command: str = "step"):
    for _ in range(steps):
        session.command(command)
    session.broadcast.serve()


def saved(session: Session, served: bool = False) -> dict:
    """The trace in the file, and that its name says what it is. `served`: by a thread."""
    files = []
    session.save(files.append)
    while not (files or served):
        session.broadcast.serve()
    until(lambda: files)
    (trace,) = files
    assert _name(trace) == f"gandyn-collapse-{trace['stop']}.json"
    return json.loads(_text(trace))


def check(trace: dict, folder: Path):
    """The file's last state comes again, by gandyn replay and in Python."""
    training = Training(begin_replay(folder, trace))
    training.start()
    assert training.run().summary["sha256"] == trace["sha256"]
    assert digest(gandyn.replay(trace).state) == trace["sha256"]


def test_the_threads_in_a_file_are_the_steppers_and_not_the_servers():
    torch.set_num_threads(2)
    session = opened(engine="autograd")
    session.compare({"unroll": 1})
    session.command("new-seed")
    assert [run.trace()["engine"]["threads"] for run in session.runs] == [1, 1]


def steps_of(trace: dict) -> list[int]:
    return [event["step"] for event in trace["events"]]


def test_what_is_saved_is_what_is_seen(tmp_path):
    session = opened()
    go(session, 12)
    trace = saved(session)
    assert (trace["stop"], trace["sha256"]) == (12, digest(session.broadcast.run.state))
    check(trace, tmp_path / "again")


def test_live_changes_a_target_that_drifts_and_steps_of_one_player(tmp_path):
    session = opened()
    go(session, 5)
    session.change(objective="wasserstein", penalty="gradient-penalty", penalty_weight=0.1)
    for i in range(8):
        session.change(**{"target.radius": 2 + i / 10, "target.rotation": 3.5 * i})
        go(session, 2)
    session.change(freeze="critic")
    go(session, 3, "critic")
    go(session, 2, "generator")
    session.change(freeze="none", unroll=2, order="alternating", ema=0.9, batch_size=8)
    go(session, 3)
    trace = saved(session)
    assert [event["controls"]["freeze"] for event in trace["events"] if "freeze" in event["controls"]] == [
        "generator",
        "critic",
        "none",
    ]
    check(trace, tmp_path / "again")


def test_many_gans_at_once(tmp_path):
    session = opened(lanes=4)
    go(session, 5)
    session.choose(2)
    session.change(lr_d=2e-3, unroll=1)
    go(session, 4)
    go(session, 2, "critic")
    trace = saved(session)
    assert (trace["lanes"], trace["stop"], trace["sha256"]) == (4, 11, digest(session.broadcast.run.state))
    check(trace, tmp_path / "again")
    session.multiply(9)
    go(session, 3)
    trace = saved(session)
    assert (trace["lanes"], trace["stop"], session.lane) == (9, 3, 0)
    check(trace, tmp_path / "more")


def test_gandyn_replay_of_many_can_be_stopped_and_evaluated(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("gandyn.cli.evaluating.score", partial(score, n=300))
    session, file = opened(lanes=4), tmp_path / "session.json"
    go(session, 30)
    file.write_text(json.dumps(saved(session)))
    data = Data(offline=True)
    assert replay(file, data, Output(quiet=True), out=tmp_path / "again") == 0
    assert evaluate(tmp_path / "again", data, json=False) == 0
    training = Training(RunDirectory.existing(tmp_path / "again"))
    state = training.resume(40)
    assert state.step == 30 and len(state.g) == 4
    assert training.run().summary["step"] == 40
    alone = gandyn.Run(session.experiment)
    alone.advance(30)
    rows = [json.loads(line) for line in (tmp_path / "again" / "metrics.jsonl").read_text().splitlines()]
    assert rows[29]["critic_loss"] == pytest.approx(alone.metrics["critic_loss"], rel=1e-3)


def test_a_change_that_no_step_has_used_is_not_in_it_until_one_has(tmp_path):
    session = opened()
    go(session, 5)
    session.change(lr_g=5e-3)
    assert saved(session)["events"] == []
    go(session, 4)
    trace = saved(session)
    assert trace["events"] == [{"step": 5, "controls": {"lr_g": 5e-3}}]
    check(trace, tmp_path / "again")


def test_another_target_at_the_values_of_the_one_before(tmp_path):
    """The grid begins with a sigma of its own; the person puts back that of the ring before the next step."""
    session = opened()
    go(session, 5)
    sigma = session.experiment.values()["target.sigma"]
    session.change(target="grid")
    assert session.experiment.values()["target.sigma"] != sigma
    session.change(**{"target.sigma": sigma})
    go(session, 5)
    check(saved(session), tmp_path / "again")


@pytest.mark.parametrize("changes", [{}, {"generator.widths": "6,6", "optimizer_d": "sgd"}, {"target": "dirac"}])
def test_after_a_reset_it_begins_there(tmp_path, changes):
    session = opened()
    go(session, 5)
    session.change(lr_d=3e-3)
    go(session, 5)
    session.command("reset")
    session.command("new-seed")
    session.change(**changes)
    go(session, 7)
    trace = saved(session)
    assert (trace["stop"], trace["events"], trace["seed"]) == (7, [], 1)
    assert trace["config"]["controls"]["lr_d"] == 3e-3
    check(trace, tmp_path / "again")


def test_at_step_0_there_is_nothing_to_do_again(tmp_path):
    trace = saved(opened())
    with pytest.raises(ValueError, match="ends at step 0"):
        begin_replay(tmp_path / "again", trace)
    assert not (tmp_path / "again").exists()


BREAKS = {"objective": "least-squares", "optimizer_d": "sgd", "critic.widths": "", "steps_per_second": 0}


def test_where_it_stopped_being_finite_and_on_from_there(tmp_path, monkeypatch):
    """The person steers on while a slice runs whose steps turn out to have been in vain."""
    session = Session(gandyn.preset("collapse", **{**SMALL, **BREAKS}), playing=False)
    run, due = session.broadcast.run, {3: {"lr_g": 2e-3}, 5: {"lr_d": 100}, 40: {"lr_g": 4e-3, "beta1": 0.3}}
    walker = run.timeline.walker
    following = walker.steps

    def steered(state, now, count):
        if state.step in due:
            session.change(**due.pop(state.step))
        return following(state, now, count)

    monkeypatch.setattr(walker, "_pace", Pace(0.0))  # a step a call
    monkeypatch.setattr(walker, "steps", steered)
    session.broadcast.do(lambda: run.advance(60))
    session.broadcast.serve()
    assert session.broadcast.notice.kind == "nan" and not due
    stood = saved(session)
    assert 5 < stood["stop"] < 40 and stood["sha256"] == digest(run.state)
    assert steps_of(stood) == [4, 6] == [event["step"] for event in run.events()]
    check(stood, tmp_path / "stood")

    session.command("rewind")
    session.change(objective="hinge", clip=0.1, lr_d=1e-4)  # and lr_g and beta1 are those of step 40
    go(session, 5)
    trace = saved(session)
    assert steps_of(trace) == [4, 6, stood["stop"]]
    assert trace["events"][-1]["controls"] == {
        "lr_g": 4e-3, "beta1": 0.3, "objective": "hinge", "clip": 0.1, "lr_d": 1e-4,
    }  # fmt: skip
    check(trace, tmp_path / "on")


def test_gandyn_replay_goes_on_where_losses_overflow_before_parameters_do(tmp_path, capsys):
    session = opened(objective="least-squares", optimizer_d="sgd")
    go(session, 5)
    session.change(lr_d=100)
    go(session, 40)
    trace, file = saved(session), tmp_path / "session.json"
    assert math.isinf(session.broadcast.run.metrics["critic_loss"]) and session.broadcast.notice.kind == "nan"
    file.write_text(json.dumps(trace))
    assert replay(file, Data(offline=True), Output(), out=tmp_path / "again") == 0
    said = capsys.readouterr().err
    assert "D -" in said and "the last state is the recorded one, bit for bit" in said


def test_in_the_middle_of_a_drag_while_it_plays(tmp_path):
    session, stepper = opened(), Stepper("test-save")
    session.broadcast.viewers.add(Someone())
    stepper.add(session.broadcast)
    session.command("play")
    traces = []
    for i in range(150):
        session.change(lr_d=1e-3 + i * 1e-6, **{"target.radius": 2 + i / 1000})
        time.sleep(0.0005)
        if i in (100, 149):
            traces.append(saved(session, served=True))
    stepper.remove(session.broadcast)
    until(lambda: not any(thread.name == "test-save" for thread in threading.enumerate()))
    for i, trace in enumerate(traces):
        steps = steps_of(trace)
        assert len(steps) > 10 and len(set(steps)) == len(steps) and max(steps) < trace["stop"]
        check(trace, tmp_path / str(i))


@pytest.mark.browser
def test_the_button_and_the_key_download_it(open_lab):
    lab = open_lab("?batch_size=32&steps_per_second=60")
    lab.wait("window.gandyn.step > 10")
    lab.set("unroll", 1)
    lab.set("target.radius", 1.7)
    lab.wait("window.gandyn.controls['target.radius'] === 1.7")
    lab.wait(f"window.gandyn.step > {lab.js('window.gandyn.step') + 10}")
    button = lab.page.get_by_role("button", name="save this session")
    with lab.page.expect_download() as playing:
        button.click()
    assert lab.js("window.gandyn.playing"), "it is not in the way of a run that plays"
    lab.page.keyboard.press("Space")
    until(lab.is_paused, 20)
    for key in ("d", "g"):
        lab.page.keyboard.press(key)
    until(lab.is_paused, 20)
    with lab.page.expect_download() as paused:
        lab.page.keyboard.press("s")
    for download in (playing.value, paused.value):
        trace = json.loads(Path(download.path()).read_text())
        assert download.suggested_filename == f"gandyn-collapse-{trace['stop']}.json"
        assert {"unroll", "target.radius"} <= {name for event in trace["events"] for name in event["controls"]}
        assert digest(gandyn.replay(trace).state) == trace["sha256"]
    assert trace["stop"] == lab.js("window.gandyn.step")
    assert lab.problems == []
