"""The thread that trains: who is served, what is queued, when frames are made."""

import threading
import time
from types import SimpleNamespace

import pytest
import torch

import gandyn
from gandyn.core import native
from gandyn.live.broadcast import CATCH_UP, Broadcast
from gandyn.live.frame import LAYERS
from gandyn.live.frame_builder import FrameBuilder
from gandyn.live.stepper import QUICK, SLOW, STEPPERS, Stepper, dismiss
from tests.live.test_run import same, small


class Someone:
    """A viewer."""

    def __init__(self, layers=LAYERS):
        self.here, self.wanted = True, layers

    def layers(self):
        return self.wanted

    def present(self):
        return self.here


def until(condition, seconds=20.0):
    """Wait for something that another thread does."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.005)


@pytest.fixture
def air():
    """A broadcast served by a thread of its own, with one viewer."""
    stepper = Stepper("test-stepper")
    broadcast = Broadcast(gandyn.Run(small()), FrameBuilder())
    broadcast.viewers.add(Someone())
    stepper.add(broadcast)
    yield broadcast
    stepper.remove(broadcast)
    until(lambda: not any(t.name == "test-stepper" for t in threading.enumerate()))


def latest(broadcast):
    return broadcast.frames.get()[1]


def test_it_plays_pauses_and_steps_once(air):
    until(lambda: air.run.state.step > 5)
    air.play(False)
    time.sleep(0.1)
    stood = air.run.state.step
    time.sleep(0.1)
    assert air.run.state.step == stood
    before = air.run.state
    air.step_once("generator")
    until(lambda: air.run.state.step == stood + 1)
    after = air.run.state
    assert torch.equal(before.g, after.g) and not torch.equal(before.d, after.d)


def test_commands_are_carried_out_in_order_and_none_is_lost(air):
    air.play(False)
    time.sleep(0.05)
    start = air.run.state.step
    for _ in range(25):
        air.step_once()
    until(lambda: air.run.state.step == start + 25)
    air.step_once()
    air.put(gandyn.Run(small()))
    air.step_once()
    until(lambda: air.run.state.step == 1)
    time.sleep(0.05)
    assert (air.program.stamp, air.run.state.step) == (1, 1)


def test_nobody_watching_means_no_training_and_no_frames(air):
    viewer = next(iter(air.viewers))
    viewer.here = False
    time.sleep(0.1)
    stood, frames = air.run.state.step, air.frames.get()[0]
    time.sleep(0.3)
    assert (air.run.state.step, air.frames.get()[0]) == (stood, frames)
    viewer.here = True
    air.wake()
    until(lambda: air.run.state.step > stood)


def test_a_frame_is_made_only_when_one_is_wanted(air):
    until(lambda: air.run.state.step > 20)
    assert latest(air) is None
    air.want_frame()
    until(lambda: latest(air) is not None)
    first = latest(air)
    time.sleep(0.2)
    assert latest(air) is first
    air.want_frame()
    until(lambda: latest(air) is not first)
    assert latest(air).id == first.id + 1


def test_a_paused_run_sends_nothing_new_twice_but_shows_a_changed_control(air):
    air.play(False)
    air.want_frame()
    until(lambda: latest(air) is not None)
    first = latest(air)
    air.want_frame()
    time.sleep(0.2)
    assert latest(air) is first
    air.run.set(lr_g=5e-3)
    air.wake()
    until(lambda: latest(air) is not first)
    assert b'"lr_g":0.005' in latest(air).encode(series=False)


def test_the_bits_do_not_depend_on_being_watched(air):
    until(lambda: air.run.state.step > 100)
    for _ in range(20):
        air.want_frame()
        time.sleep(0.03)
    air.play(False)
    time.sleep(0.1)
    alone = gandyn.Run(small())
    alone.advance(air.run.state.step)
    assert air.frames.get()[0] > 3
    assert same(alone.state, air.run.state)


def test_a_restart_clears_the_curves_and_stamps_its_frames(air):
    until(lambda: air.run.state.step > 50)
    air.want_frame()
    until(lambda: latest(air) is not None)
    air.play(False)
    air.put(gandyn.Run(small()))

    def arrived():
        air.want_frame()  # as a viewer does that was sent a frame from before
        return latest(air).stamp == 1

    until(arrived)
    assert b'"step":0' in latest(air).encode(series=True)


def test_what_diverges_pauses_with_a_notice_and_can_go_on(air):
    linear = {"optimizer_d": "sgd", "critic.widths": "", "objective": "least-squares", "lr_d": 100}
    air.run.set(reset=True, **linear)
    until(lambda: air.notice is not None)
    assert (air.notice.kind, air.notice.action, air.playing) == ("nan", "rewind", False)
    stood = air.run.state.step
    air.run.set(objective="hinge", clip=0.1, lr_g=1e-4, lr_d=1e-4)
    air.play(True)
    assert air.notice is None
    until(lambda: air.run.state.step > stood)


def test_an_exception_pauses_with_one_line_and_the_thread_lives(air):
    def broken():
        raise RuntimeError("first line\nsecond line")

    air.do(broken)
    until(lambda: air.notice is not None)
    assert air.notice.kind == "error" and "RuntimeError: first line" in air.notice.text and "\n" not in air.notice.text
    stood = air.run.state.step
    air.play(True)
    until(lambda: air.run.state.step > stood)


def test_the_thread_computes_on_one_core(air):
    seen = []
    air.do(lambda: seen.append(torch.get_num_threads()))
    until(lambda: bool(seen))
    assert seen == [1]


def test_a_speed_is_kept_on_average_and_let_go_when_it_cannot_be(monkeypatch):
    clock = SimpleNamespace(now=100.0)
    clock.monotonic = lambda: clock.now
    monkeypatch.setattr("gandyn.live.broadcast.time", clock)
    monkeypatch.setattr("gandyn.timeline.timeline.time", clock)
    monkeypatch.setattr("gandyn.timeline.walker.time", clock)
    broadcast = Broadcast(gandyn.Run(small()), FrameBuilder(), speed=50)
    broadcast.viewers.add(Someone())
    for _ in range(20):
        clock.now += 0.03
        broadcast.serve()
    assert broadcast.run.state.step in (29, 30)
    clock.now += 60  # a minute without a turn: not 3,000 steps at once
    broadcast.serve()
    assert broadcast.run.state.step <= 30 + 1 + CATCH_UP * 50
    assert broadcast.serve() == pytest.approx(0.02, abs=0.02), "it asks for its next turn when a step is due"


def test_the_limit_may_be_taken_off_in_the_middle_of_a_turn(monkeypatch):
    broadcast = Broadcast(gandyn.Run(small()), FrameBuilder(), speed=50)
    broadcast.viewers.add(Someone())
    advance = broadcast.run.advance

    def meanwhile(*args, **rest):
        broadcast.speed = 0.0
        return advance(*args, **rest)

    monkeypatch.setattr(broadcast.run, "advance", meanwhile)
    broadcast._anchor = (time.monotonic() - 1, 0.0, 50)
    broadcast.serve()
    assert broadcast.notice is None and broadcast.run.state.step > 0


def test_two_broadcasts_of_one_stepper_both_move_and_do_not_mix():
    stepper = Stepper("test-two")
    pair = [Broadcast(gandyn.Run(small(), seed=seed), FrameBuilder()) for seed in (1, 2)]
    for broadcast in pair:
        broadcast.viewers.add(Someone())
        stepper.add(broadcast)
    until(lambda: all(b.run.state.step > 30 for b in pair))
    for broadcast in pair:
        stepper.remove(broadcast)
    until(lambda: not any(t.name == "test-two" for t in threading.enumerate()))
    for seed, broadcast in zip((1, 2), pair, strict=True):
        alone = gandyn.Run(small(), seed=seed)
        alone.advance(broadcast.run.state.step)
        assert same(alone.state, broadcast.run.state)


class SlowCompiler:
    """Says of kernels with a penalty that they are being compiled, until `done`."""

    def __init__(self):
        self.done, self.asked = False, 0

    def is_ready(self, rule, dtype):
        self.asked += 1
        return self.done or rule.penalty == "none"


@pytest.fixture
def slow(monkeypatch):
    if not native.INSTALLED:
        pytest.skip("without numba nothing is compiled")
    compiler = SlowCompiler()
    monkeypatch.setattr("gandyn.live.run.COMPILER", compiler)
    return compiler


def test_a_kernel_that_is_being_compiled_is_waited_for_with_a_notice_and_the_run_stands(air, slow):
    until(lambda: air.run.state.step > 5)
    air.run.set(penalty="r1")
    until(lambda: air.notice is not None)
    assert air.notice.kind == "info" and "ompiling" in air.notice.text and air.playing
    stood = air.run.state
    air.want_frame()
    until(lambda: latest(air) is not None and b"ompiling" in latest(air).encode(series=False))
    assert air.run.state is stood
    slow.done = True
    until(lambda: air.run.state.step > stood.step)
    assert air.notice is None
    air.play(False)
    time.sleep(0.1)
    again = gandyn.replay(air.run.trace())
    assert same(again.state, air.run.state)


def test_others_train_while_one_waits_for_the_compiler(air, slow):
    other = Broadcast(gandyn.Run(small(penalty="r1")), FrameBuilder())
    other.viewers.add(Someone())
    until(lambda: air.run.state.step > 5)
    slow.asked = 0
    for _ in range(3):
        assert 0 < other.serve() <= 0.05
    stood = air.run.state.step
    until(lambda: air.run.state.step > stood + 50)
    assert other.run.state.step == 0


def test_single_steps_wait_for_the_compiler_and_a_restart_does_not(air, slow):
    air.play(False)
    air.run.set(penalty="r1")
    for _ in range(3):
        air.step_once()
    time.sleep(0.1)
    air.put(gandyn.Run(small(penalty="r1")))
    air.step_once()
    time.sleep(0.1)
    assert air.run.state.step == 0
    slow.done = True
    until(lambda: air.run.state.step == 1)


def test_a_penalty_that_is_switched_on_within_a_turn_ends_it(slow):
    run = gandyn.Run(small())
    assert run.advance(3, compile=False) == 3
    run.set(penalty="r1")
    assert run.advance(3, compile=False) == 0 and run.state.step == 3
    assert run.advance(3) == 3, "whoever blocks has it compiled"


def test_a_broadcast_with_long_steps_moves_to_a_thread_of_its_own_kind_and_back(air):
    """Nobody waits for the end of a step that cannot be interrupted."""
    air.speed = 0.0
    track = air.program.tracks[0]
    advance = track.advance

    def slow(n, seconds, freeze):
        time.sleep(0.03)
        done = advance(1, seconds, freeze)
        track.seconds = 0.03
        return done

    track.advance = slow
    air.play(True)
    until(lambda: served_by(air) == [SLOW])
    track.advance = advance
    until(lambda: served_by(air) in [[one] for one in QUICK])
    dismiss(air)
    assert not served_by(air)


def served_by(broadcast):
    return [stepper for stepper in STEPPERS if broadcast in stepper._broadcasts]
