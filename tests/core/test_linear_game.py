"""The matrix of a step, by hand: of the steps that gandyn makes on its test problems, and of the prediction."""

import numpy as np
import pytest
import torch

import gandyn
from gandyn.core.game_field import GameField
from gandyn.core.linear_game import LinearGame, contraction, game_of, second_derivatives, transition
from gandyn.core.optimizers.adam import adam
from gandyn.core.optimizers.sgd import sgd
from gandyn.core.play import draw_batch, init
from gandyn.core.rng import Rng
from gandyn.core.types import Knobs, Rule
from gandyn.core.update_rules import UPDATE_RULES
from tests.core.quadratic_game import QuadraticGame, random_game
from tests.core.test_update_rules import BY_HAND, Linear, best_way_back

RATES = (0.01, 0.1, 0.4)
# L_G = a/2 theta^2 - c psi theta and L_D = c psi theta - a/2 theta^2 + b/2 psi^2; near 0 sigma = 1/2
PROBLEMS = {
    "bilinear": ({}, (0, 1, 0)),
    "quadratic": ({}, (-1, 2, 2)),
    "dirac": ({"objective": "minimax"}, (0, 0.5, 0)),
}


def by_hand(a: float, c: float, b: float) -> QuadraticGame:
    return QuadraticGame(np.array([[a, -c], [-c, 0.0]]), np.array([[-a, c], [c, b]]), 1)


def steps_of(experiment, start, count):
    """The points [count + 1, 2] of gandyn.step from (theta, psi)."""
    g, d = (torch.tensor([value], dtype=torch.float64) for value in start)
    game = experiment.game
    state = gandyn.State(g, d, game.optimizer_g.init(g), game.optimizer_d.init(d), g)
    batch = draw_batch(experiment, Rng(0), torch.float64)
    points = [list(start)]
    for _ in range(count):
        state, _ = gandyn.step(game, experiment.rule, state, [batch], experiment.knobs)
        points.append([float(state.g), float(state.d)])
    return np.array(points)


@pytest.mark.parametrize("h", RATES)
@pytest.mark.parametrize("name", [name for name, (hand, _) in BY_HAND.items() if hand])
@pytest.mark.parametrize("problem", PROBLEMS)
def test_the_matrices_of_one_to_seven_steps_are_those_of_the_recurrence_entry_by_entry(problem, name, h):
    """On dirac under minimax, whose steps are not linear, at 0: of points 1e-6 away."""
    if problem == "dirac" and name == "stable-opponent-shaping":
        return  # whose shaping is no linear function near 0
    changes, numbers = PROBLEMS[problem]
    hand, parameters = BY_HAND[name]
    rule = UPDATE_RULES[name](**parameters)
    experiment = gandyn.preset(problem, **changes, update_rule=rule, lr_g=h, lr_d=1.3 * h)
    at, size = Linear(by_hand(*numbers), h, 1.3 * h), 1e-6 if problem == "dirac" else 1.0
    for start in np.eye(2):
        iterates = steps_of(experiment, size * start, 7) / size
        wanted = hand(at, size * start, 7) / size
        np.testing.assert_allclose(iterates, wanted, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("order", ["simultaneous", "alternating", "generator-first"])
@pytest.mark.parametrize("h", RATES)
def test_gradient_steps_by_turns_are_products_of_the_players_matrices(order, h):
    experiment = gandyn.preset("quadratic", lr_g=h, lr_d=2 * h, order=order, critic_steps=3, generator_steps=2)
    j = by_hand(-1, 2, 2).jacobian
    g, d = np.eye(2) - h * np.diag([1, 0]) @ j, np.eye(2) - 2 * h * np.diag([0, 1]) @ j
    g2, d3 = g @ g, d @ d @ d
    wanted = {"simultaneous": np.stack([g2[0], d3[1]]), "alternating": g2 @ d3, "generator-first": d3 @ g2}[order]
    matrix = np.stack([steps_of(experiment, start, 1)[1] for start in np.eye(2)], 1)
    np.testing.assert_allclose(matrix, wanted, rtol=1e-9, atol=1e-12)
    linear = LinearGame(*(torch.from_numpy(q) for q in (by_hand(-1, 2, 2).q_g, by_hand(-1, 2, 2).q_d)), 1)
    radius = float(contraction(linear, experiment.rule, experiment.knobs))
    assert radius == pytest.approx(max(abs(np.linalg.eigvals(wanted))), abs=1e-9)


def radius_by_hand(name: str, parameters: dict, at: Linear) -> float | None:
    """The spectral radius from the rule's characteristic polynomial or its matrix; None where it is not linear."""
    hj, o, one = at.H @ at.J, at.H @ at.o, at.one
    if name in ("optimistic", "extrapolation-from-the-past"):
        return max(abs(root) for z in np.linalg.eigvals(hj) for root in np.roots([1, -(1 - 2 * z), -z]))
    if name == "lead":
        big = np.block([[one - hj - 0.7 * o, 0.7 * o], [one, 0 * one]])
        return max(abs(np.linalg.eigvals(big)))
    if name == "alex-gda":  # of (x, y, seen y) of one number each
        step = BY_HAND[name][0]
        x, y, s = at.J[0, 0], at.J[0, 1], at.J[1, 0]
        a, b, w = at.H[0, 0], at.H[1, 1], at.J[1, 1]
        new_x = np.array([1 - a * x, 0, -a * y])
        new_y = np.array([0, 1 - b * w, 0]) - b * s * (1.5 * new_x - 0.5 * np.array([1, 0, 0]))
        assert step is not None
        return max(abs(np.linalg.eigvals(np.stack([new_x, new_y, 1.5 * new_y - 0.5 * np.array([0, 1, 0])]))))
    if name == "modal-lookahead":
        modes = 1 - np.linalg.eigvals(hj)
        z = modes[np.argmax(np.abs(modes))]
        k, alpha = best_way_back(z, parameters["most"])
        return max(abs(1 - alpha + alpha * modes**k) ** (1 / k))
    if name in ("lookahead-minimax", "nested-lookahead"):
        k, alpha, outer = parameters["k"], parameters["alpha"], parameters.get("outer", 1)
        slow = [1 - alpha + alpha * (1 - z) ** k for z in np.linalg.eigvals(hj)]
        every = [1 - alpha + alpha * z**outer for z in slow] if name.startswith("nested") else slow
        return max(abs(z) ** (1 / (k * outer)) for z in every)
    if name in ("anchored-extragradient", "stable-opponent-shaping", "symplectic"):
        return None
    points = np.stack([BY_HAND[name][0](at, start, 1)[1] for start in np.eye(len(one))], 1)
    return max(abs(np.linalg.eigvals(points)))


@pytest.mark.parametrize("h", RATES)
@pytest.mark.parametrize("name", [name for name, (hand, _) in BY_HAND.items() if hand])
def test_the_predicted_spectral_radius_is_that_of_the_characteristic_polynomial(name, h):
    _, parameters = BY_HAND[name]
    for game in (by_hand(0, 1, 0), by_hand(-1, 2, 2), by_hand(1.5, 0.3, 0.7)):
        linear = LinearGame(torch.from_numpy(game.q_g), torch.from_numpy(game.q_d), 1)
        rule = Rule(update_rule=UPDATE_RULES[name](**parameters))
        rate = contraction(linear, rule, Knobs(h, 1.3 * h, beta1=0.0))
        wanted = radius_by_hand(name, parameters, Linear(game, h, 1.3 * h))
        if wanted is not None:
            assert rate is not None and float(rate) == pytest.approx(wanted, abs=1e-9)
        elif name != "symplectic":  # whose sign is the same everywhere on some games
            assert rate is None


@pytest.mark.parametrize("name", [name for name, rule in UPDATE_RULES.items() if rule().contraction(0.1) is not None])
def test_on_the_bilinear_game_it_is_the_closed_form_of_the_rule(name):
    for h in RATES:
        rule = UPDATE_RULES[name]()
        bilinear = LinearGame(*(sign * torch.tensor([[0.0, 1.0], [1.0, 0.0]]).double() for sign in (1, -1)), 1)
        rate = contraction(bilinear, Rule(update_rule=rule), Knobs(h, h, beta1=0.0))
        assert rate is not None and float(rate) == pytest.approx(rule.contraction(h), abs=1e-9)


def test_momentum_is_part_of_the_matrix_and_adam_has_none():
    """Negative momentum, simultaneous: the roots of z^2 - (1 + beta - ih) z + beta."""
    game = game_of(torch.tensor([1j]))
    for beta in (-0.5, 0.3):
        rate = contraction(game, Rule(), Knobs(0.1, 0.1, beta1=beta))
        wanted = max(abs(np.roots([1, -(1 + beta - 0.1j), beta])))
        assert rate is not None and float(rate[0]) == pytest.approx(wanted, abs=1e-12)
    one = LinearGame(game.of_generator[0], game.of_critic[0], 1)
    assert transition(one, Rule(), Knobs(0.1, 0.1), (adam(), adam())) is None
    assert transition(one, Rule(), Knobs(0.1, 0.1), (sgd(), sgd())) is not None


def test_a_frozen_player_stays():
    linear = LinearGame(*(torch.from_numpy(q) for q in (by_hand(-1, 2, 2).q_g, by_hand(-1, 2, 2).q_d)), 1)
    for name in ("extragradient", "consensus"):
        rule = Rule(update_rule=UPDATE_RULES[name](), freeze="critic")
        matrix = transition(linear, rule, Knobs(0.1, 0.1, beta1=0.0))
        assert matrix is not None and matrix[1].tolist()[:2] == [0.0, 1.0] and abs(matrix[0, 0] - 1) > 0.05


def test_second_derivatives_are_those_of_autograd():
    experiment = gandyn.preset("collapse", **{"generator.widths": "3", "critic.widths": "4", "batch_size": 8,
                                              "unroll": 1, "latent_size": 2, "penalty": "r1"})  # fmt: skip
    w = init(experiment.game, 3, torch.float64)
    field = GameField(experiment.game, experiment.rule, draw_batch(experiment, Rng(3), torch.float64), experiment.knobs)
    hessians, m = second_derivatives(field, w), len(w.g)
    here = torch.cat([w.g, w.d])
    for i, mine in enumerate(hessians[:2]):
        wanted = torch.autograd.functional.hessian(lambda both, i=i: field.losses(w, both[:m], both[m:])[i], here)
        torch.testing.assert_close(mine, wanted)
    assert hessians.m == m and float(hessians.of_generator[m:, m:].abs().max()) > 0


def test_games_in_lanes_are_the_games_alone():
    games = [random_game(seed, 2, 4) for seed in range(3)]
    both = [torch.stack([torch.from_numpy(q) for q in qs]) for qs in zip(*((g.q_g, g.q_d) for g in games), strict=True)]
    rule, knobs = Rule(update_rule=UPDATE_RULES["lola"]()), Knobs(0.1, 0.2, beta1=0.4)
    together = transition(LinearGame(*both, 2), rule, knobs)
    assert together is not None
    for i in range(3):
        alone = transition(LinearGame(both[0][i], both[1][i], 2), rule, knobs)
        torch.testing.assert_close(together[i], alone)
