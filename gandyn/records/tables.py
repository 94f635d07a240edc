"""The tables that the sources print while they train: their rows, and how a number stands in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from gandyn.core.critic_update import logits
from gandyn.core.experiment import Experiment
from gandyn.core.play import draw_batches
from gandyn.core.rng import Rng
from gandyn.core.types import State
from gandyn.records.log import Row

TITLES = {
    "step": "step",
    "progress": "%",
    "critic_loss": "D loss",
    "generator_loss": "G loss",
    "accuracy": "D accuracy",
}
WIDTH = 12


@torch.no_grad()
def accuracy(now: Experiment, state: State) -> float:
    """The critic's, as the lab counts it: the mean of the shares of real samples with d > 0 and generated with d < 0.

    After the updates of a step, on the samples and latents of the critic's last batch in it.
    """
    batches = draw_batches(now, Rng(now.seed, state.step - 1), state.g.dtype, state.g.device)
    batch = batches[min(now.rule.critic_steps, len(batches)) - 1]
    real = logits(now.game, now.rule, state.d, batch.real) > 0
    fake = logits(now.game, now.rule, state.d, now.game.generator.apply(state.g, batch.z)) < 0
    return (float(real.float().mean()) + float(fake.float().mean())) / 2


def tabled(now: Experiment, state: State, columns: Sequence[str]) -> dict[str, Any]:
    """What a row of the table needs beside the metrics of the step."""
    return {"accuracy": accuracy(now, state)} if "accuracy" in columns else {}


def head(columns: Sequence[str]) -> str:
    """The line above the table."""
    return "".join(f"{TITLES.get(name, name):>{WIDTH}}" for name in ("step", *columns))


def line(row: Row, columns: Sequence[str], steps: int) -> str:
    """One row of it."""
    values = {**row, "progress": 100 * row["step"] / steps}
    return "".join(f"{_formatted(name, values.get(name)):>{WIDTH}}" for name in ("step", *columns))


def _formatted(name: str, value: Any) -> str:
    if value is None:
        return "-"
    return {"step": "{:,}", "progress": "{:.0f}"}.get(name, "{:.4f}").format(value)
