"""The contenders as calls that make n steps, random numbers included."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from gandyn.benchmarks.timing import Advance
from gandyn.core.drawing import Batches
from gandyn.core.engine import advance, resolve
from gandyn.core.experiment import Experiment
from gandyn.core.play import init_lanes


@contextmanager
def threads(n: int) -> Iterator[None]:
    """torch's threads, and so the engine's, within."""
    before = torch.get_num_threads()
    torch.set_num_threads(n)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def steps(setting: Experiment, lanes: int | None, cores: int = 1, device: str = "cpu") -> Advance:
    """gandyn as it is used: n steps of one GAN, or of so many at once, by one call."""
    state, engine, batches = init_lanes(setting.game, 0, lanes, device=device), resolve(setting, device), Batches()

    def forward(n: int) -> None:
        nonlocal state
        with threads(cores):
            state, _ = advance(setting, state, range(lanes or 1), n, engine, batches)

    return forward


def loop(plain: Any) -> Advance:
    """A plain loop: step by step, as it is written."""

    def forward(n: int) -> None:
        for _ in range(n):
            plain.step(plain.draw_batches())

    return forward
