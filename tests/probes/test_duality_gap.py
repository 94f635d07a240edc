"""The duality gap and the critic's distance, against closed forms."""

import numpy as np
import pytest
import torch

import gandyn
from gandyn.core.rng import Rng
from gandyn.core.state import initial
from gandyn.probes import PROBES
from gandyn.probes.transport import wasserstein
from tests.probes.moments import moment

F64 = torch.float64


def at(experiment, theta: float, psi: float):
    g, d = (torch.tensor([value], dtype=F64) for value in (theta, psi))
    return initial(experiment.game, g, d)


def numbers(name, experiment, state, **options):
    arrays = PROBES[name](experiment, state, Rng(3), **options)
    return {key: value.item() for key, value in arrays.items()}


@pytest.mark.parametrize("unroll", [0, 3])
def test_on_the_quadratic_game_the_gains_are_those_of_k_steps_by_hand(unroll):
    """L_D = c psi theta - a/2 theta^2 + b/2 psi^2 and L_G = a/2 theta^2 - c psi theta, a = -1, c = b = 2."""
    experiment, theta, psi, rate = gandyn.preset("quadratic", unroll=unroll, lr_g=9.0, beta1=0.9), 0.7, -0.4, 0.05

    def l_d(psi):
        return 2 * psi * theta + theta**2 / 2 + psi**2

    def l_g(theta):
        return -(theta**2) / 2 - 2 * psi * theta

    best_psi, best_theta = psi, theta
    for _ in range(7):
        best_psi -= rate * (2 * theta + 2 * best_psi)
        best_theta -= rate * (-best_theta - 2 * psi)
    values = numbers("duality_gap", experiment, at(experiment, theta, psi), k=7, rate=rate, optimizer="sgd", n=4)
    assert values["gain_critic"] == pytest.approx(l_d(psi) - l_d(best_psi), abs=1e-13)
    assert values["gain_generator"] == pytest.approx(l_g(theta) - l_g(best_theta), abs=1e-13)
    assert values["gap"] == values["gain_critic"] + values["gain_generator"]
    assert (values["k"], values["rate"], values["n"], values["optimizer"]) == (7, rate, 4, "sgd")


def test_with_steps_enough_it_is_the_gap_of_the_best_responses_and_0_at_a_nash_equilibrium():
    """a = 1, c = b = 2: L_D less its least is (psi + theta)^2, at -theta, L_G less its least (theta - 2 psi)^2 / 2."""
    experiment = gandyn.preset("quadratic", **{"critic.curvature": 1.0})
    options = {"k": 400, "rate": 0.1, "optimizer": "sgd", "n": 1}
    values = numbers("duality_gap", experiment, at(experiment, 0.7, -0.4), **options)
    assert values["gap"] == pytest.approx(0.3**2 + 1.5**2 / 2, abs=1e-12)
    assert numbers("duality_gap", experiment, at(experiment, 0, 0), **options)["gap"] == 0


def test_the_clip_holds_the_critics_answer():
    experiment = gandyn.preset("bilinear", clip=0.5)
    values = numbers("duality_gap", experiment, at(experiment, 1.0, 0.0), k=100, rate=0.1, optimizer="sgd")
    assert values["gain_critic"] == pytest.approx(0.5) and values["gain_generator"] == pytest.approx(0)


def test_of_networks_both_gain_on_samples_that_they_have_not_seen_and_the_more_the_longer():
    experiment, state = moment(dtype=F64)
    kept = [part.clone() for part in (state.g, state.d, state.opt_d.m)]
    short, long = (numbers("duality_gap", experiment, state, k=k, rate=3e-3) for k in (5, 60))
    assert 0 < short["gain_critic"] < long["gain_critic"] and 0 < short["gain_generator"] < long["gain_generator"]
    assert all(map(torch.equal, kept, (state.g, state.d, state.opt_d.m)))


def test_the_optimiser_of_the_run_has_no_part_in_it():
    experiment, state = moment()
    slow = experiment.replace(lr_g=1e-9, lr_d=1e-9, beta1=0.99)
    assert numbers("duality_gap", slow, state, k=3) == numbers("duality_gap", experiment, state, k=3)
    with pytest.raises(ValueError, match="optimizer 'adan' is unknown; did you mean 'adam'"):
        numbers("duality_gap", experiment, state, optimizer="adan")


def test_a_straight_critic_on_a_line_sees_its_slope_times_the_exact_distance():
    """d(x) = psi x, data at 0, samples at theta: the estimate is -psi theta, W1 = |theta|."""
    experiment = gandyn.preset("bilinear")
    values = numbers("critic_distance", experiment, at(experiment, 3.0, -0.25), n=20)
    assert values["estimate"] == pytest.approx(0.75) and values["lipschitz"] == pytest.approx(0.25)
    assert (values["w1"], values["scaled"], values["share"]) == pytest.approx((3, 3, 1))
    wrong = numbers("critic_distance", experiment, at(experiment, 3.0, 0.25), n=20)
    assert wrong["share"] == pytest.approx(-1)
    flat = numbers("critic_distance", experiment, at(experiment, 3.0, 0.0), n=20)
    assert np.isnan(flat["scaled"]) and np.isnan(flat["share"]) and flat["estimate"] == 0


def test_a_curved_critic_is_steepest_where_its_slope_says():
    """d(x) = 2 psi x + x^2 / 2 has the slope 2 psi + x: 1 at the data, 4 at the samples, less between."""
    experiment = gandyn.preset("quadratic")
    values = numbers("critic_distance", experiment, at(experiment, 3.0, 0.5), n=20)
    assert values["lipschitz"] == pytest.approx(4) and values["at"] == "generated"


def test_in_the_plane_it_is_the_exact_distance_of_the_same_samples_and_no_more():
    experiment, state = moment(dtype=F64)
    measured = numbers("critic_distance", experiment, state, n=200)
    arrays = PROBES["samples"](experiment, state, Rng(3), n=200)
    real, fake = (torch.from_numpy(arrays[name]).double() for name in ("real", "generated"))
    assert measured["w1"] == pytest.approx(wasserstein(real, fake)[0])
    at_samples = torch.cat([real, fake]).requires_grad_()
    values = experiment.game.critic.apply(state.d, at_samples)[:, 0]
    (slopes,) = torch.autograd.grad(values.sum(), at_samples)
    values = values.detach()
    assert measured["estimate"] == pytest.approx(float(values[:200].mean() - values[200:].mean()))
    assert measured["lipschitz"] >= float(slopes.norm(dim=1).max()) * (1 - 1e-9)
    assert measured["estimate"] <= measured["lipschitz"] * measured["w1"]
    with pytest.raises(ValueError, match="not finite"):
        numbers("critic_distance", experiment, state._replace(g=state.g * torch.nan))
