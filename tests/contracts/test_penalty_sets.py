"""Sets of penalties with every objective, update rule, look-ahead, order, optimiser and frozen player, by seed."""

import random

import pytest
import torch

import gandyn
from gandyn.core.engine import unsupported_reason
from gandyn.core.objectives import OBJECTIVES
from gandyn.core.optimizers import OPTIMIZERS
from gandyn.core.penalties import PENALTIES
from gandyn.core.penalty_set import members
from gandyn.core.types import FREEZES, ORDERS
from gandyn.core.update_rules import UPDATE_RULES
from tests.contracts.small import experiment, same

NAMES = [name for name in PENALTIES if name != "none"]


def sampled(seed: int) -> gandyn.Experiment:
    """Some experiment under some set; the seeds lead through all penalties in turn."""
    draw = random.Random(f"penalties {seed}")
    first = NAMES[seed % len(NAMES)]
    others = draw.sample([name for name in NAMES if name != first], draw.choice([0, 1, 1, 2, 3]))
    chosen = members(gandyn.Rule(penalty=[first, *others]).penalty)
    weights = {
        f"penalty.{one.name}": draw.choice([0.05, 0.3]) for one in chosen if one.numbered and draw.random() < 0.7
    }
    return experiment().replace(
        penalty="+".join(one.name for one in chosen), **weights, objective=draw.choice(list(OBJECTIVES)),
        update_rule=draw.choice(["gradient", "gradient", *UPDATE_RULES]), unroll=draw.choice([0, 0, 1, 2]),
        unroll_order=draw.choice(["first", "second"]), order=draw.choice(ORDERS), seed=seed,
        critic_steps=draw.choice([1, 1, 2]), generator_steps=draw.choice([1, 1, 2]), clip=draw.choice([0.0, 0.3]),
        freeze=draw.choice([*FREEZES, "none", "none"]), lr_g=1e-3, lr_d=1e-3, penalty_weight=0.1,
        optimizer_g=draw.choice(["adam", *OPTIMIZERS]), optimizer_d=draw.choice(["adam", *OPTIMIZERS]),
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(6 * len(NAMES)))
def test_a_set_gives_finite_states_and_the_same_bits_step_by_step(seed):
    at = sampled(seed)
    at_once, by_step = gandyn.Run(at), gandyn.Run(at)
    at_once.advance(3)
    for _ in range(3):
        by_step.advance(1)
    assert same(at_once.state, by_step.state)
    assert torch.isfinite(at_once.state.g).all() and torch.isfinite(at_once.state.d).all()
    assert all(torch.isfinite(torch.as_tensor(value)) for value in at_once.metrics.values())
    assert set(at_once.state.aux._fields) == {one.field for one in members(at.rule.penalty) if one.memory}


@pytest.mark.parametrize("seed", range(len(NAMES)))
def test_the_page_says_why_a_set_is_computed_in_autograd(seed):
    """One line that names a penalty without a compiled form; none where all have one."""
    at = sampled(seed).replace(
        unroll=0, update_rule="gradient", objective="minimax", optimizer_g="adam", optimizer_d="sgd"
    )
    without = [one.name for one in members(at.rule.penalty) if one.gradient_of is None]
    reason = unsupported_reason(at.game, at.rule)
    assert reason == (f"the penalty {without[0]} has no compiled form" if without else None)
    if without:
        with pytest.raises(ValueError, match=rf"^engine 'native' cannot compute this step: the penalty {without[0]} "):
            gandyn.Run(at.replace(engine="native")).advance(1)


@pytest.mark.parametrize("name", NAMES)
def test_switched_on_and_off_on_the_way_it_leaves_what_was_there(name):
    """The state goes on from where it stood; off again, a step is what it is without it, and nothing is remembered."""
    run = gandyn.Run(experiment(engine="autograd"))
    run.advance(1)
    run.set(penalty=name)
    run.advance(2)
    there = run.state
    run.set(penalty="none")
    run.advance(1)
    plain = experiment(engine="autograd")
    batches = gandyn.draw_batches(plain, gandyn.Rng(0, 3))
    expected, _ = gandyn.step(
        plain.game, plain.rule, there._replace(aux=gandyn.init(plain.game, 0).aux), batches, plain.knobs
    )
    assert same(run.state, expected) and int(run.state.opt_d.t) == 4


@pytest.mark.parametrize("name", NAMES)
def test_a_number_of_0_is_no_penalty(name):
    if not PENALTIES[name].numbered:
        return
    ends = []
    for controls in ({}, {"penalty": name, f"penalty.{name}": 0.0}):
        run = gandyn.Run(experiment(engine="autograd", **controls))
        run.advance(3)
        ends.append(run.state)
    for player in ("g", "d"):
        torch.testing.assert_close(getattr(ends[0], player), getattr(ends[1], player), rtol=1e-5, atol=1e-7)
