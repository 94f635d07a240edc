"""The compiled engine: steps of multilayer perceptrons on the CPU. This build has none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn

from gandyn.core.types import Batch, Game, Knobs, Rule, State

MISSING = "this build has no compiled engine"


def unsupported_reason(game: Game, rule: Rule) -> str | None:
    """Why steps of this game under this rule are not for the compiled engine, or None."""
    return MISSING


def step(game: Game, rule: Rule, state: State, batches: Sequence[Batch], knobs: Knobs) -> NoReturn:
    """One step, as dynamics.step says what it is; also of a state with lanes."""
    raise ValueError(MISSING)


def advance(game: Game, rule: Rule, state: State, batches: Batch, knobs: Knobs) -> NoReturn:
    """As many steps as `batches` [steps, updates, (N,) B, ...] holds numbers for; metrics [steps, (N)]."""
    raise ValueError(MISSING)


def description() -> dict[str, Any]:
    """What the last bits of its results depend on."""
    return {}
