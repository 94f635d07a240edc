"""The critic's look-ahead on one minibatch, and the way back through its updates; called by all threads of a team."""

from __future__ import annotations

from gandyn.core.native.inner import inner
from gandyn.core.native.passes import place
from gandyn.core.native.players import (
    clear_logits,
    copy_player,
    critic_cotangents,
    critic_gradient,
    forward_critic,
    gather,
    logits,
    move_critic,
)
from gandyn.core.native.products import ROWS
from gandyn.core.native.team import blocks_of_part, is_mine, meet
from gandyn.core.native.updates import clip, stop_at_clip
from gandyn.core.native.vectors import copy, fill


@inner
def copy_inputs(team, net, tape, out, blocks):
    """Layer 0 of a critic's tape into another."""
    for part in range(team.parts):
        if is_mine(team, part):
            first, last = blocks_of_part(team, part, blocks)
            count = ROWS * (last - first) * net.sizes[0]
            for half in range(2):
                begin = place(net, 2 * blocks, 0, half * blocks + first)
                copy(tape, begin, count, out, begin)


@inner
def look_ahead(parts, team, game, rule, knobs, t, batch, memory, ahead, blocks, penalty):
    """`unroll` updates of the critic from entry 0 of `ahead`: (f, penalty's value) at the first one's start."""
    net = game.critic
    f, extra, own, end = 0.0, 0.0, team.d_first, team.d_last
    for j in range(rule.unroll):
        H, D = memory.H[j], memory.D[j]
        if j > 0:
            copy_inputs(team, net, memory.H[0], H, blocks)
        meet(team)  # for the parameters
        forward_critic(parts, team, net, ahead.theta[j], H, blocks, True)
        critic_cotangents(parts, team, net, rule.samples, H, D, blocks)
        if j == 0 and team.rank == 0:
            real, fake = logits(net, H, blocks, rule.samples)
            f, _ = parts.losses(real, fake)
        value = critic_gradient(
            parts, team, game, rule, knobs, ahead.theta[j], batch, memory, H, D, blocks, penalty, ahead.gradient[j]
        )
        if j == 0:
            extra = value
        after, m, v = ahead.unclipped[j + 1], ahead.m[j + 1], ahead.v[j + 1]
        copy_player(ahead.theta[j], ahead.m[j], ahead.v[j], after, m, v, own, end)
        move_critic(parts, team, game, knobs, after, m, v, t + j, ahead.gradient[j])
        copy(after, own, end - own, ahead.theta[j + 1], own)
        clip(ahead.theta[j + 1][own:end], knobs.clip)
    copy_inputs(team, net, memory.H[0], memory.H[rule.unroll], blocks)
    meet(team)
    return f, extra


@inner
def back_through_look_ahead(parts, team, game, rule, knobs, t, memory, ahead, second, blocks):
    """From the cotangent of the last critic's parameters to what the generated samples owe to every update.

    second.bar holds that cotangent; second.fake grows by the cotangent of the generated samples.
    """
    net = game.critic
    own, end = team.d_first, team.d_last
    fill(second.bar_m, own, end - own, 0)
    fill(second.bar_v, own, end - own, 0)
    for j in range(rule.unroll - 1, -1, -1):
        bar = second.bar[own:end]
        stop_at_clip(bar, ahead.unclipped[j + 1][own:end], knobs.clip)
        parts.adjoint(
            game.optimizer_d, t + j, ahead.gradient[j][own:end], ahead.m[j + 1][own:end],
            ahead.v[j + 1][own:end], knobs.lr_d, knobs.beta1, knobs.beta2, knobs.eps, bar,
            second.bar_m[own:end], second.bar_v[own:end], second.direction[own:end],
        )  # fmt: skip
        H, D = memory.H[j], memory.D[j]
        meet(team)  # for the direction
        for part in range(team.parts):
            if is_mine(team, part):
                first, last = blocks_of_part(team, part, blocks)
                for half in range(2):
                    parts.tangent_forward(
                        parts.matmul, parts.multiply_slope, net, ahead.theta[j], second.direction, True, H, second.RA,
                        2 * blocks, half * blocks + first, half * blocks + last, False, team.scratch,
                    )  # fmt: skip
        meet(team)
        if team.rank == 0:
            clear_logits(net, second.RD, blocks)
            real, fake = logits(net, H, blocks, rule.samples)
            real_dot, fake_dot = logits(net, second.RA, blocks, rule.samples)
            real_out, fake_out = logits(net, second.RD, blocks, rule.samples)
            parts.critic_curvature(real, fake, real_dot, fake_dot, real_out, fake_out)
        meet(team)
        for part in range(team.parts):
            if is_mine(team, part):
                _tangent_of_gradient(parts, team, net, part, ahead.theta[j], memory, H, D, second, blocks, j > 0)
        if j > 0:
            gather(team, second.bar, memory.grad_d, own, end)


@inner
def _tangent_of_gradient(parts, team, net, part, theta, memory, H, D, second, blocks, differentiate):
    """Of one part: what the generated samples owe to this update and, if `differentiate`, what its parameters do."""
    first, last = blocks_of_part(team, part, blocks)
    bar = second.bar if part == 0 else memory.grad_d[part]
    if part > 0:
        fill(bar, 0, len(bar), 0)
    for half in range(2):  # the inputs' cotangents are wanted of the generated samples alone
        begin, end = half * blocks + first, half * blocks + last
        parts.tangent_backward(
            parts.matmul, parts.multiply_slope, net, theta, second.direction, True, H, D,
            second.RA, second.RD, 2 * blocks, begin, end, 1 - half,
        )  # fmt: skip
        if differentiate:
            parts.add_tangent_gradient(
                parts.add_gradient, parts.matmul, parts.multiply_slope, net, H, D, second.RA, second.RD,
                2 * blocks, begin, end, False, True, bar, team.scratch, memory.ones,
            )  # fmt: skip
    width = ROWS * net.sizes[0]
    begins = place(net, 2 * blocks, 0, blocks)
    for i in range(first * width, last * width):
        second.fake[i] += second.RD[begins + i]
