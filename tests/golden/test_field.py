"""The vector field: against the plain recomputation, against the step that moves along it, and its Jacobian."""

import pytest
import torch
from torch import Tensor

import gandyn
from gandyn.core.critic_update import update_critic
from gandyn.core.field import Field, generator_gradient, samples_for_critic
from gandyn.core.game_field import GameField
from gandyn.core.moving import PlayerState
from gandyn.core.types import Knobs, Rule, State
from tests.golden import oracle
from tests.golden.test_look_ahead import batch, game, warm

KNOBS = Knobs(lr_g=0.02, lr_d=0.03, beta1=0.6, beta2=0.95, eps=1e-6, penalty_weight=0.7, clip=0.5)
RULES = [
    Rule(),
    Rule("non-saturating", "gradient-penalty"),
    Rule("wasserstein", "r1", unroll=3),
    Rule("hinge", "dragan", unroll=2, unroll_order="first"),
    Rule("relativistic", unroll=5),
]


@pytest.mark.parametrize("rule", RULES, ids=str)
@pytest.mark.parametrize("of_generator", [3, 4], ids=["shared", "apart"])
def test_both_gradients_are_the_plain_ones(rule, of_generator):
    the_game, w, batches = game("adam"), warm("adam"), [batch(3), batch(of_generator)]
    if of_generator == 3:
        v = GameField(the_game, rule, batches[0], KNOBS).at(w).v
    else:
        critic, generator = PlayerState(w.d, w.opt_d), PlayerState(w.g, w.opt_g)
        fake = samples_for_critic(the_game, rule, generator, batches[0], KNOBS)
        v = Field(
            generator_gradient(the_game, rule, w.g, critic, batches[1], KNOBS)[0],
            update_critic(the_game, rule, critic, fake, batches[0], KNOBS).grad,
        )
    g, d = oracle.Player.of(the_game.generator, w.g, w.opt_g), oracle.Player.of(the_game.critic, w.d, w.opt_d)
    expected, *_ = oracle.generator_gradient("adam", rule, KNOBS, g, d, batches[1])
    assert oracle.error(the_game.generator, v.g, expected) <= 1e-11
    weights = [part.clone().requires_grad_() for part in d.weights]
    fake = g.at(batches[0].z).detach()
    real_logits, fake_logits = (d.at(x, weights)[:, 0] for x in (batches[0].real, fake))
    loss = oracle.losses(rule.objective, real_logits, fake_logits)[0]
    loss = loss + oracle.penalty(rule.penalty, lambda x: d.at(x, weights)[:, 0], fake, batches[0], KNOBS.penalty_weight)
    grads = torch.autograd.grad(loss, weights, allow_unused=True, materialize_grads=True)
    assert oracle.error(the_game.critic, v.d, list(grads)) <= 1e-11


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_a_step_of_gradient_descent_moves_against_it(rule):
    the_game, w = game("sgd"), warm("sgd")
    w = w._replace(opt_g=the_game.optimizer_g.init(w.g), opt_d=the_game.optimizer_d.init(w.d))
    knobs = KNOBS._replace(beta1=0.0, clip=0.0)
    v = GameField(the_game, rule, batch(3), knobs).at(w).v
    new, _ = gandyn.step_reference(the_game, rule, w, [batch(3)], knobs)
    torch.testing.assert_close(new.g, w.g - 0.02 * v.g, rtol=1e-13, atol=1e-15)
    torch.testing.assert_close(new.d, w.d - 0.03 * v.d, rtol=1e-13, atol=1e-15)


AHEAD = [Rule("minimax", unroll=2, unroll_player=who, unroll_order="first") for who in ("generator", "critic", "both")]


@pytest.mark.parametrize("rule", RULES + AHEAD, ids=str)
def test_its_jacobian_is_that_of_differences(rule):
    """Products with both blocks at once. What a player's own derivative counts as constant moves all the same."""
    the_game, w = game("adam"), warm("adam")
    knobs = KNOBS._replace(clip=0.0)
    draw = torch.Generator().manual_seed(0)
    along, onto = ([torch.randn(n, generator=draw, dtype=w.g.dtype) for n in (len(w.g), len(w.d))] for _ in range(2))

    def at(shift: float) -> Tensor:
        point: State = w._replace(g=w.g + shift * along[0], d=w.d + shift * along[1])
        v = GameField(the_game, rule, batch(3), knobs).at(point).v
        return onto[0] @ v.g + onto[1] @ v.d

    h = 1e-5
    expected = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h)
    j = GameField(the_game, rule, batch(3), knobs).differentiate(w)
    rows, column = j.transposed(Field(*onto)), j.times(Field(*along))
    assert float(rows[0] @ along[0] + rows[1] @ along[1]) == pytest.approx(float(expected), rel=1e-6)
    assert float(onto[0] @ column[0] + onto[1] @ column[1]) == pytest.approx(float(expected), rel=1e-6)
