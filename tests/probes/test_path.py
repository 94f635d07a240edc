"""Path angle, update ratios, the leading plane and Lyapunov exponents: closed forms on games of one number each."""

import math

import numpy as np
import pytest
import torch

import gandyn
from gandyn.core.game_field import GameField
from gandyn.core.play import draw_batch, init
from gandyn.core.rng import Rng
from gandyn.core.state import initial
from gandyn.probes import PROBES
from gandyn.probes.path import (
    leading_plane,
    lyapunov,
    path_angle,
    points_of,
    switch_and_bump,
    update_to_weight,
)
from gandyn.probes.prediction import predicted_contraction
from tests.probes.moments import moment
from tests.probes.test_spectrum import SMALL

F64 = torch.float64


def at(experiment, theta: float, psi: float):
    g, d = (torch.tensor([value], dtype=F64) for value in (theta, psi))
    return initial(experiment.game, g, d)


def test_on_the_bilinear_game_the_flow_is_at_right_angles_to_every_line_through_the_middle():
    experiment = gandyn.preset("bilinear")
    found = path_angle(experiment, at(experiment, 3, 4), at(experiment, 0, 0), Rng(0))
    np.testing.assert_allclose(found["angle"], 0, atol=1e-12)
    np.testing.assert_allclose(found["norm"], 5 * abs(found["alpha"] - 1), atol=1e-12)
    assert float(found["length"]) == 5 and found["alpha"][-1] == 1.5


def test_a_line_that_passes_the_middle_of_a_rotation_has_a_bump():
    """-v = (psi, -theta); on the line theta = s, psi = e the cosine with (1, 0) is e / sqrt(s^2 + e^2)."""
    experiment, e = gandyn.preset("bilinear"), 0.05
    found = path_angle(experiment, at(experiment, -2, e), at(experiment, 0, e), Rng(0), m=91)
    s = 2 * (found["alpha"] - 1)
    np.testing.assert_allclose(found["angle"], e / np.hypot(s, e), atol=1e-12)
    sides = 2 * np.linspace(0, 0.5, 30)[1:]
    assert float(found["bump"]) == pytest.approx(1 - (e / np.hypot(sides, e)).mean(), abs=1e-12)
    assert float(found["bump"]) > 0.8 and abs(float(found["switch"])) < 1e-12


def test_an_attracting_end_has_a_switch_of_sign():
    """Of psi alone: v = (a theta, b psi) without interaction; here critic.input_scale keeps c at 1e-6."""
    numbers = {"critic.input_scale": 1e-6, "critic.curvature": 1.0, "penalty_weight": 1e6}
    experiment = gandyn.preset("quadratic", **numbers)  # v = (theta - c psi, c theta + 1e-6 psi)
    found = path_angle(experiment, at(experiment, 2, 0), at(experiment, 0, 0), Rng(0))
    near = found["alpha"] != 1
    np.testing.assert_allclose(found["angle"][near], np.sign(1 - found["alpha"][near]), atol=1e-9)
    assert float(found["switch"]) == pytest.approx(1) and float(found["bump"]) == pytest.approx(0, abs=1e-9)
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
    found = path_angle(experiment, start, end, Rng(3), n=32, m=4)
    field = GameField(experiment.game, experiment.rule, draw_batch(experiment, Rng(3).at(2**20), F64), experiment.knobs)
    m = len(end.g)
    here = torch.cat([start.g, start.d]).requires_grad_()
    losses = field.losses(start, here[:m], here[m:])
    v = torch.cat([torch.autograd.grad(losses[0], here, retain_graph=True)[0][:m],
                   torch.autograd.grad(losses[1], here)[0][m:]])  # fmt: skip
    way = torch.cat([end.g, end.d]) - here.detach()
    assert float(found["angle"][0]) == pytest.approx(-float(v @ way / v.norm() / way.norm()), abs=1e-12)
    assert float(found["norm"][0]) == pytest.approx(float(v.norm()), rel=1e-12)


def test_the_path_of_a_run_begins_at_the_weights_of_its_seed():
    experiment = gandyn.preset("collapse", **SMALL, seed=5)
    run = gandyn.Run(experiment)
    with pytest.raises(ValueError, match="stands where it began"):
        PROBES["path"](experiment, run.state, Rng(3))
    run.advance(3)
    found = PROBES["path"](experiment, run.state, Rng(3))
    wanted = path_angle(experiment, init(experiment.game, 5), run.state, Rng(3), m=41)
    for name, array in found.items():
        np.testing.assert_array_equal(array, wanted[name])


def test_an_update_in_units_of_the_weights():
    experiment = gandyn.preset("bilinear", lr_g=0.1, lr_d=0.2)
    (after, _) = next(gandyn.play(experiment, state=at(experiment, 2.0, 4.0)))
    ratios = update_to_weight(at(experiment, 2.0, 4.0), after)
    assert [float(ratio) for ratio in ratios] == pytest.approx([0.1 * 4 / 2, 0.2 * 2 / 4])
    lanes = gandyn.Run(gandyn.preset("collapse"), lanes=3)
    before = lanes.state
    lanes.advance(1)
    assert update_to_weight(before, lanes.state)[0].shape == (3,)


def test_the_leading_plane_is_that_of_numpys_singular_value_decomposition():
    draw = np.random.default_rng(0)
    points = draw.normal(size=(12, 40)) * np.linspace(3, 0.1, 40)
    plane = leading_plane(torch.from_numpy(points))
    u, s, v = np.linalg.svd(points - points.mean(0), full_matrices=False)
    np.testing.assert_allclose(abs(plane.coordinates.numpy()), abs(u[:, :2] * s[:2]), atol=1e-10)
    np.testing.assert_allclose(plane.shares.numpy(), s[:2] ** 2 / (s**2).sum(), atol=1e-12)
    np.testing.assert_allclose(
        plane.coordinates.numpy(), (points - points.mean(0)) @ plane.directions.numpy(), atol=1e-10
    )
    assert (plane.coordinates.max(0).values > -plane.coordinates.min(0).values).all()


def test_points_on_a_line_and_a_single_one_have_fewer_directions():
    line = leading_plane(torch.tensor([[0.0, 0, 0], [1, 2, 2], [2, 4, 4]]))
    assert line.shares.tolist() == pytest.approx([1, 0]) and line.coordinates[:, 1].tolist() == [0, 0, 0]
    assert line.coordinates[:, 0].abs().tolist() == pytest.approx([3, 0, 3])
    alone = leading_plane(torch.tensor([[1.0, 2]]))
    assert alone.coordinates.tolist() == [[0, 0]] and alone.shares.tolist() == [0, 0]


def test_an_orbit_lies_in_its_plane():
    experiment = gandyn.preset("bilinear")
    states = [at(experiment, math.cos(t), math.sin(t)) for t in np.arange(64) * math.pi / 32]
    plane = leading_plane(points_of(states))
    assert plane.shares.tolist() == pytest.approx([0.5, 0.5])
    np.testing.assert_allclose(plane.coordinates.norm(dim=1).numpy(), 1, atol=1e-12)


@pytest.mark.parametrize("rule", ["gradient", "extragradient", "optimistic"])
def test_of_a_linear_game_the_exponent_is_the_logarithm_of_the_contraction(rule):
    experiment = gandyn.preset("bilinear", update_rule=rule, lr_g=0.1, lr_d=0.1)
    found = lyapunov(experiment, at(experiment, 1.0, 0.5), steps=400, every=20)
    predicted = predicted_contraction(experiment)
    assert predicted is not None
    late = (found["log"][-1] - found["log"][1]) / 380  # optimistic begins with a step of gradient descent
    assert late == pytest.approx(math.log(predicted), abs=1e-7)
    if rule != "optimistic":
        assert float(found["exponent"]) == pytest.approx(math.log(predicted), abs=1e-9)


def test_the_first_of_both_runs_is_the_run_itself_and_its_state_is_left_alone():
    experiment, state = moment()
    kept = [part.clone() for part in (state.g, state.d)]
    found, again = (lyapunov(experiment, state, steps=20, every=5) for _ in range(2))
    assert np.array_equal(found["log"], again["log"]) and found["log"].shape == (5,)
    assert all(map(torch.equal, kept, (state.g, state.d)))
    with pytest.raises(ValueError, match="apart: they have no exponent"):
        lyapunov(experiment, state._replace(g=state.g * torch.nan), steps=20)
