"""Lanes: N runs as one state. Their numbers, their batches and their states are those of the runs of their own."""

import pytest
import torch

import gandyn
from gandyn.core.lanes import by_lane, check_lanes, lane, stack
from gandyn.core.play import draw_batches, draw_lanes, draw_steps, init
from gandyn.core.rng import Rng
from gandyn.core.target import TARGETS
from tests.contracts.small import experiment, tensors


@pytest.mark.parametrize("target", [name for name in TARGETS if len(TARGETS[name]().shape) == 1 and name != "dirac"])
@pytest.mark.parametrize(
    "changes",
    [{}, {"penalty": "one-sided"}, {"penalty": "dragan", "latent": "uniform", "critic_steps": 2}, {"freeze": "critic"}],
)
def test_a_lane_sees_the_batches_of_its_own_seed(target: str, changes: dict) -> None:
    own = experiment(target, order="alternating", **changes)
    rngs = [Rng(seed, 7) for seed in (3, 4, 3, 2**40)]
    together = draw_lanes(own, rngs)
    for i, rng in enumerate(rngs):
        for one, alone in zip(together, draw_batches(own, rng), strict=True):
            for part, expected in zip(one, alone, strict=True):
                assert (part is None) == (expected is None)
                assert part is None or torch.equal(part[i], expected)


@pytest.mark.parametrize("target", [name for name in TARGETS if len(TARGETS[name]().shape) == 1 and name != "dirac"])
@pytest.mark.parametrize(
    "changes", [{}, {"penalty": "dragan", "latent": "uniform", "critic_steps": 3, "freeze": "critic"}]
)
def test_many_steps_at_once_are_those_of_one_by_one(target: str, changes: dict) -> None:
    """draw_steps: [steps, updates, B, ...], with lanes [steps, updates, N, B, ...]; equal seeds see equal numbers."""
    own = experiment(target, **changes)
    seeds = (2**40, 3, 3)
    together, single = draw_steps(own, seeds, 9, 4, lanes=True), draw_steps(own, [3], 9, 4, torch.float64)
    for step in range(4):
        for lane_of, seed in enumerate(seeds):
            for update, expected in enumerate(draw_batches(own, Rng(seed, 9 + step))):
                for many, alone in zip(together, expected, strict=True):
                    assert (many is None) == (alone is None)
                    assert many is None or torch.equal(many[step, update, lane_of], alone)
    for many, alone in zip(together, single, strict=True):
        assert many is None or torch.equal(many[:, :, 1].double(), alone)


def test_stack_and_lane_are_inverse() -> None:
    game = experiment().game
    states = [init(game, seed) for seed in range(3)]
    together = stack(states)
    for i, state in enumerate(states):
        assert all(torch.equal(a, tensors(state)[name]) for name, a in tensors(lane(together, i)).items())


def test_a_run_with_lanes_is_the_runs_of_its_seeds() -> None:
    own = experiment(unroll=2)
    together = gandyn.Run(own, seed=5, dtype=torch.float64, lanes=3)
    together.set(lr_g=[0.01, 0.02, 0.005])
    together.advance(6)
    for i, lr in enumerate((0.01, 0.02, 0.005)):
        alone = gandyn.Run(own.replace(lr_g=lr), seed=5 + i, dtype=torch.float64)
        alone.advance(6)
        assert torch.allclose(together.state.g[i], alone.state.g, rtol=1e-9, atol=1e-12)
        assert together.metrics["gap"][i] == pytest.approx(alone.metrics["gap"], rel=1e-8)
        assert torch.allclose(together.sample(4)[i], alone.sample(4), rtol=1e-9, atol=1e-12)
    steps, values = together.series("f")
    assert steps.tolist() == [1, 2, 3, 4, 5, 6] and values.shape == (6, 3)


def test_autograd_takes_lanes_as_well() -> None:
    own = experiment(penalty="gradient-penalty", unroll=1, engine="autograd")
    together, alone = gandyn.Run(own, lanes=2), gandyn.Run(own, seed=1)
    together.advance(3)
    alone.advance(3)
    torch.testing.assert_close(together.state.d[1], alone.state.d, rtol=1e-4, atol=1e-6)


def test_a_run_with_lanes_is_saved_replayed_and_loaded(tmp_path) -> None:
    run = gandyn.Run(experiment(), lanes=3)
    run.advance(4)
    run.set(lr_d=[0.01, 0.02, 0.03])
    run.advance(3)
    trace = run.trace()
    assert trace["lanes"] == 3 and trace["engine"]["name"] in ("native", "autograd")
    again = gandyn.replay(trace)
    assert torch.equal(again.state.g, run.state.g) and again.trace()["sha256"] == trace["sha256"]
    run.save(tmp_path)
    loaded = gandyn.Run.load(tmp_path)
    for one in (run, loaded):
        one.advance(3)
    assert loaded.lanes == 3 and torch.equal(loaded.state.g, run.state.g)
    assert loaded.series("gap")[1].shape == (10, 3)


def test_a_lane_that_is_lost_does_not_stop_the_others() -> None:
    run = gandyn.Run(experiment(objective="least-squares", optimizer_g="sgd", optimizer_d="sgd"), lanes=2)
    run.set(lr_g=[0.01, 100.0], lr_d=[0.01, 100.0])
    run.advance(300)
    finite = torch.isfinite(run.state.g).all(-1)
    assert run.state.step == 300 and finite.tolist() == [True, False]


def test_wrong_lanes_are_refused_with_one_line() -> None:
    run = gandyn.Run(experiment(), lanes=3)
    with pytest.raises(ValueError, match="lr_g has 2 values, one for each of as many lanes, but the run has 3 lanes"):
        run.set(lr_g=[0.1, 0.2])
    with pytest.raises(ValueError, match="lr_g must be a number in .* in every lane"):
        run.set(lr_g=[0.1, 0.2, -1])
    with pytest.raises(ValueError, match="lanes must be a whole number"):
        gandyn.Run(experiment(), lanes=0)
    with pytest.raises(ValueError, match="the run has no lanes"):
        check_lanes(gandyn.Knobs(lr_g=by_lane({"lr_g": [0.1, 0.2]})["lr_g"]), None)
