"""The loop: initial states, playing, resuming and steering."""

from itertools import islice

import pytest
import torch

import gandyn
from gandyn.core.dynamics import probe_gap
from tests.contracts.small import experiment, run, same, tensors


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_initial_state(dtype):
    """Both networks from the seed, moments at their start, the average equal to the generator, step 0."""
    at = experiment(optimizer_d="rmsprop-tf")
    state = gandyn.init(at.game, 5, dtype=dtype)
    assert {tensor.dtype for tensor in tensors(state).values()} == {dtype}
    assert (state.g.shape, state.d.shape) == ((at.game.generator.size,), (at.game.critic.size,))
    assert torch.equal(state.ema_g, state.g) and (state.step, state.opt_g.t, state.opt_d.t) == (0, 0, 0)
    assert not state.opt_g.m.any() and not state.opt_g.v.any() and bool((state.opt_d.v == 1).all())
    assert same(state, gandyn.init(at.game, 5, dtype=dtype)) and not torch.equal(
        state.g, gandyn.init(at.game, 6, dtype=dtype).g
    )


def test_precision_does_not_change_the_start():
    """Drawn in float64 and cast."""
    single, double = (gandyn.init(experiment().game, 1, dtype=dtype) for dtype in (torch.float32, torch.float64))
    assert torch.equal(single.g, double.g.float()) and torch.equal(single.d, double.d.float())


def test_the_players_start_independently():
    """Two networks of one shape do not start alike, and the critic's shape does not move the generator's start."""
    net = gandyn.mlp([2, 4, 2])
    alike = gandyn.Game(net, net, gandyn.sgd(), gandyn.sgd(), gandyn.Latent(2))
    assert not torch.equal(gandyn.init(alike, 0).g, gandyn.init(alike, 0).d)
    narrow, wide = experiment(), experiment(**{"critic.widths": "9,9"})
    assert torch.equal(gandyn.init(narrow.game, 0).g, gandyn.init(wide.game, 0).g)


@pytest.mark.parametrize(
    "controls",
    [{}, {"unroll": 3, "ema": 0.9, "optimizer_d": "adam-tf"}, {"critic_steps": 3, "penalty": "dragan"}],
    ids=str,
)
def test_a_resumed_run_is_the_unbroken_one(controls):
    """A State with its step is enough, bit for bit."""
    at = experiment(**controls)
    assert same(run(at, 12), run(at, 7, run(at, 5)))
    assert not same(run(at, 12), run(at, 7, run(at, 5)._replace(step=0)))


def test_the_seed_is_the_experiments_unless_given():
    at = experiment(seed=4)
    default, given, other = (next(gandyn.play(at, seed=seed))[0] for seed in (None, 4, 5))
    assert same(default, given) and not same(default, other)


def test_a_run_is_steered_between_steps():
    """`controls` is asked before every step for the experiment as it is now."""
    before, after = experiment(), experiment(lr_g=0.1, objective="hinge")
    asked: list[gandyn.Experiment] = []

    def now() -> gandyn.Experiment:
        asked.append(before if len(asked) < 3 else after)
        return asked[-1]

    states = [state for state, _ in islice(gandyn.play(before, controls=now), 5)]
    assert len(asked) == 5 and [state.step for state in states] == [1, 2, 3, 4, 5]
    assert same(states[2], run(before, 3)) and same(states[4], run(after, 2, run(before, 3)))


def test_the_steps_of_play_are_steps():
    """play = init, draw_batches and step, and no more; metrics are those of the step."""
    at = experiment(unroll=2, critic_steps=2, order="alternating")
    state = gandyn.init(at.game, at.seed)
    for played, metrics in islice(gandyn.play(at), 3):
        batches = gandyn.draw_batches(at, gandyn.Rng(at.seed, state.step))
        state, expected = gandyn.step(at.game, at.rule, state, batches, at.knobs)
        assert same(played, state) and all(map(torch.equal, metrics, expected))


@pytest.mark.parametrize("unroll_order", ["first", "second"])
def test_the_probed_gap_is_that_of_the_look_ahead(unroll_order):
    """f and f_k of a generator update with that k, though the rule has none; nothing changes."""
    at = experiment(penalty="gradient-penalty", unroll_order=unroll_order)
    state = run(at, 4)
    kept = {name: tensor.clone() for name, tensor in tensors(state).items()}
    (batch,) = gandyn.draw_batches(at, gandyn.Rng(0, 4))
    f, f_k = probe_gap(at.game, at.rule, state, batch, at.knobs, 3)
    _, metrics = gandyn.step_reference(at.game, at.rule._replace(unroll=3), state, [batch], at.knobs)
    assert (f, f_k) == (float(metrics.f), float(metrics.f_k)) and f != f_k
    assert all(torch.equal(tensor, kept[name]) for name, tensor in tensors(state).items())


def test_lanes_of_knobs_are_taken_one_by_one():
    """A clip of 0 is off in its own lane alone."""
    from gandyn.core.moving import clip

    theta = torch.tensor([[2.0, -3.0], [2.0, -3.0]])
    assert clip(theta, torch.tensor([0.0, 0.5])).tolist() == [[2.0, -3.0], [0.5, -0.5]]
