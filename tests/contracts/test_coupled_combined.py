"""Networks that judge several samples together, under every update rule and every penalty: lanes, bits, refusals."""

import pytest
import torch

import gandyn
from gandyn.core.engine import unsupported_reason
from gandyn.core.objectives import OBJECTIVES
from gandyn.core.penalties import PENALTIES
from gandyn.core.update_rules import UPDATE_RULES
from tests.contracts.small import check_bits_and_lanes, check_goes_through_a_file, experiment

COUPLED = {
    "pack": {"critic.pack": 2},
    "batch": {"critic.norm": "batch", "generator.norm": "batch", "critic.widths": (6, 5)},
    "deviation": {"critic.minibatch": "deviation"},
    "discrimination": {"critic.minibatch": "discrimination"},
}
CASES = [("update_rule", name) for name in UPDATE_RULES] + [("penalty", name) for name in PENALTIES]
CASES += [("objective", name) for name in OBJECTIVES] + [("unroll", 2)]


@pytest.mark.parametrize("coupling", COUPLED)
@pytest.mark.parametrize("case", CASES, ids=lambda case: "-".join(map(str, case)))
def test_lanes_are_their_own_runs_and_bits_do_not_depend_on_the_calls(case, coupling):
    """Or the penalty, which takes slopes, is refused with all but packs."""
    controls = {**COUPLED[coupling], case[0]: case[1], "lr_g": 1e-3, "lr_d": 1e-3, "penalty_weight": 0.1}
    if case[0] == "penalty" and PENALTIES[case[1]].slopes and coupling != "pack":
        with pytest.raises(ValueError, match=f"^penalty {case[1]} cannot be combined with critic"):
            experiment(**controls)
        return
    if case[0] == "objective":  # some leave a constant of the critic open, which Adam moves by the last bits
        controls |= {"optimizer_d": "sgd"}
    at = experiment(**controls)
    check_bits_and_lanes(at)


@pytest.mark.parametrize("coupling", COUPLED)
def test_a_chunk_of_lanes_is_computed_as_all_of_them(coupling, monkeypatch):
    """No minibatch has samples of two lanes, however many are computed together."""
    at = experiment(**COUPLED[coupling])
    together = gandyn.Run(at, lanes=4, dtype=torch.float64)
    together.advance(3)
    monkeypatch.setattr("gandyn.core.lanes.CHUNK_BYTES", {"cpu": 1})
    apart = gandyn.Run(at, lanes=4, dtype=torch.float64)
    apart.advance(3)
    torch.testing.assert_close(together.state.d, apart.state.d, rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(together.state.g, apart.state.g, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("coupling", COUPLED)
def test_the_compiled_engine_says_why_it_leaves_it_to_autograd(coupling, tmp_path):
    """And a run goes through a file and a link's controls to the same bits."""
    at = experiment(**COUPLED[coupling])
    reason = unsupported_reason(at.game, at.rule)
    assert reason is not None and "no compiled form" in reason
    check_goes_through_a_file(at, tmp_path / "run")
    again = experiment().replace(**{name: at.values()[name] for name in COUPLED[coupling]})
    assert again.values() == at.values() and again.game.critic.size == at.game.critic.size


def test_a_target_of_another_dimension_keeps_the_pack():
    at = experiment(**{"critic.pack": 2}).replace(target="dirac")
    assert at.game.critic.inputs == (2,) and at.game.critic.pack == 2
    assert at.replace(target="ring").game.critic.inputs == (4,)


def test_a_live_penalty_that_does_not_go_with_the_critic_is_refused_and_the_run_goes_on():
    run = gandyn.Run(experiment(**COUPLED["deviation"]))
    run.advance(1)
    with pytest.raises(ValueError, match="penalty r1 cannot be combined with critic.minibatch=deviation"):
        run.set(penalty="r1")
    run.advance(1)
    assert run.state.step == 2 and run.experiment.rule.penalty == "none"
