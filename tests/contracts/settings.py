"""Settings of steps that the compiled engine takes: rows that hold every pair of values, random ones, their games."""

from __future__ import annotations

import itertools
import random
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

import gandyn
from gandyn.core.native import networks
from gandyn.core.objectives import OBJECTIVES
from gandyn.core.optimizers import OPTIMIZERS
from gandyn.core.penalties import PENALTIES
from gandyn.core.perceptron import ACTIVATIONS, OUTPUTS
from gandyn.core.play import init_lanes
from gandyn.core.trees import tree_map
from gandyn.core.types import FREEZES, ORDERS

F64 = torch.float64
Row = dict[str, Any]
CHOICES: dict[str, Sequence[Any]] = {
    "objective": [name for name, entry in OBJECTIVES.items() if entry.vectors is not None],
    "penalty": [name for name, entry in PENALTIES.items() if name == "none" or entry.gradient_of is not None],
    "ahead": [(0, "second"), (1, "second"), (3, "second"), (2, "first")],
    "critic_steps": [1, 2],
    "generator_steps": [1, 3],
    "order": ORDERS,
    "freeze": FREEZES,
    "shared": [False, True],  # one batch for all updates of a step
    "samples": [1, 3, 64, 100],
    "lanes": [0, 1, 3],
    "optimizer_g": [name for name in OPTIMIZERS if name in networks.OPTIMIZERS],
    "optimizer_d": [name for name in OPTIMIZERS if name in networks.OPTIMIZERS],
    "activation_g": [name for name in ACTIVATIONS if name in networks.ACTIVATIONS],
    "activation_d": [name for name in ACTIVATIONS if name in networks.ACTIVATIONS],
    "output": list(OUTPUTS),
    "widths_g": [(), (5,), (17, 4), (16, 16)],
    "widths_d": [(), (7,), (33, 16), (6, 5, 4)],
    "bias": [True, False],
    "input_scale": [1.0, 0.25],
    "latent": [0, 1, 16],
    "clip": [0.0, 0.3],
    "ema": [0.0, 0.9],
    "beta1": [0.0, 0.5, 0.9],
    "beta2": [0.9, 0.999],
    "eps": [1e-8, 1e-3],
    "start": ["moments", "fresh", "zero weights", "saturated", "dead units"],
}


def game_of(row: Mapping[str, Any]) -> gandyn.Game:
    generator = gandyn.mlp(
        [row["latent"], *row["widths_g"], 2], row["activation_g"], "glorot", gain=1.2, output=row["output"],
        bias=row["bias"] or row["latent"] == 0, input_scale=row["input_scale"],
    )  # fmt: skip
    critic = gandyn.mlp(
        [2, *row["widths_d"], 1], row["activation_d"], "glorot", gain=1.3, bias=row["bias"],
        input_scale=row["input_scale"],
    )  # fmt: skip
    optimizers = (OPTIMIZERS[row["optimizer_g"]], OPTIMIZERS[row["optimizer_d"]])
    return gandyn.Game(generator, critic, *optimizers, gandyn.Latent(row["latent"]))


def rule_of(row: Mapping[str, Any]) -> gandyn.Rule:
    unroll, order = row["ahead"]
    named = {name: row[name] for name in gandyn.Rule._fields if name in row}
    return gandyn.Rule(**named, unroll=unroll, unroll_order=order, batch_size=row["samples"])


def fits(row: Mapping[str, Any]) -> bool:
    """Whether the compiled engine takes the row, as far as it is filled, and both engines must give the same digits.

    From moments of 0 a small eps makes whole steps of the last bits of gradients that are 0 in exact arithmetic.
    """
    penalty, (unroll, order) = row.get("penalty", "none"), row.get("ahead", (0, "second"))
    if penalty != "none" and unroll and order == "second":
        return False
    return not (row.get("eps") == 1e-8 and row.get("start", "moments") != "moments")


def complete(chosen: Row, draw: random.Random) -> Row | None:
    """A row with the given values and random ones for the rest; None if that cannot be."""
    for _ in range(100):
        row = {name: chosen[name] if name in chosen else draw.choice(values) for name, values in CHOICES.items()}
        if fits(row):
            return row
    return None


def covering(seed: int = 0, tries: int = 20) -> list[Row]:
    """Few rows that hold every pair of values of two settings, but those that cannot be together.

    Greedy: a row begins with a pair that is missing; of some random ones the one with the most missing pairs is taken.
    """
    draw = random.Random(seed)
    missing = {
        (a, x, b, y)
        for a, b in itertools.combinations(CHOICES, 2)
        for x in range(len(CHOICES[a]))
        for y in range(len(CHOICES[b]))
        if fits({a: CHOICES[a][x], b: CHOICES[b][y]})
    }
    rows: list[Row] = []
    while missing:
        a, x, b, y = min(missing) if not rows else draw.choice(sorted(missing))
        start = {a: CHOICES[a][x], b: CHOICES[b][y]}
        candidates = [row for _ in range(tries) if (row := complete(start, draw)) is not None]
        best = max(candidates, key=lambda row: len(pairs(row) & missing))
        rows.append(best)
        missing -= pairs(best)
    return rows


def pairs(row: Row) -> set[tuple[str, int, str, int]]:
    """Every pair of its settings, by the places of the values."""
    places = {name: values.index(row[name]) for name, values in CHOICES.items()}
    return {(a, places[a], b, places[b]) for a, b in itertools.combinations(CHOICES, 2)}


def number(draw: random.Random, low: float, high: float, lanes: int) -> float | Tensor:
    """One, or one a lane."""
    each = [draw.uniform(low, high) for _ in range(max(lanes, 1))]
    return torch.tensor(each, dtype=F64) if lanes else each[0]


def knobs_of(row: Row, draw: random.Random) -> gandyn.Knobs:
    """Rates and weights that differ from lane to lane; every other lane has its clip off, or its average."""
    lanes = row["lanes"]
    clip, ema = row["clip"], row["ema"]
    if lanes:
        clip = torch.tensor([clip * (i % 2) for i in range(lanes)], dtype=F64)
        ema = torch.tensor([ema * ((i + 1) % 2) for i in range(lanes)], dtype=F64)
    named = {name: row[name] for name in ("beta1", "beta2", "eps")}
    rates = {"lr_g": number(draw, 1e-3, 1e-2, lanes), "lr_d": number(draw, 1e-3, 5e-2, lanes)}
    return gandyn.Knobs(**named, **rates, penalty_weight=number(draw, 0.1, 2, lanes), clip=clip, ema=ema)


def start_of(row: Row, game: gandyn.Game, seed: int) -> gandyn.State:
    """A state of float64 as the row's `start` says: with moments as after some steps, or at rest in a corner."""
    lanes = row["lanes"]
    state = init_lanes(game, seed, lanes, dtype=F64) if lanes else gandyn.init(game, seed, dtype=F64)
    draw = torch.Generator().manual_seed(seed)
    match row["start"]:
        case "moments":

            def moved(opt: Any, like: Tensor) -> Any:
                """As after five updates; mean squares no smaller than the squares of the means."""
                m = 1e-2 * torch.randn(like.shape, generator=draw, dtype=F64)
                every = {"m": m, "v": m * m + 1e-5, "t": opt.t + 5}
                return opt._replace(**{name: value for name, value in every.items() if hasattr(opt, name)})

            d = state.d + 0.05 * torch.randn(state.d.shape, generator=draw, dtype=F64)
            return state._replace(d=d, opt_g=moved(state.opt_g, state.g), opt_d=moved(state.opt_d, state.d))
        case "zero weights":
            return state._replace(g=0 * state.g, d=0 * state.d, ema_g=0 * state.g)
        case "saturated":  # logits of about 1e3
            d, last = state.d.clone(), (2, *row["widths_d"])[-1] + row["bias"]
            d[..., -last:] = 1e3
            return state._replace(d=d)
        case "dead units" if row["bias"] and row["widths_d"]:  # relu units of the first layer that never fire
            d, width = state.d.clone(), row["widths_d"][0]
            d[..., 2 * width : 3 * width] = -100.0
            return state._replace(d=d)
    return state


def batches_of(row: Row, seed: int) -> list[gandyn.Batch]:
    lead = (row["lanes"], row["samples"]) if row["lanes"] else (row["samples"],)
    draw = torch.Generator().manual_seed(seed)

    def batch() -> gandyn.Batch:
        real, z = (torch.randn(*lead, n, generator=draw, dtype=F64) for n in (2, row["latent"]))
        mix, noise = torch.rand(*lead, generator=draw, dtype=F64), torch.rand(*lead, 2, generator=draw, dtype=F64)
        return gandyn.Batch(real + 1, z, mix, 2 * noise - 1)

    return [batch() for _ in range(1 if row["shared"] else row["critic_steps"] + row["generator_steps"])]


def cast(tree: Any, dtype: torch.dtype) -> Any:
    """Its floating tensors in another type."""
    return tree_map(lambda x: x.to(dtype) if x.is_floating_point() else x, tree)
