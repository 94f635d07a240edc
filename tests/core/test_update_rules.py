"""Every update rule against a recurrence derived by hand, on games whose field is linear: v(w) = J w."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.linalg import inv

from gandyn.core.types import Knobs
from gandyn.core.update_rules import UPDATE_RULES
from tests.core.quadratic_game import BILINEAR, QuadraticGame, iterates, random_game

LR_G, LR_D = 0.03, 0.05


class Linear:
    """What the recurrences are written in: J, J_o, its blocks, the rates H."""

    def __init__(self, game: QuadraticGame, lr_g: float, lr_d: float) -> None:
        self.J, self.o, self.H, self.m = game.jacobian, game.interaction, game.rates(lr_g, lr_d), game.m
        self.one = np.eye(len(self.J))
        # chi = diag(J_o' (dL_G/dw, dL_D/dw)): chi_G = H_DG(L_D)' dL_G/dy, chi_D = H_GD(L_G)' dL_D/dx
        m, q_g, q_d = game.m, game.q_g, game.q_d
        self.chi = np.concatenate([q_d[m:, :m].T @ q_g[m:], q_g[:m, m:].T @ q_d[:m]])


def matrix(step: Callable[[Linear], np.ndarray]) -> Callable[[Linear, np.ndarray, int], np.ndarray]:
    """The iterates of w <- M w."""

    def points(at: Linear, w: np.ndarray, steps: int) -> np.ndarray:
        m, iterates = step(at), [w]
        for _ in range(steps):
            iterates.append(m @ iterates[-1])
        return np.array(iterates)

    return points


def recurrence(step: Callable) -> Callable[[Linear, np.ndarray, int], np.ndarray]:
    """The iterates of a rule with memory: step(at, points so far, memory) -> (next point, memory)."""

    def points(at: Linear, w: np.ndarray, steps: int) -> np.ndarray:
        iterates, memory = [w], None
        for _ in range(steps):
            new, memory = step(at, iterates, memory)
            iterates.append(new)
        return np.array(iterates)

    return points


def popov(at, points, g):
    w = points[-1]
    g = at.J @ (w - at.H @ (np.zeros_like(w) if g is None else g))
    return w - at.H @ g, g


def optimistic(at, points, _):
    w, before = points[-1], points[max(len(points) - 2, 0)]
    return w - at.H @ at.J @ (2 * w - before), None


def anchored(at, points, _):
    w, b = points[-1], 1 / (len(points) + 1)
    u = w + b * (points[0] - w) - at.H @ at.J @ w
    return w + b * (points[0] - w) - at.H @ at.J @ u, None


def lead(at, points, _):
    w, before = points[-1], points[max(len(points) - 2, 0)]
    return w - at.H @ (at.J @ w + 0.7 * at.o @ (w - before)), None


def lookahead(at, points, slow):
    slow = points[0] if slow is None else slow
    w = points[-1] - at.H @ at.J @ points[-1]
    if len(points) % 3 == 0:
        w = slow = slow + 0.4 * (w - slow)
    return w, slow


def nested(at, points, slow):
    first, second = (points[0], points[0]) if slow is None else slow
    w = points[-1] - at.H @ at.J @ points[-1]
    if len(points) % 2 == 0:
        w = first = first + 0.6 * (w - first)
    if len(points) % 6 == 0:
        w = first = second = second + 0.6 * (w - second)
    return w, (first, second)


def best_way_back(z, most):
    """(k, alpha) with the least |1 - alpha + alpha z^k|: k beside half a turn of z, alpha in [.05, 1]."""
    half = np.pi / max(abs(np.angle(z)), 1e-300)
    candidates = []
    for k in {max(1, min(math.floor(half), most)), max(1, min(math.ceil(half), most))}:
        rest = 1 - z**k  # alpha: by least squares, |1 - alpha rest| being the norm of a vector of two numbers
        alpha = np.linalg.lstsq(np.array([[rest.real], [rest.imag]]), np.array([1.0, 0.0]), rcond=None)[0][0]
        alpha = min(max(alpha, 0.05), 1.0)
        candidates.append((abs(1 - alpha * rest), k, alpha))
    return min(candidates)[1:]


def modal(at, points, memory):
    """Orthogonal iteration on 1 - HJ, its plane from a QR; of the plane's modes the largest."""
    n = np.arange(1, 1 + len(at.J))
    plane, slow, since = (
        (np.linalg.qr(np.stack([np.sin(n), np.cos(n)], 1))[0], points[0], 0) if memory is None else memory
    )
    step = at.one - at.H @ at.J
    w, since = step @ points[-1], since + 1
    modes = np.linalg.eigvals(plane.T @ step @ plane)
    k, alpha = best_way_back(modes[np.argmax(np.abs(modes))], 12)
    if since >= k:
        w, since = slow + alpha * (w - slow), 0
        slow = w
    return w, (np.linalg.qr(step @ plane)[0], slow, since)


def alex(at, points, seen):
    w, m = points[-1], at.m
    x, y = w[:m], w[m:]
    seen = y if seen is None else seen
    new_x = x - (at.H @ at.J @ np.concatenate([x, seen]))[:m]
    beyond = 1.5 * new_x - 0.5 * x
    new_y = y - (at.H @ at.J @ np.concatenate([beyond, y]))[m:]
    return np.concatenate([new_x, new_y]), 1.5 * new_y - 0.5 * y


def shaped(at, points, _):
    """Stable opponent shaping, from its definition."""
    v = at.J @ points[-1]
    xi, chi = v - 0.3 * at.o @ v, at.chi @ points[-1]
    turned = -0.3 * chi @ xi
    p1 = 1.0 if turned > 0 else min(1.0, 0.5 * xi @ xi / -turned)
    p = min(p1, v @ v if math.sqrt(v @ v) < 0.9 else 1.0)
    return points[-1] - at.H @ (xi - p * 0.3 * chi), None


def aligned(at, points, _):
    v = at.J @ points[-1]
    turn, of_norm = (at.J.T - at.J) @ v / 2, at.J.T @ v
    sign = np.sign((v @ of_norm) * (turn @ of_norm) + 0.1)
    return points[-1] - at.H @ (v + 0.4 * sign * turn), None


def ridge(at: Linear) -> np.ndarray:
    m = at.m
    follow = np.zeros_like(at.J)
    response = inv(at.J[m:, m:] + 0.2 * np.eye(len(at.J) - m)) @ at.J[m:, :m]
    follow[m:] = response @ at.H[:m, :m] @ at.J[:m]
    return at.one - at.H @ at.J + follow


def rk4(at: Linear) -> np.ndarray:
    z = -at.H @ at.J
    return at.one + z + z @ z / 2 + z @ z @ z / 6 + z @ z @ z @ z / 24


BY_HAND = {
    "gradient": (None, {}),
    "extragradient": (matrix(lambda a: a.one - a.H @ a.J @ (a.one - a.H @ a.J)), {}),
    "extrapolation-from-the-past": (recurrence(popov), {}),
    "optimistic": (recurrence(optimistic), {}),
    "predictive-centripetal": (
        matrix(lambda a: a.one - a.H @ a.J @ (a.one - a.H @ a.J - 0.7 * a.H @ a.J)), {"centripetal": 0.7}),
    "anchored-extragradient": (recurrence(anchored), {}),
    "alex-gda": (recurrence(alex), {"beyond": 1.5}),
    "lookahead-minimax": (recurrence(lookahead), {"k": 3, "alpha": 0.4}),
    "nested-lookahead": (recurrence(nested), {"k": 2, "outer": 3, "alpha": 0.6}),
    "modal-lookahead": (recurrence(modal), {"most": 12}),
    "consensus": (matrix(lambda a: a.one - a.H @ (a.J + 0.3 * a.J.T @ a.J)), {"gamma": 0.3}),
    "symplectic": (recurrence(aligned), {"strength": 0.4}),
    "look-ahead": (matrix(lambda a: a.one - a.H @ (a.J - 0.3 * a.o @ a.J)), {"alpha": 0.3}),
    "lola": (matrix(lambda a: a.one - a.H @ (a.J - 0.3 * a.o @ a.J - 0.3 * a.chi)), {"alpha": 0.3}),
    "stable-opponent-shaping": (recurrence(shaped), {"alpha": 0.3, "a": 0.5, "b": 0.9}),
    "lead": (recurrence(lead), {"coupling": 0.7}),
    "drift-correction": (matrix(lambda a: a.one - a.H @ (a.J - 0.35 * a.o @ a.H @ a.J)), {"share": 0.7}),
    "implicit": (matrix(lambda a: inv(a.one + a.H @ a.J)), {}),
    "competitive": (matrix(lambda a: a.one - a.H @ inv(a.one + a.o @ a.H) @ a.J), {}),
    "follow-the-ridge": (matrix(ridge), {"damping": 0.2}),
    "heun": (matrix(lambda a: a.one - a.H @ a.J @ (a.one - a.H @ a.J / 2)), {}),
    "rk4": (matrix(rk4), {}),
}  # fmt: skip


def test_every_rule_has_a_recurrence():
    assert set(BY_HAND) == set(UPDATE_RULES)


@pytest.mark.parametrize("name", [name for name in BY_HAND if name != "gradient"])
@pytest.mark.parametrize("seed", [0, 1])
def test_its_points_are_those_of_the_recurrence(name, seed):
    """Of a game that is not zero-sum, each player with a rate of its own."""
    by_hand, parameters = BY_HAND[name]
    game, start = random_game(seed), np.random.default_rng(10 + seed).normal(size=5)
    points = iterates(UPDATE_RULES[name](**parameters), game, start, 25, Knobs(LR_G, LR_D, beta1=0.0))
    np.testing.assert_allclose(points, by_hand(Linear(game, LR_G, LR_D), start, 25), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", [name for name, (by_hand, _) in BY_HAND.items() if by_hand])
def test_points_and_contraction_on_the_bilinear_game(name):
    """Steps of three sizes on xy; the ridge asks for an optimum of the critic, which xy has not."""
    by_hand, parameters = BY_HAND[name]
    start = np.array([1.0, 0.5])
    for h in (0.01, 0.1, 0.4):
        points = iterates(UPDATE_RULES[name](**parameters), BILINEAR, start, 40, Knobs(h, h, beta1=0.0))
        np.testing.assert_allclose(points, by_hand(Linear(BILINEAR, h, h), start, 40), rtol=1e-9, atol=1e-12)


H = 0.1
#: the contraction a step on xy at h = 0.1, measured elsewhere in float64 over 400 steps, to as many digits as are known
KNOWN = {
    "gradient": ({}, 1.00499), "extragradient": ({}, 0.99504), "extrapolation-from-the-past": ({}, 0.99494),
    "optimistic": ({}, 0.99494), "consensus": ({"gamma": 0.5}, 0.95525), "implicit": ({}, 0.99504),
    "competitive": ({}, 0.99504), "lookahead-minimax": ({"k": 31, "alpha": 0.45}, 0.899),
}  # fmt: skip


@pytest.mark.parametrize("name", KNOWN)
def test_the_closed_forms_are_those_that_are_known(name):
    parameters, wanted = KNOWN[name]
    digits = len(str(wanted)) - 2
    assert UPDATE_RULES[name](**parameters).contraction(H) == pytest.approx(wanted, abs=0.6 * 10**-digits)


OTHERS = {  # than their defaults, at which symplectic and lead would diverge or be as extragradient
    "predictive-centripetal": {"centripetal": 0.7}, "symplectic": {"strength": 0.5}, "lead": {"coupling": 5.0},
    "alex-gda": {"beyond": 1.5}, "drift-correction": {"share": 0.7}, "lola": {"alpha": 0.5},
    "lookahead-minimax": {"k": 31, "alpha": 0.45}, "nested-lookahead": {"k": 3, "outer": 2, "inner": "extragradient"},
}  # fmt: skip


@pytest.mark.parametrize("h", [0.02, 0.1, 0.3])
@pytest.mark.parametrize("name", [name for name, rule in UPDATE_RULES.items() if rule().contraction(H) is not None])
def test_contraction_on_the_bilinear_game_is_the_closed_form(name, h):
    """To 1e-9 over as many steps as leave the largest root alone; of two that lie close together to less."""
    if name == "gradient":
        return
    rule = UPDATE_RULES[name](**OTHERS.get(name, {}))
    every = {0.02: 157, 0.1: 32, 0.3: 11} if name == "modal-lookahead" else dict.fromkeys((0.02, 0.1, 0.3), 31)
    half = every[h] * (30 if name == "alex-gda" else 6)
    points = iterates(rule, BILINEAR, np.array([1.0, 0.5]), 2 * half, Knobs(h, h, beta1=0.0))
    far = np.linalg.norm(points, axis=1)
    digits = 1e-3 if name == "alex-gda" else 1e-9  # whose points go round on an ellipse
    assert (far[-1] / far[half]) ** (1 / half) == pytest.approx(rule.contraction(h), abs=digits)


def test_an_anchor_brings_the_norm_of_the_field_down_as_one_over_t():
    start = np.array([1.0, 0.0])
    points = iterates(UPDATE_RULES["anchored-extragradient"](), BILINEAR, start, 2000, Knobs(H, H, beta1=0.0))
    times = np.arange(1, 2001) * np.linalg.norm(points[1:], axis=1)
    assert times[-1] == pytest.approx(1 / H, rel=0.01) and times.max() < 2 * times[-1]


def test_a_ridge_is_followed_to_a_local_minimax_point_alone():
    """x minimises f and y maximises it. (0, 0) is a local minimax point where f_xx - f_xy^2 / f_yy > 0 > f_yy."""
    f = np.array([[-1.0, 2.0], [2.0, -2.0]])  # -1 + 4 / 2 = 1
    rule = UPDATE_RULES["follow-the-ridge"](damping=0.0)
    points = iterates(rule, QuadraticGame(f, -f, 1), np.array([1.0, -1.0]), 400, Knobs(0.05, 0.05, beta1=0.0))
    assert np.linalg.norm(points[-1]) < 1e-6
    f = np.array([[-3.0, 1.0], [1.0, -1.0]])  # -3 + 1 < 0: none
    points = iterates(rule, QuadraticGame(f, -f, 1), np.array([1e-3, 0.0]), 200, Knobs(0.05, 0.05, beta1=0.0))
    assert np.linalg.norm(points[-1]) > 1e-2
