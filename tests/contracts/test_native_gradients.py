"""Both players' gradients from the compiled engine, against sums over samples of gradients from autograd in float64.

A step of sgd at beta1 = 0 from no momentum leaves the gradient in m. In the reference every sample has parameters of
its own, all equal: their gradients are the terms, and the error is relative to the norm of the summed absolute terms.
"""

import random

import pytest
import torch
from torch import Tensor

import gandyn
from gandyn.core import dynamics, native
from gandyn.core.optimizers import OPTIMIZERS
from gandyn.core.types import Net
from tests.contracts.settings import CHOICES, F64, batches_of, cast, complete, game_of, start_of

MOST = {torch.float64: 1e-10, torch.float32: 1e-4}
KNOBS = gandyn.Knobs(1.0, 1.0, beta1=0.0, beta2=0.9, eps=1e-8, penalty_weight=0.7)
RULE = gandyn.Rule(batch_size=64)
SGD = OPTIMIZERS["sgd"]


def apart(net: Net, rows: int) -> Net:
    """The network with parameters of its own for every sample, [rows P]."""

    def apply(theta: Tensor, x: Tensor) -> Tensor:
        copies = theta.view(rows, net.size).repeat(x.shape[-2] // rows, 1)
        return net.apply(copies, x.unsqueeze(-2)).squeeze(-2)

    return net._replace(size=rows * net.size, apply=apply, bind=None, layout=None)


def case(seed: int, **chosen):
    """(a random row with these values, its game, state and batches, rounded to float32)."""
    fixed = {"lanes": 0, "samples": 64, "shared": True, "start": "moments", "optimizer_g": "sgd", "latent": 16}
    row = complete(fixed | chosen, random.Random(seed))
    assert row is not None
    game = game_of(row)
    state, batches = start_of(row, game, seed), batches_of(row, seed)
    state = state._replace(opt_g=game.optimizer_g.init(state.g))
    return row, game, *(cast(cast(of, torch.float32), F64) for of in (state, batches))


def assert_close(value: Tensor, terms: Tensor, dtype: torch.dtype, label: object) -> None:
    each = terms.view(-1, value.numel())
    assert float((value - each.sum(0)).norm() / each.abs().sum(0).norm()) <= MOST[dtype], label


@pytest.mark.parametrize("dtype", MOST)
@pytest.mark.parametrize("ahead", CHOICES["ahead"], ids=str)
@pytest.mark.parametrize("optimizer", CHOICES["optimizer_d"])
def test_the_generators_gradient(optimizer, ahead, dtype):
    """Through a look-ahead of every optimiser at every order, of every objective."""
    for seed, objective in enumerate(CHOICES["objective"]):
        row, game, state, batches = case(seed, objective=objective, optimizer_d=optimizer, ahead=ahead, penalty="none")
        rule = RULE._replace(objective=objective, unroll=ahead[0], unroll_order=ahead[1])
        knobs = KNOBS._replace(lr_d=0.02)
        after, _ = native.step(game, rule, cast(state, dtype), cast(batches, dtype), knobs)
        each = state.g.repeat(64)
        own = state._replace(g=each, ema_g=each, opt_g=SGD.init(each))
        expected, _ = dynamics.step(game._replace(generator=apart(game.generator, 64)), rule, own, batches, knobs)
        assert_close(after.opt_g.m.to(F64), expected.opt_g.m, dtype, row)


@pytest.mark.parametrize("dtype", MOST)
@pytest.mark.parametrize("penalty", CHOICES["penalty"])
def test_the_critics_gradient(penalty, dtype):
    """Of every objective with every penalty."""
    for seed, objective in enumerate(CHOICES["objective"]):
        row, game, state, batches = case(seed, objective=objective, penalty=penalty, optimizer_d="sgd")
        state = state._replace(opt_d=SGD.init(state.d))
        rule = RULE._replace(objective=objective, penalty=penalty)
        after, _ = native.step(game, rule, cast(state, dtype), cast(batches, dtype), KNOBS)
        each = state.d.repeat(64)
        own = state._replace(d=each, opt_d=SGD.init(each))
        expected, _ = dynamics.step(game._replace(critic=apart(game.critic, 64)), rule, own, batches, KNOBS)
        assert_close(after.opt_d.m.to(F64), expected.opt_d.m, dtype, row)
