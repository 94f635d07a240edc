"""The vector field of the game: both players' gradients at a point, the generator's through the critic's look-ahead.

Shapes are those of one GAN; with lanes theta [N, P], samples [N, B, *x] and losses [N] take their place. Ref: Balduzzi
et al. 2018 (1802.05642) for the game as a field; Metz et al. 2017 (1611.02163), eqs. 3 to 7, for the look-ahead.
"""

from typing import Any, NamedTuple

import torch
from torch import Tensor

from gandyn.core.critic_update import (
    CriticLoss,
    CriticUpdate,
    Samples,
    critic_loss,
    gradient,
    logits,
    pair,
    update_critic,
    updates_ahead,
)
from gandyn.core.moving import PlayerState, move, rates_of
from gandyn.core.objective import generator_objective
from gandyn.core.penalty import GeneratorSide
from gandyn.core.regularising import (
    chosen_loss,
    critic_at,
    generator_terms,
    rehearses,
    seen,
)
from gandyn.core.trees import tree_map
from gandyn.core.types import Batch, Game, Knobs, Rule, State


class GeneratorLoss(NamedTuple):
    """The generator's loss, and the critic's objective f before and after the look-ahead."""

    loss: Tensor
    f: Tensor
    f_k: Tensor
    critic: CriticUpdate | None = None  # the critic's own update on the same batch, where it was asked for


class Field(NamedTuple):
    """The gradients of both players' losses, [P_G] and [P_D]: an update rule moves against them."""

    g: Tensor
    d: Tensor


def generator_loss(
    game: Game,
    rule: Rule,
    g: Tensor,
    critic: PlayerState,
    batch: Batch,
    knobs: Knobs,
    *,
    shared: bool = False,
    need_metrics: bool = True,
    through: Tensor | None = None,
) -> GeneratorLoss:
    """The generator's loss at the looked-ahead critic, differentiable in g.

    `shared`: the critic moves on this very batch from this very point. Its update is the first one looked ahead; with
    k = 0 both players' losses come from one forward pass, where the critic's is taken at the same samples. Without
    `need_metrics` f and f_k are NaN where they would cost a pass of their own. `through`: the
    generator's parameters from which the critic looks ahead, in both orders as a differentiable function of them; the
    derivative by g itself is then that of order `first`.
    """
    generator = game.generator.at(g)
    fake = generator(batch.z)
    if through is None or not rule.unroll_g:
        updates = updates_ahead(game, rule, critic, fake, batch, knobs)
    else:
        against = game.generator.at(through)(batch.z)
        updates = updates_ahead(game, rule._replace(unroll_order="second"), critic, against, batch, knobs)
    if shared and not updates:
        updates = [update_critic(game, rule, critic, fake, batch, knobs, keep_graph=True)]
    d_k = updates[-1].after.theta if rule.unroll_g else critic.theta
    objective, axis = rule.losses, g.ndim - 1
    samples = seen(rule, batch.real, fake, batch, knobs)
    one_pass = shared and not rule.unroll_g and not rehearses(rule)
    if one_pass:
        values = updates[0].before.real, updates[0].before.fake
    else:
        values = _judged(game, rule, d_k, samples, need_real=need_metrics or objective.paired)
    if objective.of_samples is None:
        loss = chosen_loss(rule, objective.generator_loss, *values, knobs)
    else:
        loss = generator_objective(objective, values, samples, axis)

    def f_at(d: Tensor) -> Tensor:
        return objective.critic_loss(*pair(game.critic, critic_at(game, rule, d), *samples, axis))

    for term in generator_terms(rule, GeneratorSide(generator, fake, d_k, f_at, batch), knobs):
        loss = loss + term
    now = updates[0].before.f.detach() if updates and not rehearses(rule) else None  # f at the critic as it is
    f_k = now if one_pass and now is not None else objective.critic_loss(*(value.detach() for value in values))
    if not rule.unroll_g:
        f = f_k
    elif now is not None:
        f = now
    else:  # what its own loss rehearses are other samples
        with torch.no_grad():
            f = f_at(critic.theta)
    return GeneratorLoss(loss, f, f_k, _without_graph(updates[0]) if shared else None)


def _judged(
    game: Game, rule: Rule, d: Tensor, samples: tuple[Tensor, Tensor], *, need_real: bool
) -> tuple[Tensor, Tensor]:
    """The critic's values of (real, generated) samples; those of real ones are NaN where nobody needs them."""
    real, fake = samples
    if d.requires_grad:
        return pair(game.critic, critic_at(game, rule, d), real, fake, d.ndim - 1)
    values = logits(game, rule, d, fake)
    with torch.no_grad():  # no derivative goes through the real samples
        return (logits(game, rule, d, real) if need_real else torch.full_like(values, torch.nan)), values


def samples_ahead(game: Game, rule: Rule, generator: PlayerState, batch: Batch, knobs: Knobs) -> Samples:
    """The samples of the generator after `rule.unroll_d` more updates on this batch, as a function of the critic.

    They are the generator's own updates against that critic, which holds still, from its live optimiser state. Order
    `second` keeps the graph, so that the critic's gradient flows through every one; `first` treats the samples as
    constant. Metz et al. 2017 (1611.02163), eq. 7, with the players exchanged.
    """
    exact, alone = rule.unroll_order == "second", rule._replace(unroll=0)

    def samples(d: Tensor) -> Tensor:
        player, critic = generator, PlayerState(d if exact else d.detach(), None)
        for _ in range(rule.unroll_d):
            g = player.theta if exact and player.theta.requires_grad else player.theta.detach().requires_grad_()
            loss = generator_loss(game, alone, g, critic, batch, knobs, need_metrics=False).loss
            grad = gradient(loss, g, create_graph=exact, materialize_grads=True)
            player = move(game.optimizer_g, PlayerState(g, player.opt), grad, rates_of(knobs, knobs.lr_g))
            player = player if exact else tree_map(Tensor.detach, player)
        return game.generator.at(player.theta)(batch.z)

    return samples if exact else lambda d: samples(d).detach()


def samples_for_critic(game: Game, rule: Rule, generator: PlayerState, batch: Batch, knobs: Knobs) -> Tensor | Samples:
    """What the critic's update takes: the generator's samples [B, *x]; where it looks ahead, how they follow it."""
    if rule.unroll_d:
        return samples_ahead(game, rule, generator, batch, knobs)
    with torch.no_grad():
        return game.generator.at(generator.theta)(batch.z)


def critic_loss_at(
    game: Game,
    rule: Rule,
    generator: PlayerState,
    d: Tensor,
    batch: Batch,
    knobs: Knobs,
    *,
    through: Tensor | None = None,
) -> CriticLoss:
    """What the critic minimises at d against this generator, through its look-ahead; differentiable in both.

    `through`: the critic's parameters of which the generator's look-ahead is a function; see generator_loss.
    """
    if rule.unroll_d and through is not None:
        fake = samples_ahead(game, rule._replace(unroll_order="second"), generator, batch, knobs)(through)
    elif rule.unroll_d:
        fake = samples_ahead(game, rule, generator, batch, knobs)(d)
    else:
        fake = game.generator.at(generator.theta)(batch.z)
    return critic_loss(game, rule, d, fake, batch, knobs)


def _without_graph(update: CriticUpdate) -> CriticUpdate:
    after, grad, before = update
    if after.theta.requires_grad:  # it was looked ahead in second order
        after, grad = tree_map(Tensor.detach, after), grad.detach()
    return CriticUpdate(after, grad, CriticLoss(*(part.detach() for part in before)))


def generator_gradient(
    game: Game, rule: Rule, g: Tensor, critic: PlayerState, batch: Batch, knobs: Knobs, **how: Any
) -> tuple[Tensor, GeneratorLoss]:
    """(the gradient [P_G] of the generator's loss at the looked-ahead critic, that loss). `how`: of generator_loss."""
    g = g.detach().requires_grad_()
    loss = generator_loss(game, rule, g, critic, batch, knobs, **how)
    return gradient(loss.loss, g, materialize_grads=True), loss._replace(loss=loss.loss.detach())


def simultaneous(
    game: Game, rule: Rule, w: State, batch: Batch, knobs: Knobs
) -> tuple[Field, GeneratorLoss, CriticUpdate]:
    """Both gradients at w on one batch, the loss and the update that they came with."""
    if rule.unroll_d:
        ahead = samples_ahead(game, rule, PlayerState(w.g, w.opt_g), batch, knobs)
        update = update_critic(game, rule, PlayerState(w.d, w.opt_d), ahead, batch, knobs)
        grad, loss = generator_gradient(game, rule, w.g, PlayerState(w.d, w.opt_d), batch, knobs)
        return Field(grad, update.grad), loss, _without_graph(update)
    grad, loss = generator_gradient(game, rule, w.g, PlayerState(w.d, w.opt_d), batch, knobs, shared=True)
    assert loss.critic is not None
    return Field(grad, loss.critic.grad), loss, loss.critic
