"""The spectrum of the game, and kinds of equilibria: against closed forms and dense Jacobians of torch.func."""

import numpy as np
import pytest
import torch
from torch.nn.functional import softplus

import gandyn
from gandyn.core.game_field import GameField
from gandyn.core.krylov import ritz
from gandyn.core.play import draw_batch, init
from gandyn.core.rng import Rng
from gandyn.core.state import initial
from gandyn.probes import PROBES
from gandyn.probes.equilibrium import classify, in_words
from gandyn.probes.stability import stability
from tests.probes.moments import moment

F64 = torch.float64


def at(experiment, theta: float, psi: float):
    g, d = (torch.tensor([value], dtype=F64) for value in (theta, psi))
    return initial(experiment.game, g, d)


def spectrum(experiment, state, **options):
    return PROBES["spectrum"](experiment, state, Rng(3), **options)


def sorted_values(arrays) -> np.ndarray:
    values = arrays["real"] + 1j * arrays["imag"]
    return values[np.lexsort((values.imag.round(9), values.real.round(9)))]


def in_order(values) -> np.ndarray:
    values = np.asarray(values)
    return values[np.lexsort((values.imag.round(9), values.real.round(9)))]


@pytest.mark.parametrize("gamma", [0.0, 0.3, 3.0])
def test_of_dirac_under_minimax_with_r1(gamma):
    """gamma / 2 +- sqrt(gamma^2 / 4 - 1 / 4): Mescheder et al. 2018 (1801.04406), section 3."""
    experiment = gandyn.preset("dirac", objective="minimax", penalty="r1", penalty_weight=gamma)
    arrays, root = spectrum(experiment, at(experiment, 0, 0)), complex(gamma**2 / 4 - 0.25) ** 0.5
    np.testing.assert_allclose(sorted_values(arrays), in_order([gamma / 2 - root, gamma / 2 + root]), atol=1e-12)
    assert str(arrays["method"]) == "exact" and float(arrays["cost"]) == 4.0
    kind = "neutral" if gamma == 0 else "stable"
    assert str(arrays["kind"]).startswith(kind) and float(arrays["norm"]) == 0


def test_of_the_bilinear_game():
    experiment = gandyn.preset("bilinear")
    arrays = spectrum(experiment, at(experiment, 0, 0))
    np.testing.assert_allclose(sorted_values(arrays), [-1j, 1j], atol=1e-14)
    assert float(arrays["rotation"]) == float(arrays["antisymmetric"]) == 1.0
    assert str(arrays["largest"]) == "1.00125"
    assert float(arrays["radius"]) == pytest.approx((1 + 0.05**2) ** 0.5, abs=1e-14)
    assert str(arrays["kind"]) == "neutral; flat for a player"
    away = spectrum(experiment, at(experiment, 3, 4))
    np.testing.assert_allclose(sorted_values(away), [-1j, 1j], atol=1e-14)
    assert str(away["kind"]) == "not at an equilibrium: |v| = 5"


def test_of_the_quadratic_game_which_is_a_local_minimax_point_and_no_nash_equilibrium():
    experiment = gandyn.preset("quadratic")
    arrays, root = spectrum(experiment, at(experiment, 0, 0)), 1j * 1.75**0.5
    np.testing.assert_allclose(sorted_values(arrays), [0.5 - root, 0.5 + root], atol=1e-14)
    assert float(arrays["antisymmetric"]) == pytest.approx(8 / 13)
    assert float(arrays["rotation"]) == pytest.approx(1.75**0.5 / 2**0.5)
    kinds = [float(arrays[name]) for name in ("flow", "generator", "critic", "schur")]
    assert kinds == pytest.approx([0.5, -1, 2, -1 + 4 / 2])
    assert str(arrays["kind"]) == ("stable; no Nash equilibrium, the generator gains alone; local minimax")
    convex = experiment.replace(**{"critic.curvature": 1})
    assert str(spectrum(convex, at(convex, 0, 0))["kind"]) == "stable; a Nash equilibrium"
    none = experiment.replace(**{"critic.curvature": -3})
    assert str(spectrum(none, at(none, 0, 0))["kind"]) == ("unstable; no Nash equilibrium, the generator gains alone")


def test_with_two_rates_each_players_rows_are_scaled_by_its_own():
    experiment = gandyn.preset("quadratic", lr_g=0.02, lr_d=0.08)
    arrays = spectrum(experiment, at(experiment, 0, 0))
    rows = np.array([[-1 / 4, -2 / 4], [2, 2]])
    np.testing.assert_allclose(sorted_values(arrays), in_order(np.linalg.eigvals(rows)), atol=1e-12)
    assert float(arrays["h"]) == 0.08


def dense_by_torch_func(experiment, w, batch) -> torch.Tensor:
    """dv/dw of the minimax losses, written out here."""
    game, m = experiment.game, len(w.g)

    def v(both):
        def of_critic(d):
            real, fake = game.critic.apply(d, batch.real), game.critic.apply(d, game.generator.apply(both[:m], batch.z))
            return softplus(-real).mean() + softplus(fake).mean()

        def of_generator(g):
            return -softplus(game.critic.apply(both[m:], game.generator.apply(g, batch.z))).mean()

        return torch.cat([torch.func.grad(of_generator)(both[:m]), torch.func.grad(of_critic)(both[m:])])

    return torch.func.jacrev(v)(torch.cat([w.g, w.d]))


SMALL = {"generator.widths": "6", "critic.widths": "7", "latent_size": 2, "generator.activation": "tanh",
         "critic.activation": "softplus", "optimizer_g": "sgd", "optimizer_d": "sgd", "beta1": 0.0}  # fmt: skip


@pytest.fixture(scope="module")
def small():
    experiment = gandyn.preset("collapse", **SMALL, lr_g=0.3, lr_d=0.3)
    return experiment, init(experiment.game, 3, F64)


def test_of_a_small_gan_it_is_that_of_the_dense_jacobian_of_torch_func(small):
    experiment, w = small
    sized = experiment.replace(batch_size=32)
    dense = dense_by_torch_func(experiment, w, draw_batch(sized, Rng(3).at(2**20), F64))
    field = GameField(sized.game, sized.rule, draw_batch(sized, Rng(3).at(2**20), F64), sized.knobs)
    torch.testing.assert_close(field.differentiate(w).dense(), dense)
    arrays = spectrum(experiment, w, n=32)
    values = np.linalg.eigvals(dense.numpy())
    np.testing.assert_allclose(sorted_values(arrays), in_order(values), atol=1e-9)
    a, s = (dense - dense.T) / 2, (dense + dense.T) / 2
    wanted = a.square().sum() / (a.square().sum() + s.square().sum())
    assert float(arrays["antisymmetric"]) == pytest.approx(float(wanted))
    np.testing.assert_allclose(arrays["factor"], abs(1 - 0.3 * (arrays["real"] + 1j * arrays["imag"])), atol=1e-12)


def test_by_arnoldi_the_outermost_eigenvalues_are_found_within_their_bounds(small):
    experiment, w = small
    exact, arrays = spectrum(experiment, w, n=32), spectrum(experiment, w, n=32, exact=10, products=30)
    assert str(arrays["method"]) == "arnoldi" and float(arrays["cost"]) == 60 and np.isnan(arrays["antisymmetric"])
    for i in range(4):
        value = arrays["real"][i] + 1j * arrays["imag"][i]
        assert abs(exact["real"] + 1j * exact["imag"] - value).min() < 1e-6 and arrays["residual"][i] < 1e-6
    assert abs(arrays["real"][0] - exact["real"][0]) < 1e-9
    assert arrays["residual"].max() > 1e-3  # those within are not there yet, and say so


def test_ritz_values_of_a_known_matrix_and_of_an_exhausted_space():
    rng = np.random.default_rng(0)
    a = torch.from_numpy(rng.normal(size=(30, 30)))
    values, bounds = ritz(lambda x: a @ x, torch.from_numpy(rng.normal(size=30)), 100)
    np.testing.assert_allclose(in_order(values.numpy()), in_order(np.linalg.eigvals(a.numpy())), atol=1e-9)
    assert len(values) == 30 and float(bounds.max()) < 1e-9
    values, bounds = ritz(lambda x: a @ x, torch.from_numpy(rng.normal(size=30)), 12)
    known = np.linalg.eigvals(a.numpy())
    for value, bound in zip(values, bounds, strict=True):  # the smallest singular value of A - value I is no larger
        least = np.linalg.svd(a.numpy() - complex(value) * np.eye(30))[1][-1]
        assert least <= float(bound) * (1 + 1e-9)
    assert len(known) > len(values) == 12
    diagonal = torch.diag(torch.tensor([2.0, 2.0, 5.0, 1.0], dtype=F64))
    values, bounds = ritz(lambda x: diagonal @ x, torch.tensor([1.0, 1, 1, 0], dtype=F64), 4)
    np.testing.assert_allclose(in_order(values.numpy()), [2, 5], atol=1e-12)
    assert float(bounds.max()) < 1e-12
    values, _ = ritz(lambda x: 0 * x, torch.ones(3, dtype=F64), 3)
    assert values.tolist() == [0]


def test_what_gradient_descent_can_take_is_the_disc_of_its_step_size():
    experiment = gandyn.preset("bilinear", lr_g=0.5, lr_d=0.5)
    arrays = spectrum(experiment, at(experiment, 0, 0), window=5.0, m=21)
    z = arrays["line"][None, :] + 1j * arrays["line"][:, None]
    np.testing.assert_allclose(arrays["region"], abs(1 - 0.5 * z), atol=1e-12)
    assert arrays["line"][0] == -5 and arrays["line"][-1] == 5
    edge = arrays["edge_real"] + 1j * arrays["edge_imag"]
    assert abs(abs(edge - 2)[np.isfinite(edge)] - 2).max() < 0.05 and len(edge) > 10
    assert sorted(arrays["grows_imag"]) == pytest.approx([-1, 1])
    stable = spectrum(gandyn.preset("quadratic"), at(experiment, 0, 0))
    assert not len(stable["grows_real"])


@pytest.mark.parametrize(
    ("rule", "polynomial"),
    [
        ("extragradient", lambda z: [1, -(1 - z + z * z)]),
        ("optimistic", lambda z: [1, -(1 - 2 * z), -z]),
        ("heun", lambda z: [1, -(1 - z + z * z / 2)]),
        ("rk4", lambda z: [1, -(1 - z + z**2 / 2 - z**3 / 6 + z**4 / 24)]),
        ("implicit", lambda z: [1 + z, -1]),
    ],
)
def test_what_a_rule_of_the_jacobian_alone_can_take_is_that_of_its_characteristic_polynomial(rule, polynomial):
    experiment = gandyn.preset("bilinear", update_rule=rule, lr_g=0.5, lr_d=0.5)
    draw = np.random.default_rng(1)
    z = torch.from_numpy(draw.normal(size=40) + 1j * draw.normal(size=40))
    wanted = [max(abs(np.roots(polynomial(0.5 * complex(one))))) for one in z]
    np.testing.assert_allclose(stability(experiment, z).numpy(), wanted, rtol=1e-9)


def test_consensus_sees_the_transpose():
    """On a/2 x^2 + b x y - a/2 y^2 J' has the conjugate eigenvalues: |1 - h (lambda + gamma |lambda|^2)|."""
    experiment = gandyn.preset("bilinear", update_rule="consensus", lr_g=0.5, lr_d=0.5)
    z = torch.tensor([0.3 + 0.4j, -0.2 + 1j, 1j])
    wanted = (1 - 0.5 * (z + 0.5 * z.abs() ** 2)).abs().double()
    torch.testing.assert_close(stability(experiment, z), wanted, rtol=1e-6, atol=1e-6)


def test_the_factor_of_a_step_is_that_of_the_whole_game_also_for_rules_that_see_the_transpose():
    """Of the quadratic game under consensus: the spectral radius of I - h (J + J'J / 2), by hand."""
    experiment = gandyn.preset("quadratic", update_rule="consensus")
    arrays = spectrum(experiment, at(experiment, 1, 1))
    j = np.array([[-1.0, -2.0], [2.0, 2.0]])
    wanted = max(abs(np.linalg.eigvals(np.eye(2) - 0.05 * (j + j.T @ j / 2))))
    assert float(arrays["radius"]) == pytest.approx(wanted, abs=1e-12)
    assert str(arrays["largest"]) == f"{wanted:.5f}" == "0.97111"
    adam = spectrum(gandyn.preset("bilinear", optimizer_g="adam"), at(experiment, 1, 1))
    assert str(adam["largest"]) == "the step is not linear" and np.isnan(adam["radius"])


def test_under_adam_and_very_long_periods_there_is_no_such_region():
    experiment = gandyn.preset("bilinear", optimizer_g="adam")
    assert np.isnan(spectrum(experiment, at(experiment, 0, 0))["region"]).all()
    long = gandyn.preset("bilinear", update_rule="lookahead-minimax", **{"update_rule.k": 5000})
    assert stability(long, torch.tensor([1j])).isnan().all()


def test_the_schur_complement_belongs_to_zero_sum_games():
    j = torch.tensor([[-1.0, -2.0], [2.0, 2.0]])
    assert classify(j, 1).schur == pytest.approx(1)
    assert np.isnan(classify(torch.tensor([[-1.0, -2.0], [1.0, 2.0]]), 1).schur)
    assert in_words(None, 0.0).startswith("an equilibrium")


def test_a_field_that_is_not_finite_is_refused_in_one_line():
    experiment, state = moment()
    with pytest.raises(ValueError, match="is not finite here"):
        spectrum(experiment, state._replace(g=state.g * torch.nan))


def test_the_look_ahead_and_the_penalty_are_part_of_the_game():
    """psi_k = psi - k h theta under Wasserstein: v = (-(psi - 2 k h theta), theta)."""
    experiment = gandyn.preset("bilinear", unroll=3, lr_g=0.1, lr_d=0.1)
    arrays = spectrum(experiment, at(experiment, 1, 1))
    np.testing.assert_allclose(
        sorted_values(arrays), in_order(np.linalg.eigvals([[2 * 3 * 0.1, -1], [1, 0]])), atol=1e-12
    )
