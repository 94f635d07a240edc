"""Many steps of many GANs in one launch: each program of the kernel steps one GAN at a time, from first to last.

A minibatch is taken in blocks of ROWS samples, which go through both networks and back in registers; what is added up
over the blocks, the gradients, lies in memory of the program's own. There is no order among GANs, and within one
everything has its place, so the same inputs give the same bits. The numbers of a program's memory are written by one
thread and read by another: between them stands a barrier.
"""

import triton
import triton.language as tl

from gandyn.core.cuda.functions import (
    LINEAR,
    critic_cotangents,
    critic_terms,
    generator_cotangents,
    generator_terms,
    slope,
)
from gandyn.core.cuda.layers import (
    ROOM,
    WIDTH,
    add_first_gradient,
    backward,
    first_layer,
    forward,
    load_block,
)
from gandyn.core.cuda.updates import NUMBERS, average, copy, update

CRITIC_LOSS, GENERATOR_LOSS, F, F_K, GAP = (tl.constexpr(i) for i in range(5))  # rows of the metrics


@triton.jit
def _stacked(first, second, ROWS: tl.constexpr, ROOM: tl.constexpr):
    """[2 ROWS, ROOM]: the rows of two blocks."""
    is_first = tl.arange(0, 2)[:, None, None] == 0
    return tl.reshape(tl.where(is_first, first[None, :, :], second[None, :, :]), (2 * ROWS, ROOM))


@triton.jit
def _column(real, fake, there, ROWS: tl.constexpr, ROOM: tl.constexpr):
    """[2 ROWS, ROOM]: numbers [ROWS] of real and of generated samples in column 0, else 0."""
    numbers = tl.where(tl.arange(0, 2)[:, None] == 0, real[None, :], fake[None, :])
    numbers = tl.reshape(tl.where(there[None, :], numbers, 0.0), (2 * ROWS, 1))
    return tl.where(tl.arange(0, ROOM)[None, :] == 0, numbers, 0.0)


@triton.jit(do_not_specialize=["lanes", "steps", "updates", "critic_steps", "generator_steps", "samples"])
def advance(
    g, g_m, g_v, d, d_m, d_v, ema, real, z, numbers_g, numbers_d, limits, scales, metrics, memory,
    stride_g, stride_d, lanes, steps, updates, critic_steps, generator_steps, samples, lane_stride,
    NET_G: tl.constexpr, NET_D: tl.constexpr, SIZE_G: tl.constexpr, SIZE_D: tl.constexpr,
    HIDDEN_G: tl.constexpr, OUTPUT_G: tl.constexpr, HIDDEN_D: tl.constexpr, FIRST_G: tl.constexpr,
    OBJECTIVE: tl.constexpr, OPTIMIZER_G: tl.constexpr, OPTIMIZER_D: tl.constexpr,
    AT_ONCE: tl.constexpr, GENERATOR_FIRST: tl.constexpr, AS_IT_STOOD: tl.constexpr,
    MOVES_G: tl.constexpr, MOVES_D: tl.constexpr, OPPOSED: tl.constexpr, AVERAGED: tl.constexpr,
    ROWS: tl.constexpr, DEPTH: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """`steps` steps of all lanes, in place.

    g, its moments and its average [lanes, stride_g], d likewise; real, z [steps, updates, lanes, samples, *]; the
    numbers of the updates [steps * updates of a player, lanes or 1, 6]; limits [lanes or 1, 2]: clip and decay of the
    average; scales [2]: of both networks' inputs; lane_stride: 1 where the numbers differ by lane, else 0; metrics
    [5, steps, lanes]; memory: stride_g + 2 stride_d numbers for each program. AS_IT_STOOD: the generator faces the
    critic from before the step. OPPOSED: both move at once, and at generated samples the generator's cotangents are
    minus the critic's, so that one way back serves both. FIRST_G: what follows the generator's first layer;
    DEPTH: latents that are taken at once.
    """
    row = tl.arange(0, ROWS)
    is_real = tl.arange(0, 2)[:, None] == 0
    scale_g, scale_d = tl.load(scales), tl.load(scales + 1)
    n_z: tl.constexpr = NET_G[0][WIDTH]
    n_x: tl.constexpr = NET_D[0][WIDTH]
    x_room: tl.constexpr = NET_D[0][ROOM]
    y_room: tl.constexpr = NET_D[len(NET_D) - 1][ROOM]
    gradient_g = memory + tl.program_id(0).to(tl.int64) * (stride_g + 2 * stride_d)
    gradient_d = gradient_g + stride_g
    d_before = gradient_d + stride_d
    moves = 1 if AT_ONCE else critic_steps + generator_steps

    for lane in tl.range(tl.program_id(0), lanes, tl.num_programs(0), disable_licm=True):
        wide = tl.cast(lane, tl.int64)
        at_g, at_d = wide * stride_g, wide * stride_d
        clip, decay = tl.load(limits + lane * lane_stride * 2), tl.load(limits + lane * lane_stride * 2 + 1)
        rates = lane * lane_stride * NUMBERS
        next_rates = (1 + lane_stride * (lanes - 1)) * NUMBERS  # from one update's numbers to the next one's
        for step in tl.range(0, steps, disable_licm=True):
            if AS_IT_STOOD and not AT_ONCE:
                copy(d + at_d, SIZE_D, d_before)
            out = metrics + step * lanes + lane
            for move in tl.range(0, moves, disable_licm=True):
                if AT_ONCE:
                    of_critic, of_generator, batch = move >= 0, move >= 0, move
                elif GENERATOR_FIRST:
                    of_critic, of_generator = move >= generator_steps, move < generator_steps
                    batch = (move + critic_steps) % (critic_steps + generator_steps)
                else:
                    of_critic, of_generator, batch = move < critic_steps, move >= critic_steps, move
                batch = tl.minimum(batch, updates - 1)
                place = (tl.cast(step * updates + batch, tl.int64) * lanes + lane) * samples
                critic = d + at_d
                if AS_IT_STOOD and not AT_ONCE:  # noqa: SIM102  known when it is compiled; what follows is not
                    if of_generator:
                        critic = d_before
                critic_losses = tl.zeros((ROWS,), g.dtype.element_ty)
                generator_losses = tl.zeros((ROWS,), g.dtype.element_ty)
                for begin in tl.range(0, samples, ROWS, disable_licm=True):
                    rows, is_first = samples - begin, begin == 0
                    there = row < rows
                    latents = z + (place + begin) * n_z
                    h = first_layer(g + at_g, latents, rows, scale_g, NET_G, FIRST_G, ROWS, DEPTH, PRECISION)
                    tape_g = forward(g + at_g, h, NET_G, 1, HIDDEN_G, OUTPUT_G, PRECISION)
                    x = load_block(real + (place + begin) * n_x, rows, n_x, x_room, ROWS)
                    x = _stacked(x, tape_g[len(NET_G) - 2], ROWS, x_room) * scale_d
                    tape_d = forward(critic, x, NET_D, 0, HIDDEN_D, LINEAR, PRECISION)
                    y = tl.reshape(tl.sum(tape_d[len(NET_D) - 1], 1), (2, ROWS))  # beside column 0 all are 0
                    y_real = tl.sum(tl.where(is_real, y, 0.0), 0)
                    y_fake = tl.sum(tl.where(is_real, 0.0, y), 0)
                    critic_losses += tl.where(there, critic_terms(y_real, y_fake, OBJECTIVE), 0.0)
                    generator_losses += tl.where(there, generator_terms(y_real, y_fake, OBJECTIVE), 0.0)
                    of_x = tl.zeros((2 * ROWS, x_room), g.dtype.element_ty)  # cotangents of the critic's input
                    if MOVES_D and of_critic:
                        of_real, of_fake = critic_cotangents(y_real, y_fake, OBJECTIVE)
                        delta = _column(of_real / samples, of_fake / samples, there, ROWS, y_room)
                        if OPPOSED:
                            of_x = backward(
                                critic, tape_d, delta, gradient_d, is_first, NET_D, 0, HIDDEN_D, True, True, PRECISION
                            )
                        else:
                            backward(
                                critic, tape_d, delta, gradient_d, is_first, NET_D, 0, HIDDEN_D, True, False, PRECISION
                            )
                    if MOVES_G and of_generator:
                        if OPPOSED:  # minus the critic's own cotangents
                            of_samples = tl.where(
                                is_real[:, :, None], 0.0, tl.reshape(-scale_d * of_x, (2, ROWS, x_room))
                            )
                        else:
                            of_fake = generator_cotangents(y_real, y_fake, OBJECTIVE) * scale_d / samples
                            delta = _column(tl.zeros_like(of_fake), of_fake, there, ROWS, y_room)
                            of_x = backward(
                                critic, tape_d, delta, gradient_d, is_first, NET_D, 0, HIDDEN_D, False, True, PRECISION
                            )
                            of_samples = tl.reshape(of_x, (2, ROWS, x_room))  # at real samples all are 0
                        delta = tl.sum(of_samples, 0) * slope(tape_g[len(NET_G) - 2], OUTPUT_G)
                        delta = backward(
                            g + at_g, tape_g, delta, gradient_g, is_first, NET_G, 1, HIDDEN_G, True, True, PRECISION
                        )
                        add_first_gradient(
                            gradient_g, latents, rows, scale_g, delta, is_first, NET_G, ROWS, DEPTH, PRECISION
                        )
                    tl.debug_barrier()
                critic_loss, generator_loss = tl.sum(critic_losses) / samples, tl.sum(generator_losses) / samples
                if of_critic:
                    tl.store(out + CRITIC_LOSS * steps * lanes, critic_loss)
                    if MOVES_D:
                        number = step * critic_steps + (move - generator_steps if GENERATOR_FIRST else move)
                        numbers = numbers_d + number * next_rates + rates
                        update(d + at_d, gradient_d, d_m + at_d, d_v + at_d, SIZE_D, numbers, clip, OPTIMIZER_D)
                if of_generator:
                    tl.store(out + GENERATOR_LOSS * steps * lanes, generator_loss)
                    tl.store(out + F * steps * lanes, critic_loss)
                    tl.store(out + F_K * steps * lanes, critic_loss)
                    tl.store(out + GAP * steps * lanes, critic_loss - critic_loss)
                    if MOVES_G:
                        number = step * generator_steps + (move if GENERATOR_FIRST or AT_ONCE else move - critic_steps)
                        numbers = numbers_g + number * next_rates + rates
                        update(g + at_g, gradient_g, g_m + at_g, g_v + at_g, SIZE_G, numbers, 0.0, OPTIMIZER_G)
            if AVERAGED:
                average(ema + at_g, g + at_g, SIZE_G, decay)
