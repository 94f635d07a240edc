"""Layer normalisation in both players under every update rule and every penalty."""

import pytest

from gandyn.core.penalties import PENALTIES
from gandyn.core.update_rules import UPDATE_RULES
from tests.contracts.small import check_bits_and_lanes, experiment

BOTH = {"generator.norm": "layer", "critic.norm": "layer"}
CASES = [{"update_rule": name} for name in UPDATE_RULES] + [{"penalty": name} for name in PENALTIES]


@pytest.mark.parametrize("controls", CASES, ids=lambda case: "-".join(case.values()))
def test_states_stay_finite_and_lanes_are_their_own_runs(controls):
    """The same bits at once and step by step; each of three lanes near the run of its seed."""
    at = experiment(**BOTH, **controls, lr_g=1e-3, lr_d=1e-3, penalty_weight=0.1)
    check_bits_and_lanes(at)
