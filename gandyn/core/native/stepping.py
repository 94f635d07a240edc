"""Between States of tensors and the kernel's arrays: what goes in, which thread takes which lanes, what comes out."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gandyn.core.native.compiling import Features, kernel
from gandyn.core.native.memory import Arrays, arrays_for, forget_arrays
from gandyn.core.native.networks import OPTIMIZERS, network
from gandyn.core.native.records import Data, NativeGame, NativeKnobs, NativeRule, Point
from gandyn.core.native.team import CALLED_OFF, parts_of
from gandyn.core.objectives import OBJECTIVES
from gandyn.core.penalty_set import is_noisy, members, weight_of
from gandyn.core.play import LatentPlaces
from gandyn.core.rng.compiled import LAWS
from gandyn.core.shapes import check_batch, check_count, check_moments, check_state, check_step, moves_at_once
from gandyn.core.types import FREEZES, ORDERS, Batch, Game, Knobs, Metrics, OptState, Rule, State

DTYPES = {torch.float32: np.dtype("float32"), torch.float64: np.dtype("float64")}


def features_of(rule: Rule, dtype: torch.dtype, updates: int = 1) -> Features:
    """What the kernel of this rule's steps is compiled for; updates: how many batches a step has."""
    second = bool(rule.unroll) and rule.unroll_order == "second"
    together = moves_at_once(rule, updates) and not rule.unroll
    return Features(str(DTYPES[dtype]), together, rule.penalty != "none", bool(rule.unroll), second)


@lru_cache(maxsize=64)
def _native_game(generator: Any, critic: Any, optimizer_g: str, optimizer_d: str) -> NativeGame:
    return NativeGame(network(generator), network(critic), OPTIMIZERS.index(optimizer_g), OPTIMIZERS.index(optimizer_d))


def _native_rule(rule: Rule, updates: int, samples: int, parts: int, latents: LatentPlaces | None) -> NativeRule:
    objective = OBJECTIVES[rule.objective]
    assert objective.vectors is not None
    return NativeRule(
        rule.unroll,
        rule.critic_steps,
        rule.generator_steps,
        ORDERS.index(rule.order),
        FREEZES.index(rule.freeze),
        samples,
        parts,
        -1 if latents is None else LAWS.index(latents.law),
        moves_at_once(rule, updates),
        objective.paired,
        rule.averaging == "uniform",
        objective.vectors.opposed,
    )


def _array(tensor: Tensor) -> np.ndarray:
    """Its memory; every operation of torch gives the interpreter's lock away, so there is none that can be spared."""
    return (tensor.detach() if tensor.requires_grad else tensor).numpy()


def _flat(tensor: Tensor | None, shape: tuple[int, ...], like: Tensor) -> np.ndarray:
    """[steps, updates, lanes, numbers of a minibatch] of the state's type; what is not there as empty."""
    if tensor is None or not tensor.numel():
        return np.zeros((*shape, 0), DTYPES[like.dtype])
    return np.ascontiguousarray(_array(tensor), DTYPES[like.dtype]).reshape(*shape, -1)


def _point(state: State, lanes: int) -> Point:
    """The state's own memory as arrays [lanes, P]; zeros for moments that an optimiser does not have."""

    def array(tensor: Tensor | None, theta: Tensor) -> np.ndarray:
        shape = lanes, theta.shape[-1]
        if tensor is None:
            return np.zeros(shape, DTYPES[theta.dtype])
        return np.ascontiguousarray(_array(tensor)).reshape(shape)

    g, d = state.g, state.d
    g_m, g_v = (array(getattr(state.opt_g, name, None), g) for name in ("m", "v"))
    d_m, d_v = (array(getattr(state.opt_d, name, None), d) for name in ("m", "v"))
    g_t, d_t = (int(opt.t.numpy()) for opt in (state.opt_g, state.opt_d))
    return Point(array(g, g), g_m, g_v, g_t, array(d, d), d_m, d_v, d_t, array(state.ema_g, g), int(state.averaged))


def _beside(point: Point) -> Point:
    """Memory for another point of the same sizes."""
    return Point(*(np.empty_like(part) if isinstance(part, np.ndarray) else part for part in point))  # type: ignore[arg-type]


def _state_at(point: Point, before: State, rule: Rule, steps: int) -> State:
    """The State whose memory the point is, so many steps after another."""
    averaged = before.averaged
    if rule.freeze != "generator":
        averaged = averaged + steps if rule.averaging == "uniform" else torch.zeros_like(averaged)

    def tensor(array: np.ndarray) -> Tensor:
        return torch.from_numpy(array if before.g.ndim == 2 else array[0])

    def moved(opt: OptState, m: np.ndarray, v: np.ndarray, updates: int) -> OptState:
        moments = {name: tensor(array) for name, array in (("m", m), ("v", v)) if hasattr(opt, name)}
        return opt._replace(t=torch.from_numpy(np.array(opt.t.numpy() + steps * updates)), **moments)

    return before._replace(
        g=tensor(point.g),
        d=tensor(point.d),
        opt_g=moved(before.opt_g, point.g_m, point.g_v, 0 if rule.freeze == "generator" else rule.generator_steps),
        opt_d=moved(before.opt_d, point.d_m, point.d_v, 0 if rule.freeze == "critic" else rule.critic_steps),
        ema_g=tensor(point.ema),
        averaged=averaged,
        step=before.step + steps,
    )


def _knob_rows(rule: Rule, knobs: Knobs, lanes: int) -> np.ndarray:
    """[lanes, numbers]: those of NativeKnobs, the weights of the rule's penalties at the end."""
    numbers = [getattr(knobs, name) for name in NativeKnobs._fields[:-1]]
    numbers += [weight_of(penalty, knobs) for penalty in members(rule.penalty)]
    rows = np.empty((lanes, len(numbers)))
    for i, value in enumerate(numbers):
        rows[:, i] = value.numpy() if isinstance(value, Tensor) else value
    return rows


@lru_cache(maxsize=1)
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, thread_name_prefix="gandyn-steps")


if hasattr(os, "register_at_fork"):  # a forked process has none of its threads
    os.register_at_fork(after_in_child=_pool.cache_clear)


def _together(calls: Sequence[Callable[[], None]]) -> None:
    """All at once, the first in this thread: of calls that wait for each other none may wait for a thread."""
    others = [_pool(len(calls) - 1).submit(call) for call in calls[1:]]
    calls[0]()
    for other in others:
        other.result()


def _as_team(calls: Sequence[Callable[[], None]], meeting: np.ndarray) -> None:
    """The calls of a team. Where this thread does not get as far as its own (Ctrl-C), the others end too."""
    meeting[:] = 0
    try:
        _together(calls)
    except BaseException:
        meeting[2] = CALLED_OFF
        forget_arrays()
        raise


def _ranges(lanes: int, threads: int) -> list[tuple[int, int]]:
    """The lanes in as many runs of neighbours as there are threads; which thread takes a lane changes no bit."""
    edges = [lanes * i // threads for i in range(threads + 1)]
    return [(first, last) for first, last in zip(edges[:-1], edges[1:], strict=True) if last > first]


def advance(
    game: Game,
    rule: Rule,
    state: State,
    batches: Batch,
    knobs: Knobs,
    donate: bool = False,
    latents: LatentPlaces | None = None,
) -> tuple[State, Metrics]:
    """See gandyn.core.native.advance."""
    with_lanes = state.g.ndim == 2
    lanes = len(state.g) if with_lanes else 1
    steps, updates = batches.z.shape[:2]
    samples = batches.z.shape[-2]
    lead = check_state(game, state, knobs)
    if latents is None:
        check_count(rule, updates)
        check_batch(game, rule, state, batches, (steps, updates, *lead))
        if batches.real.shape[:-1] != batches.z.shape[:-1]:
            raise ValueError("engine 'native' takes batches of one size alone; use engine 'auto'")
    check_moments("opt_g", state.opt_g, state.g)
    check_moments("opt_d", state.opt_d, state.d)
    seeds, first_step, numbers = ([0] * lanes, state.step, range(updates)) if latents is None else latents[1:]
    dtype = DTYPES[state.g.dtype]
    native_game = _native_game(
        game.generator.perceptron, game.critic.perceptron, game.optimizer_g.name, game.optimizer_d.name
    )
    penalty = tuple(one.gradient_of for one in members(rule.penalty)) or None
    features = features_of(rule, state.g.dtype, updates)
    form = OBJECTIVES[rule.objective].vectors
    assert form is not None
    key = (game.generator.perceptron, game.critic.perceptron, samples, rule.unroll, penalty, features)
    parts = parts_of(game.generator.size + game.critic.size, samples)
    native_rule = _native_rule(rule, updates, samples, parts, latents)

    shape = (steps, updates, lanes)
    real, z, mix, noise = (_flat(part, shape, state.g) for part in batches[:4])
    data = Data(real, z, mix, noise, np.array(seeds, np.uint64), first_step, np.array(numbers, np.int64))
    start = _point(state, lanes)
    points = start if donate else _beside(start)
    rows, metrics = _knob_rows(rule, knobs, lanes), np.empty((len(Metrics._fields), steps, lanes), dtype)

    def memory() -> Arrays:  # of the thread that asks
        of_rule = rule.unroll, features.second, features.together, penalty
        return arrays_for((*key, parts), lambda: Arrays(native_game, samples, parts, *of_rule, dtype))

    def call(arrays: Arrays, lanes: tuple[int, int], rank: int, size: int) -> Callable[[], None]:
        arguments = (native_game, native_rule, rows, start, points, data, *lanes, steps, arrays.memory, arrays.blocks)
        arguments = (*arguments, arrays.old, arrays.penalty, arrays.ahead, arrays.second, metrics, donate, rank, size)
        entry, addresses = kernel(form, features, *arguments)
        return partial(entry, addresses, *arguments)

    threads = torch.get_num_threads()
    team = min(threads, parts) if lanes == 1 else 1
    if team > 1:
        arrays = memory()
        _as_team([call(arrays, (0, 1), rank, team) for rank in range(team)], arrays.memory.meeting)
    else:
        _together([lambda some=some: call(memory(), some, 0, 1)() for some in _ranges(lanes, min(threads, lanes))])

    after = _state_at(points, state, rule, steps)
    return after, Metrics(*(torch.from_numpy(values if with_lanes else values[:, 0]) for values in metrics))


def step(game: Game, rule: Rule, state: State, batches: Sequence[Batch], knobs: Knobs) -> tuple[State, Metrics]:
    """See gandyn.core.native.step."""
    check_step(game, rule, state, batches, knobs)
    if len({batch.z.shape[-2] for batch in batches}) != 1:
        raise ValueError("engine 'native' takes batches of one size alone; use engine 'auto'")
    noise = None
    if is_noisy(rule.penalty):
        noise = torch.stack([batch.noise for batch in batches])[None]  # type: ignore[misc]
    real, z, mix = (torch.stack([getattr(batch, name) for batch in batches])[None] for name in ("real", "z", "mix"))
    after, metrics = advance(game, rule, state, Batch(real, z, mix, noise), knobs)
    return after, Metrics(*(value[0] for value in metrics))
