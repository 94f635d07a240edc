"""Between States of tensors and the kernel's arrays: what goes in, which thread takes which lanes, what comes out."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gandyn.core.native.compiling import Features, kernel
from gandyn.core.native.memory import Arrays, arrays_for
from gandyn.core.native.networks import OPTIMIZERS, network
from gandyn.core.native.records import Data, NativeGame, NativeRule, Point
from gandyn.core.objectives import OBJECTIVES
from gandyn.core.penalties import PENALTIES
from gandyn.core.shapes import check_batch, check_count, check_state, check_step
from gandyn.core.types import FREEZES, ORDERS, Batch, Game, Knobs, Metrics, OptState, Rule, State

DTYPES = {torch.float32: np.dtype("float32"), torch.float64: np.dtype("float64")}


def features_of(rule: Rule, dtype: torch.dtype) -> Features:
    """What the kernel of this rule's steps is compiled for."""
    second = bool(rule.unroll) and rule.unroll_order == "second"
    return Features(str(DTYPES[dtype]), rule.penalty != "none", bool(rule.unroll), second)


@lru_cache(maxsize=64)
def _native_game(generator: Any, critic: Any, optimizer_g: str, optimizer_d: str) -> NativeGame:
    return NativeGame(network(generator), network(critic), OPTIMIZERS.index(optimizer_g), OPTIMIZERS.index(optimizer_d))


def _native_rule(rule: Rule, updates: int, samples: int) -> NativeRule:
    objective = OBJECTIVES[rule.objective]
    assert objective.vectors is not None
    alone = rule.critic_steps == rule.generator_steps == 1 and updates == 1
    return NativeRule(
        rule.unroll,
        rule.unroll_order == "second",
        rule.critic_steps,
        rule.generator_steps,
        ORDERS.index(rule.order),
        FREEZES.index(rule.freeze),
        samples,
        alone and rule.order == "simultaneous" and rule.freeze == "none",
        objective.paired,
        objective.vectors.opposed,
    )


def _flat(tensor: Tensor | None, shape: tuple[int, ...], like: Tensor) -> np.ndarray:
    """[steps, updates, lanes, numbers of a minibatch] of the state's type; what is not there as empty."""
    if tensor is None:
        return np.zeros((*shape, 0), DTYPES[like.dtype])
    return np.ascontiguousarray(tensor.detach().to(like.dtype).reshape(*shape, -1).numpy())


def _moments(opt: OptState, theta: Tensor) -> tuple[Tensor, Tensor]:
    """m and v of an optimiser; zeros for what it does not have."""
    first, second = (getattr(opt, name, None) for name in ("m", "v"))
    return torch.zeros_like(theta) if first is None else first, torch.zeros_like(theta) if second is None else second


def _check_moments(name: str, opt: OptState, theta: Tensor) -> None:
    """Whether the moments are as many as the parameters, as the kernel takes for granted; else ValueError."""
    for part in ("m", "v"):
        moment = getattr(opt, part, theta)
        if moment.shape != theta.shape:
            raise ValueError(f"the state's {name}.{part} must be {list(theta.shape)}, not {list(moment.shape)}")


def _arrays(tensors: Sequence[Tensor], lanes: int, donate: bool) -> list[np.ndarray]:
    """[lanes, P] each, in memory of their own or, donated, in that of the tensors."""
    arrays = [tensor.detach().reshape(lanes, -1).numpy() for tensor in tensors]
    return [np.ascontiguousarray(array) if donate else np.array(array, order="C") for array in arrays]


def _knob_rows(knobs: Knobs, lanes: int) -> np.ndarray:
    rows = np.empty((lanes, len(knobs)))
    for i, value in enumerate(knobs):
        rows[:, i] = value.numpy() if isinstance(value, Tensor) else value
    return rows


@lru_cache(maxsize=1)
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, thread_name_prefix="gandyn-lanes")


def _parts(lanes: int, threads: int) -> list[tuple[int, int]]:
    """The lanes in as many runs of neighbours as there are threads; which thread takes a lane changes no bit."""
    edges = [lanes * i // threads for i in range(threads + 1)]
    return [(first, last) for first, last in zip(edges[:-1], edges[1:], strict=True) if last > first]


def advance(
    game: Game, rule: Rule, state: State, batches: Batch, knobs: Knobs, donate: bool = False
) -> tuple[State, Metrics]:
    """See gandyn.core.native.advance."""
    with_lanes = state.g.ndim == 2
    lanes = len(state.g) if with_lanes else 1
    steps, updates = batches.z.shape[:2]
    samples = batches.z.shape[-2]
    check_count(rule, updates)
    check_batch(game, rule, state, batches, (steps, updates, *check_state(game, state, knobs)))
    _check_moments("opt_g", state.opt_g, state.g)
    _check_moments("opt_d", state.opt_d, state.d)
    if batches.real.shape[:-1] != batches.z.shape[:-1]:
        raise ValueError("engine 'native' takes batches of one size alone; use engine 'auto'")
    dtype = DTYPES[state.g.dtype]
    native_game = _native_game(
        game.generator.perceptron, game.critic.perceptron, game.optimizer_g.name, game.optimizer_d.name
    )
    native_rule = _native_rule(rule, updates, samples)
    penalty = None if rule.penalty == "none" else PENALTIES[rule.penalty].gradient_of
    features = features_of(rule, state.g.dtype)
    second = features.second
    form = OBJECTIVES[rule.objective].vectors
    assert form is not None
    key = (game.generator.perceptron, game.critic.perceptron, samples, rule.unroll, second, penalty, dtype)

    shape = (steps, updates, lanes)
    data = Data(*(_flat(part, shape, state.g) for part in (batches.real, batches.z, batches.mix, batches.noise)))
    points = Point(
        *_arrays((state.g, *_moments(state.opt_g, state.g)), lanes, donate), int(state.opt_g.t),  # pyright: ignore[reportCallIssue]
        *_arrays((state.d, *_moments(state.opt_d, state.d)), lanes, donate), int(state.opt_d.t),  # pyright: ignore[reportCallIssue]
        *_arrays((state.ema_g,), lanes, donate),
    )  # fmt: skip
    rows, metrics = _knob_rows(knobs, lanes), np.empty((lanes, steps, len(Metrics._fields)))

    def run(part: tuple[int, int]) -> None:
        arrays: Arrays = arrays_for(key, native_game, samples, rule.unroll, second, penalty, dtype)
        arguments = (native_game, native_rule, rows, points, data, *part, steps, arrays.memory, arrays.blocks)
        arguments = (*arguments, arrays.penalty, arrays.ahead, arrays.second, metrics)
        entry, addresses = kernel(form, features, *arguments)
        entry(addresses, *arguments)

    threads = min(torch.get_num_threads(), lanes)
    if threads == 1:
        run((0, lanes))
    else:
        list(_pool(threads).map(run, _parts(lanes, threads)))

    def tensor(array: np.ndarray) -> Tensor:
        return torch.from_numpy(array if with_lanes else array[0])

    def moved(opt: OptState, m: np.ndarray, v: np.ndarray, updates: int) -> OptState:
        moments = {name: tensor(array) for name, array in (("m", m), ("v", v)) if hasattr(opt, name)}
        return opt._replace(t=opt.t + steps * updates, **moments)

    after = state._replace(
        g=tensor(points.g),
        d=tensor(points.d),
        opt_g=moved(state.opt_g, points.g_m, points.g_v, 0 if rule.freeze == "generator" else rule.generator_steps),
        opt_d=moved(state.opt_d, points.d_m, points.d_v, 0 if rule.freeze == "critic" else rule.critic_steps),
        ema_g=tensor(points.ema),
        step=state.step + steps,
    )
    values = torch.from_numpy(metrics).to(state.g.dtype).permute(2, 1, 0)
    return after, Metrics(*(values if with_lanes else values[..., 0]))


def step(game: Game, rule: Rule, state: State, batches: Sequence[Batch], knobs: Knobs) -> tuple[State, Metrics]:
    """See gandyn.core.native.step."""
    check_step(game, rule, state, batches, knobs)
    if len({batch.z.shape[-2] for batch in batches}) != 1:
        raise ValueError("engine 'native' takes batches of one size alone; use engine 'auto'")
    noise = None
    if PENALTIES[rule.penalty].noisy:
        noise = torch.stack([batch.noise for batch in batches])[None]  # type: ignore[misc]
    real, z, mix = (torch.stack([getattr(batch, name) for batch in batches])[None] for name in ("real", "z", "mix"))
    after, metrics = advance(game, rule, state, Batch(real, z, mix, noise), knobs)
    return after, Metrics(*(value[0] for value in metrics))
