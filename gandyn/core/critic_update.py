"""The critic's side of the field: its loss on a minibatch, its update, and the updates that a look-ahead iterates.

Shapes are those of one GAN; with lanes theta [N, P], samples [N, B, *x] and losses [N] take their place. Ref: Metz et
al. 2017 (1611.02163), eqs. 3 to 6, for the look-ahead.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from gandyn.core.moving import PlayerState, clip, move, rates_of
from gandyn.core.penalty import Critic
from gandyn.core.regularising import critic_at, critic_terms, packs, rehearsed, seen
from gandyn.core.types import Batch, Game, Knobs, Net, Rule


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
