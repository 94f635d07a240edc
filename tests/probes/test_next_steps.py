"""Views of the next steps: update ratios, the leading plane and Lyapunov exponents, by closed forms."""

import math

import numpy as np
import pytest
import torch

import gandyn
from gandyn.core.cost import step_cost
from gandyn.core.rng import Rng
from gandyn.probes import PROBES
from gandyn.probes.ahead import LEAST, OPERATIONS, affordable, ahead, too_long
from gandyn.probes.lyapunov import lyapunov
from gandyn.probes.prediction import predicted_contraction
from gandyn.probes.trajectory import leading_plane, points_of
from gandyn.probes.update_ratio import update_to_weight
from tests.probes.moments import moment
from tests.probes.test_path import at


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
    exponents = lyapunov(experiment, at(experiment, 1.0, 0.5), steps=400, every=20)
    predicted = predicted_contraction(experiment)
    assert predicted is not None
    late = (exponents["log"][-1] - exponents["log"][1]) / 380  # optimistic begins with a step of gradient descent
    assert late == pytest.approx(math.log(predicted), abs=1e-7)
    if rule != "optimistic":
        assert float(exponents["exponent"]) == pytest.approx(math.log(predicted), abs=1e-9)


def test_the_first_of_both_runs_is_the_run_itself_and_its_state_is_left_alone():
    experiment, state = moment()
    kept = [part.clone() for part in (state.g, state.d)]
    exponents, again = (lyapunov(experiment, state, steps=20, every=5) for _ in range(2))
    assert np.array_equal(exponents["log"], again["log"]) and exponents["log"].shape == (5,)
    assert all(map(torch.equal, kept, (state.g, state.d)))
    with pytest.raises(ValueError, match="not finite: they have no exponent"):
        lyapunov(experiment, state._replace(g=state.g * torch.nan), steps=20)
    with pytest.raises(ValueError, match="began 1e-06 apart are the same"):
        lyapunov(experiment, state._replace(g=state.g * 1e30, d=state.d * 1e30), steps=20)


def test_the_states_ahead_are_those_of_the_run():
    run = gandyn.Run(gandyn.preset("collapse", seed=3))
    run.advance(4)
    states = ahead(run.experiment, run.state, 6, every=3)
    assert [one.step for one in states] == [4, 7, 10]
    run.advance(6)
    torch.testing.assert_close(states[-1].g, run.state.g, rtol=1e-5, atol=1e-7)
    torch.testing.assert_close(states[-1].d, run.state.d, rtol=1e-5, atol=1e-7)


def test_so_many_steps_are_taken_as_a_view_may_and_where_that_is_too_few_it_says_why():
    experiment = gandyn.preset("collapse")
    assert affordable(experiment, 100) == 100 and not too_long(experiment)
    each = step_cost(experiment, 8).operations
    assert affordable(experiment, 10**6, 8) == int(OPERATIONS / each) > LEAST
    large = experiment.replace(batch_size=65_536)
    with pytest.raises(ValueError, match="million operations: too long to look 20 ahead"):
        affordable(large, 100)
    with pytest.raises(ValueError, match="too long"):
        PROBES["trajectory"](large, gandyn.Run(experiment).state, Rng(0))


def test_two_runs_of_a_linear_game_part_by_the_contraction_at_every_step():
    """|eigenvalue|^2 = 1 + h^2 of both: simultaneous gradient descent on theta psi."""
    experiment = gandyn.preset("bilinear", lr_g=0.1, lr_d=0.1)
    arrays = PROBES["lyapunov"](experiment, at(experiment, 1.0, 0.5), Rng(0), steps=100)
    np.testing.assert_allclose(arrays["log10"], arrays["step"] * math.log10(1.01) / 2, atol=1e-7)
    np.testing.assert_allclose(arrays["trend"], arrays["log10"], atol=1e-7)
    assert str(arrays["doubling"]) == f"doubles in {2 * math.log(2) / math.log(1.01):.3g} steps"
    meets = PROBES["lyapunov"](experiment.replace(update_rule="extragradient"), at(experiment, 1, 1), Rng(0), steps=50)
    assert str(meets["doubling"]).startswith("halves in ") and float(meets["exponent"]) < 0


def test_the_trajectory_of_a_game_of_one_number_each_is_that_of_its_numbers():
    experiment = gandyn.preset("bilinear", lr_g=0.1, lr_d=0.1)
    arrays = PROBES["trajectory"](experiment, at(experiment, 1.0, 0.0), Rng(0), steps=120)
    theta, psi, wanted = 1.0, 0.0, [(1.0, 0.0)]
    for _ in range(120):
        theta, psi = theta - 0.1 * psi, psi + 0.1 * theta
        wanted.append((theta, psi))
    points, plane = np.array(wanted), np.stack([arrays["first"], arrays["second"]], 1)
    np.testing.assert_allclose(
        np.linalg.norm(plane[:, None] - plane, axis=2), np.linalg.norm(points[:, None] - points, axis=2), atol=1e-9
    )
    assert float(arrays["plane"]) == pytest.approx(1) and float(arrays["critic"]) == pytest.approx(0.5)
    assert float(arrays["steps"]) == 120 and len(arrays["dot_1"]) == 9
    assert (arrays["here_1"][0], arrays["here_2"][0]) == (plane[0, 0], plane[0, 1])


def test_the_update_ratios_of_a_game_of_one_number_each_are_those_of_its_recurrence():
    experiment = gandyn.preset("bilinear", lr_g=0.1, lr_d=0.2)
    arrays = PROBES["update_ratio"](experiment, at(experiment, 2.0, 4.0), Rng(0), steps=3)
    theta, psi, wanted = 2.0, 4.0, []
    for _ in range(3):
        wanted.append((abs(0.1 * psi / theta), abs(0.2 * theta / psi)))
        theta, psi = theta + 0.1 * psi, psi - 0.2 * theta
    np.testing.assert_allclose(10 ** np.stack([arrays["generator"], arrays["critic"]], 1), wanted, rtol=1e-9)
    assert arrays["step"].tolist() == [1, 2, 3] and float(arrays["median_g"]) == pytest.approx(np.median(wanted, 0)[0])


def test_a_player_that_rests_has_no_ratio():
    experiment, state = moment(freeze="critic")
    arrays = PROBES["update_ratio"](experiment, state, Rng(0), steps=2)
    assert np.isnan(arrays["critic"]).all() and np.isnan(arrays["median_d"]) and np.isfinite(arrays["generator"]).all()
