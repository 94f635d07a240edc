"""The samples that a run keeps while it goes on, and the pictures that are made of them."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import torch

from gandyn.core.experiment import Experiment
from gandyn.core.rng import Rng
from gandyn.core.types import State
from gandyn.presets import kind
from gandyn.probes.inputs import generate
from gandyn.records.disk import write
from gandyn.records.plan import Plan

POINTS = 2500  # samples of a frame in the plane or on a line


def is_image(experiment: Experiment) -> bool:
    """Whether the samples are pictures, not points in the plane or on a line."""
    return kind(experiment) == "image"


def frame(experiment: Experiment, state: State, plan: Plan) -> np.ndarray:
    """Generated samples at latents that stay the same all through a run: points float32 [n, dim], or images uint8.

    Images keep the target's shape, [rows * columns, *x], in 256 levels from its black to its white.
    """
    rows, columns = plan.sheet
    n = rows * columns if is_image(experiment) else POINTS
    x = generate(experiment, state, n, Rng(experiment.seed)).float().cpu()
    if not is_image(experiment):
        return x.numpy()
    if experiment.target.parameters().get("scale") == "signed":
        x = (x + 1) / 2
    return (255 * x.clamp(0, 1)).round().to(torch.uint8).numpy()


def keep(folder: Path, step: int, kept: np.ndarray) -> None:
    """Write a frame, all of it or nothing."""
    buffer = io.BytesIO()
    np.save(buffer, kept)
    write(folder / f"{step:06d}.npy", buffer.getvalue())


def panels(folder: Path, plan: Plan) -> list[tuple[int, np.ndarray]]:
    """(the source's number of the update, samples) of the frames that its figure shows, in order."""
    return [(plan.panel(step), samples) for step, samples in frames(folder) if plan.pictured(step)]


def frames(folder: Path) -> list[tuple[int, np.ndarray]]:
    """(step, samples) of all frames, in order."""
    files = sorted((int(path.stem), path) for path in folder.glob("*.npy") if path.stem.isdigit())
    return [(step, np.load(path)) for step, path in files]
