"""Both players' gradients at a point, and the critic's look-ahead with its way back; all on one minibatch.

A critic's tape holds the blocks of the real samples before those of the generated ones.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from numba import njit

from gandyn.core.native.networks import Network
from gandyn.core.native.passes import add_gradient, backward, forward, load_input, place
from gandyn.core.native.penalties import add_penalty
from gandyn.core.native.products import ROWS
from gandyn.core.native.tangents import add_tangent_gradient, tangent_backward, tangent_forward
from gandyn.core.native.updates import adjoint, clip, stop_at_clip, update


class NativeGame(NamedTuple):
    """The two networks and the places of their optimisers in updates.OPTIMIZERS."""

    generator: Network
    critic: Network
    optimizer_g: int
    optimizer_d: int


class NativeRule(NamedTuple):
    """The static part of a step in numbers."""

    unroll: int
    second_order: bool
    critic_steps: int
    generator_steps: int
    order: int  # simultaneous, alternating, generator-first
    freeze: int  # none, critic, generator
    samples: int  # of a minibatch
    shared: bool  # both players move at once on one batch
    paired: bool  # the generator's loss reads the real logits
    opposed: bool  # at generated samples its cotangents are minus the critic's


class NativeKnobs(NamedTuple):
    """The numbers of a step, of one lane."""

    lr_g: float
    lr_d: float
    beta1: float
    beta2: float
    eps: float
    penalty_weight: float
    clip: float
    ema: float


class Minibatch(NamedTuple):
    """One update's numbers, flat: real [B n], z [B nz], mix [B], noise [B n]; what is not read may be empty."""

    real: Any
    z: Any
    mix: Any
    noise: Any


class Memory(NamedTuple):
    """What the passes of one GAN write into."""

    generator_H: Any
    generator_D: Any
    H: Any  # [unroll + 1, ...]: the critic's tapes on the batch, one an update ahead
    D: Any
    fake_D: Any  # cotangents of the generator's loss, where the critic's must stay
    grad_g: Any
    grad_d: Any
    old_d: Any  # [3, P_D]: the critic as it stood when the step began, with its moments
    scratch: Any
    ones: Any


class AheadMemory(NamedTuple):
    """What the look-ahead writes into, [unroll + 1, P_D] each: entry j holds what was there after j updates."""

    theta: Any
    m: Any
    v: Any
    unclipped: Any
    gradient: Any


class SecondMemory(NamedTuple):
    """What the way back through the look-ahead writes into."""

    RA: Any
    RD: Any
    bar: Any  # cotangents of theta, m, v
    bar_m: Any
    bar_v: Any
    direction: Any
    fake: Any  # the cotangent of the generated samples, in blocks


class Data(NamedTuple):
    """The numbers of many steps: [steps, updates, lanes, numbers of one minibatch]."""

    real: Any
    z: Any
    mix: Any
    noise: Any


@njit(nogil=True)
def minibatch(data, step, index, lane):
    """That of one update; a single one is shared by all updates of the step."""
    if data.z.shape[1] == 1:
        index = 0
    return Minibatch(
        data.real[step, index, lane], data.z[step, index, lane], data.mix[step, index, lane], data.noise[step, index, lane]
    )


@njit(nogil=True, error_model="numpy")
def logits(net, tape, blocks, samples):
    """The last layer of a critic's tape: (real [B], generated [B]), views."""
    start = place(net, 2 * blocks, len(net.sizes) - 1, 0)
    middle = start + ROWS * blocks
    return tape[start : start + samples], tape[middle : middle + samples]


@njit(nogil=True, error_model="numpy")
def clear_logits(net, tape, blocks):
    """0 in the last layer, so that rows beyond the batch count for nothing."""
    start = place(net, 2 * blocks, len(net.sizes) - 1, 0)
    tape[start : start + 2 * ROWS * blocks] = 0


@njit(nogil=True, error_model="numpy")
def generate(game, rule, g, batch, memory, tape, blocks):
    """G(z) and the real samples, scaled, into layer 0 of a critic's tape; the generator's tape stays."""
    net, critic = game.generator, game.critic
    load_input(net, batch.z, 0, rule.samples, memory.generator_H, blocks, 0)
    forward(net, g, memory.generator_H, blocks, 0, blocks)
    load_input(critic, batch.real, 0, rule.samples, tape, 2 * blocks, 0)
    start, count = place(net, blocks, len(net.sizes) - 1, 0), ROWS * blocks * critic.sizes[0]
    to = place(critic, 2 * blocks, 0, blocks)
    scale = tape.dtype.type(critic.input_scale)
    source, out = memory.generator_H[start : start + count], tape[to : to + count]
    for i in range(count):
        out[i] = scale * source[i]


@njit(nogil=True, error_model="numpy")
def critic_gradient(game, rule, knobs, theta, batch, memory, H, D, blocks, penalty, cotangents, gradient):
    """The gradient of objective + penalty at theta, from logits that stand in H; returns the penalty's value."""
    net = game.critic
    real, fake = logits(net, H, blocks, rule.samples)
    clear_logits(net, D, blocks)
    cotangents(real, fake, *logits(net, D, blocks, rule.samples))
    backward(net, theta, H, D, 2 * blocks, 0, 2 * blocks, False)
    gradient[:] = 0
    add_gradient(net, H, D, 2 * blocks, 0, 2 * blocks, gradient, memory.scratch, memory.ones)
    if penalty is not None:
        return add_penalty(
            net, theta, penalty, H, blocks, rule.samples, batch.mix, batch.noise, knobs.penalty_weight, gradient,
            memory.scratch, memory.ones, True,
        )  # fmt: skip
    return 0.0


@njit(nogil=True, error_model="numpy")
def move_critic(game, knobs, theta, m, v, t, gradient, new_theta, new_m, new_v):
    """One update of the critic with its optimiser, without the clip."""
    update(
        game.optimizer_d, theta, m, v, t, gradient, knobs.lr_d, knobs.beta1, knobs.beta2, knobs.eps,
        new_theta, new_m, new_v,
    )  # fmt: skip


@njit(nogil=True, error_model="numpy")
def generator_gradient(game, g, memory, blocks, fake_bar, start):
    """The gradient of g from the cotangents of the generated samples, in blocks from `start` on."""
    net, D = game.generator, memory.generator_D
    end = place(net, blocks, len(net.sizes) - 1, 0)
    count = ROWS * blocks * net.sizes[-1]
    D[end : end + count] = fake_bar[start : start + count]
    backward(net, g, memory.generator_H, D, blocks, 0, blocks, False)
    memory.grad_g[:] = 0
    add_gradient(net, memory.generator_H, D, blocks, 0, blocks, memory.grad_g, memory.scratch, memory.ones)


@njit(nogil=True, error_model="numpy")
def look_ahead(game, rule, knobs, t, batch, memory, ahead, blocks, penalty, losses, cotangents):
    """`unroll` updates of the critic from entry 0 of `ahead`: (f, penalty's value) at the first one's start."""
    net = game.critic
    f, extra = 0.0, 0.0
    inputs = 2 * ROWS * blocks * net.sizes[0]
    for j in range(rule.unroll):
        H, D = memory.H[j], memory.D[j]
        if j > 0:
            H[:inputs] = memory.H[0][:inputs]
        forward(net, ahead.theta[j], H, 2 * blocks, 0, 2 * blocks)
        if j == 0:
            real, fake = logits(net, H, blocks, rule.samples)
            f, _ = losses(real, fake)
        value = critic_gradient(
            game, rule, knobs, ahead.theta[j], batch, memory, H, D, blocks, penalty, cotangents, ahead.gradient[j]
        )
        if j == 0:
            extra = value
        move_critic(
            game, knobs, ahead.theta[j], ahead.m[j], ahead.v[j], t + j, ahead.gradient[j],
            ahead.unclipped[j + 1], ahead.m[j + 1], ahead.v[j + 1],
        )  # fmt: skip
        ahead.theta[j + 1][:] = ahead.unclipped[j + 1]
        clip(ahead.theta[j + 1], knobs.clip)
    memory.H[rule.unroll][:inputs] = memory.H[0][:inputs]
    return f, extra


@njit(nogil=True, error_model="numpy")
def back_through_look_ahead(game, rule, knobs, t, memory, ahead, second, blocks, curvature):
    """From the cotangent of the last critic's parameters to what the generated samples owe to every update.

    second.bar holds that cotangent; second.fake grows by the cotangent of the generated samples.
    """
    net = game.critic
    second.bar_m[:] = 0
    second.bar_v[:] = 0
    count = ROWS * blocks * net.sizes[0]
    begins = place(net, 2 * blocks, 0, blocks)
    for j in range(rule.unroll - 1, -1, -1):
        stop_at_clip(second.bar, ahead.unclipped[j + 1], knobs.clip)
        adjoint(
            game.optimizer_d, t + j, ahead.gradient[j], ahead.m[j + 1], ahead.v[j + 1],
            knobs.lr_d, knobs.beta1, knobs.beta2, knobs.eps, second.bar, second.bar_m, second.bar_v, second.direction,
        )  # fmt: skip
        H, D = memory.H[j], memory.D[j]
        tangent_forward(
            net, ahead.theta[j], second.direction, H, second.RA, 2 * blocks, 0, 2 * blocks, False, memory.scratch
        )
        clear_logits(net, second.RD, blocks)
        real, fake = logits(net, H, blocks, rule.samples)
        real_dot, fake_dot = logits(net, second.RA, blocks, rule.samples)
        curvature(real, fake, real_dot, fake_dot, *logits(net, second.RD, blocks, rule.samples))
        tangent_backward(
            net, ahead.theta[j], second.direction, H, D, second.RA, second.RD, 2 * blocks, 0, blocks, False
        )
        tangent_backward(
            net, ahead.theta[j], second.direction, H, D, second.RA, second.RD, 2 * blocks, blocks, 2 * blocks, True
        )
        for i in range(count):
            second.fake[i] += second.RD[begins + i]
        if j > 0:
            add_tangent_gradient(
                net, H, D, second.RA, second.RD, 2 * blocks, 0, 2 * blocks, False, True, second.bar,
                memory.scratch, memory.ones,
            )  # fmt: skip
