"""The look-ahead of the critic, and of both players: closed forms on the game -xy, and differences on perceptrons."""

import numpy as np
import pytest
import torch

import gandyn
from gandyn.core import native
from gandyn.core.critic_update import critic_loss
from gandyn.core.cuda_graphs import graph_step
from gandyn.core.field import Field
from gandyn.core.game_field import GameField
from gandyn.core.lanes import lane
from gandyn.core.moving import PlayerState, move, rates_of
from gandyn.core.play import draw_batch, init_lanes
from gandyn.core.rng import Rng
from gandyn.probes import PROBES
from gandyn.probes.prediction import predicted_contraction
from tests.contracts.small import experiment, run

F64 = torch.float64
H, K = 0.2, 0.3  # the generator's rate and the critic's
PLAYERS = ("generator", "critic", "both")


def field(game: gandyn.Game, rule: gandyn.Rule, w: gandyn.State, batch: gandyn.Batch, knobs: gandyn.Knobs) -> Field:
    """v(w) on one minibatch that both players share."""
    return GameField(game, rule, batch, knobs).at(w).v


def by_hand(x: float, y: float, player: str, k: int, order: str) -> tuple[float, float]:
    """L_G = -xy and L_D = xy: k steps of the critic lead to y - k K x, k of the generator to x + k H y.

    So L_G = -x (y - k K x), whose slope is -y + 2 k K x, and L_D = (x + k H y) y, whose slope is x + 2 k H y; half of
    the second term where what is looked ahead is constant.
    """
    share = 2 if order == "second" else 1
    of_g = share * k * K * x if player != "critic" else 0.0
    of_d = share * k * H * y if player != "generator" else 0.0
    return x - H * (-y + of_g), y - K * (x + of_d)


@pytest.mark.parametrize("take", [gandyn.step_reference, gandyn.step, graph_step], ids=["autograd", "auto", "graph"])
@pytest.mark.parametrize("k", [1, 3])
@pytest.mark.parametrize("order", ["second", "first"])
@pytest.mark.parametrize("player", PLAYERS)
def test_steps_are_those_of_the_closed_form_on_the_bilinear_game(player, order, k, take):
    at = gandyn.preset("bilinear", lr_g=H, lr_d=K, unroll=k, unroll_player=player, unroll_order=order)
    state = gandyn.init(at.game, 0, dtype=F64)
    state = state._replace(g=torch.full_like(state.g, 1.0), d=torch.full_like(state.d, -0.5))
    batch, x, y = draw_batch(at, Rng(0), F64), 1.0, -0.5
    for _ in range(10):
        state, _ = take(at.game, at.rule, state, [batch], at.knobs)
        x, y = by_hand(x, y, player, k, order)
        np.testing.assert_allclose([float(state.g), float(state.d)], [x, y], rtol=1e-12, atol=1e-13)


def test_both_at_equal_rates_contract_as_lola_with_its_expected_rate_k_h():
    """v - alpha J_o v - alpha chi with alpha = k h: |1 - 2 k h^2 - ih|, the eigenvalue that LOLA has on this game."""
    h, k = 0.1, 2
    lola = gandyn.preset("bilinear", lr_g=h, lr_d=h, update_rule="lola", **{"update_rule.alpha": k * h})
    both = gandyn.preset("bilinear", lr_g=h, lr_d=h, unroll=k, unroll_player="both")
    ends = [run(each, 25, gandyn.init(each.game, 0, dtype=F64)) for each in (lola, both)]
    torch.testing.assert_close(ends[0].g, ends[1].g, rtol=1e-12, atol=1e-14)
    torch.testing.assert_close(ends[0].d, ends[1].d, rtol=1e-12, atol=1e-14)
    arrays = PROBES["portrait"](both, ends[1], Rng(0))["contraction"]
    assert float(arrays) == pytest.approx(abs(1 - 2 * k * h * h - 1j * h), abs=1e-9)


@pytest.mark.parametrize("penalty", ["none", "r1", "gradient-penalty"])
@pytest.mark.parametrize("objective", ["minimax", "non-saturating", "relativistic"])
def test_the_critics_gradient_is_the_derivative_of_its_loss_after_the_generators_steps(objective, penalty):
    """By central differences of a loop of torch's own: k updates of Adam at a critic that holds still, then L_D."""
    at = experiment(objective=objective, penalty=penalty, unroll=2, unroll_player="critic", lr_g=0.05)
    state = run(at, 2, gandyn.init(at.game, 0, dtype=F64))
    batch = draw_batch(at, Rng(0), F64)
    rule, game, knobs = at.rule, at.game, at.knobs
    plain = rule._replace(unroll=0)

    def loss(d: torch.Tensor) -> float:
        player = PlayerState(state.g, state.opt_g)
        for _ in range(2):
            there = state._replace(g=player.theta, d=d)
            grad = field(game, plain, there, batch, knobs).g
            player = move(game.optimizer_g, player, grad, rates_of(knobs, knobs.lr_g))
        fake, theta = game.generator.apply(player.theta, batch.z), d.clone().requires_grad_()
        return float(critic_loss(game, plain, theta, fake, batch, knobs).loss.detach())

    gradients, size = field(game, rule, state, batch, knobs), 1e-5
    direction = torch.randn(state.d.shape, generator=torch.Generator().manual_seed(0), dtype=F64)
    wanted = (loss(state.d + size * direction) - loss(state.d - size * direction)) / (2 * size)
    assert float(gradients.d @ direction) == pytest.approx(wanted, rel=1e-6)
    held = field(game, rule._replace(unroll_order="first"), state, batch, knobs)
    assert abs(float(held.d @ direction) - wanted) > 1e-5 * abs(wanted), "the second-order term is seen"
    torch.testing.assert_close(gradients.g, field(game, plain, state, batch, knobs).g, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("order", ["simultaneous", "alternating", "generator-first"])
def test_the_critic_looks_ahead_from_the_generator_that_the_order_shows_it(order):
    at = experiment(order=order, unroll=1, unroll_player="critic", optimizer_g="sgd", optimizer_d="sgd")
    state, batches = gandyn.init(at.game, 0, dtype=F64), [draw_batch(at, Rng(i), F64) for i in range(2)]
    new, _ = gandyn.step_reference(at.game, at.rule, state, batches, at.knobs)
    seen = state._replace(g=new.g, opt_g=new.opt_g) if order == "generator-first" else state
    slope = field(at.game, at.rule, seen, batches[0], at.knobs).d
    torch.testing.assert_close(new.d, state.d - at.knobs.lr_d * slope, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("player", PLAYERS)
@pytest.mark.parametrize("rule", ["gradient", "extragradient", "consensus"])
def test_lanes_stay_apart(player, rule):
    at = experiment(unroll=2, unroll_player=player, update_rule=rule)
    state = init_lanes(at.game, 0, 2, dtype=F64)
    batches = [draw_batch(at, Rng(i), F64) for i in range(2)]
    together = gandyn.Batch(
        *(None if a is None else torch.stack([a, b]) for a, b in zip(*(b[:4] for b in batches), strict=True))
    )
    both, _ = gandyn.step_reference(at.game, at.rule, state, [together], at.knobs)
    for i, batch in enumerate(batches):
        alone, _ = gandyn.step_reference(at.game, at.rule, lane(state, i), [batch], at.knobs)
        torch.testing.assert_close(lane(both, i).g, alone.g, rtol=1e-11, atol=1e-13)
        torch.testing.assert_close(lane(both, i).d, alone.d, rtol=1e-11, atol=1e-13)


def test_the_compiled_engine_leaves_it_to_autograd():
    at = experiment(unroll=2, unroll_player="both")
    reason = native.unsupported_reason(at.game, at.rule)
    assert reason == "a look-ahead of the critic has no compiled form"
    assert native.unsupported_reason(at.game, at.rule._replace(unroll=0)) is None
    assert at.rule.gradients == 3.0 and at.rule._replace(unroll_player="critic").gradients == 2.0


@pytest.mark.parametrize("k", [1, 3])
@pytest.mark.parametrize("player", PLAYERS)
def test_theory_and_lead_see_what_a_look_ahead_of_first_order_depends_on(player, k):
    """By hand v_G = -y + k K x: of the constant result only the derivative by one's own parameters is dropped."""
    at = gandyn.preset("bilinear", lr_g=H, lr_d=K, unroll=k, unroll_player=player, unroll_order="first")
    a, b = (k * K if player != "critic" else 0.0), (k * H if player != "generator" else 0.0)
    state, batch = gandyn.init(at.game, 0, dtype=F64), draw_batch(at, Rng(0), F64)
    wanted = torch.tensor([[a, -1.0], [1.0, b]], dtype=F64)
    j = GameField(at.game, at.rule, batch, at.knobs).differentiate(state)
    torch.testing.assert_close(j.dense(), wanted, rtol=1e-12, atol=1e-14)
    step = torch.eye(2, dtype=F64) - torch.tensor([[H], [K]], dtype=F64) * wanted
    radius = float(torch.linalg.eigvals(step).abs().max())
    assert predicted_contraction(at) == pytest.approx(radius, rel=1e-9)
    lead = at.replace(update_rule="lead")
    other = lead.replace(**{"update_rule.coupling": 5.0})
    ends = [run(each, 5, state) for each in (lead, other)]
    assert float((ends[0].g - ends[1].g).abs().max()) > 1e-6, "its coupling acts"


@pytest.mark.parametrize("order", ["second", "first"])
@pytest.mark.parametrize("player", ["critic", "both"])
def test_the_generators_penalty_on_the_critics_gradient_is_a_partial_derivative_in_every_update(player, order):
    """The samples of the second update looked ahead depend on the critic: by central differences of L_D, and of v."""
    ahead = {"unroll": 2, "unroll_player": player, "unroll_order": order}
    sgd = {"optimizer_g": "sgd", "optimizer_d": "sgd", "lr_g": 0.1}
    at = experiment(objective="least-squares", penalty="critic-gradient", penalty_weight=0.5, **ahead, **sgd)
    state, batch = gandyn.init(at.game, 0, dtype=F64), draw_batch(at, Rng(0), F64)
    of = GameField(at.game, at.rule, batch, at.knobs)
    v, j = of.at(state).v, of.differentiate(state)
    torch.testing.assert_close(j.v.d, v.d, rtol=1e-9, atol=1e-11)
    torch.testing.assert_close(j.v.g, v.g, rtol=1e-9, atol=1e-11)
    way, size = torch.randn(state.d.shape, generator=torch.Generator().manual_seed(1), dtype=F64), 1e-5
    if order == "second":
        ends = [
            float(of.losses(state, state.g.requires_grad_(), (state.d + s * size * way).requires_grad_())[1].detach())
            for s in (1, -1)
        ]
        assert float(v.d @ way) == pytest.approx((ends[0] - ends[1]) / (2 * size), rel=1e-6)
    moved = [of.at(state._replace(d=(state.d + s * size * way).detach())).v for s in (1, -1)]
    column = j.times(Field(torch.zeros_like(state.g), way))
    torch.testing.assert_close(column.d, (moved[0].d - moved[1].d) / (2 * size), rtol=1e-5, atol=1e-7)
