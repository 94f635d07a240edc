"""The compiled engine: steps of perceptrons on the CPU, many a call, without the interpreter's lock.

`dynamics.step` says what a step is; docs/maths.md has the formulas in the order of the code. numba is imported when the
first step is taken, and nothing here needs it before.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from gandyn.core.native.networks import unsupported_game

if TYPE_CHECKING:
    import torch

    from gandyn.core.play import LatentPlaces
    from gandyn.core.types import Batch, Game, Knobs, Metrics, Rule, State

INSTALLED = find_spec("numba") is not None


def unsupported_reason(game: Game, rule: Rule) -> str | None:
    """Why the compiled engine cannot take steps of this game under this rule, or None."""
    from gandyn.core.objectives import OBJECTIVES
    from gandyn.core.penalty_set import members

    if not INSTALLED:
        return "numba is not installed"
    if (reason := unsupported_game(game)) is not None:
        return reason
    if rule.unroll_d:
        return "a look-ahead of the critic has no compiled form"
    if OBJECTIVES[rule.objective].vectors is None:
        return f"the objective {rule.objective} has no compiled form"
    if rule.penalty != "none":
        if without := [penalty.name for penalty in members(rule.penalty) if penalty.gradient_of is None]:
            return f"the penalty {without[0]} has no compiled form"
        if rule.unroll and rule.unroll_order == "second":
            return "a penalty stands inside a look-ahead of second order"
    return None


def step(game: Game, rule: Rule, state: State, batches: Sequence[Batch], knobs: Knobs) -> tuple[State, Metrics]:
    """What dynamics.step gives, for one GAN or for lanes; ValueError where the batches do not fit."""
    from gandyn.core.native.stepping import step as compiled_step

    return compiled_step(game, rule, state, batches, knobs)


def advance(
    game: Game,
    rule: Rule,
    state: State,
    batches: Batch,
    knobs: Knobs,
    donate: bool = False,
    latents: LatentPlaces | None = None,
) -> tuple[State, Metrics]:
    """Many steps under one rule: batches [steps, updates, (lanes,) B, ...], metrics [steps, (lanes)].

    updates: 1, shared by all updates of a step, or critic_steps + generator_steps. The same bits as that
    many calls of `step`. donate: the new State may be written over `state`, which nobody reads again. latents: where
    the z stand that the kernel draws itself, bit for bit those of play.draw_steps; batches.z is [..., B, 0] then.
    """
    from gandyn.core.native.stepping import advance as compiled_advance

    return compiled_advance(game, rule, state, batches, knobs, donate, latents)


def is_ready(rule: Rule, dtype: torch.dtype) -> bool:
    """Whether steps under this rule can be taken here without a compilation; networks and lanes are any."""
    if "gandyn.core.native.compiling" not in sys.modules:  # nothing is compiled yet, and numba need not be loaded
        return False
    from gandyn.core.native.preparing import is_ready as kernel_is_ready

    return kernel_is_ready(rule, dtype)


def prepare(rule: Rule, dtype: torch.dtype) -> None:
    """Compile what steps under this rule take, or load it from the cache; whoever steps under another rule goes on."""
    from gandyn.core.native.preparing import prepare as prepare_kernel

    prepare_kernel(rule, dtype)


def kernels() -> dict[str, Rule]:
    """A rule for every kernel there is, by what it does: prepared one after another they fill the cache."""
    from gandyn.core.native.preparing import kernels as all_kernels

    return all_kernels()


def is_cache_complete(dtype: torch.dtype | str) -> bool:
    """Whether the cache holds all kernels of that type. Loads neither torch nor a kernel."""
    from gandyn.core.native.caching import complete_mark

    return complete_mark(_name(dtype)).exists()


def mark_cache_complete(dtype: torch.dtype | str) -> None:
    """Say so from now on, where the cache's folder could be written."""
    from gandyn.core.native.caching import complete_mark, unkept, writable_folder

    if unkept:
        return
    with suppress(OSError):
        writable_folder()
        complete_mark(_name(dtype)).touch()


def _name(dtype: torch.dtype | str) -> str:
    return str(dtype).removeprefix("torch.")


def description() -> dict[str, Any]:
    """What the bits of a result may depend on: versions, and the processor's instructions."""
    from gandyn.core.native.compiling import description as compiled_description

    return compiled_description()
