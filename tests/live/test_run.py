"""A run's contract: what it refuses, what it keeps, and that it can be done again bit for bit."""

import json

import numpy as np
import pytest
import torch

import gandyn
from gandyn.core.trees import tensors
from gandyn.timeline.last_finite import Diverged
from gandyn.timeline.series import Series, thin


def small(**controls):
    return gandyn.preset(
        "collapse", **{"batch_size": 32, "generator.widths": "16", "critic.widths": "16", "latent_size": 4, **controls}
    )


def same(a: gandyn.State, b: gandyn.State) -> bool:
    """Whether two states are the same bits, with all that optimisers, rules and regularisers remember."""
    mine, its = tensors(a), tensors(b)
    return a.step == b.step and len(mine) == len(its) and all(map(torch.equal, mine, its))


def test_same_seed_same_bits_and_another_seed_other_bits():
    one, two, other = gandyn.Run(small(), seed=1), gandyn.Run(small(), seed=1), gandyn.Run(small(), seed=2)
    for run in (one, two, other):
        run.advance(30)
    assert same(one.state, two.state)
    assert not same(one.state, other.state)


def test_advance_in_pieces_is_advance_in_one():
    whole, pieces = gandyn.Run(small()), gandyn.Run(small())
    whole.advance(150)
    for n in (1, 64, 65, 0, 20):
        pieces.advance(n)
    assert same(whole.state, pieces.state)
    assert np.array_equal(whole.series("critic_loss")[1], pieces.series("critic_loss")[1])


def test_series_hold_every_step_and_metrics_the_last():
    run = gandyn.Run(small(unroll=2))
    assert run.metrics == {}
    run.advance(70)
    steps, gaps = run.series("gap")
    assert steps.tolist() == list(range(1, 71))
    f, f_k = (run.series(name)[1][-1] for name in ("f", "f_k"))
    assert run.metrics["gap"] == gaps[-1] == pytest.approx(f - f_k, abs=2.0**-22)  # f and f_k are rounded by themselves
    assert set(run.metrics) == {"critic_loss", "generator_loss", "f", "f_k", "gap"}


def test_set_is_live_for_live_controls_and_refuses_the_others():
    run = gandyn.Run(small())
    run.advance(10)
    run.set(unroll=3, lr_d="1e-3", objective="wasserstein", **{"target.radius": 1.5})
    run.advance(5)
    assert run.state.step == 15
    with pytest.raises(ValueError, match=r"generator.widths cannot change .* reset=True"):
        run.set(lr_g=5e-3, **{"generator.widths": "8"})
    assert run.experiment.knobs.lr_g == 1e-3, "a refused change changes nothing"
    run.set(reset=True, **{"generator.widths": "8"})
    assert run.state.step == 0
    assert run.series("gap")[0].size == 0
    assert run.trace()["events"] == []


@pytest.mark.parametrize("change", [{"seed": 5}, {"optimizer_d": "sgd"}, {"latent": "uniform"}, {"target": "dirac"}])
def test_what_changes_the_state_needs_a_reset(change):
    run = gandyn.Run(small())
    with pytest.raises(ValueError, match="reset=True"):
        run.set(**change)
    run.set(reset=True, **change)
    run.advance(2)


def test_sampling_does_not_touch_the_run_and_uses_the_average_when_there_is_one():
    touched, left = gandyn.Run(small(ema=0.9)), gandyn.Run(small(ema=0.9))
    for run in (touched, left):
        run.advance(20)
    a, b = touched.sample(50), touched.sample(50)
    assert torch.equal(a, b) and a.shape == (50, 2)
    net = touched.experiment.game.generator
    assert not torch.equal(touched.state.ema_g, touched.state.g)
    z = gandyn.core.play.draw_latents(touched.experiment.game.latent, 50, gandyn.Rng(0))
    assert torch.equal(a, net.apply(touched.state.ema_g, z))
    touched.advance(10), left.advance(10)
    assert same(touched.state, left.state)


def test_a_trace_is_the_run_again():
    run = gandyn.Run(small(), seed=3)
    run.advance(20)
    run.set(unroll=2, lr_d=2e-3)
    run.advance(10)
    run.set(objective="hinge")
    run.set(penalty="r1", penalty_weight=0.1)
    run.advance(5, freeze="generator")
    run.advance(15)
    trace = json.loads(json.dumps(run.trace()))
    assert trace["events"][0] == {"step": 20, "controls": {"unroll": 2, "lr_d": 0.002}}
    assert [e["controls"].get("freeze") for e in trace["events"]] == [None, "generator", "none"]
    again = gandyn.replay(trace)
    assert same(again.state, run.state)
    assert again.trace() == run.trace()


def test_a_change_that_no_step_has_used_yet_outlives_a_save(tmp_path):
    run = gandyn.Run(small())
    run.advance(5)
    run.set(lr_d=5e-3)
    run.save(tmp_path)
    loaded = gandyn.Run.load(tmp_path)
    loaded.advance(5)
    assert loaded.events() == [{"step": 5, "controls": {"lr_d": 5e-3}}]
    assert same(gandyn.replay(loaded.trace()).state, loaded.state)


@pytest.mark.parametrize("damage", [{}, {"format": "other"}, []])
def test_what_is_no_trace_is_one_line(damage):
    with pytest.raises(ValueError, match="trace") as caught:
        gandyn.replay(damage)
    assert "\n" not in str(caught.value)


def test_a_saved_run_goes_on_bit_for_bit(tmp_path):
    run = gandyn.Run(small(optimizer_g="rmsprop"), seed=4)
    run.advance(20)
    run.set(unroll=1)
    run.advance(20)
    run.save(tmp_path / "kept")
    loaded = gandyn.Run.load(tmp_path / "kept")
    run.advance(20), loaded.advance(20)
    assert same(run.state, loaded.state)
    assert run.trace() == loaded.trace()
    assert np.array_equal(run.history()[1], loaded.history()[1])


def test_a_damaged_save_is_one_line_that_names_the_file(tmp_path):
    with pytest.raises(ValueError, match="holds no saved run"):
        gandyn.Run.load(tmp_path)
    run = gandyn.Run(small())
    run.save(tmp_path)
    data = bytearray((tmp_path / "state.pt").read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / "state.pt").write_bytes(data)
    with pytest.raises(ValueError, match=r"state.pt is damaged"):
        gandyn.Run.load(tmp_path)


def test_a_run_that_diverges_stands_at_its_last_finite_state():
    run = gandyn.Run(small(optimizer_d="sgd", objective="least-squares", **{"critic.widths": ""}))
    run.advance(10)
    run.set(lr_d=100)
    with pytest.raises(Diverged, match="stop being finite at step"):
        run.advance(1000)
    stopped = run.state.step
    assert torch.isfinite(run.state.g).all() and torch.isfinite(run.state.d).all()
    assert run.series("gap")[0][-1] == stopped
    with pytest.raises(Diverged):
        run.advance(1)
    assert run.state.step == stopped
    run.set(lr_d=1e-5, objective="hinge", clip=0.1)
    run.advance(1)
    assert run.state.step == stopped + 1


def test_cuda_is_refused_where_there_is_none():
    if torch.cuda.is_available():
        pytest.skip("this machine has CUDA")
    with pytest.raises(ValueError, match="'cuda' is not available"):
        gandyn.Run(small(), device="cuda")


def test_a_full_series_keeps_the_whole_history_thinner():
    series = Series(capacity=64)
    for step in range(1, 1001):
        series.extend(step, 0, gandyn.Metrics(*(torch.tensor([float(step)]) for _ in range(5))))
    steps, rows = series.read()
    assert len(steps) <= 64 and steps[0] < 64 and steps[-1] == 1000
    assert (np.diff(steps) > 0).all() and (rows[:, 0] == steps).all()
    series.cut(500)
    assert series.read()[0][-1] <= 500


def test_thinning_keeps_the_same_steps_as_a_series_grows():
    short, long = np.arange(1, 900), np.arange(1, 950)
    a, b = set(short[thin(short, 100)][:-1]), set(long[thin(long, 100)][:-1])
    assert a <= b and len(b) <= 101


def test_a_series_of_measured_runs_says_how_it_is_had():
    with pytest.raises(ValueError, match="is of runs that are measured: "):
        gandyn.Run(small()).series("grad_norm_g")
