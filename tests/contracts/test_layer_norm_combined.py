"""Layer normalisation in both players under every update rule and every penalty."""

import pytest
import torch

import gandyn
from gandyn.core.penalties import PENALTIES
from gandyn.core.update_rules import UPDATE_RULES
from tests.contracts.small import experiment, same

BOTH = {"generator.norm": "layer", "critic.norm": "layer"}
CASES = [{"update_rule": name} for name in UPDATE_RULES] + [{"penalty": name} for name in PENALTIES]


@pytest.mark.parametrize("controls", CASES, ids=lambda case: "-".join(case.values()))
def test_states_stay_finite_and_lanes_are_their_own_runs(controls):
    """The same bits at once and step by step; each of three lanes near the run of its seed."""
    at = experiment(**BOTH, **controls, lr_g=1e-3, lr_d=1e-3, penalty_weight=0.1)
    at_once, by_step = gandyn.Run(at), gandyn.Run(at)
    at_once.advance(3)
    for _ in range(3):
        by_step.advance(1)
    assert same(at_once.state, by_step.state)
    assert torch.isfinite(at_once.state.g).all() and torch.isfinite(at_once.state.d).all()
    lanes = gandyn.Run(at, lanes=3)
    lanes.advance(3)
    for i in range(3):
        alone = gandyn.Run(at.replace(seed=i))
        alone.advance(3)
        torch.testing.assert_close(lanes.state.d[i], alone.state.d, rtol=1e-3, atol=1e-4)
        torch.testing.assert_close(lanes.state.g[i], alone.state.g, rtol=1e-3, atol=1e-4)
