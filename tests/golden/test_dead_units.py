"""A relu critic with dead units, where v = 0 and the root in an optimiser has no derivative.

A unit that no sample reaches passes nothing on and moves not, so the game is the one without it: that is the limit.
"""

import pytest
import torch
from torch import Tensor

import gandyn
from gandyn.core.field import generator_loss
from gandyn.core.moving import PlayerState
from gandyn.core.optimizers import OPTIMIZERS
from gandyn.core.trees import tensors, tree_map
from tests.golden import oracle
from tests.golden.test_look_ahead import batch

WIDTH, ALIVE = 6, slice(0, 4)  # the last two units are dead
GENERATOR = gandyn.mlp([3, 6, 2], "tanh", gain=1.2)


def game(optimizer: str, width: int) -> gandyn.Game:
    rule = OPTIMIZERS[optimizer]
    return gandyn.Game(GENERATOR, gandyn.mlp([2, width, 1], "relu", gain=1.4), rule, rule, gandyn.Latent(3))


def reduced(theta: Tensor) -> Tensor:
    """The flat vector of the critic without its dead units (weights [in, out] row by row, then the bias)."""
    w1, b1, w2, b2 = theta.split([2 * WIDTH, WIDTH, WIDTH, 1])
    return torch.cat([w1.view(2, WIDTH)[:, ALIVE].reshape(-1), b1[ALIVE], w2[ALIVE], b2])


def states(optimizer: str, steps: int) -> tuple[gandyn.State, gandyn.State]:
    """A state whose critic has two dead units from the start, after some steps; and the same without them."""
    the_game = game(optimizer, WIDTH)
    state = gandyn.init(the_game, seed=0, dtype=torch.float64)
    d = state.d.clone()
    views = the_game.critic.named(d)
    views["0.bias"][:4] = 0.5  # alive
    views["0.bias"][4:] = -100.0  # dead
    state = state._replace(d=d)
    for i in range(steps):
        state, _ = gandyn.step_reference(the_game, gandyn.Rule(), state, [batch(i)], gandyn.Knobs(lr_d=0.01, lr_g=0.01))
    return state, state._replace(d=reduced(state.d), opt_d=tree_map(lambda x: reduced(x) if x.ndim else x, state.opt_d))


def gradient(the_game: gandyn.Game, state: gandyn.State, rule: gandyn.Rule, knobs: gandyn.Knobs) -> Tensor:
    g = state.g.clone().requires_grad_()
    seen = generator_loss(the_game, rule, g, PlayerState(state.d, state.opt_d), batch(50), knobs)
    return torch.autograd.grad(seen.loss, g)[0]


@pytest.mark.parametrize("penalty", ["none", "gradient-penalty", "r2"])
@pytest.mark.parametrize("steps", [0, 20], ids=["fresh", "warm"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_dead_units_change_nothing(optimizer, steps, penalty):
    """The generator's gradient is finite and equal to that against the critic without the dead units."""
    whole, without = states(optimizer, steps)
    idle = game(optimizer, WIDTH).critic.named(oracle.memory(whole.opt_d)[0])["0.bias"][4:]
    assert float(idle.abs().max()) == 0  # dead for all of the steps
    knobs = gandyn.Knobs(lr_d=0.03, penalty_weight=0.7)
    for k in (1, 2, 5):
        rule = gandyn.Rule(unroll=k, penalty=penalty)
        grad = gradient(game(optimizer, WIDTH), whole, rule, knobs)
        expected = gradient(game(optimizer, 4), without, rule, knobs)
        assert bool(torch.isfinite(grad).all()) and float(expected.norm()) > 0
        assert float((grad - expected).norm() / expected.norm()) <= 1e-12


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_living_units_against_the_plain_recomputation(optimizer):
    """The relu network itself, without dead units, where the recomputation needs no guarded root."""
    _, state = states(optimizer, 20)
    the_game, rule, knobs = game(optimizer, 4), gandyn.Rule(unroll=5), gandyn.Knobs(lr_d=0.03)
    g = oracle.Player.of(the_game.generator, state.g, state.opt_g)
    d = oracle.Player.of(the_game.critic, state.d, state.opt_d)
    expected, *_ = oracle.generator_gradient(optimizer, rule, knobs, g, d, batch(50))
    assert oracle.error(the_game.generator, gradient(the_game, state, rule, knobs), expected) <= 1e-10


@pytest.mark.parametrize("penalty", ["none", "gradient-penalty", "one-sided", "r1", "r2", "dragan"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_critic_that_is_dead_altogether(optimizer, penalty):
    """Nothing reaches the samples: the generator's gradient is exactly 0, and the step stays finite."""
    the_game = game(optimizer, WIDTH)
    state = gandyn.init(the_game, seed=0, dtype=torch.float64)
    d = state.d.clone()
    the_game.critic.named(d)["0.bias"][:] = -100.0
    state, knobs = state._replace(d=d), gandyn.Knobs(penalty_weight=1.0)
    rule = gandyn.Rule("wasserstein", penalty, unroll=3)
    assert float(gradient(the_game, state, rule, knobs).abs().max()) == 0
    new, metrics = gandyn.step_reference(the_game, rule, state, [batch(0)], knobs)
    assert all(bool(torch.isfinite(x).all()) for x in (*tensors(new), *metrics))
