"""Lanes of one moment under many values of one number, against the games whose steps are known in closed form."""

import dataclasses

import numpy as np
import pytest
import torch

import gandyn
from gandyn.core.rng import Rng
from gandyn.probes import PROBES, bifurcation
from gandyn.probes.bifurcation import FAR, KEPT, Bifurcation, knobs_of, spread, values_of
from tests.probes.test_next_steps import at

RNG = Rng(0)


def quadratic(lr_g: float, lr_d: float = 0.05, a: float = -1.0, b: float = 2.0, c: float = 2.0) -> np.ndarray:
    """One step of simultaneous gradient descent on (theta, psi) = (x, -y) of a/2 x^2 + c x y - b/2 y^2."""
    return np.array([[1 - lr_g * a, lr_g * c], [-lr_d * c, 1 - lr_d * b]])


def test_below_the_critical_rate_the_quadratic_game_arrives_and_above_it_leaves():
    experiment = gandyn.preset("quadratic")
    start, rates = np.array([0.4, 0.3]), np.geomspace(0.01, 0.3, 64)
    arrays = bifurcation.bifurcation(
        experiment, at(experiment, *start), RNG, knob="lr_g", low=".01", high=".3", steps=400
    )
    np.testing.assert_allclose(arrays["knob"], rates, rtol=1e-12)
    # det = (1 - h a)(1 - h' b) + h h' c^2 = 1 at h = 1/11; the trace's bound, tr < 1 + det, holds everywhere
    critical = 1 / 11
    radius = np.array([np.abs(np.linalg.eigvals(quadratic(rate))).max() for rate in rates])
    assert ((radius < 1) == (rates < critical)).all()
    clear = np.abs(rates / critical - 1) > 0.05
    assert ((arrays["growth"] < 1) == (rates < critical))[clear].all() and clear.sum() > 55
    for rate, growth, away in zip(rates, arrays["growth"], arrays["away"], strict=True):
        ends = np.linalg.matrix_power(quadratic(rate), 400) @ start
        assert growth == pytest.approx(np.hypot(*ends) / np.hypot(*start), rel=2e-3)
        assert away == (np.hypot(*ends) > FAR)


def test_the_points_are_the_last_iterates_of_every_lane():
    experiment = gandyn.preset("quadratic")
    start, steps = np.array([0.4, 0.3]), 60
    arrays = bifurcation.bifurcation(
        experiment, at(experiment, *start), RNG, low=".02", high=".08", steps=steps, lanes=5
    )
    assert arrays["drawn"].item() == "first number of θ_G" and arrays["over"].item() == "lr_g"
    rates = np.geomspace(0.02, 0.08, 5)
    last = range(steps - KEPT + 1, steps + 1)
    wanted = [[(np.linalg.matrix_power(quadratic(rate), n) @ start)[0] for rate in rates] for n in last]
    np.testing.assert_allclose(arrays["value"].reshape(KEPT, 5), wanted, atol=1e-6)
    np.testing.assert_allclose(arrays["at"].reshape(KEPT, 5), np.log10([rates] * KEPT))


def test_extragradient_of_the_bilinear_game_has_its_threshold_where_the_rates_multiply_to_one():
    experiment = gandyn.preset("bilinear", update_rule="extragradient", lr_d=0.5)
    arrays = bifurcation.bifurcation(experiment, at(experiment, 0.4, 0.3), RNG, knob="lr_g", low="0.2", high="8")
    radius = np.sqrt((1 - arrays["knob"] * 0.5) ** 2 + arrays["knob"] * 0.5)  # |1 - s^2 +- i s|, s^2 = lr_g lr_d
    clear = np.abs(arrays["knob"] * 0.5 - 1) > 0.1
    assert ((arrays["growth"] < 1) == (radius < 1))[clear].all() and ((radius < 1) == (arrays["knob"] < 2)).all()
    assert arrays["away"].any() and arrays["lost"].item() == f"{arrays['away'].sum()} of 64"
    np.testing.assert_allclose(10 ** arrays["away_at"], arrays["knob"][arrays["away"]])


def test_a_lane_is_the_run_itself_under_its_value_of_the_knob():
    run = gandyn.Run(gandyn.preset("collapse", seed=5))
    run.advance(20)
    lanes = Bifurcation(run.experiment, run.state, RNG, knob="lr_d", low="1e-4", high="1e-2", lanes=3, steps=12)
    while not lanes.complete:
        lanes.go_on()
    alone = gandyn.Run.of(run.timeline)
    alone.set(lr_d=1e-3)
    alone.advance(12)
    torch.testing.assert_close(lanes._state.g[1], alone.state.g, rtol=1e-4, atol=1e-6)
    torch.testing.assert_close(lanes._state.d[1], alone.state.d, rtol=1e-4, atol=1e-6)


def test_it_is_the_same_however_many_turns_it_takes_and_says_how_far_it_is():
    run = gandyn.Run(gandyn.preset("collapse"))
    run.advance(3)
    chosen = {"lanes": 4, "steps": 14}
    whole, lanes = bifurcation.bifurcation(run.experiment, run.state, RNG, **chosen), Bifurcation
    parts = lanes(run.experiment, run.state, RNG, **chosen)
    said = []
    while not parts.complete:
        parts.go_on()
        said.append(parts.arrays()["progress"].item())
    assert said == [f"{i} of 14 steps" for i in range(1, 15)]
    assert all(
        np.array_equal(whole[name], other, equal_nan=other.dtype.kind == "f") for name, other in parts.arrays().items()
    )
    assert run.state.step == 3 and whole["drawn"].item() == "modes covered" and set(whole["value"]) <= set(range(9))


def test_every_knob_that_does_something_can_be_spread_and_every_value_drawn():
    run = gandyn.Run(gandyn.preset("ring-wgan-gp", batch_size=8))
    run.advance(2)
    assert {"lr_g", "lr_d", "penalty_weight"} <= set(knobs_of(run.experiment))
    for name, value in [
        *((name, "") for name in knobs_of(run.experiment)),
        *(("", one) for one in values_of(run.experiment)),
    ]:
        arrays = PROBES["bifurcation"](run.experiment, run.state, RNG, knob=name, value=value, lanes=3, steps=7)
        assert np.isfinite(arrays["value"]).all() and len(arrays["value"]) and (np.diff(arrays["knob"]) > 0).all()


def test_a_rate_that_decays_is_spread_as_it_is_at_that_moment():
    experiment = gandyn.preset("quadratic", decay_g=1.0, decay_steps=10)
    state = at(experiment, 0.4, 0.3)._replace(step=10)
    arrays = PROBES["bifurcation"](experiment, state, RNG, lanes=3, steps=2)
    assert 10 ** arrays["now"][0] == pytest.approx(0.025)


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({"knob": "clip"}, None),
        ({"knob": "nothing"}, "'nothing' is no number of lr_g"),
        ({"knob": "beta2"}, "beta2 does nothing now: "),
        ({"low": "x"}, "a number is wanted, not 'x'"),
        ({"low": "0.3", "high": "0.1"}, "lr_g is to go from 0.3 to 0.1: the first must be the smaller one"),
        ({"high": "1e9"}, "lr_g must be a number in"),
        ({"value": "size"}, "'size' is none of first number"),
    ],
)
def test_a_choice_that_cannot_be_followed_is_a_line(chosen, said):
    experiment = gandyn.preset("quadratic")
    if said is None:
        assert not Bifurcation(experiment, at(experiment, 1.0, 1.0), RNG, **chosen).spread.log
        return
    with pytest.raises(ValueError, match=said) as error:
        Bifurcation(experiment, at(experiment, 1.0, 1.0), RNG, **chosen)
    assert "\n" not in str(error.value)


def test_networks_whose_lanes_would_take_too_long_are_refused():
    experiment = gandyn.preset("ring-wgan-gp", batch_size=4096)
    state = gandyn.Run(experiment).state
    with pytest.raises(ValueError, match="million operations: too long for a view"):
        Bifurcation(experiment, state, RNG)


def test_from_zero_on_and_without_a_scale_by_decades_values_are_evenly_apart():
    experiment = dataclasses.replace(gandyn.preset("quadratic"))
    for given in ({"knob": "lr_g", "low": "0", "high": "1"}, {"knob": "clip"}):
        values = spread(experiment, **given)
        assert not values.log
        np.testing.assert_allclose(np.diff(values.at.numpy()), np.diff(values.at.numpy()).mean())
