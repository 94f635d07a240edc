"""One step of the game in autograd, for any network: both players move along the field, in the rule's order.

A step takes a State and its Batches and returns a new State. Everything random is in the batches, everything a
person may change is in the rule and the knobs, and nothing is written into.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from gandyn.core.critic_update import update_critic
from gandyn.core.decay import knobs_at
from gandyn.core.field import (
    GeneratorLoss,
    critic_loss_at,
    generator_gradient,
    generator_loss,
    samples_for_critic,
    simultaneous,
)
from gandyn.core.game_field import GameField
from gandyn.core.lanes import in_chunks
from gandyn.core.moving import PlayerState, column, move, rates_of
from gandyn.core.regularising import recalling, remember
from gandyn.core.shapes import check_step, moves_at_once
from gandyn.core.types import Batch, Game, Knobs, Metrics, Rule, State
from gandyn.core.update_rule import remembering


def arrange(rule: Rule, batches: Sequence[Batch]) -> tuple[list[Batch], list[Batch], bool]:
    """(the critic's batches, the generator's, whether both players move at once on one batch)."""
    wanted = rule.critic_steps + rule.generator_steps
    each = list(batches) if len(batches) == wanted else [batches[0]] * wanted
    return each[: rule.critic_steps], each[rule.critic_steps :], moves_at_once(rule, len(batches))


def step(game: Game, rule: Rule, state: State, batches: Sequence[Batch], knobs: Knobs) -> tuple[State, Metrics]:
    """One step: `rule.critic_steps` updates of the critic and `rule.generator_steps` of the generator.

    batches: critic_steps + generator_steps of them, the critic's first whatever the order; or one, shared by all
    updates. Each player sees the other as the order says: `simultaneous`, as it stood at the start of the step;
    `alternating`, the critic moves first; `generator-first`. A frozen player neither moves nor advances its
    optimiser. An update rule other than `gradient` moves both players at once, on one batch. Returns the new State and
    the Metrics as 0-d tensors. Raises ValueError for batches or a state that are not the game's.

    A state with a leading axis of N lanes takes batches with one, too, numbers among the knobs may be tensors [N], and
    the Metrics are [N]. The lanes are computed together, in chunks of a fixed size.
    """
    check_step(game, rule, state, batches, knobs)
    state = remembering(rule.update_rule, state)
    return in_chunks(_step, game, rule, state, batches, knobs_at(knobs, state.step))


def _step(game: Game, rule: Rule, state: State, batches: Sequence[Batch], knobs: Knobs) -> tuple[State, Metrics]:
    state = remember(game, rule, state, batches[0], knobs)
    if rule.by_turns:
        return _by_turns(game, rule, state, recalling(rule, state, batches), knobs)
    return _by_rule(game, rule, state, batches, knobs)


def _by_rule(game: Game, rule: Rule, state: State, batches: Sequence[Batch], knobs: Knobs) -> tuple[State, Metrics]:
    """A step of a rule that moves both players at once."""
    moved, seen = rule.update_rule.step(GameField(game, rule, batches[0], knobs), state)
    return average(state, moved, rule, knobs)._replace(step=state.step + 1), seen.metrics


def _by_turns(game: Game, rule: Rule, state: State, batches: Sequence[Batch], knobs: Knobs) -> tuple[State, Metrics]:
    for_critic, for_generator, at_once = arrange(rule, batches)
    old_g, old_d = PlayerState(state.g, state.opt_g), PlayerState(state.d, state.opt_d)
    rates_g = rates_of(knobs, knobs.lr_g)

    def move_critic(opponent: PlayerState) -> tuple[PlayerState, Tensor]:
        critic, loss = old_d, state.d.new_zeros(())
        for batch in for_critic:
            if rule.freeze == "critic":  # the loss that it would have minimised
                loss = critic_loss_at(game, rule, opponent, critic.theta, batch, knobs).loss.detach()
                continue
            fake = samples_for_critic(game, rule, opponent, batch, knobs)
            update = update_critic(game, rule, critic, fake, batch, knobs)
            critic, loss = update.after, update.before.loss.detach()
        return critic, loss

    def move_generator(opponent: PlayerState) -> tuple[PlayerState, GeneratorLoss]:
        zero = state.g.new_zeros(())
        generator, loss = old_g, GeneratorLoss(zero, zero, zero)
        for left, batch in zip(reversed(range(len(for_generator))), for_generator, strict=True):
            if rule.freeze == "generator":
                loss = generator_loss(game, rule, generator.theta, opponent, batch, knobs)
                loss = loss._replace(loss=loss.loss.detach())
                continue
            grad, loss = generator_gradient(game, rule, generator.theta, opponent, batch, knobs, need_metrics=not left)
            generator = move(game.optimizer_g, generator, grad, rates_g)
        return generator, loss

    if at_once:
        v, loss_g, update = simultaneous(game, rule, state, batches[0], knobs)
        new_g, new_d, loss_d = move(game.optimizer_g, old_g, v.g, rates_g), update.after, update.before.loss
    elif rule.order == "generator-first":
        new_g, loss_g = move_generator(old_d)
        new_d, loss_d = move_critic(new_g)
    else:
        new_d, loss_d = move_critic(old_g)
        new_g, loss_g = move_generator(new_d if rule.order == "alternating" else old_d)
    moved = state._replace(g=new_g.theta, d=new_d.theta, opt_g=new_g.opt, opt_d=new_d.opt, step=state.step + 1)
    return average(state, moved, rule, knobs), Metrics(loss_d, loss_g.loss, loss_g.f, loss_g.f_k, loss_g.f - loss_g.f_k)


def average(state: State, moved: State, rule: Rule, knobs: Knobs) -> State:
    """`moved`, one step after `state`, with its average of the generator e in `ema_g`.

    `ema`: e <- ema e + (1 - ema) g, which is g itself while ema = 0. `uniform`: e <- e + (g - e) / n, the mean of the n
    iterates since it was chosen, which `averaged` counts (the point that it begins from is none of them). While the
    generator is frozen its average rests with it.
    """
    if rule.freeze == "generator":
        return moved._replace(ema_g=state.ema_g, averaged=state.averaged)
    e, g = state.ema_g, moved.g
    if rule.averaging == "uniform":
        n = state.averaged + 1
        return moved._replace(ema_g=torch.where(n > 1, e + (g - e) / n, g), averaged=n)
    if isinstance(knobs.ema, Tensor):
        decay = column(knobs.ema).to(g.dtype)
        mean = torch.where(decay > 0, decay * e + (1 - decay) * g, g)
    else:
        mean = knobs.ema * e + (1 - knobs.ema) * g if knobs.ema > 0 else g
    return moved._replace(ema_g=mean, averaged=torch.zeros_like(state.averaged))


def looking(rule: Rule, k: int) -> Rule:
    """The rule with a generator that looks k updates of the critic ahead, and a critic that does not."""
    return rule._replace(unroll=k, unroll_player="generator")


def probe_gap(game: Game, rule: Rule, state: State, batch: Batch, knobs: Knobs, k: int) -> tuple[float, float]:
    """(f, f_k) for a look-ahead of k updates that nothing follows from: the gap's curve where the rule has k = 0."""
    ahead, (batch,), knobs = looking(rule, k), recalling(rule, state, [batch]), knobs_at(knobs, state.step)
    loss = generator_loss(game, ahead, state.g, PlayerState(state.d, state.opt_d), batch, knobs)
    return float(loss.f), float(loss.f_k)
