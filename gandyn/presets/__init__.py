"""Published experiments and lessons as values, each with its citation: each file registers one preset or one family."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from gandyn.core.experiment import Experiment
from gandyn.core.net import Net
from gandyn.core.registry import Registry, callable_package

PRESETS: Registry[Experiment] = Registry("preset", "gandyn.presets")


def preset(name: str, /, **controls: Any) -> Experiment:
    """The preset of that name, under other controls where some are given: preset("collapse", unroll=5, seed=3).

    Raises ValueError with one line for an unknown name, with the nearest one, or for a control out of range.
    """
    return PRESETS[name].replace(**controls)


def kind(experiment: Experiment) -> str:
    """What the samples are: points on a line (1d), in the plane (2d), or images."""
    kinds: dict[tuple[int, ...], str] = {(1,): "1d", (2,): "2d"}
    return kinds.get(experiment.target.shape, "image")


def hidden(net: Net) -> str:
    """What is between input and output: 400, 128-128, or 128x7x7-128x14x14 for a convolutional network."""
    widths = [(width,) for width in net.spec.get("widths", ())] or net.spec.get("shapes", ())[1:-1]
    return "-".join("x".join(map(str, shape)) for shape in widths)


@cache
def _minutes() -> dict[str, float]:
    return json.loads((Path(__file__).parent / "minutes.json").read_text())


def describe(experiment: Experiment) -> dict[str, Any]:
    """What a list of presets tells: name, summary, kind, sizes of both networks, steps, minutes, citation.

    The minutes were measured on one core by scripts/minutes.py; None where they were not.
    """
    sizes = {"generator": hidden(experiment.game.generator), "critic": hidden(experiment.game.critic)}
    return {
        "name": experiment.name,
        "summary": experiment.summary,
        "kind": kind(experiment),
        **sizes,
        "steps": experiment.steps,
        "minutes": _minutes().get(experiment.name),
        "cite": experiment.cite,
    }


callable_package(__name__, lambda: {name: experiment.summary for name, experiment in PRESETS.items()})

__all__ = ["PRESETS", "describe", "kind", "preset"]
