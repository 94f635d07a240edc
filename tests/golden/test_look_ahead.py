"""The gradient through the look-ahead, the new state and the metrics against the plain recomputation of oracle.py.

Float64, from a state with non-zero moments, relative error at most 1e-10. Ref: Metz et al. 2017 (1611.02163).
"""

from functools import cache

import pytest
import torch

import gandyn
from gandyn.core.critic_update import look_ahead
from gandyn.core.field import generator_loss
from gandyn.core.moving import PlayerState
from gandyn.core.objectives import OBJECTIVES
from gandyn.core.optimizers import OPTIMIZERS
from gandyn.core.penalties import PENALTIES
from tests.golden import oracle

STEPS = (0, 1, 2, 5, 10)
RELATIVE = 1e-10


@cache
def game(optimizer: str, activation: str = "tanh") -> gandyn.Game:
    rule = OPTIMIZERS[optimizer]
    generator = gandyn.mlp([3, 6, 2], activation, gain=1.2)
    return gandyn.Game(
        generator, gandyn.mlp([2, 7, 5, 1], activation, gain=1.4, input_scale=0.5), rule, rule, gandyn.Latent(3)
    )


def batch(index: int) -> gandyn.Batch:
    draw = torch.Generator().manual_seed(index)
    real = torch.randn(9, 2, generator=draw, dtype=torch.float64) + 1
    z = torch.randn(9, 3, generator=draw, dtype=torch.float64)
    mix, noise = torch.rand(9, generator=draw).double(), 2 * torch.rand(9, 2, generator=draw).double() - 1
    return gandyn.Batch(real, z, mix, noise)


@cache
def warm(optimizer: str, activation: str = "tanh") -> gandyn.State:
    """A state 20 steps from the start, whose moments are not zero."""
    state = gandyn.init(game(optimizer, activation), seed=1, dtype=torch.float64)
    for i in range(20):
        state, _ = gandyn.step_reference(
            game(optimizer, activation), gandyn.Rule(), state, [batch(i)], gandyn.Knobs(lr_g=0.01, lr_d=0.01)
        )
    assert state.opt_d.t == 20
    assert all(float(part.abs().min()) > 0 for opt in (state.opt_d, state.opt_g) for part in oracle.memory(opt))
    return state


def compare(optimizer: str, activation: str = "tanh", clip: float = 0.0, **rule) -> None:
    """One step, and the generator's gradient alone, against the oracle. (relu: test_dead_units.)"""
    the_game, state = game(optimizer, activation), warm(optimizer, activation)
    the_rule, shared = gandyn.Rule(**rule), [batch(99)]
    knobs = gandyn.Knobs(lr_g=0.02, lr_d=0.03, beta1=0.6, beta2=0.95, eps=1e-6, penalty_weight=0.7, clip=clip)

    g = oracle.Player.of(the_game.generator, state.g, state.opt_g)
    d = oracle.Player.of(the_game.critic, state.d, state.opt_d)
    expected, *_ = oracle.generator_gradient(optimizer, the_rule, knobs, g, d, shared[0])
    theta = state.g.clone().requires_grad_()
    seen = generator_loss(the_game, the_rule, theta, PlayerState(state.d, state.opt_d), shared[0], knobs)
    (grad,) = torch.autograd.grad(seen.loss, theta)
    assert oracle.error(the_game.generator, grad, expected) <= RELATIVE

    new_g, new_d, metrics = oracle.step(the_game, the_rule, knobs, state, shared)
    new, reported = gandyn.step_reference(the_game, the_rule, state, shared, knobs)
    assert oracle.error(the_game.generator, new.g, new_g.weights) <= RELATIVE
    assert oracle.error(the_game.critic, new.d, new_d.weights) <= RELATIVE
    for net, opt, player in ((the_game.generator, new.opt_g, new_g), (the_game.critic, new.opt_d, new_d)):
        for mine, its in zip(oracle.memory(opt), (player.m, player.v if optimizer != "sgd" else player.m), strict=True):
            assert oracle.error(net, mine, its) <= RELATIVE
    assert (new.opt_g.t, new.opt_d.t, new.step) == (21, 21, 21)
    for name, value in reported._asdict().items():
        assert float(value) == pytest.approx(float(metrics[name]), rel=RELATIVE, abs=1e-12), name


@pytest.mark.parametrize("clip", [0.0, 0.3])
@pytest.mark.parametrize("penalty", ["none", "gradient-penalty", "r1", "r2"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_second_order(optimizer, penalty, clip):
    for k in STEPS:
        compare(optimizer, clip=clip, unroll=k, penalty=penalty)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_first_order(optimizer):
    for k in STEPS:
        for penalty in ("none", "gradient-penalty", "r2"):
            compare(optimizer, clip=0.3, unroll=k, penalty=penalty, unroll_order="first")


@pytest.mark.parametrize("objective", [name for name, one in OBJECTIVES.items() if one.of_samples is None])
@pytest.mark.parametrize("penalty", [name for name, one in PENALTIES.items() if name == "none" or one.gradient_of])
def test_every_objective_and_penalty(objective, penalty):
    for unroll_order in ("second", "first"):
        compare("adam", objective=objective, penalty=penalty, unroll=3, unroll_order=unroll_order)


@pytest.mark.parametrize("activation", ["leaky-relu", "elu", "softplus"])
def test_other_activations(activation):
    compare("adam", activation, unroll=5)
    compare("adam", activation, unroll=5, penalty="gradient-penalty")


def test_both_orders_differ():
    """The second-order term is there: without it the comparison above could not tell the two apart."""
    the_game, state, knobs = game("adam"), warm("adam"), gandyn.Knobs(lr_d=0.03)
    moved = [
        gandyn.step_reference(the_game, gandyn.Rule(unroll=5, unroll_order=order), state, [batch(99)], knobs)[0].g
        - state.g
        for order in ("second", "first")
    ]
    assert float((moved[0] - moved[1]).norm() / moved[1].norm()) > 0.01


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_critic_update_is_the_first_inner_step(optimizer):
    """Simultaneous, with the shared batch."""
    the_game, state, knobs = game(optimizer), warm(optimizer), gandyn.Knobs(lr_d=0.02, clip=0.4, penalty_weight=1)
    rule = gandyn.Rule(penalty="gradient-penalty", unroll=1)
    new, _ = gandyn.step_reference(the_game, rule, state, [batch(5)], knobs)
    fake = the_game.generator.apply(state.g, batch(5).z)
    ahead = look_ahead(the_game, rule, PlayerState(state.d, state.opt_d), fake, batch(5), knobs)
    torch.testing.assert_close(new.d, ahead, rtol=1e-14, atol=0)
    assert not torch.equal(new.d, state.d)
