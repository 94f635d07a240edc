"""Between States of tensors and the step's kernel: what goes in, how it is launched, what comes out."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import torch
import triton
from torch import Tensor

from gandyn.core.cuda.kernel import advance as advance_kernel
from gandyn.core.cuda.names import OBJECTIVES
from gandyn.core.cuda.rates import update_numbers
from gandyn.core.decay import decays, rate_at
from gandyn.core.native.networks import FUNCTIONS, OPTIMIZERS, network
from gandyn.core.objectives import OBJECTIVES as REGISTERED
from gandyn.core.perceptron import Perceptron
from gandyn.core.shapes import check_batch, check_count, check_moments, check_state, check_step, moves_at_once
from gandyn.core.types import Batch, Game, Knobs, Metrics, OptState, Rule, State

_kernel: Any = advance_kernel  # which Triton calls with a grid
ALIGNED = 32  # numbers: where a part of a program's memory begins
LEAST_ROOM = 16  # of a layer: the smallest side of a product's tile
ROWS = 32  # samples that go through the networks together
MOST_DEPTH = 64  # latents that are taken from memory at once
PROGRAMS = 8  # for each multiprocessor, at most
WARPS = 4
# tf32x3: three products of the tensor cores for one in float32, with nearly all of its digits
PRECISION = {torch.float32: "tf32x3", torch.float64: "ieee"}


def _room(width: int) -> int:
    """Of a layer in registers."""
    return max(LEAST_ROOM, triton.next_power_of_2(width))


@lru_cache(maxsize=16)
def _layers(layout: Perceptron) -> tuple[tuple[int, ...], ...]:
    """What the kernel knows of each layer, see layers.py."""
    net = network(layout)
    return tuple(
        (width, _room(width), weights, bias)
        for width, weights, bias in zip(net.sizes.tolist(), net.weights.tolist(), net.biases.tolist(), strict=True)
    )


def _aligned(size: int) -> int:
    return -(-size // ALIGNED) * ALIGNED


def _copied(theta: Tensor | None, like: Tensor, lanes: int, stride: int) -> Tensor:
    """Numbers [P] of each lane in memory of their own, [lanes, stride]; what an optimiser does not have as zeros."""
    room = like.new_zeros(lanes, stride)
    if theta is not None:
        room[:, : like.shape[-1]] = theta.reshape(lanes, -1)
    return room


def _moved(opt: OptState, m: Tensor, v: Tensor, updates: int) -> OptState:
    moments = {name: value for name, value in (("m", m), ("v", v)) if hasattr(opt, name)}
    return opt._replace(t=opt.t + updates, **moments)


def _limits(knobs: Knobs, like: Tensor) -> Tensor:
    """Clip and decay of the average: [N or 1, 2]."""
    numbers = (torch.as_tensor(one, dtype=torch.float64).reshape(-1) for one in (knobs.clip, knobs.ema))
    return torch.stack(torch.broadcast_tensors(*numbers), -1).to(like.device, like.dtype)


def _rates(game: Game, rule: Rule, state: State, knobs: Knobs, steps: int) -> tuple[Tensor, Tensor, Tensor]:
    """The numbers of the generator's and of the critic's updates, and the limits, all for one lane or all for each."""
    dtype, limits = state.g.dtype, _limits(knobs, state.g)

    def of_updates(lr: float | Tensor, power: float | Tensor, count: int) -> float | Tensor:
        """The rate of every update: [steps count, N or 1], those of a step alike."""
        if not decays(knobs):
            return lr
        step = state.step + torch.arange(steps * count, dtype=torch.float64)[:, None] // count
        return rate_at(lr, power, knobs.decay_steps, step)

    numbers = [
        update_numbers(optimizer.name, of_updates(lr, power, count), knobs, opt.t, steps * count, dtype)
        for optimizer, lr, power, opt, count in (
            (game.optimizer_g, knobs.lr_g, knobs.decay_g, state.opt_g, rule.generator_steps),
            (game.optimizer_d, knobs.lr_d, knobs.decay_d, state.opt_d, rule.critic_steps),
        )
    ]
    lanes = max(len(limits), *(one.shape[1] for one in numbers))
    numbers_g, numbers_d = (one.expand(-1, lanes, -1).contiguous() for one in numbers)
    return numbers_g, numbers_d, limits.expand(lanes, -1).contiguous()


def advance(game: Game, rule: Rule, state: State, batches: Batch, knobs: Knobs) -> tuple[State, Metrics]:
    """See gandyn.core.cuda.advance."""
    steps, updates = batches.z.shape[:2]
    lead = check_state(game, state, knobs)
    check_count(rule, updates)
    check_batch(game, rule, state, batches, (steps, updates, *lead))
    check_moments("opt_g", state.opt_g, state.g)
    check_moments("opt_d", state.opt_d, state.d)
    lanes, samples, dtype, device = lead[0] if lead else 1, batches.z.shape[-2], state.g.dtype, state.g.device
    generator, critic = game.generator.perceptron, game.critic.perceptron
    assert generator is not None and critic is not None
    net_g, net_d = _layers(generator), _layers(critic)
    moves_g = 0 if rule.freeze == "generator" else rule.generator_steps
    moves_d = 0 if rule.freeze == "critic" else rule.critic_steps

    stride_g, stride_d = _aligned(game.generator.size), _aligned(game.critic.size)
    g, g_m, g_v, ema = (
        _copied(part, state.g, lanes, stride_g)
        for part in (state.g, getattr(state.opt_g, "m", None), getattr(state.opt_g, "v", None), state.ema_g)
    )
    d, d_m, d_v = (
        _copied(part, state.d, lanes, stride_d)
        for part in (state.d, getattr(state.opt_d, "m", None), getattr(state.opt_d, "v", None))
    )
    numbers_g, numbers_d, limits = _rates(game, rule, state, knobs, steps)
    scales = torch.stack([torch.full((), net.input_scale, dtype=dtype, device=device) for net in (generator, critic)])
    metrics = torch.empty(len(Metrics._fields), steps, lanes, dtype=dtype, device=device)

    processors = torch.cuda.get_device_properties(device).multi_processor_count if device.type == "cuda" else 1
    programs = min(lanes, PROGRAMS * processors)
    memory = torch.empty(programs * (stride_g + 2 * stride_d), dtype=dtype, device=device)
    averaged = moves_g > 0 and bool((torch.as_tensor(knobs.ema) > 0).any())
    at_once = moves_at_once(rule, updates)
    form = REGISTERED[rule.objective].vectors
    with torch.cuda.device_of(g):
        _kernel[(programs,)](
            g, g_m, g_v, d, d_m, d_v, ema, batches.real.contiguous(), batches.z.contiguous(),
            numbers_g, numbers_d, limits, scales, metrics, memory, stride_g, stride_d,
            lanes, steps, updates, rule.critic_steps, rule.generator_steps, samples, int(len(limits) > 1),
            NET_G=net_g, NET_D=net_d, SIZE_G=game.generator.size, SIZE_D=game.critic.size,
            OBJECTIVE=OBJECTIVES.index(rule.objective),
            OPTIMIZER_G=OPTIMIZERS.index(game.optimizer_g.name), OPTIMIZER_D=OPTIMIZERS.index(game.optimizer_d.name),
            HIDDEN_G=FUNCTIONS.index(generator.activation), OUTPUT_G=FUNCTIONS.index(generator.output),
            HIDDEN_D=FUNCTIONS.index(critic.activation),
            FIRST_G=FUNCTIONS.index(generator.activation if len(net_g) > 2 else generator.output),
            AT_ONCE=at_once, OPPOSED=at_once and form is not None and form.opposed,
            GENERATOR_FIRST=rule.order == "generator-first", AS_IT_STOOD=rule.order == "simultaneous",
            MOVES_G=moves_g > 0, MOVES_D=moves_d > 0, AVERAGED=averaged,
            ROWS=ROWS, DEPTH=min(MOST_DEPTH, _room(generator.sizes[0])), PRECISION=PRECISION[dtype],
            num_warps=WARPS, num_stages=1,
        )  # fmt: skip
    shape_g, shape_d = state.g.shape, state.d.shape
    g, g_m, g_v, ema = (part[:, : shape_g[-1]].reshape(shape_g).contiguous() for part in (g, g_m, g_v, ema))
    d, d_m, d_v = (part[:, : shape_d[-1]].reshape(shape_d).contiguous() for part in (d, d_m, d_v))
    after = state._replace(
        g=g,
        d=d,
        opt_g=_moved(state.opt_g, g_m, g_v, steps * moves_g),
        opt_d=_moved(state.opt_d, d_m, d_v, steps * moves_d),
        ema_g=ema if averaged or not moves_g else g.clone(),
        averaged=torch.zeros_like(state.averaged) if moves_g else state.averaged,
        step=state.step + steps,
    )
    return after, Metrics(*(values if lead else values[:, 0] for values in metrics))


def step(game: Game, rule: Rule, state: State, batches: Sequence[Batch], knobs: Knobs) -> tuple[State, Metrics]:
    """See gandyn.core.cuda.step."""
    check_step(game, rule, state, batches, knobs)
    real, z, mix = (torch.stack([getattr(batch, name) for batch in batches])[None] for name in ("real", "z", "mix"))
    after, metrics = advance(game, rule, state, Batch(real, z, mix), knobs)
    return after, Metrics(*(value[0] for value in metrics))
