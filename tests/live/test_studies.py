"""Studies: computed beside the training, of the newest moment alone, and only while somebody has chosen them."""

import threading
import time

import numpy as np
import pytest
import torch

import gandyn
from gandyn.live import studies
from gandyn.live.broadcast import Broadcast
from gandyn.live.frame import LAYERS
from gandyn.live.frame_builder import FrameBuilder
from gandyn.live.stepper import dismiss, serve
from gandyn.live.studies import Desk, Moment
from gandyn.probes import PROBES, Probe
from tests.live.test_frame import decode, decode_all
from tests.live.test_run import small
from tests.live.test_stepper import Someone


@pytest.fixture
def probe(monkeypatch):
    """Puts a probe of a name and a function among all."""

    def put(name, compute):
        monkeypatch.setitem(PROBES._entries, name, (999, Probe(name, name, compute)))

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
    found = {
        "x": np.arange(3.0),
        "map": np.array([[0.0, 1.0], [2.0, 4.0]]),
        "holes": np.full((2, 2), np.nan),
        "gap": np.array(0.5),
        "kind": np.array("stable"),
    }
    probe("all-kinds", lambda experiment, state, rng: found)
    run = gandyn.Run(small())
    head, columns = studies.found("all-kinds", run.experiment, run.state)
    assert head.step == 0 and head.numbers == {"gap": 0.5, "kind": "stable"} and not head.problem
    by_name = {one.name: one for one in columns}
    assert {one.source for one in columns} == {"all-kinds"} and set(by_name) == {"x", "map", "holes"}
    image = by_name["map"]
    np.testing.assert_allclose(image.values * image.scale + image.shift, found["map"], atol=4 / 255)
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
    head, columns = studies.found("failing", run.experiment, run.state)
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
