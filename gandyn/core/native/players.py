"""Both players' gradients at a point, and the critic's look-ahead with its way back; all on one minibatch.

A critic's tape holds the blocks of the real samples before those of the generated ones.
"""

from __future__ import annotations

from gandyn.core.native.inner import inner
from gandyn.core.native.passes import place
from gandyn.core.native.products import ROWS
from gandyn.core.native.records import Minibatch
from gandyn.core.native.updates import clip, stop_at_clip
from gandyn.core.native.vectors import copy, fill

TOGETHER = 8  # blocks that go back through all layers before the next ones


@inner
def minibatch(data, step, index, lane):
    """That of one update; a single one is shared by all updates of the step."""
    if data.real.shape[1] == 1:
        index = 0
    return Minibatch(
        data.real[step, index, lane],
        data.z[step, index, lane],
        data.mix[step, index, lane],
        data.noise[step, index, lane],
        data.seeds[lane],
        data.first_step + step,
        data.updates[index],
    )


@inner
def logits(net, tape, blocks, samples):
    """The last layer of a critic's tape: (real [B], generated [B]), views."""
    start = place(net, 2 * blocks, len(net.sizes) - 1, 0)
    middle = start + ROWS * blocks
    return tape[start : start + samples], tape[middle : middle + samples]


@inner
def clear_logits(net, tape, blocks):
    """0 in the last layer, so that rows beyond the batch count for nothing."""
    start = place(net, 2 * blocks, len(net.sizes) - 1, 0)
    fill(tape, start, 2 * ROWS * blocks, 0)


@inner
def generate(parts, game, rule, g, batch, memory, tape, blocks):
    """G(z) and the real samples, scaled, into layer 0 of a critic's tape; the generator's tape stays."""
    net, critic = game.generator, game.critic
    if rule.latents < 0:
        parts.load_input(net, batch.z, 0, rule.samples, memory.generator_H, blocks, 0)
    else:
        parts.load_latents(
            rule.latents, net, batch.seed, batch.step, batch.update, rule.samples, memory.generator_H, blocks,
            memory.scratch, memory.words,
        )  # fmt: skip
    parts.forward(parts.matmul, parts.activate, net, g, memory.generator_H, blocks, 0, blocks)
    parts.load_input(critic, batch.real, 0, rule.samples, tape, 2 * blocks, 0)
    start, count = place(net, blocks, len(net.sizes) - 1, 0), ROWS * blocks * critic.sizes[0]
    to = place(critic, 2 * blocks, 0, blocks)
    scale = tape.dtype.type(critic.input_scale)
    source, out = memory.generator_H[start : start + count], tape[to : to + count]
    for i in range(count):
        out[i] = scale * source[i]


@inner
def critic_gradient(parts, game, rule, knobs, theta, batch, memory, H, D, blocks, penalty, gradient):
    """The gradient of objective + penalty at theta, from logits that stand in H; returns the penalty's value."""
    net = game.critic
    real, fake = logits(net, H, blocks, rule.samples)
    clear_logits(net, D, blocks)
    real_bar, fake_bar = logits(net, D, blocks, rule.samples)
    parts.critic_cotangents(real, fake, real_bar, fake_bar)
    backpropagate(parts, net, theta, H, D, 2 * blocks, 0, 2 * blocks, 1, gradient, memory)
    if penalty is not None:
        return critic_penalty(parts, net, rule, knobs, theta, batch, memory, H, blocks, penalty, gradient, True)
    return 0.0


@inner
def critic_penalty(parts, net, rule, knobs, theta, batch, memory, H, blocks, penalty, gradient, differentiate):
    """The penalty's value at theta; its gradient into `gradient` += if `differentiate`."""
    return parts.add_penalty(
        parts.matmul, parts.activate, parts.multiply_slope, parts.forward, parts.backward, parts.add_gradient,
        parts.tangent_forward, parts.tangent_backward, parts.add_tangent_gradient,
        net, theta, penalty, H, blocks, rule.samples, batch.mix, batch.noise, knobs.penalty_weight, gradient,
        memory.scratch, memory.ones, differentiate,
    )  # fmt: skip


@inner
def backpropagate(parts, net, theta, H, D, blocks, first, last, bottom, gradient, memory):
    """The gradient of all parameters over these blocks, from cotangents of the outputs; D down to layer `bottom`.

    A few blocks at a time, the last ones first: what the passes have just written is in the cache when it is read.
    """
    fill(gradient, 0, len(gradient), 0)
    top = len(net.sizes) - 1
    for end in range(last, first, -TOGETHER):
        begin = max(end - TOGETHER, first)
        parts.backward(parts.matmul, parts.multiply_slope, net, theta, H, D, blocks, begin, end, top, bottom)
        for layer in range(1, top + 1):
            parts.add_gradient(
                parts.matmul, net, layer, H, D, blocks, begin, end, gradient, memory.scratch, memory.ones, True
            )


@inner
def move_critic(parts, game, knobs, theta, m, v, t, gradient):
    """One update of the critic with its optimiser, in place, without the clip."""
    parts.update(game.optimizer_d, theta, m, v, t, gradient, knobs.lr_d, knobs.beta1, knobs.beta2, knobs.eps)


@inner
def copy_player(theta, m, v, to_theta, to_m, to_v):
    """A critic with its moments into other arrays."""
    copy(theta, 0, len(theta), to_theta, 0)
    copy(m, 0, len(m), to_m, 0)
    copy(v, 0, len(v), to_v, 0)


@inner
def generator_gradient(parts, game, g, memory, blocks, fake_bar, start):
    """The gradient of g from the cotangents of the generated samples, in blocks from `start` on."""
    net, D = game.generator, memory.generator_D
    end = place(net, blocks, len(net.sizes) - 1, 0)
    count = ROWS * blocks * net.sizes[-1]
    copy(fake_bar, start, count, D, end)
    backpropagate(parts, net, g, memory.generator_H, D, blocks, 0, blocks, 1, memory.grad_g, memory)


@inner
def look_ahead(parts, game, rule, knobs, t, batch, memory, ahead, blocks, penalty):
    """`unroll` updates of the critic from entry 0 of `ahead`: (f, penalty's value) at the first one's start."""
    net = game.critic
    f, extra = 0.0, 0.0
    inputs = 2 * ROWS * blocks * net.sizes[0]
    for j in range(rule.unroll):
        H, D = memory.H[j], memory.D[j]
        if j > 0:
            copy(memory.H[0], 0, inputs, H, 0)
        parts.forward(parts.matmul, parts.activate, net, ahead.theta[j], H, 2 * blocks, 0, 2 * blocks)
        if j == 0:
            real, fake = logits(net, H, blocks, rule.samples)
            f, _ = parts.losses(real, fake)
        value = critic_gradient(
            parts, game, rule, knobs, ahead.theta[j], batch, memory, H, D, blocks, penalty, ahead.gradient[j]
        )
        if j == 0:
            extra = value
        copy_player(ahead.theta[j], ahead.m[j], ahead.v[j], ahead.unclipped[j + 1], ahead.m[j + 1], ahead.v[j + 1])
        move_critic(
            parts, game, knobs, ahead.unclipped[j + 1], ahead.m[j + 1], ahead.v[j + 1], t + j, ahead.gradient[j]
        )
        copy(ahead.unclipped[j + 1], 0, len(ahead.theta[0]), ahead.theta[j + 1], 0)
        clip(ahead.theta[j + 1], knobs.clip)
    copy(memory.H[0], 0, inputs, memory.H[rule.unroll], 0)
    return f, extra


@inner
def back_through_look_ahead(parts, game, rule, knobs, t, memory, ahead, second, blocks):
    """From the cotangent of the last critic's parameters to what the generated samples owe to every update.

    second.bar holds that cotangent; second.fake grows by the cotangent of the generated samples.
    """
    net = game.critic
    fill(second.bar_m, 0, len(second.bar_m), 0)
    fill(second.bar_v, 0, len(second.bar_v), 0)
    count = ROWS * blocks * net.sizes[0]
    begins = place(net, 2 * blocks, 0, blocks)
    for j in range(rule.unroll - 1, -1, -1):
        stop_at_clip(second.bar, ahead.unclipped[j + 1], knobs.clip)
        parts.adjoint(
            game.optimizer_d, t + j, ahead.gradient[j], ahead.m[j + 1], ahead.v[j + 1],
            knobs.lr_d, knobs.beta1, knobs.beta2, knobs.eps, second.bar, second.bar_m, second.bar_v, second.direction,
        )  # fmt: skip
        H, D = memory.H[j], memory.D[j]
        parts.tangent_forward(
            parts.matmul, parts.multiply_slope, net, ahead.theta[j], second.direction, True, H, second.RA,
            2 * blocks, 0, 2 * blocks, False, memory.scratch,
        )  # fmt: skip
        clear_logits(net, second.RD, blocks)
        real, fake = logits(net, H, blocks, rule.samples)
        real_dot, fake_dot = logits(net, second.RA, blocks, rule.samples)
        real_out, fake_out = logits(net, second.RD, blocks, rule.samples)
        parts.critic_curvature(real, fake, real_dot, fake_dot, real_out, fake_out)
        for half in range(2):  # the inputs' cotangents are wanted of the generated samples alone
            parts.tangent_backward(
                parts.matmul, parts.multiply_slope, net, ahead.theta[j], second.direction, True, H, D,
                second.RA, second.RD, 2 * blocks, half * blocks, (half + 1) * blocks, 1 - half,
            )  # fmt: skip
        for i in range(count):
            second.fake[i] += second.RD[begins + i]
        if j > 0:
            parts.add_tangent_gradient(
                parts.add_gradient, parts.matmul, parts.multiply_slope, net, H, D, second.RA, second.RD,
                2 * blocks, 0, 2 * blocks, False, True, second.bar, memory.scratch, memory.ones,
            )  # fmt: skip
