"""What is known of a critic's weights and gradients, against critics for which it can be worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest
import torch

import gandyn
from gandyn.core.rng import Rng
from gandyn.core.types import Game
from gandyn.probes import PROBES
from gandyn.probes.gradient_norms import BINS, DECADES
from gandyn.ui.studies import STUDIES
from tests.probes.moments import moment


def with_critic(apply, size: int = 1, **controls):
    """A moment whose critic is `apply(theta, x)`."""
    experiment, state = moment(dtype=torch.float64, **controls)
    net = experiment.game.critic._replace(apply=apply, bind=None, layout=None, size=size)
    game: Game = experiment.game._replace(critic=net)
    return replace(experiment, game=game), state


def test_a_linear_critic_has_the_same_gradient_norm_everywhere():
    experiment, state = with_critic(lambda theta, x: x @ theta[:2, None])
    state = state._replace(d=torch.tensor([0.6, -0.8], dtype=torch.float64) * 0.3)
    arrays = PROBES["gradient_norms"](experiment, state, Rng(0), n=200)
    edges = 10.0 ** np.linspace(*DECADES, BINS + 1)
    (at,) = np.flatnonzero((edges[:-1] <= 0.3) & (edges[1:] > 0.3))
    for kind in ("real", "generated", "between"):
        assert arrays[f"mean_{kind}"] == pytest.approx(0.3, rel=1e-12)
        assert arrays[kind][at] == 1 and arrays[kind].sum() == 1
    np.testing.assert_allclose(10.0 ** arrays["left"], edges[:-1])


def test_gradient_norms_of_a_quadratic_critic_are_distances_from_the_middle():
    experiment, state = with_critic(lambda theta, x: 0.5 * x.square().sum(-1, keepdim=True))
    arrays = PROBES["gradient_norms"](experiment, state, Rng(0), n=4000)
    assert arrays["mean_real"] == pytest.approx(2.0, abs=0.05), "a ring of radius 2"
    assert arrays["mean_between"] < max(arrays["mean_real"], arrays["mean_generated"])
    assert arrays["largest"] >= arrays["mean_real"]


def test_a_gradient_that_is_not_finite_is_one_line():
    experiment, state = with_critic(lambda theta, x: x.sum(-1, keepdim=True) * torch.inf)
    with pytest.raises(ValueError, match="not finite"):
        PROBES["gradient_norms"](experiment, state, Rng(0), n=8)


def test_the_share_of_weights_at_the_clip_is_counted():
    experiment, state = moment(dtype=torch.float64, clip=0.1)
    theta = torch.zeros(state.d.numel(), dtype=torch.float64)
    theta[:7], theta[7:10], theta[10] = 0.1, -0.1, 0.0998
    arrays = PROBES["weights"](experiment, state._replace(d=theta), Rng(0))
    assert arrays["at_clip"] == pytest.approx(10 / len(theta))
    np.testing.assert_allclose(arrays["bound"], [-0.1, 0.1])
    assert arrays["share"].sum() == pytest.approx(1)
    assert arrays["share"][[0, -1]] * len(theta) == pytest.approx([3, 8])
    assert arrays["left"][0] == -0.1 and arrays["right"][-1] == pytest.approx(0.1)


def test_without_a_clip_no_weight_stands_at_a_bound():
    experiment, state = moment()
    arrays = PROBES["weights"](experiment, state, Rng(0))
    assert np.isnan(arrays["at_clip"]) and np.isnan(arrays["bound"]).all() and arrays["clip"] == 0
    assert arrays["right"][-1] == pytest.approx(float(state.d.abs().max()))


@pytest.mark.parametrize("name", ["critic_slice", "gradient_norms", "look_ahead", "gap_over_k"])
def test_where_the_objective_has_no_critic_its_views_say_so(name):
    experiment = gandyn.preset("collapse").replace(objective="mmd", batch_size=16)
    run = gandyn.Run(experiment)
    with pytest.raises(ValueError, match="^the objective mmd has no critic: nothing follows from what it says$"):
        PROBES[name](experiment, run.state, Rng(0))
    assert STUDIES[name].unfit(experiment) and not STUDIES[name].unfit(experiment.replace(objective="minimax"))
