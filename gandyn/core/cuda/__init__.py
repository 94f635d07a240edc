"""The compiled engine on CUDA: steps of perceptrons, many a launch, one GAN a program of a Triton kernel.

`dynamics.step` says what a step is. Triton comes with torch where torch comes with CUDA.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING

from gandyn.core.cuda.names import MOST_UNITS, OBJECTIVES
from gandyn.core.native.networks import unsupported_game

if TYPE_CHECKING:
    from gandyn.core.types import Batch, Game, Knobs, Metrics, Rule, State

INSTALLED = find_spec("triton") is not None


def unsupported_reason(game: Game, rule: Rule) -> str | None:
    """Why the kernel cannot take steps of this game under this rule, or None."""
    if not INSTALLED:
        return "Triton is not installed"
    if (reason := unsupported_game(game)) is not None:
        return reason
    for part, net in (("generator", game.generator), ("critic", game.critic)):
        sizes = net.perceptron.sizes if net.perceptron else ()
        if (widest := max(sizes[net is game.generator :])) > MOST_UNITS:
            return f"the {part} is {widest} units wide, and the kernel takes {MOST_UNITS} at most"
    if rule.objective not in OBJECTIVES:
        return f"the objective {rule.objective} has no compiled form on CUDA"
    if rule.penalty != "none":
        return "a penalty has no compiled form on CUDA"
    if rule.averaging != "ema":
        return "a uniform average has no compiled form on CUDA"
    if rule.unroll:
        return "a look-ahead has no compiled form on CUDA"
    return None


def step(game: Game, rule: Rule, state: State, batches: Sequence[Batch], knobs: Knobs) -> tuple[State, Metrics]:
    """What dynamics.step gives, for one GAN or for lanes; ValueError where the batches do not fit."""
    from gandyn.core.cuda.launching import step as launch

    return launch(game, rule, state, batches, knobs)


def advance(game: Game, rule: Rule, state: State, batches: Batch, knobs: Knobs) -> tuple[State, Metrics]:
    """Many steps under one rule: batches [steps, updates, (lanes,) B, ...], metrics [steps, (lanes)].

    updates: 1, shared by all updates of a step, or critic_steps + generator_steps.
    """
    from gandyn.core.cuda.launching import advance as launch

    return launch(game, rule, state, batches, knobs)


def description() -> dict[str, str]:
    """What the bits of a result may depend on, beside the device."""
    import triton

    return {"triton": triton.__version__}
