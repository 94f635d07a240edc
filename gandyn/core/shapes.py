"""Whether a State and its batches are those of a game: what does not fit is refused before anything is computed.

The compiled engine reads and writes memory by these sizes, and nothing checks them later.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import torch
from torch import Tensor

from gandyn.core.lanes import check_lanes
from gandyn.core.penalty_set import is_noisy
from gandyn.core.trees import leaves
from gandyn.core.types import Batch, Game, Knobs, Optimizer, OptState, Rule, State
from gandyn.core.whole import check_whole


def check_state(game: Game, state: State, knobs: Knobs) -> tuple[int, ...]:
    """The leading axes of everything that belongs to one GAN: (), or (N,) with lanes.

    Raises ValueError with one line where sizes or types differ from the game's, or from each other.
    """
    lead = tuple(state.g.shape[:-1])
    if len(lead) > 1 or not state.g.ndim:
        raise ValueError(f"the state's g must be [P] or, with lanes, [N, P], not {list(state.g.shape)}")
    sizes = {"g": game.generator.size, "d": game.critic.size, "ema_g": game.generator.size}
    for name, size in sizes.items():
        theta = getattr(state, name)
        _check(f"the state's {name}", theta, (*lead, size))
        _check_type(f"the state's {name}", theta, state)
    for name, optimizer, opt in (("opt_g", game.optimizer_g, state.opt_g), ("opt_d", game.optimizer_d, state.opt_d)):
        start = _start(optimizer)
        if opt._fields != start._fields:
            held = ", ".join(opt._fields)
            raise ValueError(f"the state's {name} must hold {optimizer.name}'s {', '.join(start._fields)}, not {held}")
        for (part, leaf), (_, first) in zip(leaves(opt, f"the state's {name}"), leaves(start), strict=True):
            if not isinstance(leaf, Tensor) or not leaf.ndim:
                continue
            axes = (*lead, *first.shape[:-1])  # an optimiser may remember several gradients, [..., n, P]
            if tuple(leaf.shape[:-1]) != axes:
                raise ValueError(f"{part} must be {_text((*axes, 'P'))}, not {_text(leaf.shape)}")
            if leaf.is_floating_point():
                _check_type(part, leaf, state)
    check_lanes(knobs, lead[0] if lead else None)
    return lead


def check_moments(name: str, opt: OptState, theta: Tensor) -> None:
    """Whether the moments are as many as the parameters, as compiled code takes for granted; else ValueError."""
    for part in ("m", "v"):
        moment = getattr(opt, part, theta)
        if moment.shape != theta.shape:
            raise ValueError(f"the state's {name}.{part} must be {list(theta.shape)}, not {list(moment.shape)}")


def moves_at_once(rule: Rule, updates: int) -> bool:
    """Whether one batch serves one update of each player, from the same point; updates: batches of a step."""
    return updates == 1 and rule.at_once and rule.freeze == "none"


@cache
def _start(optimizer: Optimizer) -> OptState:
    """What an optimiser's state holds: the first one of a single parameter."""
    return optimizer.init(torch.zeros(1))


def check_batch(game: Game, rule: Rule, state: State, batch: Batch, lead: tuple[int, ...]) -> None:
    """Whether the numbers of `batch`, with these axes in front, fit; ValueError with one line where they do not.

    Noise that the rule's penalty does not read may be anything.
    """
    real, z = batch.real, batch.z
    if game.generator.inputs is not None:
        _check("batch.z", z, (*lead, "B", *game.generator.inputs))
    if game.critic.inputs is not None:
        first, *rest = game.critic.inputs
        _check("batch.real", real, (*lead, "B", first // game.critic.pack, *rest))
    if real.shape[len(lead)] % game.critic.pack:
        raise ValueError(f"{real.shape[len(lead)]} samples make no whole packs of {game.critic.pack} for the critic")
    for name, part in (("z", z), ("real", real)):
        _check_type(f"batch.{name}", part, state)
    _check("batch.mix", batch.mix, (*lead, real.shape[len(lead)]))
    if is_noisy(rule.penalty):
        if batch.noise is None:
            raise ValueError(f"penalty {rule.penalty!r} needs batch.noise [B, *x], drawn from U(-1, 1)")
        _check("batch.noise", batch.noise, tuple(real.shape))


def check_count(rule: Rule, batches: int) -> None:
    """Whether that many batches are those of a step; ValueError with one line if not."""
    wanted = sum(rule.updates)
    if not rule.by_turns and batches != 1:
        raise ValueError(
            f"update rule {rule.update_rule.name!r} takes 1 batch, which both players share, not {batches}"
        )
    if batches not in (1, wanted):
        raise ValueError(f"this rule takes 1 batch (shared) or {wanted} (one an update), not {batches}")


def check_step(game: Game, rule: Rule, state: State, batches: Sequence[Batch], knobs: Knobs) -> None:
    """Whether these can be the arguments of a step; ValueError with one line if not."""
    lead = check_state(game, state, knobs)
    check_count(rule, len(batches))
    check_whole(game, rule)
    for batch in batches:
        check_batch(game, rule, state, batch, lead)


def _check(name: str, tensor: Tensor, wanted: tuple[int | str, ...]) -> None:
    """Whether the shape is the wanted one, in which a word stands for any number but 0."""
    shape = tensor.shape
    if len(shape) == len(wanted) and all(
        size > 0 if isinstance(right, str) else size == right for size, right in zip(shape, wanted, strict=True)
    ):
        return
    raise ValueError(f"{name} must be {_text(wanted)}, not {_text(shape)}")


def _check_type(name: str, tensor: Tensor, state: State) -> None:
    if tensor.dtype != state.g.dtype:
        raise ValueError(f"{name} must be of the type of the state's g, {_type(state.g)}, not {_type(tensor)}")


def _type(tensor: Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")


def _text(shape: tuple[int | str, ...]) -> str:
    return f"[{', '.join(map(str, shape))}]"
