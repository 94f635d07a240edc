"""The path angle: closed forms on games of one number each."""

import numpy as np
import pytest
import torch

import gandyn
from gandyn.core.game_field import GameField
from gandyn.core.play import draw_batch, init
from gandyn.core.rng import Rng
from gandyn.core.state import initial
from gandyn.probes import PROBES
from gandyn.probes.path import path_angle, switch_and_bump
from tests.probes.moments import moment
from tests.probes.test_spectrum import SMALL

F64 = torch.float64


def at(experiment, theta: float, psi: float):
    g, d = (torch.tensor([value], dtype=F64) for value in (theta, psi))
    return initial(experiment.game, g, d)


def test_on_the_bilinear_game_the_flow_is_at_right_angles_to_every_line_through_the_middle():
    experiment = gandyn.preset("bilinear")
    arrays = path_angle(experiment, at(experiment, 3, 4), at(experiment, 0, 0), Rng(0))
    np.testing.assert_allclose(arrays["angle"], 0, atol=1e-12)
    np.testing.assert_allclose(arrays["norm"], 5 * abs(arrays["alpha"] - 1), atol=1e-12)
    assert float(arrays["length"]) == 5 and arrays["alpha"][-1] == 1.5


def test_a_line_that_passes_the_middle_of_a_rotation_has_a_bump():
    """-v = (psi, -theta); on the line theta = s, psi = e the cosine with (1, 0) is e / sqrt(s^2 + e^2)."""
    experiment, e = gandyn.preset("bilinear"), 0.05
    arrays = path_angle(experiment, at(experiment, -2, e), at(experiment, 0, e), Rng(0), m=91)
    s = 2 * (arrays["alpha"] - 1)
    np.testing.assert_allclose(arrays["angle"], e / np.hypot(s, e), atol=1e-12)
    sides = 2 * np.linspace(0, 0.5, 30)[1:]
    assert float(arrays["bump"]) == pytest.approx(1 - (e / np.hypot(sides, e)).mean(), abs=1e-12)
    assert float(arrays["bump"]) > 0.8 and abs(float(arrays["switch"])) < 1e-12


def test_an_attracting_end_has_a_switch_of_sign():
    """Of psi alone: v = (a theta, b psi) without interaction; here critic.input_scale keeps c at 1e-6."""
    numbers = {"critic.input_scale": 1e-6, "critic.curvature": 1.0, "penalty_weight": 1e6}
    experiment = gandyn.preset("quadratic", **numbers)  # v = (theta - c psi, c theta + 1e-6 psi)
    arrays = path_angle(experiment, at(experiment, 2, 0), at(experiment, 0, 0), Rng(0))
    near = arrays["alpha"] != 1
    np.testing.assert_allclose(arrays["angle"][near], np.sign(1 - arrays["alpha"][near]), atol=1e-9)
    assert float(arrays["switch"]) == pytest.approx(1) and float(arrays["bump"]) == pytest.approx(0, abs=1e-9)
    away = path_angle(experiment.replace(**{"critic.curvature": -1.0}), at(experiment, 2, 0), at(experiment, 0, 0),
                      Rng(0))  # fmt: skip
    assert float(away["switch"]) == pytest.approx(-1)


def test_switch_and_bump_by_hand():
    assert switch_and_bump(np.array([0.0, 1, 1]), np.array([0.0, -1, 0])) == pytest.approx((0.75, 0.25))
    assert switch_and_bump(np.array([1.0, 0, 0]), np.array([1.0, 0, 0])) == (0.0, 1.0)


def test_states_without_a_line_between_them_are_refused():
    experiment, state = moment()
    with pytest.raises(ValueError, match="are the same: there is no line"):
        path_angle(experiment, state, state, Rng(0))
    with pytest.raises(ValueError, match="different networks"):
        path_angle(experiment, at(gandyn.preset("dirac"), 1, 1), state, Rng(0))


def test_path_angle_of_networks_is_that_of_autograd():
    experiment = gandyn.preset("collapse", **SMALL, batch_size=32)
    start, end = init(experiment.game, 1, F64), init(experiment.game, 2, F64)
    arrays = path_angle(experiment, start, end, Rng(3), n=32, m=4)
    field = GameField(experiment.game, experiment.rule, draw_batch(experiment, Rng(3).at(2**20), F64), experiment.knobs)
    m = len(end.g)
    here = torch.cat([start.g, start.d]).requires_grad_()
    losses = field.losses(start, here[:m], here[m:])
    v = torch.cat([torch.autograd.grad(losses[0], here, retain_graph=True)[0][:m],
                   torch.autograd.grad(losses[1], here)[0][m:]])  # fmt: skip
    way = torch.cat([end.g, end.d]) - here.detach()
    assert float(arrays["angle"][0]) == pytest.approx(-float(v @ way / v.norm() / way.norm()), abs=1e-12)
    assert float(arrays["norm"][0]) == pytest.approx(float(v.norm()), rel=1e-12)


def test_the_path_of_a_run_begins_at_the_weights_of_its_seed():
    experiment = gandyn.preset("collapse", **SMALL, seed=5)
    run = gandyn.Run(experiment)
    with pytest.raises(ValueError, match="stands where it began"):
        PROBES["path"](experiment, run.state, Rng(3))
    run.advance(3)
    arrays = PROBES["path"](experiment, run.state, Rng(3))
    wanted = path_angle(experiment, init(experiment.game, 5), run.state, Rng(3), m=41)
    for name, array in arrays.items():
        np.testing.assert_array_equal(array, wanted[name])
