"""Both players' gradients at a point, on one minibatch.

A critic's tape holds the blocks of the real samples before those of the generated ones. Every function is called by all
threads of a team, and computes their parts of a minibatch; see team.py. Where it needs what others have computed,
it meets them first; what it leaves is to be met for.
"""

from __future__ import annotations

from gandyn.core.native.inner import inner
from gandyn.core.native.passes import place
from gandyn.core.native.products import ROWS
from gandyn.core.native.records import Minibatch
from gandyn.core.native.team import blocks_of_part, is_mine, meet
from gandyn.core.native.vectors import add, copy, fill

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
def generate(parts, team, game, rule, g, batch, memory, tape, blocks):
    """G(z) and the real samples, scaled, into layer 0 of a critic's tape; the generator's tape stays."""
    net, critic = game.generator, game.critic
    scale = tape.dtype.type(critic.input_scale)
    for part in range(team.parts):
        if is_mine(team, part):
            first, last = blocks_of_part(team, part, blocks)
            begin = first * ROWS
            samples = min(rule.samples, last * ROWS) - begin
            if rule.latents < 0:
                parts.load_input(net, batch.z, begin * net.sizes[0], samples, memory.generator_H, blocks, first)
            else:
                parts.load_latents(
                    parts.load_input, rule.latents, net, batch.seed, batch.step, batch.update, rule.samples,
                    memory.generator_H, blocks, first, last, team.scratch, team.words,
                )  # fmt: skip
            parts.forward(parts.matmul, parts.activate, net, g, memory.generator_H, blocks, first, last)
            parts.load_input(critic, batch.real, begin * critic.sizes[0], samples, tape, 2 * blocks, first)
            count = ROWS * (last - first) * critic.sizes[0]
            start, to = place(net, blocks, len(net.sizes) - 1, first), place(critic, 2 * blocks, 0, blocks + first)
            source, out = memory.generator_H[start : start + count], tape[to : to + count]
            for i in range(count):
                out[i] = scale * source[i]


@inner
def forward_critic(parts, team, net, theta, tape, blocks, real):
    """The critic's pass over generated samples and, where `real`, over real ones."""
    for part in range(team.parts):
        if is_mine(team, part):
            first, last = blocks_of_part(team, part, blocks)
            if real:
                parts.forward(parts.matmul, parts.activate, net, theta, tape, 2 * blocks, first, last)
            parts.forward(parts.matmul, parts.activate, net, theta, tape, 2 * blocks, blocks + first, blocks + last)


@inner
def critic_cotangents(parts, team, net, samples, H, D, blocks):
    """Of the critic's loss at the logits in H, into D."""
    meet(team)
    if team.rank == 0:
        clear_logits(net, D, blocks)
        real, fake = logits(net, H, blocks, samples)
        real_bar, fake_bar = logits(net, D, blocks, samples)
        parts.critic_cotangents(real, fake, real_bar, fake_bar)


@inner
def critic_gradient(parts, team, game, rule, knobs, theta, batch, memory, H, D, blocks, penalty, gradient):
    """This thread's share of the gradient of objective + penalty at theta, from logits in H and their cotangents in D.

    Returns the penalty's value.
    """
    net = game.critic
    meet(team)
    for part in range(team.parts):
        if is_mine(team, part):
            first, last = blocks_of_part(team, part, blocks)
            own = gradient if part == 0 else memory.grad_d[part]
            fill(own, 0, len(own), 0)
            if team.parts == 1:  # both halves are one run of blocks
                backpropagate(parts, team, net, theta, H, D, 2 * blocks, 0, 2 * blocks, 1, own, memory.ones)
            else:
                for half in range(1, -1, -1):
                    begin, end = half * blocks + first, half * blocks + last
                    backpropagate(parts, team, net, theta, H, D, 2 * blocks, begin, end, 1, own, memory.ones)
    gather(team, gradient, memory.grad_d, team.d_first, team.d_last)
    value = 0.0
    if penalty is not None:
        meet(team)
        if team.rank == 0:
            value = critic_penalty(
                parts, team, net, rule, knobs, theta, batch, memory, H, blocks, penalty, gradient, True
            )
        meet(team)
    return value


@inner
def gather(team, gradient, by_part, first, last):
    """The gradient's elements first ... last - 1: those of all parts, added to that of the first."""
    meet(team)
    for part in range(1, team.parts):
        add(gradient, by_part[part], first, last)


@inner
def critic_penalty(parts, team, net, rule, knobs, theta, batch, memory, H, blocks, penalty, gradient, differentiate):
    """The penalties' sum at theta; its gradient into `gradient` += if `differentiate`. One thread computes it."""
    value = 0.0
    for which in range(len(penalty.points)):
        value += parts.add_penalty(
            parts.matmul, parts.activate, parts.multiply_slope, parts.forward, parts.backward, parts.add_gradient,
            parts.tangent_forward, parts.tangent_backward, parts.add_tangent_gradient,
            net, theta, penalty, which, H, blocks, rule.samples, batch.mix, batch.noise, knobs.weights[which], gradient,
            team.scratch, memory.ones, differentiate,
        )  # fmt: skip
    return value


@inner
def backpropagate(parts, team, net, theta, H, D, blocks, first, last, bottom, gradient, ones):
    """The gradient of all parameters += that over these blocks, from cotangents of the outputs; D down to `bottom`.

    A few blocks at a time, the last ones first: what the passes have just written is in the cache when it is read.
    """
    top = len(net.sizes) - 1
    for end in range(last, first, -TOGETHER):
        begin = max(end - TOGETHER, first)
        parts.backward(parts.matmul, parts.multiply_slope, net, theta, H, D, blocks, begin, end, top, bottom)
        for layer in range(1, top + 1):
            parts.add_gradient(parts.matmul, net, layer, H, D, blocks, begin, end, gradient, team.scratch, ones, True)


@inner
def move_critic(parts, team, game, knobs, theta, m, v, t, gradient):
    """This thread's share of one update of the critic with its optimiser, in place, without the clip."""
    first, last = team.d_first, team.d_last
    parts.update(
        game.optimizer_d, theta[first:last], m[first:last], v[first:last], t, gradient[first:last], knobs.lr_d,
        knobs.beta1, knobs.beta2, knobs.eps,
    )  # fmt: skip


@inner
def copy_player(theta, m, v, to_theta, to_m, to_v, first, last):
    """A player's parameters first ... last - 1, with their moments, into other arrays."""
    copy(theta, first, last - first, to_theta, first)
    copy(m, first, last - first, to_m, first)
    copy(v, first, last - first, to_v, first)


@inner
def generator_gradient(parts, team, game, g, memory, blocks, fake_bar, start):
    """This thread's share of the gradient of g, from the cotangents of the generated samples in blocks from `start` on.

    What it reads of them is what this thread has written.
    """
    net, D = game.generator, memory.generator_D
    for part in range(team.parts):
        if is_mine(team, part):
            first, last = blocks_of_part(team, part, blocks)
            width, own = ROWS * net.sizes[-1], memory.grad_g[part]
            copy(
                fake_bar,
                start + first * width,
                (last - first) * width,
                D,
                place(net, blocks, len(net.sizes) - 1, first),
            )
            fill(own, 0, len(own), 0)
            backpropagate(parts, team, net, g, memory.generator_H, D, blocks, first, last, 1, own, memory.ones)
    gather(team, memory.grad_g[0], memory.grad_g, team.g_first, team.g_last)
