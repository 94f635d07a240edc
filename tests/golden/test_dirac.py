"""The Dirac-GAN, whose steps are known in closed form: critic psi x, generator theta, data at 0.

Ref: Mescheder et al. 2018 (1801.04406), sections 2 and 3; Metz et al. 2017 (1611.02163) for the look-ahead.
"""

import math

import pytest
import torch
from torch import Tensor

import gandyn

H = 0.1  # the learning rate of both


def games() -> list[gandyn.Game]:
    """The generator is theta: a bias alone (no input), or a weight that is fed with 1."""
    critic, sgd = gandyn.mlp([1, 1], bias=False), gandyn.sgd()
    by_bias = gandyn.Game(gandyn.mlp([0, 1]), critic, sgd, sgd, gandyn.Latent(0))
    by_weight = gandyn.Game(gandyn.mlp([1, 1], bias=False), critic, sgd, sgd, gandyn.Latent(1))
    return [by_bias, by_weight]


@pytest.fixture(params=games(), ids=["bias", "weight"])
def game(request) -> gandyn.Game:
    return request.param


def moves(game: gandyn.Game, theta: float, psi: float, count: int, rule: dict, rate: float = H, **knobs: float):
    """The points (theta, psi) of `count` steps, the start included: [count + 1, 2]; and the metrics of the last."""
    g, d = (torch.tensor([value], dtype=torch.float64) for value in (theta, psi))
    state = gandyn.State(g, d, game.optimizer_g.init(g), game.optimizer_d.init(d), g)
    one = gandyn.Batch(
        *(
            torch.full(shape, value).double()
            for shape, value in (((4, 1), 0.0), ((4, game.latent.size), 1.0), ((4,), 0.3))
        )
    )
    the_rule = gandyn.Rule(**{"objective": "wasserstein", **rule})
    the_knobs = gandyn.Knobs(**{"lr_g": rate, "lr_d": rate, "beta1": 0, **knobs})
    points, metrics = [torch.cat([g, d])], None
    for _ in range(count):
        state, metrics = gandyn.step(game, the_rule, state, [one], the_knobs)
        points.append(torch.cat([state.g, state.d]))
    return torch.stack(points), metrics


def close(value: Tensor, expected, rel: float = 1e-13) -> None:
    torch.testing.assert_close(value, torch.as_tensor(expected, dtype=torch.float64), rtol=rel, atol=1e-15)


def test_simultaneous_spirals_out(game):
    """Wasserstein: (theta, psi) <- (theta + h psi, psi - h theta), so the radius grows by sqrt(1 + h^2) a step."""
    points, _ = moves(game, 0.8, -0.6, 60, {"order": "simultaneous"})
    close(points[1], [0.8 + H * -0.6, -0.6 - H * 0.8])
    radius = points.norm(dim=1)
    close(radius[1:] / radius[:-1], [math.sqrt(1 + H**2)] * 60)


@pytest.mark.parametrize(("order", "sign"), [("alternating", -1), ("generator-first", 1)])
def test_alternating_stays_on_an_ellipse(game, order, sign):
    """Wasserstein keeps theta^2 + psi^2 - h theta psi when the critic moves first, + when the generator does."""
    points, _ = moves(game, 0.8, -0.6, 300, {"order": order})
    theta, psi = points.T
    kept = theta**2 + psi**2 + sign * H * theta * psi
    close(kept, kept[0].expand(301), rel=1e-12)
    assert float((theta**2 + psi**2).std()) > 0.01  # it is the ellipse that is kept, not the circle


@pytest.mark.parametrize("gamma", [0.0, 0.3, 1.0, 3.0])
def test_r1_damps_the_minimax_game(game, gamma):
    """The vector field's Jacobian at 0 has the eigenvalues -gamma/2 +- sqrt(gamma^2/4 - 1/4)."""
    rule, small = {"objective": "minimax", "penalty": "r1"}, 1e-5

    def field(theta: float, psi: float) -> Tensor:
        points, _ = moves(game, theta, psi, 1, rule, rate=1.0, penalty_weight=gamma)
        return points[1] - points[0]

    columns = [(field(*at) - field(*(-a for a in at))) / (2 * small) for at in ((small, 0.0), (0.0, small))]
    jacobian = torch.stack(columns, 1)
    assert float(jacobian.trace()) == pytest.approx(-gamma, abs=1e-9)
    assert float(jacobian.det()) == pytest.approx(0.25, abs=1e-9)
    root = complex(gamma**2 / 4 - 0.25) ** 0.5
    eigenvalues = sorted(torch.linalg.eigvals(jacobian).tolist(), key=lambda z: (z.real, z.imag))
    expected = sorted([-gamma / 2 - root, -gamma / 2 + root], key=lambda z: (z.real, z.imag))
    for mine, theirs in zip(eigenvalues, expected, strict=True):
        assert abs(mine - theirs) < 1e-4 if gamma == 1 else abs(mine - theirs) < 1e-8  # a double root is less exact


def test_minimax_near_the_equilibrium(game):
    """There sigma(0) = 1/2, so the radius grows by sqrt(1 + h^2/4)."""
    points, _ = moves(game, 3e-7, -4e-7, 30, {"objective": "minimax"})
    radius = points.norm(dim=1)
    close(radius[1:] / radius[:-1], [math.sqrt(1 + H**2 / 4)] * 30, rel=1e-11)


@pytest.mark.parametrize("psi", [0.4, -0.4, 1.7])
def test_gradient_penalty(game, psi):
    """psi <- psi - h (theta + 2 lambda (|psi| - 1) sgn psi), theta <- theta + h psi."""
    theta, weight = 0.5, 0.7
    points, _ = moves(game, theta, psi, 40, {"penalty": "gradient-penalty"}, penalty_weight=weight)
    for point in points:
        close(point, [theta, psi], rel=1e-12)
        slope = theta + 2 * weight * (abs(psi) - 1) * math.copysign(1, psi)
        theta, psi = theta + H * psi, psi - H * slope


def test_a_flat_critic_has_no_penalty_slope(game):
    """At psi = 0 the norm has no derivative; 0 is taken, so the first step is the one without penalty."""
    points, _ = moves(game, 0.5, 0.0, 1, {"penalty": "gradient-penalty"}, penalty_weight=0.7)
    close(points[1], [0.5, -H * 0.5])


def test_one_sided_penalty_only_above_one(game):
    """psi <- psi - h (theta + 2 lambda max(0, |psi| - 1) sgn psi)."""
    theta, psi, weight = 2.0, 1.5, 0.7
    points, _ = moves(game, theta, psi, 30, {"penalty": "one-sided"}, penalty_weight=weight)
    for point in points:
        close(point, [theta, psi], rel=1e-12)
        slope = theta + 2 * weight * max(0, abs(psi) - 1) * math.copysign(1, psi)
        theta, psi = theta + H * psi, psi - H * slope
    assert bool((points[:, 1].abs() > 1).any() and (points[:, 1].abs() < 1).any())  # both regimes were visited


@pytest.mark.parametrize("order", ["simultaneous", "alternating"])
def test_clipping(game, order):
    """psi <- clamp(psi - h theta, -c, c): after the critic's update, before the generator sees it."""
    theta, psi, limit = 0.8, 0.25, 0.3
    points, _ = moves(game, theta, psi, 80, {"order": order}, clip=limit)
    for point in points:
        close(point, [theta, psi], rel=1e-12)
        new = min(max(psi - H * theta, -limit), limit)
        theta, psi = theta + H * (new if order == "alternating" else psi), new
    assert float(points[:, 1].min()) == -limit


@pytest.mark.parametrize("k", [0, 1, 2, 5, 10])
def test_look_ahead(game, k):
    """psi_k = psi - k h theta, L_G = -psi_k theta: the derivative is -(psi - 2 k h theta), to first order -psi_k."""
    theta, psi = 0.8, -0.6
    second, metrics = moves(game, theta, psi, 1, {"unroll": k})
    close(second[1], [theta + H * (psi - 2 * k * H * theta), psi - H * theta])
    first, _ = moves(game, theta, psi, 1, {"unroll": k, "unroll_order": "first"})
    close(first[1], [theta + H * (psi - k * H * theta), psi - H * theta])
    reported = torch.stack([metrics.critic_loss, metrics.generator_loss, metrics.f, metrics.f_k, metrics.gap])
    ahead = (psi - k * H * theta) * theta
    close(reported, [psi * theta, -ahead, psi * theta, ahead, k * H * theta**2], rel=1e-12)


def test_r2_inside_the_look_ahead(game):
    """(gamma/2) psi^2 whose slope holds psi, though psi_k depends on theta: psi <- psi - h (theta + gamma psi)."""
    theta, psi, gamma, k = 0.8, -0.6, 0.9, 3
    points, _ = moves(game, theta, psi, 1, {"unroll": k, "penalty": "r2"}, penalty_weight=gamma)
    shrink = 1 - H * gamma
    moved = H * sum(shrink**i for i in range(k))  # psi_k = shrink^k psi - moved theta
    close(points[1], [theta + H * (shrink**k * psi - 2 * moved * theta), shrink * psi - H * theta])


def test_momentum(game):
    """m <- beta1 m + grad: psi' = psi - h theta, then by h (beta1 theta + theta') more."""
    points, _ = moves(game, 0.8, -0.6, 2, {}, beta1=0.9)
    theta, psi = 0.8 + H * -0.6, -0.6 - H * 0.8
    close(points[2], [theta + H * (0.9 * -0.6 + psi), psi - H * (0.9 * 0.8 + theta)])
