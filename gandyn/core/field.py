"""The vector field of the game: both players' gradients at a point, the generator's through the critic's look-ahead.

Shapes are those of one GAN; with lanes theta [N, P], samples [N, B, *x] and losses [N] take their place. Ref: Balduzzi
et al. 2018 (1802.05642) for the game as a field; Metz et al. 2017 (1611.02163), eqs. 3 to 7, for the look-ahead.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor

from gandyn.core.moving import PlayerState, clip, move, rates_of
from gandyn.core.objective import generator_objective
from gandyn.core.penalty import Critic, GeneratorSide
from gandyn.core.regularising import (
    chosen_loss,
    critic_at,
    critic_terms,
    generator_terms,
    packs,
    rehearsed,
    rehearses,
    seen,
)
from gandyn.core.trees import tree_map
from gandyn.core.types import Batch, Game, Knobs, Net, Rule, State


class CriticLoss(NamedTuple):
    """The critic on a batch: its loss, its objective f without penalty, and the logits behind both."""

    loss: Tensor
    f: Tensor
    real: Tensor  # [B]
    fake: Tensor  # [B]


class CriticUpdate(NamedTuple):
    """An update of the critic: the critic after it, the gradient [P_D] and the loss before it."""

    after: PlayerState
    grad: Tensor
    before: CriticLoss


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


Samples = Callable[[Tensor], Tensor]  # of the critic's parameters


def logits(game: Game, rule: Rule, d: Tensor, x: Tensor) -> Tensor:
    """The critic at x [B, *x]: [B], or as many as there are packs."""
    return critic_at(game, rule, d)(packs(game.critic, x, d.ndim - 1))


def pair(net: Net, critic: Critic, real: Tensor, fake: Tensor, axis: int = 0) -> tuple[Tensor, Tensor]:
    """The critic's logits at real and at generated samples [B, *x], or packs of them: [B] each, in one pass.

    In two where it looks at a minibatch as a whole: real and generated samples are a minibatch each. net: whose critic
    it is; `axis`: that of the samples.
    """
    real, fake = packs(net, real, axis), packs(net, fake, axis)
    if net.given is not None:
        return critic(real), critic(fake)
    both = critic(torch.cat([real, fake], axis))
    real_logits, fake_logits = both.split([real.shape[axis], fake.shape[axis]], -1)
    return real_logits, fake_logits


def gradient(loss: Tensor, theta: Tensor, **how: bool) -> Tensor:
    """The derivative of a loss with respect to theta, of every lane's own with respect to its own."""
    ones = torch.ones_like(loss) if loss.ndim else None
    return torch.autograd.grad(loss, theta, ones, **how)[0]


def critic_loss(game: Game, rule: Rule, d: Tensor, fake: Tensor, batch: Batch, knobs: Knobs) -> CriticLoss:
    """What the critic minimises: its objective on real and generated samples, in one pass, and the penalties."""
    critic = critic_at(game, rule, d)
    real, fake = seen(rule, batch.real, rehearsed(rule, fake, batch, knobs), batch, knobs)
    real_logits, fake_logits = pair(game.critic, critic, real, fake, d.ndim - 1)
    loss = f = rule.losses.critic_loss(real_logits, fake_logits)
    for term in critic_terms(game, rule, critic, d, real, fake, batch, knobs):
        loss = loss + term
    return CriticLoss(loss, f, real_logits, fake_logits)


def update_critic(
    game: Game,
    rule: Rule,
    critic: PlayerState,
    fake: Tensor | Samples,
    batch: Batch,
    knobs: Knobs,
    *,
    create_graph: bool = False,
    keep_graph: bool = False,
) -> CriticUpdate:
    """One update of the critic on real and generated samples: gradient, optimiser, clip.

    `fake`: samples, or what makes them of the critic's parameters, through which its gradient then flows. With
    `create_graph` the new critic is a differentiable function of `fake` and of the old one; with `keep_graph` only the
    loss is one of `fake`.
    """
    theta = critic.theta if create_graph or not critic.theta.requires_grad else critic.theta.detach()
    d = critic.theta if critic.theta.requires_grad else theta.detach().requires_grad_()
    before = critic_loss(game, rule, d, fake if isinstance(fake, Tensor) else fake(d), batch, knobs)
    grad = gradient(before.loss, d, create_graph=create_graph, retain_graph=create_graph or keep_graph)
    after = move(
        game.optimizer_d, PlayerState(d if create_graph else theta, critic.opt), grad, rates_of(knobs, knobs.lr_d)
    )
    return CriticUpdate(PlayerState(clip(after.theta, knobs.clip), after.opt), grad, before)


def updates_ahead(
    game: Game, rule: Rule, critic: PlayerState, fake: Tensor, batch: Batch, knobs: Knobs
) -> list[CriticUpdate]:
    """The next `rule.unroll_g` updates of the critic on this batch, in order.

    It iterates the function that trains the critic, from the critic's live optimiser state. Order `second` keeps
    the graph, so that the generator's gradient flows through every update; `first` treats the result as constant.
    Without a graph on `fake` nobody differentiates, so none is built.
    """
    exact = rule.unroll_order == "second" and fake.requires_grad
    inner = fake if exact else fake.detach()
    updates: list[CriticUpdate] = []
    for _ in range(rule.unroll_g):
        updates.append(update_critic(game, rule, critic, inner, batch, knobs, create_graph=exact))
        critic = updates[-1].after
    return updates


def look_ahead(game: Game, rule: Rule, critic: PlayerState, fake: Tensor, batch: Batch, knobs: Knobs) -> Tensor:
    """The critic's parameters after `rule.unroll_g` more updates on this batch."""
    updates = updates_ahead(game, rule, critic, fake, batch, knobs)
    return updates[-1].after.theta if updates else critic.theta


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
    objective, axis, apart = rule.losses, g.ndim - 1, rehearses(rule)
    real, augmented = seen(rule, batch.real, fake, batch, knobs)
    if shared and not rule.unroll_g and not apart:
        real_logits, fake_logits = updates[0].before.real, updates[0].before.fake
    elif d_k.requires_grad:
        real_logits, fake_logits = pair(game.critic, critic_at(game, rule, d_k), real, augmented, axis)
    else:  # no derivative goes through the real samples
        fake_logits = logits(game, rule, d_k, augmented)
        with torch.no_grad():
            read = need_metrics or objective.paired
            real_logits = logits(game, rule, d_k, real) if read else torch.full_like(fake_logits, torch.nan)
    if objective.of_samples is None:
        loss = chosen_loss(rule, objective.generator_loss, real_logits, fake_logits, knobs)
    else:
        loss = generator_objective(objective, (real_logits, fake_logits), (real, augmented), axis)

    def f_at(d: Tensor) -> Tensor:
        return objective.critic_loss(*pair(game.critic, critic_at(game, rule, d), real, augmented, axis))

    for term in generator_terms(rule, GeneratorSide(generator, fake, d_k, f_at, batch), knobs):
        loss = loss + term
    if shared and not rule.unroll_g and not apart:
        f_k = updates[0].before.f.detach()
    else:
        f_k = objective.critic_loss(real_logits.detach(), fake_logits.detach())
    f = f_k
    if rule.unroll_g and apart:
        with torch.no_grad():
            f = f_at(critic.theta)
    elif rule.unroll_g:
        f = updates[0].before.f.detach()
    return GeneratorLoss(loss, f, f_k, _without_graph(updates[0]) if shared else None)


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
