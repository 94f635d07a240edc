"""How a rule's penalties enter the field: in what the critic sees, in the critic itself, in both losses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from gandyn.core.optimizers.arithmetic import as_like
from gandyn.core.penalty import Critic, GeneratorSide, Number, Penalty, Seen
from gandyn.core.penalty_set import members, weight_of
from gandyn.core.rng import Places
from gandyn.core.trees import Empty, named
from gandyn.core.types import Batch, Game, Knobs, Net, Rule, State

Loss = Callable[[Tensor, Tensor], Tensor]  # of the critic's values at real and at generated samples


def packs(critic: Net, x: Tensor, axis: int = 0) -> Tensor:
    """What the critic judges: of m samples in a row one pack, x [..., B, n] -> [..., B / m, m n]; samples if m = 1.

    axis: that of the samples. Ref: Lin et al. 2018 (1712.04086), section 3: real and generated samples are packed
    apart, so the game is the ordinary one between m-fold products of both distributions.
    """
    m = critic.pack
    return x if m == 1 else x.reshape(*x.shape[:axis], -1, m * x.shape[-1])


def of_packs(critic: Net, batch: Batch) -> Batch:
    """The minibatch's numbers for packs: each is mixed with the number of its first sample."""
    if critic.pack == 1:
        return batch
    axis = batch.mix.ndim - 1
    noise = None if batch.noise is None else packs(critic, batch.noise, axis)
    return batch._replace(real=packs(critic, batch.real, axis), mix=batch.mix[..., :: critic.pack], noise=noise)


def critic_at(game: Game, rule: Rule, d: Tensor, beside: Tensor | None = None) -> Critic:
    """The critic as a function of what it judges, `packs` [B, *x] to logits [B], as the rule's penalties make it.

    beside: a reference minibatch of packs, if each is to be judged beside that rather than beside the others given.
    """
    chosen = members(rule.penalty)
    for penalty in chosen:
        if penalty.reparametrise is not None:
            d = penalty.reparametrise(game.critic, d)
    bare = game.critic.at(d) if beside is None else game.critic.beside(d, beside)
    critic: Critic = lambda x: bare(x).squeeze(-1)  # noqa: E731
    for penalty in chosen:
        if penalty.transform is not None:
            critic = penalty.transform(critic)
    return critic


def seen(rule: Rule, real: Tensor, fake: Tensor, batch: Batch, knobs: Knobs) -> tuple[Tensor, Tensor]:
    """What the critic sees of these samples."""
    for penalty in members(rule.penalty):
        if penalty.augment is not None:
            real, fake = penalty.augment(real, fake, batch, _number(penalty, knobs, fake))
    return real, fake


def rehearsed(rule: Rule, fake: Tensor, batch: Batch, knobs: Knobs) -> Tensor:
    """The generated samples [..., B, *x] that the critic's own loss is taken at."""
    for penalty in members(rule.penalty):
        if penalty.rehearse is not None:
            fake = penalty.rehearse(fake, batch, _number(penalty, knobs, fake))
    return fake


def rehearses(rule: Rule) -> bool:
    """Whether the critic's own loss is taken at other generated samples than the generator's."""
    return any(penalty.rehearse is not None for penalty in members(rule.penalty))


def critic_terms(
    game: Game, rule: Rule, critic: Critic, d: Tensor, real: Tensor, fake: Tensor, batch: Batch, knobs: Knobs
) -> list[Tensor]:
    """What is added to the critic's loss, by penalty."""
    terms, axis = [], d.ndim - 1
    real, fake, batch = packs(game.critic, real, axis), packs(game.critic, fake, axis), of_packs(game.critic, batch)
    for penalty in members(rule.penalty):
        weight = _number(penalty, knobs, fake)
        if penalty.loss is not None:
            terms.append(penalty.loss(critic, real, fake, batch, weight))
        if penalty.loss_of_parameters is not None:
            terms.append(penalty.loss_of_parameters(game.critic, d, weight))
    return terms


def generator_terms(rule: Rule, side: GeneratorSide, knobs: Knobs) -> list[Tensor]:
    """What is added to the generator's loss, by penalty."""
    return [
        penalty.generator_loss(side, _number(penalty, knobs, side.fake))
        for penalty in members(rule.penalty)
        if penalty.generator_loss is not None
    ]


def chosen_loss(rule: Rule, loss: Loss, real: Tensor, fake: Tensor, knobs: Knobs) -> Tensor:
    """The generator's objective of the critic's values, of those that penalties choose."""
    for penalty in members(rule.penalty):
        if penalty.choose is not None:
            loss = _of_some(penalty.choose, loss, _number(penalty, knobs, fake))
    return loss(real, fake)


def _of_some(choose: Callable[..., Tensor], loss: Loss, weight: Number) -> Loss:
    return lambda real, fake: choose(loss, real, fake, weight)


def _number(penalty: Penalty, knobs: Knobs, like: Tensor) -> Number:
    return as_like(weight_of(penalty, knobs), like)


def own_numbers(
    rule: Rule, places: Places, n: int, sample: tuple[int, ...], latent: int, dtype: torch.dtype, device: Any
) -> Any:
    """The random numbers of penalties that have some of their own, [*places, n, ...] by name; None where none has."""
    drawn = {}
    for penalty in members(rule.penalty):
        if penalty.draw is not None:
            shape = n, *penalty.draw.shape(sample, latent)
            drawn[penalty.field] = getattr(places, penalty.draw.law)(penalty.draw.stream, shape, device).to(dtype)
    return named(drawn) if drawn else None


def own(batch: Batch, name: str) -> Any:
    """The random numbers that the penalty of this name has in a minibatch; None where it has none."""
    return getattr(batch.own, name.replace("-", "_"), None)


def remembered(batch: Batch, name: str) -> Any:
    """What the penalty of this name remembers; None where it has no memory yet."""
    return getattr(batch.memory, name.replace("-", "_"), None)


def remembering(rule: Rule, w: State, sample: tuple[int, ...]) -> State:
    """w with a memory for every penalty that has one: its own, or a new one where it was not there before.

    sample: the shape of one.
    """
    wanted = {one.field: one.memory for one in members(rule.penalty) if one.memory is not None}
    if w.aux._fields == tuple(wanted):
        return w
    if not wanted:
        return w._replace(aux=Empty())
    return w._replace(
        aux=named({name: getattr(w.aux, name, None) or how.start(w.d, sample) for name, how in wanted.items()})
    )


def recalling(rule: Rule, w: State, batches: Sequence[Batch]) -> list[Batch]:
    """The minibatches with what w remembers: the losses read it there, and hold it fast during a step."""
    if not w.aux._fields:
        return list(batches)
    return [batch._replace(memory=w.aux) for batch in batches]


def remember(game: Game, rule: Rule, w: State, batch: Batch, knobs: Knobs) -> State:
    """w with memories that have seen its players on this minibatch; without any where no penalty has one."""
    kept = {one.field: one.memory for one in members(rule.penalty) if one.memory is not None}
    if not kept:
        return w._replace(aux=Empty()) if w.aux._fields else w
    with torch.no_grad():
        w, critic = remembering(rule, w, tuple(batch.real.shape[w.d.ndim :])), critic_at(game, rule, w.d)
        fake = game.generator.at(w.g)(batch.z)
        augmented = seen(rule, batch.real, fake, batch, knobs)
        values = (critic(packs(game.critic, x, w.d.ndim - 1)).detach() for x in augmented)
        observed = Seen(batch, fake, *values)
        return w._replace(aux=named({name: how.after(getattr(w.aux, name), observed) for name, how in kept.items()}))
