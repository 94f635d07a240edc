"""Steps of one GAN, in the order that dynamics.step has them; called by all threads of a team, see team.py."""

from __future__ import annotations

from gandyn.core.native.inner import inner
from gandyn.core.native.look_ahead import back_through_look_ahead, look_ahead
from gandyn.core.native.passes import place
from gandyn.core.native.players import (
    backpropagate,
    clear_logits,
    copy_player,
    critic_cotangents,
    critic_gradient,
    critic_penalty,
    forward_critic,
    gather,
    generate,
    generator_gradient,
    logits,
    minibatch,
    move_critic,
)
from gandyn.core.native.products import ROWS
from gandyn.core.native.records import NativeKnobs
from gandyn.core.native.team import blocks_of_part, is_mine, meet
from gandyn.core.native.updates import average, clip, take_in
from gandyn.core.native.vectors import copy, fill

SIMULTANEOUS, ALTERNATING, GENERATOR_FIRST = range(3)  # places in types.ORDERS
NONE, CRITIC, GENERATOR = range(3)  # places in types.FREEZES


@inner
def _critic_updates(parts, team, game, rule, knobs, point, t, data, step, lane, memory, blocks, penalty):
    """The critic's updates against the generator in `point`: what it minimised last, before that update."""
    net = game.critic
    H, D = memory.H[0], memory.D[0]
    frozen = rule.freeze == CRITIC
    loss = 0.0
    for i in range(rule.critic_steps - 1 if frozen else 0, rule.critic_steps):
        batch = minibatch(data, step, i, lane)
        generate(parts, team, game, rule, point.g, batch, memory, H, blocks)
        forward_critic(parts, team, net, point.d, H, blocks, True)
        if frozen:
            meet(team)
        else:
            critic_cotangents(parts, team, net, rule.samples, H, D, blocks)
        if team.rank == 0:
            real, fake = logits(net, H, blocks, rule.samples)
            loss, _ = parts.losses(real, fake)
        if frozen:
            if penalty is not None and team.rank == 0:
                loss += critic_penalty(
                    parts, team, net, rule, knobs, point.d, batch, memory, H, blocks, penalty, memory.grad_d[0], False
                )
        else:
            loss += critic_gradient(
                parts, team, game, rule, knobs, point.d, batch, memory, H, D, blocks, penalty, memory.grad_d[0]
            )
            move_critic(parts, team, game, knobs, point.d, point.d_m, point.d_v, t + i, memory.grad_d[0])
            clip(point.d[team.d_first : team.d_last], knobs.clip)
        meet(team)
    return loss


@inner
def _cotangent_of_samples(parts, team, game, rule, d, memory, tape, blocks, second, out, need_f):
    """(The generator's loss, f) at critic d; the cotangents of G(z) into layer 0 of `out`.

    `second`: the look-ahead's memory, which takes the loss's gradient with respect to d and the cotangents; else None.
    """
    net = game.critic
    both = second is not None or need_f or rule.paired
    forward_critic(parts, team, net, d, tape, blocks, both)
    meet(team)
    loss, f_k = 0.0, 0.0
    if team.rank == 0:
        real, fake = logits(net, tape, blocks, rule.samples)
        f_k, loss = parts.losses(real, fake)
        clear_logits(net, out, blocks)
        real_bar, fake_bar = logits(net, out, blocks, rule.samples)
        parts.generator_cotangents(real, fake, real_bar, fake_bar)
    meet(team)
    top, width = len(net.sizes) - 1, ROWS * net.sizes[0]
    for part in range(team.parts):
        if is_mine(team, part):
            first, last = blocks_of_part(team, part, blocks)
            begin, end = blocks + first, blocks + last
            if second is None:
                parts.backward(parts.matmul, parts.multiply_slope, net, d, tape, out, 2 * blocks, begin, end, top, 0)
            else:
                bar = second.bar if part == 0 else memory.grad_d[part]
                fill(bar, 0, len(bar), 0)
                backpropagate(parts, team, net, d, tape, out, 2 * blocks, begin, end, 0, bar, memory.ones)
                if rule.paired:
                    backpropagate(parts, team, net, d, tape, out, 2 * blocks, first, last, 0, bar, memory.ones)
                start = place(net, 2 * blocks, 0, begin)
                copy(out, start, (last - first) * width, second.fake, first * width)
    if second is not None:
        gather(team, second.bar, memory.grad_d, team.d_first, team.d_last)
    return loss, f_k


@inner
def _generator_updates(
    parts, team, game, rule, knobs, point, t, d, d_m, d_v, d_t, data, step, lane, memory, blocks, penalty, ahead,
    second,
):  # fmt: skip
    """The generator's updates against the critic (d, d_m, d_v, d_t): (its loss, f, f_k, the critic's loss).

    All as the last update saw them, before it. With a look-ahead entry 1 of `ahead` is the critic's first update.
    """
    net = game.critic
    frozen = rule.freeze == GENERATOR
    loss, f, f_k, critic_loss = 0.0, 0.0, 0.0, 0.0
    for i in range(rule.generator_steps - 1 if frozen else 0, rule.generator_steps):
        batch = minibatch(data, step, rule.critic_steps + i, lane)
        generate(parts, team, game, rule, point.g, batch, memory, memory.H[0], blocks)
        last = i == rule.generator_steps - 1
        opponent = d
        if ahead is not None:
            copy_player(d, d_m, d_v, ahead.theta[0], ahead.m[0], ahead.v[0], team.d_first, team.d_last)
            f, extra = look_ahead(parts, team, game, rule, knobs, d_t, batch, memory, ahead, blocks, penalty)
            critic_loss = f + extra
            opponent = ahead.theta[rule.unroll]
        out = memory.D[rule.unroll]
        loss, f_k = _cotangent_of_samples(
            parts, team, game, rule, opponent, memory, memory.H[rule.unroll], blocks, second, out, last
        )
        if ahead is None:
            f = f_k
        if not frozen:
            if second is not None:
                back_through_look_ahead(parts, team, game, rule, knobs, d_t, memory, ahead, second, blocks)
                generator_gradient(parts, team, game, point.g, memory, blocks, second.fake, 0)
            else:
                generator_gradient(parts, team, game, point.g, memory, blocks, out, place(net, 2 * blocks, 0, blocks))
            _move_generator(parts, team, game, knobs, point, t + i, memory)
        meet(team)
    return loss, f, f_k, critic_loss


@inner
def _move_generator(parts, team, game, knobs, point, t, memory):
    first, last = team.g_first, team.g_last
    parts.update(
        game.optimizer_g, point.g[first:last], point.g_m[first:last], point.g_v[first:last], t,
        memory.grad_g[0][first:last], knobs.lr_g, knobs.beta1, knobs.beta2, knobs.eps,
    )  # fmt: skip


@inner
def _both_at_once(parts, team, game, rule, knobs, point, g_t, d_t, data, step, lane, memory, blocks, penalty):
    """One update of each from the same point on one batch without look-ahead: (critic's loss, generator's loss, f)."""
    net = game.critic
    batch = minibatch(data, step, 0, lane)
    H, D, out = memory.H[0], memory.D[0], memory.fake_D
    generate(parts, team, game, rule, point.g, batch, memory, H, blocks)
    forward_critic(parts, team, net, point.d, H, blocks, True)
    critic_cotangents(parts, team, net, rule.samples, H, D, blocks)
    f, loss = 0.0, 0.0
    if team.rank == 0:
        real, fake = logits(net, H, blocks, rule.samples)
        f, loss = parts.losses(real, fake)
        if not rule.opposed:
            clear_logits(net, out, blocks)
            real_bar, fake_bar = logits(net, out, blocks, rule.samples)
            parts.generator_cotangents(real, fake, real_bar, fake_bar)
    extra = critic_gradient(
        parts, team, game, rule, knobs, point.d, batch, memory, H, D, blocks, penalty, memory.grad_d[0]
    )
    top, width = len(net.sizes) - 1, ROWS * net.sizes[0]
    start = place(net, 2 * blocks, 0, blocks)
    for part in range(team.parts):
        if is_mine(team, part):
            first, last = blocks_of_part(team, part, blocks)
            begin, end = blocks + first, blocks + last
            if rule.opposed:  # the critic's cotangents go on to the samples, with the other sign
                parts.backward(parts.matmul, parts.multiply_slope, net, point.d, H, D, 2 * blocks, begin, end, 1, 0)
                for i in range(start + first * width, start + last * width):
                    out[i] = -D[i]
            else:
                parts.backward(parts.matmul, parts.multiply_slope, net, point.d, H, out, 2 * blocks, begin, end, top, 0)
    generator_gradient(parts, team, game, point.g, memory, blocks, out, start)  # and all have read the parameters
    move_critic(parts, team, game, knobs, point.d, point.d_m, point.d_v, d_t, memory.grad_d[0])
    clip(point.d[team.d_first : team.d_last], knobs.clip)
    _move_generator(parts, team, game, knobs, point, g_t, memory)
    meet(team)
    return f + extra, loss, f


@inner
def _knobs_at(knobs, step):
    """With the learning rates of the step after `step` others: see core/decay.py."""
    along = 1 + step / knobs.decay_steps
    return NativeKnobs(
        knobs.lr_g * along**-knobs.decay_g, knobs.lr_d * along**-knobs.decay_d, knobs.beta1, knobs.beta2, knobs.eps,
        knobs.clip, knobs.ema, 0.0, 0.0, knobs.decay_steps, knobs.weights,
    )  # fmt: skip


@inner
def steps_of_one(
    parts, team, game, rule, all_knobs, point, data, lane, count, memory, blocks, old, penalty, ahead, second, metrics
):
    """`count` steps of one GAN from `point`, which they write into; metrics [5, count, lanes] as in types.Metrics.

    `penalty`, `ahead` and `second` are None where the rule has no penalty, no look-ahead, or none of second order;
    `old`, memory for the critic at the beginning of a step, is None where both players move together.
    """
    g_moves = 0 if rule.freeze == GENERATOR else rule.generator_steps
    d_moves = 0 if rule.freeze == CRITIC else rule.critic_steps
    for step in range(count):
        knobs = _knobs_at(all_knobs, data.first_step + step)
        g_t, d_t = point.g_t + step * g_moves, point.d_t + step * d_moves
        d_loss, g_loss, f, f_k = 0.0, 0.0, 0.0, 0.0
        if old is None:
            d_loss, g_loss, f = _both_at_once(
                parts, team, game, rule, knobs, point, g_t, d_t, data, step, lane, memory, blocks, penalty
            )
            f_k = f
        else:
            d, m, v, opponent_t = point.d, point.d_m, point.d_v, d_t
            if rule.order == SIMULTANEOUS and not rule.shared:
                copy_player(point.d, point.d_m, point.d_v, old[0], old[1], old[2], team.d_first, team.d_last)
                meet(team)
                d, m, v = old[0], old[1], old[2]
            elif rule.order == ALTERNATING:
                opponent_t = d_t + d_moves
            if rule.order != GENERATOR_FIRST and not rule.shared:
                d_loss = _critic_updates(
                    parts, team, game, rule, knobs, point, d_t, data, step, lane, memory, blocks, penalty
                )
            g_loss, f, f_k, shared_loss = _generator_updates(
                parts, team, game, rule, knobs, point, g_t, d, m, v, opponent_t, data, step, lane, memory, blocks,
                penalty, ahead, second,
            )  # fmt: skip
            if rule.shared and ahead is not None:
                d_loss = shared_loss
                copy_player(
                    ahead.theta[1], ahead.m[1], ahead.v[1], point.d, point.d_m, point.d_v, team.d_first, team.d_last
                )
                meet(team)
            if rule.order == GENERATOR_FIRST:
                d_loss = _critic_updates(
                    parts, team, game, rule, knobs, point, d_t, data, step, lane, memory, blocks, penalty
                )
        if rule.freeze != GENERATOR:
            ema, g = point.ema[team.g_first : team.g_last], point.g[team.g_first : team.g_last]
            if rule.uniform:
                take_in(ema, g, point.averaged + step + 1)
            else:
                average(ema, g, knobs.ema)
        if team.rank == 0:
            metrics[0, step, lane], metrics[1, step, lane], metrics[2, step, lane] = d_loss, g_loss, f
            metrics[3, step, lane], metrics[4, step, lane] = f_k, f - f_k
