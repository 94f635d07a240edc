"""Writes docs/measures.md: every measure, its definition, and what it gives for samples that are known.

python -m scripts.measures
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from gandyn.benchmarks.report import table
from gandyn.core.rng import Rng
from gandyn.live.run import Run
from gandyn.presets import preset
from gandyn.probes.measures import measure
from gandyn.probes.sample_measures import MEASURES
from gandyn.targets.ring import Ring

PAGE = Path(__file__).parents[1] / "docs/measures.md"
N, STEPS = 2000, 8000
HEAD = f"""# Measures

How good are samples on a line or in the plane? `gandyn.measure(target, samples, full=True)` gives all of them, `gandyn
evaluate` prints them beside those of as many real samples: the sampling floor, which no generator is expected to beat.
None of them says everything: what is missing, what is too much and how it looks at one mode are different questions.

## On samples that are known

The ring of eight modes, {N:,} samples each. Real: fresh draws. One mode: real ones of one of them. Half: real samples
of four modes next to each other. Blurred: real samples with three times their sigma of noise. Trained: the preset
`unrolled-paper` after {STEPS:,} steps on the ring of `collapse`, seed 0."""


def clouds() -> dict[str, Tensor]:
    """Samples of the ring by what is known of them."""
    target = Ring()
    real, others = target.draw(N, Rng(11)), target.draw(12 * N, Rng(13))
    mode = torch.cdist(others.double(), Ring().mixture().centres).argmin(1)
    ring = {f"target.{name}": value for name, value in target.parameters().items()}
    experiment = preset("unrolled-paper").replace(**ring)
    run = Run(experiment)
    run.advance(STEPS)
    return {
        "real": real,
        "one mode": others[mode == 0][:N],
        "half": others[mode < 4][:N],
        "blurred": real + 3 * target.sigma * Rng(12).normal("reference", N, 2),
        "trained": run.sample(N),
    }


def values() -> dict[str, dict[str, str]]:
    """What every measure gives, as it is written, by the samples."""
    measured = {name: measure(Ring(), x, full=True) for name, x in clouds().items()}
    return {name: {key: MEASURES[key].form.format(of[key]) for key in MEASURES} for name, of in measured.items()}


def page(measured: Mapping[str, Mapping[str, str]]) -> str:
    """The whole page."""
    rows = [(f"`{key}`", *(of[key] for of in measured.values())) for key in MEASURES]
    parts = [HEAD, table(("measure", *measured), rows), "## All of them"]
    for key, one in MEASURES.items():
        better = f"{one.better[0].upper()}{one.better[1:]}"
        parts += [
            f"### `{key}`",
            f"{one.title[0].upper()}{one.title[1:]}: {one.definition}. {better}. Source: {one.cite}.",
        ]
    return "\n\n".join(parts) + "\n"


def read(text: str) -> dict[str, dict[str, str]]:
    """The table of a page, as `values` gave it."""
    lines = [
        [cell.strip(" `") for cell in line.strip("| ").split("|")] for line in text.splitlines() if line[:1] == "|"
    ]
    head, _, *rows = lines
    return {name: {row[0]: row[i] for row in rows} for i, name in enumerate(head[1:], start=1)}


if __name__ == "__main__":
    PAGE.write_text(page(values()), encoding="utf-8")
