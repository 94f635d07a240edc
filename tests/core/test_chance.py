"""Whether the seed decides anything, against runs of two seeds."""

import pytest
import torch

import gandyn
from gandyn.core.chance import seed_matters
from gandyn.core.penalties import PENALTIES
from gandyn.core.trees import tensors
from tests.contracts.small import run

STILL = gandyn.preset("dirac")


def differs(at: gandyn.Experiment) -> bool:
    """Whether two seeds lead to different states in three steps, from weights that are not 0."""
    one, other = (run(at.replace(seed=seed), 3) for seed in (0, 1))
    return not all(torch.equal(a, b) for a, b in zip(tensors(one), tensors(other), strict=True))


@pytest.mark.parametrize(
    "controls",
    [
        {},
        {"target.at": 1.5, "update_rule": "extragradient", "unroll": 2},
        {"penalty": "r1+r2"},
        {"penalty": "gradient-penalty"},
        {"penalty": "instance-noise"},
        {"generator.init": "normal"},
        {"critic.init": "torch"},
        {"critic.init": "normal", "critic.gain": 0},
        {"latent_size": 1},
        {"target": "ring", "generator.widths": "", "critic.widths": ""},
    ],
    ids=str,
)
def test_two_seeds_are_one_run_only_where_it_says_that_nothing_is_random(controls):
    try:
        at = STILL.replace(**controls)
    except ValueError as refused:  # a target of two dimensions has other networks
        pytest.skip(str(refused))
    if not seed_matters(at):
        assert not differs(at)
    else:
        assert differs(at) or at.rule.penalty != "none", "at least where no penalty is linear"


@pytest.mark.parametrize("name", [name for name in PENALTIES if name != "none"])
def test_a_penalty_that_is_said_to_draw_nothing_draws_nothing(name):
    curved = STILL.replace(penalty=name, **{"critic.curvature": 1.0, "target.at": 1.5, "penalty_weight": 1})
    if not seed_matters(curved):
        assert not differs(curved)


def test_the_games_with_a_closed_form_have_nothing_random_and_all_others_do():
    still = [name for name in gandyn.presets() if not seed_matters(gandyn.preset(name))]
    assert {"dirac", "bilinear", "quadratic"} <= set(still)
    assert all(gandyn.preset(name).target.name == "dirac" for name in still)
