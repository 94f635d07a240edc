"""Sets of penalties: what computes them, and how they come and go while a run trains."""

import pytest
import torch

import gandyn
from gandyn.core.engine import unsupported_reason
from gandyn.core.penalties import PENALTIES
from gandyn.core.penalty_set import members
from tests.contracts.combinations import APART, sampled
from tests.contracts.small import experiment, same

NAMES = [name for name in PENALTIES if name != "none"]


@pytest.mark.parametrize("seed", range(30))
def test_the_page_says_why_a_set_is_computed_in_autograd(seed):
    """One line that names a penalty without a compiled form; none where all have one."""
    at = sampled(seed).replace(
        unroll=0, update_rule="gradient", objective="minimax", optimizer_g="adam", optimizer_d="sgd", **APART
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
