"""Many steps of many GANs in one launch: each program of the kernel steps one GAN at a time, from its first to its last.

States, minibatches and metrics lie in the device's memory, and what a step leaves behind in memory of the program's own,
which is small enough to stay in the caches. There is no order among GANs, and within one everything has its place, so
the same inputs give the same bits.
"""

import triton
import triton.language as tl

from gandyn.core.cuda.functions import (
    critic_cotangents,
    critic_terms,
    generator_cotangents,
    generator_terms,
    slope,
)
from gandyn.core.cuda.layers import BEFORE, ROOM, WIDTH, backward, forward, load_rows
from gandyn.core.cuda.updates import NUMBERS, average, update

BLOCK = tl.constexpr(1024)  # parameters that an update takes at once
CRITIC_LOSS, GENERATOR_LOSS, F, F_K, GAP = (tl.constexpr(i) for i in range(5))  # rows of the metrics


@triton.jit
def _copy(source, size, out):
    for first in range(0, size, BLOCK):
        at = first + tl.arange(0, BLOCK)
        tl.store(out + at, tl.load(source + at, at < size), at < size)
    tl.debug_barrier()


@triton.jit
def _to_pre_activations(cotangents, h, out, NUMBERS: tl.constexpr, KIND: tl.constexpr, BLOCK: tl.constexpr):
    """out = cotangents times phi'(a), where h is phi(a); so many numbers each."""
    for first in range(0, NUMBERS, BLOCK):
        at = first + tl.arange(0, BLOCK)
        tl.store(out + at, tl.load(cotangents + at) * slope(tl.load(h + at), KIND))
    tl.debug_barrier()


@triton.jit(do_not_specialize=["lanes", "steps", "updates", "critic_steps", "generator_steps", "samples"])
def advance(
    g, g_m, g_v, d, d_m, d_v, ema, real, z, numbers_g, numbers_d, limits, scales, metrics, memory,
    stride_g, stride_d, memory_size, lanes, steps, updates, critic_steps, generator_steps, samples, lane_stride,
    NET_G: tl.constexpr, NET_D: tl.constexpr, SIZE_G: tl.constexpr, SIZE_D: tl.constexpr,
    HIDDEN_G: tl.constexpr, OUTPUT_G: tl.constexpr, HIDDEN_D: tl.constexpr, OUTPUT_D: tl.constexpr,
    OBJECTIVE: tl.constexpr, OPTIMIZER_G: tl.constexpr, OPTIMIZER_D: tl.constexpr,
    AT_ONCE: tl.constexpr, GENERATOR_FIRST: tl.constexpr, AS_IT_STOOD: tl.constexpr,
    MOVES_G: tl.constexpr, MOVES_D: tl.constexpr,
    TAPE_G: tl.constexpr, TAPE_D: tl.constexpr, HALF: tl.constexpr,
    ROWS: tl.constexpr, TILE: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """`steps` steps of all lanes, in place.

    g, its moments and its average [lanes, stride_g], d likewise; real, z [steps, updates, lanes, samples, *]; the
    numbers of the updates [steps * updates of a player, lanes or 1, 6]; limits [lanes or 1, 2]: clip and decay of the
    average; scales [2]: of both networks' inputs; lane_stride: 1 where the numbers differ by lane, else 0; metrics
    [5, steps, lanes]; memory: memory_size numbers for each program. AS_IT_STOOD: the generator faces the critic from
    before the step. TAPE_G, TAPE_D, HALF: numbers of the tapes, and of a block of cotangents.
    """
    row = tl.arange(0, ROWS)
    scale_g, scale_d = tl.load(scales), tl.load(scales + 1)
    n_z: tl.constexpr = NET_G[0][WIDTH]
    n_x: tl.constexpr = NET_D[0][WIDTH]
    x_room: tl.constexpr = NET_D[0][ROOM]
    y_room: tl.constexpr = NET_D[len(NET_D) - 1][ROOM]
    output_room: tl.constexpr = NET_G[len(NET_G) - 1][ROOM]
    tape_g = memory + tl.program_id(0).to(tl.int64) * memory_size
    tape_d = tape_g + TAPE_G  # of the real samples, then of the generated ones
    deltas = tape_d + TAPE_D
    gradient_g = deltas + 2 * HALF
    gradient_d = gradient_g + stride_g
    d_before = gradient_d + stride_d
    generated = tape_g + ROWS * NET_G[len(NET_G) - 1][BEFORE]
    logits = tape_d + 2 * ROWS * NET_D[len(NET_D) - 1][BEFORE]
    last_d = deltas + ((len(NET_D) - 1) % 2) * HALF
    last_g = deltas + ((len(NET_G) - 1) % 2) * HALF
    at_sample = tl.arange(0, 2 * ROWS)[:, None] * y_room + tl.arange(0, y_room)[None, :]
    for first in tl.static_range(2):  # where a network has fewer outputs than room, nothing else is ever written
        tl.store(deltas + first * HALF + at_sample, tl.zeros((2 * ROWS, y_room), g.dtype.element_ty))
    moves = 1 if AT_ONCE else critic_steps + generator_steps

    for lane in range(tl.program_id(0), lanes, tl.num_programs(0)):
        wide = tl.cast(lane, tl.int64)
        at_g, at_d = wide * stride_g, wide * stride_d
        clip, decay = tl.load(limits + lane * lane_stride * 2), tl.load(limits + lane * lane_stride * 2 + 1)
        rates = lane * lane_stride * NUMBERS
        next_rates = (1 + lane_stride * (lanes - 1)) * NUMBERS  # from one update's numbers to the next one's
        for step in range(steps):
            if AS_IT_STOOD and not AT_ONCE:
                _copy(d + at_d, SIZE_D, d_before)
            out = metrics + step * lanes + lane
            for move in range(moves):
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
                if AS_IT_STOOD and not AT_ONCE:
                    if of_generator:
                        critic = d_before
                critic_loss = tl.sum(tl.zeros((ROWS,), g.dtype.element_ty))
                generator_loss = critic_loss
                for begin in range(0, samples, ROWS):
                    rows, is_first = samples - begin, begin == 0
                    load_rows(z + (place + begin) * n_z, scale_g, rows, tape_g, n_z, n_z, NET_G[0][ROOM], ROWS, TILE)
                    load_rows(real + (place + begin) * n_x, scale_d, rows, tape_d, n_x, n_x, x_room, ROWS, TILE)
                    tl.debug_barrier()
                    forward(g + at_g, tape_g, NET_G, HIDDEN_G, OUTPUT_G, ROWS, TILE, PRECISION)
                    load_rows(generated, scale_d, ROWS, tape_d + ROWS * x_room, output_room, n_x, x_room, ROWS, TILE)
                    tl.debug_barrier()
                    forward(critic, tape_d, NET_D, HIDDEN_D, OUTPUT_D, 2 * ROWS, TILE, PRECISION)
                    y_real = tl.load(logits + row * y_room)
                    y_fake = tl.load(logits + (ROWS + row) * y_room)
                    there = row < rows
                    critic_loss += tl.sum(tl.where(there, critic_terms(y_real, y_fake, OBJECTIVE), 0.0))
                    generator_loss += tl.sum(tl.where(there, generator_terms(y_real, y_fake, OBJECTIVE), 0.0))
                    if MOVES_D and of_critic:
                        of_real, of_fake = critic_cotangents(y_real, y_fake, OBJECTIVE)
                        tl.store(last_d + row * y_room, tl.where(there, of_real / samples, 0.0))
                        tl.store(last_d + (ROWS + row) * y_room, tl.where(there, of_fake / samples, 0.0))
                        tl.debug_barrier()
                        backward(
                            critic, tape_d, deltas, HALF, gradient_d, is_first, NET_D, HIDDEN_D,
                            True, False, 2 * ROWS, 2 * ROWS, TILE, PRECISION,
                        )  # fmt: skip
                    if MOVES_G and of_generator:
                        cotangent = generator_cotangents(y_real, y_fake, OBJECTIVE) * scale_d / samples
                        tl.store(last_d + row * y_room, tl.where(there, cotangent, 0.0))
                        tl.debug_barrier()
                        backward(
                            critic, tape_d, deltas, HALF, gradient_d, is_first, NET_D, HIDDEN_D,
                            False, True, 2 * ROWS, ROWS, TILE, PRECISION,
                        )  # fmt: skip
                        _to_pre_activations(deltas, generated, last_g, ROWS * output_room, OUTPUT_G, ROWS)
                        backward(
                            g + at_g, tape_g, deltas, HALF, gradient_g, is_first, NET_G, HIDDEN_G,
                            True, False, ROWS, ROWS, TILE, PRECISION,
                        )  # fmt: skip
                critic_loss, generator_loss = critic_loss / samples, generator_loss / samples
                if of_critic:
                    tl.store(out + CRITIC_LOSS * steps * lanes, critic_loss)
                    if MOVES_D:
                        number = step * critic_steps + (move - generator_steps if GENERATOR_FIRST else move)
                        numbers = numbers_d + number * next_rates + rates
                        update(d + at_d, gradient_d, d_m + at_d, d_v + at_d, SIZE_D, numbers, clip, OPTIMIZER_D, BLOCK)
                if of_generator:
                    tl.store(out + GENERATOR_LOSS * steps * lanes, generator_loss)
                    tl.store(out + F * steps * lanes, critic_loss)
                    tl.store(out + F_K * steps * lanes, critic_loss)
                    tl.store(out + GAP * steps * lanes, critic_loss - critic_loss)
                    if MOVES_G:
                        number = step * generator_steps + (move if GENERATOR_FIRST or AT_ONCE else move - critic_steps)
                        numbers = numbers_g + number * next_rates + rates
                        update(g + at_g, gradient_g, g_m + at_g, g_v + at_g, SIZE_G, numbers, 0.0, OPTIMIZER_G, BLOCK)
            if MOVES_G:
                average(ema + at_g, g + at_g, SIZE_G, decay, BLOCK)
                tl.debug_barrier()
