"""Objectives with live parameters: their formulas away from the defaults, their limits, and how they are changed."""

import math

import numpy as np
import pytest
import torch

import gandyn
from gandyn.core import native
from gandyn.core.objectives import OBJECTIVES
from gandyn.probes.optimal_critic import optimal_critic
from tests.contracts.small import experiment, run, same
from tests.golden.test_objectives import FORMULAS, mean, s, sp

F64 = torch.float64
ALPHAS = (0.3, 0.9, 1.5, 20.0)


def power_loss(d: np.ndarray, alpha: float) -> tuple[np.ndarray, np.ndarray]:
    """The alpha-loss of sigma(d) as it is defined, and its derivative, -sigma^((a - 1) / a) (1 - sigma)."""
    p = (alpha - 1) / alpha
    return (1 - s(d) ** p) / p, -(s(d) ** p) * s(-d)


def alpha_by_hand(r, f, alpha_d, alpha_g):
    (a, da), (b, db), (c, dc), (e, de) = (
        power_loss(d, alpha) for alpha in (alpha_d, alpha_g) for d in (r, -f)
    )  # fmt: skip
    return mean(a) + mean(b), -mean(c) - mean(e), da, -db, -dc, de


CASES = {
    **{f"alpha {d} {g}": ({"objective": "alpha", "objective.alpha_d": d, "objective.alpha_g": g},
                          lambda r, f, d=d, g=g: alpha_by_hand(r, f, d, g))
       for d in ALPHAS for g in ALPHAS},
    "a b c": (
        {"objective": "least-squares-abc", "objective.a": -0.5, "objective.b": 2, "objective.c": 0.7},
        lambda r, f: ((mean((r - 2) ** 2) + mean((f + 0.5) ** 2)) / 2, mean((f - 0.7) ** 2) / 2,
                      r - 2, f + 0.5, 0 * r, f - 0.7),
    ),
    "least squares": (
        {"objective": "least-squares-abc", "objective.a": 0, "objective.b": 1, "objective.c": 1},
        FORMULAS["least-squares"],
    ),
    "margin": (
        {"objective": "energy-based", "objective.margin": 2.5},
        lambda r, f: (mean(sp(-r)) + mean(np.maximum(0, 2.5 - sp(-f))), mean(sp(-f)),
                      -s(-r), s(-f) * (sp(-f) < 2.5), 0 * r, -s(-f)),
    ),
}  # fmt: skip


def measured(objective, r: torch.Tensor, f: torch.Tensor) -> list[np.ndarray]:
    """(L_D, L_G, n dL_D/dr, n dL_D/df, n dL_G/dr, n dL_G/df) by autograd."""
    r, f = (each.clone().requires_grad_() for each in (r, f))
    losses = [objective.critic_loss(r, f), objective.generator_loss(r, f)]
    how = {"retain_graph": True, "materialize_grads": True, "allow_unused": True}
    slopes = [r.shape[-1] * torch.autograd.grad(loss.sum(), d, **how)[0] for loss in losses for d in (r, f)]
    return [each.detach().numpy() for each in (*losses, *slopes)]


@pytest.mark.parametrize("leading", [(), (2, 3)], ids=["one", "lanes"])
@pytest.mark.parametrize("case", CASES)
def test_losses_and_derivatives_are_those_of_the_formula(case, leading):
    controls, by_hand = CASES[case]
    draw = torch.Generator().manual_seed(3)
    r, f = (3 * torch.randn(*leading, 7, generator=draw, dtype=F64) for _ in range(2))
    losses = measured(experiment(**controls).rule.losses, r, f)
    for mine, theirs in zip(losses, by_hand(r.numpy(), f.numpy()), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("alpha", [1 - 1e-9, 1.0, 1 + 1e-9])
def test_the_limit_alpha_1_is_minimax_without_loss_of_digits(alpha):
    draw = torch.Generator().manual_seed(4)
    r, f = (3 * torch.randn(7, generator=draw, dtype=F64) for _ in range(2))
    near = OBJECTIVES["alpha"].replace(alpha_d=alpha, alpha_g=alpha)
    for mine, vanilla in zip(measured(near, r, f), measured(OBJECTIVES["minimax"], r, f), strict=True):
        np.testing.assert_allclose(mine, vanilla, rtol=3e-8 if alpha != 1 else 1e-15, atol=1e-15)


def test_the_limit_of_large_alpha_is_the_probability_of_an_error():
    """alpha -> infinity: l = 1 - sigma(d)."""
    r, f = torch.tensor([0.5, -1.0], dtype=F64), torch.tensor([2.0, 0.1], dtype=F64)
    loss = OBJECTIVES["alpha"].replace(alpha_d=1e6).critic_loss(r, f)
    assert float(loss) == pytest.approx(float((1 - r.sigmoid()).mean() + f.sigmoid().mean()), rel=1e-5)


@pytest.mark.parametrize("alpha", [0.5, 1.0, 3.0])
def test_the_alpha_losses_are_finite_where_the_critic_is_sure(alpha):
    r = torch.tensor([60.0, -60.0])
    for values in measured(OBJECTIVES["alpha"].replace(alpha_d=alpha, alpha_g=alpha), r, -r):
        assert np.isfinite(values).all()


def test_the_optimal_critic_of_any_alpha_is_that_of_p_to_alpha_over_q_to_alpha():
    """D* = p^alpha / (p^alpha + q^alpha), so d* = alpha ln(p / q): Kurri et al. 2021 (2106.05232)."""
    ratio = torch.tensor([-1.5, -0.2, 0.0, 0.7], dtype=F64)
    for alpha in ALPHAS[:3]:
        critic = optimal_critic(OBJECTIVES["alpha"].replace(alpha_d=alpha), ratio, 60.0)
        np.testing.assert_allclose(critic, alpha * ratio, atol=1e-6)


def test_parameters_are_live_controls_that_go_with_their_objective():
    at = experiment(objective="alpha")
    assert at.values()["objective.alpha_d"] == 1.0 and at.controls()["objective.alpha_d"].live
    changed = at.replace(**{"objective.alpha_d": "0.7"})
    assert dict(changed.rule.objective_numbers) == {"alpha_d": 0.7, "alpha_g": 1.0}
    assert changed.resets(**{"objective.alpha_g": 3}) == []
    assert "objective.alpha_d" not in changed.replace(objective="hinge").values()
    assert changed.rule._replace(objective="hinge").objective_numbers == ()
    assert changed.replace(lr_d=0.5).rule.losses.alpha_d == 0.7
    back = changed.replace(objective="hinge").replace(objective="alpha")
    assert back.values()["objective.alpha_d"] == 1.0, "the defaults, as of another target"
    warm = run(at, 2)
    assert not same(run(at, 1, warm), run(changed, 1, warm))


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"objective": "alpha", "objective.alpha_d": 0}, "objective.alpha_d must be a number in [0.1, 1e+06], not 0"),
        ({"objective": "alpha", "objective.margin": 1}, "control 'objective.margin' is of energy-based, not of alpha"),
        ({"objective.alpha_d": 2}, "control 'objective.alpha_d' is of alpha, not of minimax"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(changes, line):
    with pytest.raises(ValueError) as refused:
        experiment().replace(**changes)
    assert str(refused.value).startswith(line) and "\n" not in str(refused.value)


def test_a_rule_refuses_numbers_that_its_objective_does_not_have():
    with pytest.raises(ValueError, match=r"^objective 'hinge' has no parameters, so no 'alpha_d'$"):
        gandyn.Rule("hinge", objective_numbers={"alpha_d": 2.0})
    with pytest.raises(ValueError, match=r"^parameter of objective 'alpha' 'beta' is unknown"):
        gandyn.Rule("alpha", objective_numbers={"beta": 2.0})


def test_autograd_computes_them_and_minimax_at_alpha_1_is_the_same_run():
    at = experiment(objective="alpha")
    assert native.unsupported_reason(at.game, at.rule) == "the objective alpha has no compiled form"
    start = gandyn.init(at.game, 0, dtype=F64)
    ends = [run(each, 10, start) for each in (at, at.replace(objective="minimax", engine="autograd"))]
    torch.testing.assert_close(ends[0].g, ends[1].g, rtol=1e-10, atol=1e-12)
    assert math.isfinite(float(ends[0].d.sum()))
