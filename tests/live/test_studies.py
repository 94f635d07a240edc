"""Studies: computed beside the training, of the newest moment alone, and only while somebody has chosen them."""

import threading
import time
from typing import ClassVar

import numpy as np
import pytest
import torch

import gandyn
from gandyn.live import studies
from gandyn.live.broadcast import Broadcast
from gandyn.live.frame import LAYERS
from gandyn.live.frame_builder import FrameBuilder
from gandyn.live.probing import run_probe
from gandyn.live.stepper import dismiss, serve
from gandyn.live.studies import Desk, Moment
from gandyn.probes import PROBES, Probe
from tests.live.test_frame import decode, decode_all
from tests.live.test_run import small
from tests.live.test_stepper import Someone


@pytest.fixture
def probe(monkeypatch):
    """Puts a probe of a name and a function among all."""

    def put(name, compute, in_turns=None):
        monkeypatch.setitem(PROBES._entries, name, (999, Probe(name, name, compute, in_turns)))

    len(PROBES)  # all are there
    return put


def moment_at(run: gandyn.Run) -> Moment:
    return Moment((run.state, run.experiment, -1), run.experiment, run.state)


def wait(condition, seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_arrays_become_columns_and_single_values_numbers(probe):
    arrays = {
        "x": np.arange(3.0),
        "map": np.array([[0.0, 1.0], [2.0, 4.0]]),
        "holes": np.full((2, 2), np.nan),
        "gap": np.array(0.5),
        "kind": np.array("stable"),
    }
    probe("all-kinds", lambda experiment, state, rng: arrays)
    run = gandyn.Run(small())
    head, columns, _ = run_probe("all-kinds", run.experiment, run.state)
    assert head.step == 0 and head.numbers == {"gap": 0.5, "kind": "stable"} and not head.problem
    by_name = {one.name: one for one in columns}
    assert {one.source for one in columns} == {"all-kinds"} and set(by_name) == {"x", "map", "holes"}
    image = by_name["map"]
    np.testing.assert_allclose(image.values * image.scale + image.shift, arrays["map"], atol=4 / 255)
    assert by_name["holes"].values.shape == (2, 2) and np.isnan(by_name["holes"].values).all()


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ValueError("there is no clip\nmore"), "there is no clip"),
        (RuntimeError("boom"), "It failed: RuntimeError: boom"),
        (ValueError(""), "It failed."),
    ],
)
def test_a_probe_that_fails_is_one_line(probe, error, said):
    def fail(experiment, state, rng):
        raise error

    probe("failing", fail)
    run = gandyn.Run(small())
    head, columns, _ = run_probe("failing", run.experiment, run.state)
    assert head.problem == said and columns == ()


def test_of_moments_that_come_while_one_is_computed_the_newest_alone_is_next(probe, monkeypatch):
    monkeypatch.setattr(studies, "SHORTEST", 0.0)
    monkeypatch.setattr(studies, "LONGEST", 0.0)
    begun, go_on, seen = threading.Event(), threading.Event(), []

    def slow(experiment, state, rng):
        seen.append((state.step, threading.current_thread().name))
        begun.set()
        assert go_on.wait(10)
        return {"x": np.zeros(1)}

    probe("slow", slow)
    run, desk, woken = gandyn.Run(small()), Desk(), []
    names = frozenset({"slow"})
    assert desk.ask(names, moment_at(run), lambda: woken.append(1)) == {}
    assert begun.wait(10)
    for _ in range(5):
        run.advance(1)
        desk.ask(names, moment_at(run), lambda: woken.append(1))
    go_on.set()
    wait(lambda: desk.results and desk.results["slow"].head.step == 5)
    time.sleep(0.05)
    assert [step for step, _ in seen] == [0, 5] and len(woken) == 2
    assert {name for _, name in seen} == {"gandyn-studies"}, "not on the thread that trains"


def test_a_moment_is_computed_once_and_what_is_hidden_not_at_all(probe):
    seen = []

    def count(experiment, state, rng):
        seen.append(state.step)
        return {"x": np.zeros(1)}

    probe("counted", count)
    run, desk, names = gandyn.Run(small()), Desk(), frozenset({"counted"})
    for _ in range(3):
        desk.ask(names, moment_at(run))
        wait(lambda: "counted" in desk.results)
    assert seen == [0] and desk.due() is None
    run.advance(3)
    assert desk.ask(frozenset(), moment_at(run)) == {} and desk.results == {}, "hidden: forgotten"
    time.sleep(0.3)
    assert seen == [0]


class Counting:
    """A computation of four parts, that counts them."""

    begun: ClassVar[list] = []

    def __init__(self, experiment, state, rng, *, word=""):
        if word == "none":
            raise ValueError("there is nothing of that")
        self.begun.append((state.step, word))
        self.done = 0

    @property
    def complete(self):
        return self.done == 4

    def go_on(self):
        self.done += 1

    def arrays(self):
        return {"done": np.array(self.done)}


def test_what_takes_several_turns_shows_how_far_it_is_and_stays_with_its_moment(probe, monkeypatch):
    for name in ("TURN", "SHORTEST", "LONGEST"):
        monkeypatch.setattr(studies, name, 0.0)
    monkeypatch.setattr(Counting, "begun", [])
    probe("counting", None, Counting)
    run, desk, heads, names = gandyn.Run(small()), Desk(), [], frozenset({"counting"})

    def ask(chosen=studies.NO_CHOICES) -> None:
        desk.ask(names, moment_at(run), lambda: heads.append(desk.results["counting"].head), chosen)
        wait(lambda: desk.due() is None)

    ask()
    assert [(head.step, head.numbers["done"]) for head in heads] == [(0, 1.0), (0, 2.0), (0, 3.0), (0, 4.0)]
    run.advance(3)
    ask()
    assert Counting.begun == [(0, "")] and len(heads) == 4, "the run went on, the picture is of its moment"
    again = {"counting": {"word": "a"}}
    ask(again)
    ask(again)
    ask({"counting": {"word": "a"}})
    assert Counting.begun == [(0, ""), (3, "a"), (3, "a")], "asked for anew, from the present moment"
    run.set(lr_g=1e-4)
    run.advance(1)
    ask()
    assert Counting.begun[3:] == [(4, "")] and desk.results["counting"].head.numbers == {"done": 4.0}
    ask({"counting": {"word": "none"}})
    assert desk.results["counting"].head.problem == "there is nothing of that" and not desk.results["counting"].columns
    desk.ask(frozenset(), moment_at(run))
    ask()
    assert Counting.begun[4:] == [(4, "")], "hidden and shown again: of the moment at which it is shown"


def test_a_choice_that_comes_while_it_is_on_its_way_begins_it_anew(probe, monkeypatch):
    for name in ("TURN", "SHORTEST", "LONGEST"):
        monkeypatch.setattr(studies, name, 0.0)
    monkeypatch.setattr(Counting, "begun", [])
    at_two, go_on = threading.Event(), threading.Event()

    class Waiting(Counting):
        def go_on(self):
            super().go_on()
            if self.done == 2 and len(self.begun) == 1:
                at_two.set()
                assert go_on.wait(10)

    probe("waiting", None, Waiting)
    run, desk, names = gandyn.Run(small()), Desk(), frozenset({"waiting"})
    desk.ask(names, moment_at(run))
    assert at_two.wait(10)
    desk.ask(names, moment_at(run), chosen={"waiting": {"word": "b"}})
    go_on.set()
    wait(lambda: desk.due() is None)
    assert Counting.begun == [(0, ""), (0, "b")] and desk.results["waiting"].head.numbers == {"done": 4.0}


def test_no_study_is_renewed_more_often_than_its_share_allows(probe):
    times = []

    def note(experiment, state, rng):
        times.append(time.monotonic())
        return {"x": np.zeros(1)}

    probe("noted", note)
    run, desk, names = gandyn.Run(small()), Desk(), frozenset({"noted"})
    while len(times) < 4:
        run.advance(1)
        desk.ask(names, moment_at(run))
        time.sleep(0.005)
    assert min(np.diff(times)) >= studies.SHORTEST - 0.01


def test_a_message_has_the_studies_that_are_asked_for_and_no_others(probe):
    probe("steps", lambda experiment, state, rng: {"x": np.full(2, state.step), "n": np.array(7)})
    broadcast = Broadcast(gandyn.Run(small()), builder := FrameBuilder())
    broadcast.run.advance(2)
    layers = LAYERS | {"steps"}
    assert builder(broadcast, layers).studies == {}
    (track,) = broadcast.program.tracks
    wait(lambda: track.studies.results)
    frame = builder(broadcast, layers)
    header, sources = decode(frame.encode(series=False))
    assert "studies" not in header and "steps" not in sources
    header, sources = decode(frame.encode(series=False, studies=frozenset({"steps"})))
    assert header["studies"] == {"steps": {"step": 2, "numbers": {"n": 7.0}, "problem": ""}}
    np.testing.assert_array_equal(sources["steps"]["x"], [2, 2])
    assert builder(broadcast, layers).studies == frame.studies, "the same, so a viewer is not sent it again"


def test_of_a_gan_that_is_lost_beside_others_the_views_say_so(probe):
    probe("steps", lambda experiment, state, rng: {"n": np.array(state.step)})
    rates = torch.tensor([1e-3, 100.0])
    losing = small(optimizer_g="sgd", optimizer_d="sgd", objective="least-squares", lr_d=rates)
    broadcast = Broadcast(gandyn.Run(losing, lanes=2), builder := FrameBuilder())
    broadcast.run.advance(20)
    (track,) = broadcast.program.tracks
    for lane, said in ((0, ""), (1, "At step 20 the weights are not finite: go back in time.")):
        broadcast.lane = lane
        builder(broadcast, LAYERS | {"steps"})
        wait(lambda said=said: [one.head.problem for one in track.studies.results.values()] == [said])


def test_a_run_that_stands_still_shows_its_studies_and_each_run_of_a_comparison_its_own(probe):
    probe("seed", lambda experiment, state, rng: {"n": np.array(experiment.seed)})
    first, second = gandyn.Run(small()), gandyn.Run(small(seed=9))
    broadcast = Broadcast(first, FrameBuilder(), playing=False)
    broadcast.put(first, second)
    viewer = Someone(frozenset({"seed"}))
    broadcast.viewers.add(viewer)
    serve(broadcast)
    try:
        broadcast.want_frame()
        wait(lambda: broadcast.frames.get()[1] is not None)

        def complete() -> bool:
            broadcast.want_frame()
            return all(broadcast.frames.get()[1].studies.get("seed", (0,)))

        wait(complete)
        parts = decode_all(broadcast.frames.get()[1].encode(series=False, studies=frozenset({"seed"})))
    finally:
        dismiss(broadcast)
    assert [header["studies"]["seed"]["numbers"]["n"] for header, _ in parts] == [first.seed, 9]
