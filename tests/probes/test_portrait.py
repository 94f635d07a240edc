"""Phase portraits and what theory predicts of a step, against closed forms and against runs."""

import math

import numpy as np
import pytest
import torch

import gandyn
from gandyn.core.play import init
from gandyn.core.rng import Rng
from gandyn.core.state import initial
from gandyn.core.update_rules import UPDATE_RULES
from gandyn.probes import PROBES
from gandyn.probes.prediction import (
    measured_contraction,
    measured_eigenvalues,
    one_number_each,
    predict,
    predicted_contraction,
)
from tests.probes.moments import moment

F64 = torch.float64


def portrait(experiment, **options):
    return PROBES["portrait"](experiment, init(experiment.game, 0), Rng(0), **options)


def grid_of(arrays):
    return np.meshgrid(arrays["line"], arrays["line"], indexing="xy")


def points_of(experiment, steps: int, size: float = 1.0) -> np.ndarray:
    """[steps + 1, 2] of a run in float64 from (0.8, -0.6) size."""
    g, d = (torch.tensor([size * value], dtype=F64) for value in (0.8, -0.6))
    state = initial(experiment.game, g, d)
    points = [[float(g), float(d)]]
    for now, _ in gandyn.play(experiment, state=state):
        points.append([float(now.g), float(now.d)])
        if now.step == steps:
            break
    return np.array(points)


def test_of_the_bilinear_game_the_field_turns_and_extragradient_turns_it_inwards():
    arrays = portrait(gandyn.preset("bilinear", update_rule="extragradient"), m=7)
    theta, psi = grid_of(arrays)
    np.testing.assert_allclose(arrays["v_g"], -psi, atol=1e-14)
    np.testing.assert_allclose(arrays["v_d"], theta, atol=1e-14)
    np.testing.assert_allclose(arrays["move_g"], psi - 0.05 * theta, atol=1e-12)
    np.testing.assert_allclose(arrays["move_d"], -theta - 0.05 * psi, atol=1e-12)
    np.testing.assert_allclose(arrays["energy"], (theta**2 + psi**2) / 2, atol=1e-14)
    assert (float(arrays["theta_0"]), float(arrays["psi_0"])) == (0, 0)
    assert float(arrays["contraction"]) == pytest.approx(abs(1 - 0.05j * (1 - 0.05j)), abs=1e-14)
    assert (float(arrays["theta"]), float(arrays["psi"]), float(arrays["half_width"])) == (1, 1, 2)
    assert str(arrays["verdict"]) == "theory 0.99875, the next 60 steps, less than a turn, 0.99875"


def test_the_objective_the_penalty_and_the_look_ahead_are_in_it():
    """Minimax with R1: v = (-psi s, theta s + gamma psi), s = 1 / (1 + exp(-theta psi))."""
    arrays = portrait(gandyn.preset("dirac", objective="minimax", penalty="r1", penalty_weight=0.7), m=9)
    theta, psi = grid_of(arrays)
    s = 1 / (1 + np.exp(-theta * psi))
    np.testing.assert_allclose(arrays["v_g"], -psi * s, atol=1e-12)
    np.testing.assert_allclose(arrays["v_d"], theta * s + 0.7 * psi, atol=1e-12)
    ahead = portrait(gandyn.preset("dirac", unroll=2, lr_g=0.1, lr_d=0.1), m=9)
    np.testing.assert_allclose(ahead["move_g"], psi - 4 * 0.1 * theta, atol=1e-12)


def test_arrows_point_along_the_moves_and_the_points_ahead_are_those_of_the_run():
    experiment = gandyn.preset("quadratic", update_rule="optimistic")
    arrays = portrait(experiment, ahead=30)
    length = np.hypot(arrays["x1"] - arrays["x0"], arrays["y1"] - arrays["y0"])
    assert length.max() == pytest.approx(1.6 * 4 / 14)
    far = np.hypot(arrays["level_theta"], arrays["level_psi"])
    assert set(far[np.isfinite(far)].round(9)) == {0.5, 1.0, 1.5, 2.0}
    turned = (arrays["x1"] - arrays["x0"]) * arrays["move_d"].flatten()
    np.testing.assert_allclose(turned, (arrays["y1"] - arrays["y0"]) * arrays["move_g"].flatten(), atol=1e-12)
    run = gandyn.play(experiment, state=init(experiment.game, 0, F64))
    for i, (now, _) in zip(range(1, 31), run, strict=False):
        assert [float(now.g), float(now.d)] == pytest.approx(
            [arrays["ahead_theta"][i], arrays["ahead_psi"][i]], abs=1e-9
        )


def test_a_memory_shows_after_several_steps():
    """Optimistic: w1 = w - h J w, w2 = w1 - h J (2 w1 - w)."""
    experiment = gandyn.preset("bilinear", update_rule="optimistic", lr_g=0.1, lr_d=0.1)
    first, both = portrait(experiment, m=5), portrait(experiment, m=5, steps=2)
    w, j = np.stack(grid_of(first)), np.array([[0, -1], [1, 0]])
    one = w - 0.1 * np.einsum("ij,jkl->ikl", j, w)
    two = one - 0.1 * np.einsum("ij,jkl->ikl", j, 2 * one - w)
    np.testing.assert_allclose(np.stack([first["move_g"], first["move_d"]]), (one - w) / 0.1, atol=1e-12)
    np.testing.assert_allclose(np.stack([both["move_g"], both["move_d"]]), (two - w) / 0.2, atol=1e-12)


def test_the_equilibrium_is_found_where_the_data_are():
    """Of the quadratic game with data at 1.5, by hand: -theta - 2 psi = 0 and 2 (theta - 1.5) + 2 psi + 1.5 = 0."""
    prediction = predict(gandyn.preset("quadratic", **{"target.at": 1.5}))
    assert prediction is not None and (prediction.theta, prediction.psi) == pytest.approx((1.5, -0.75), abs=1e-12)
    np.testing.assert_allclose(prediction.jacobian, [0.5 + 1j * 1.75**0.5, 0.5 - 1j * 1.75**0.5], atol=1e-12)


@pytest.mark.parametrize("problem", ["bilinear", "quadratic", "dirac"])
@pytest.mark.parametrize("name", UPDATE_RULES)
def test_what_is_predicted_is_what_a_run_does(problem, name):
    """By the eigenvalue of the map that leads from point to point, of period to period; on dirac near 0."""
    changes = {"objective": "minimax"} if problem == "dirac" else {}
    other = {"lookahead-minimax": {"k": 4}, "nested-lookahead": {"k": 2, "outer": 2}}.get(name, {})
    experiment = gandyn.preset(problem, **changes, update_rule=UPDATE_RULES[name](**other), lr_g=0.1, lr_d=0.1)
    prediction = predict(experiment)
    assert prediction is not None
    if prediction.contraction is None:
        assert name in ("anchored-extragradient", "stable-opponent-shaping")
        return
    if name == "follow-the-ridge" and problem != "quadratic":
        return  # which leaves the points that floating point numbers can show
    size = 1e-6 if problem == "dirac" else 1.0
    points = points_of(experiment, 24 * prediction.period, size)[4 * prediction.period :: prediction.period] / size
    remembers = name in ("optimistic", "extrapolation-from-the-past", "lead", "alex-gda")
    measured = abs(measured_eigenvalues(points, 2 if remembers else 1)[0]) ** (1 / prediction.period)
    assert measured == pytest.approx(prediction.contraction, abs=1e-7)
    assert predicted_contraction(experiment) == prediction.contraction


@pytest.mark.parametrize(("name", "delays"), [("extragradient", 1), ("consensus", 1), ("optimistic", 2), ("lead", 2)])
def test_the_eigenvalues_that_a_run_shows_are_those_predicted(name, delays):
    experiment = gandyn.preset("quadratic", update_rule=name, lr_g=0.1, lr_d=0.1)
    prediction = predict(experiment)
    assert prediction is not None
    measured = measured_eigenvalues(points_of(experiment, 30), delays)
    by_real = [np.sort_complex(values.round(9)) for values in (measured, prediction.step[: 2 * delays])]
    np.testing.assert_allclose(by_real[0], by_real[1], atol=1e-6)


def test_a_turn_of_the_bilinear_game_takes_as_many_steps_as_its_angle_says():
    prediction = predict(gandyn.preset("bilinear"))
    assert prediction is not None and prediction.turn == pytest.approx(2 * math.pi / math.atan(0.05))
    slow = predict(gandyn.preset("bilinear", update_rule="lookahead-minimax"))
    assert slow is not None and slow.period == 6 and slow.turn is None
    assert slow.contraction == pytest.approx(UPDATE_RULES["lookahead-minimax"]().contraction(0.05))


def test_where_theory_says_nothing_it_says_so():
    assert predict(gandyn.preset("dirac", penalty="gradient-penalty")) is None  # an edge at psi = 0
    assert predicted_contraction(gandyn.preset("bilinear", optimizer_d="adam")) is None
    assert predicted_contraction(gandyn.preset("collapse")) is None
    long = gandyn.preset("bilinear", update_rule="lookahead-minimax", **{"update_rule.k": 2000})
    assert predicted_contraction(long) is None
    arrays = portrait(gandyn.preset("dirac", penalty="gradient-penalty"), m=5)
    assert np.isnan(arrays["contraction"]) and np.isnan(arrays["theta_0"]) and not len(arrays["eigen_real"])
    assert np.isfinite(arrays["v_g"]).all()


def test_games_of_more_numbers_are_refused_in_one_line():
    experiment, state = moment()
    assert not one_number_each(experiment) and not one_number_each(gandyn.preset("bilinear", latent_size=1))
    with pytest.raises(ValueError, match=r"games of one number each .* as the preset dirac; this one has 98 \+ 65"):
        PROBES["portrait"](experiment, state, Rng(0))


def test_the_window_holds_the_point_where_the_game_stands():
    experiment = gandyn.preset("bilinear")
    state = init(experiment.game, 0)._replace(g=torch.tensor([7.0]))
    assert float(PROBES["portrait"](experiment, state, Rng(0))["half_width"]) == 10
    assert float(PROBES["portrait"](experiment, state, Rng(0), half_width=3.0)["half_width"]) == 3


def test_a_measured_contraction_is_a_mean_over_steps():
    experiment = gandyn.preset("bilinear", update_rule="consensus")
    far = np.linalg.norm(points_of(experiment, 50), axis=1)
    assert measured_contraction(far[0], far[50], 50) == pytest.approx(abs(1 - 0.5 * 0.05 - 0.05j), abs=1e-12)
    assert measured_contraction(8.0, 1.0, 3) == pytest.approx(0.5)
    for nothing in ((1.0, 1.0, 0), (0.0, 1.0, 2), (1.0, math.nan, 2), (1.0, math.inf, 2)):
        assert measured_contraction(*nothing) is None
    assert not len(measured_eigenvalues(np.zeros((1, 2)))) and not len(measured_eigenvalues(np.zeros((5, 2))))
    assert not len(measured_eigenvalues(np.full((5, 2), np.nan)))


@pytest.mark.parametrize("most", [20, 7])
def test_a_rule_that_adapts_settles_to_what_the_player_that_moves_does(most):
    """Of `quadratic` with the critic at rest: a step of the generator multiplies its distance by a number above 1."""
    rule = UPDATE_RULES["modal-lookahead"](most=most)
    experiment = gandyn.preset("quadratic", update_rule=rule, freeze="critic", lr_g=0.3, lr_d=0.3)
    prediction = predict(experiment)
    assert prediction is not None and prediction.period == most
    run = gandyn.Run(experiment, dtype=torch.float64)
    run.advance(500 // most * most)  # until it is far from where it would rest
    before = float(run.state.g)
    run.advance(most)
    assert (float(run.state.g) / before) ** (1 / most) == pytest.approx(prediction.contraction, rel=1e-6)
