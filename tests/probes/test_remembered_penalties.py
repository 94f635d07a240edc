"""Probes see the game that is trained, with what its penalties remember."""

import numpy as np
import pytest
import torch

import gandyn
from gandyn.core.game_field import GameField
from gandyn.core.penalties import PENALTIES
from gandyn.core.regularising import remembering
from gandyn.core.rng import Rng
from gandyn.core.trees import Empty
from gandyn.probes import PROBES
from gandyn.probes.game_point import point
from gandyn.probes.gradient_field import field_batch
from tests.contracts.small import experiment

REMEMBER = [name for name, one in PENALTIES.items() if one.memory is not None]
# of each probe that reads the critic's own loss, a number of it
READ = {
    "spectrum": lambda arrays: arrays["norm"],
    "duality_gap": lambda arrays: arrays["gain_critic"],
    "look_ahead": lambda arrays: arrays["largest"],
    "gap_over_k": lambda arrays: arrays["total"],
}


@pytest.mark.parametrize("name", REMEMBER)
@pytest.mark.parametrize("probe", READ)
def test_a_probe_of_the_critics_loss_reads_what_is_remembered(name, probe):
    """It finds the same again, and something else where nothing is remembered."""
    run = gandyn.Run(experiment(penalty=name, objective="non-saturating", lr_g=0.1, penalty_weight=1.0))
    run.advance(20)
    state, forgetful = run.state, run.state._replace(aux=Empty())
    one, again, other = (
        float(READ[probe](PROBES[probe].compute(run.experiment, w, Rng(0)))) for w in (state, state, forgetful)
    )
    assert one == again and np.isfinite(one)
    assert one != pytest.approx(other, rel=1e-4)


@pytest.mark.parametrize("name", REMEMBER)
def test_the_field_of_a_probe_is_that_of_a_step_with_this_memory_held(name):
    """v by the probe, and by the losses' own function with the memory put beside the same minibatch."""
    run = gandyn.Run(experiment(penalty=name, objective="non-saturating"))
    run.advance(20)
    at = run.experiment
    field_point = point(at, run.state, Rng(3), 64)
    batch = field_point.field._batch._replace(memory=field_point.w.aux)
    v = GameField(at.game, at.rule, batch, at.knobs).at(field_point.w).v
    torch.testing.assert_close(field_point.v.d, v.d, rtol=1e-12, atol=1e-14)
    torch.testing.assert_close(field_point.v.g, v.g, rtol=1e-12, atol=1e-14)
    probed = field_batch(at, run.state, Rng(3), 64, 64)
    assert probed.memory is run.state.aux


def test_the_portrait_of_a_game_of_one_number_has_the_memory_everywhere():
    """LeCam's term at a critic psi x of a generator theta: w d/dpsi ((psi r - a_F)^2 + (psi theta - a_R)^2)."""
    at = gandyn.preset("dirac", penalty="lecam", **{"penalty.lecam": 0.7}, unroll=0)
    state = remembering(at.rule, gandyn.init(at.game, 0, dtype=torch.float64), at.target.shape)
    memory = state.aux.lecam
    another = memory._replace(real=memory.real + 0.2, fake=memory.fake - 0.1, t=memory.t + 10)
    grids = [
        PROBES["portrait"].compute(at, state._replace(aux=aux), Rng(0), m=5, half_width=2.0)
        for aux in (state.aux._replace(lecam=another), Empty())
    ]
    seen = 1 - 0.99**10
    theta, psi = grids[0]["line"][None, :], grids[0]["line"][:, None]
    real = float(at.target.draw(1, Rng(0)))
    term = 2 * 0.7 * (real * (psi * real + 0.1 / seen) + theta * (psi * theta - 0.2 / seen))
    np.testing.assert_allclose(grids[0]["v_d"] - grids[1]["v_d"], term + 0 * psi, rtol=1e-9, atol=1e-9)
