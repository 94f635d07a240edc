"""An optimiser whose state has a shape of its own goes wherever a State goes: lanes, disk, replay, bit for bit."""

from typing import NamedTuple

import pytest
import torch
from torch import Tensor

import gandyn
from gandyn.core.lanes import lane, stack
from gandyn.core.optimizers import OPTIMIZERS
from gandyn.core.optimizers.arithmetic import as_like, decayed, plus, safe_sqrt, start_count
from gandyn.core.play import init, init_lanes
from gandyn.core.trees import from_dict, leaves, tensors, to_dict
from gandyn.core.types import Optimizer, Rates
from gandyn.records import checkpoint
from gandyn.records.trace import digest
from tests.contracts.small import experiment, run, same


class Adan(NamedTuple):
    """Three averages, the last gradients, a length of the whole path, and the number of updates."""

    m: Tensor
    change: Tensor
    size: Tensor
    path: Tensor  # [1]
    past: Tensor  # [2, P]: the last gradient and the one before
    t: Tensor


def start(theta: Tensor) -> Adan:
    zero = torch.zeros_like(theta)
    return Adan(zero, zero, zero, theta.new_zeros(1), torch.stack([zero, zero], -2), start_count(theta))


def update(theta: Tensor, grad: Tensor, state: Adan, rates: Rates) -> tuple[Tensor, Adan]:
    """After Xie et al. 2022 (2208.06677), with a rate that falls with the length of the path."""
    difference = torch.where(state.t > 0, grad - state.past[..., 0, :], 0.0)
    m, change = decayed(state.m, grad, rates.beta1), decayed(state.change, difference, rates.beta1)
    size = decayed(state.size, (grad + difference).square(), rates.beta2)
    move = (m + change) / (safe_sqrt(size) + as_like(rates.eps, size)) / (1 + state.path)
    path = state.path + move.square().sum(-1, keepdim=True)
    past = torch.stack([grad, state.past[..., 0, :]], -2)
    return plus(theta, move, -rates.lr), Adan(m, change, size, path, past, state.t + 1)


@pytest.fixture
def adan(monkeypatch):
    entry = Optimizer("adan", start, update, summary="", formula="", cite="", knobs=Rates._fields)
    list(OPTIMIZERS)  # all of them are there
    monkeypatch.setattr(OPTIMIZERS, "_entries", {**OPTIMIZERS._entries})
    OPTIMIZERS.add(entry)
    return experiment(optimizer_g="adan", optimizer_d="adan", unroll=2, penalty="r1", ema=0.5)


def test_its_lanes_are_the_runs_of_their_seeds(adan):
    together = init_lanes(adan.game, 3, 3, dtype=torch.float64)
    apart = [init(adan.game, 3 + i, dtype=torch.float64) for i in range(3)]
    assert together.opt_g.path.shape == (3, 1) and together.opt_g.t.shape == ()
    together = run(adan.replace(seed=3), 5, together)
    apart = [run(adan.replace(seed=3 + i), 5, state) for i, state in enumerate(apart)]
    for i, alone in enumerate(apart):
        for (name, a), (_, b) in zip(leaves(lane(together, i)), leaves(alone), strict=True):
            torch.testing.assert_close(a, b, rtol=1e-10, atol=1e-13, msg=name)
    assert all(same(lane(stack(apart), i), alone) for i, alone in enumerate(apart))


@pytest.mark.parametrize("lanes", [None, 2])
def test_it_is_saved_loaded_and_replayed_bit_for_bit(adan, tmp_path, lanes):
    first = gandyn.Run(adan, lanes=lanes)
    first.advance(4)
    first.save(tmp_path)
    again = gandyn.Run.load(tmp_path)
    assert same(again.state, first.state) and type(again.state.opt_g) is Adan
    first.advance(3)
    again.advance(3)
    assert same(again.state, first.state) and int(first.state.opt_d.t) == 7
    assert same(gandyn.replay(first.trace()).state, first.state)


def test_a_state_of_another_optimizer_is_refused(adan, tmp_path):
    nothing = (torch.zeros(0).numpy(), torch.zeros(0).numpy())
    state = run(adan, 1)
    trace = gandyn.Run(adan).trace()
    checkpoint.save(tmp_path, trace, adan.replace(optimizer_g="sgd", optimizer_d="sgd"), state, nothing)
    with pytest.raises(
        ValueError, match=r"state.pt does not fit its configuration: state.opt_g holds 'm, change, size"
    ):
        checkpoint.load(tmp_path)


def test_what_rules_and_regularisers_remember_goes_with_the_state(tmp_path):
    at = experiment(update_rule="anchored-extragradient", penalty="lecam")
    states = [run(at.replace(seed=i), 2) for i in range(2)]
    assert digest(states[0]) != digest(states[0]._replace(aux=states[1].aux))
    together = run(at, 1, stack(states))
    assert torch.equal(together.rule.anchor_g, torch.stack([state.rule.anchor_g for state in states]))
    nothing = (torch.zeros(0, dtype=torch.int64).numpy(), torch.zeros(0).numpy())
    trace = gandyn.Run(at, lanes=2).trace() | {"stop": together.step}
    checkpoint.save(tmp_path, trace, at, together, nothing)
    loaded = checkpoint.load(tmp_path).state
    assert same(loaded, together) and all(part.shape == (2, 1) for part in tensors(loaded.aux) if part.ndim)
    assert same(from_dict(to_dict(together), together), together)
