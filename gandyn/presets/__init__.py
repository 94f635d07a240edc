"""Published experiments and lessons as values, each with its citation: each file registers one preset or one family."""

from typing import Any

from gandyn.core.experiment import Experiment
from gandyn.core.registry import Registry, callable_package

PRESETS: Registry[Experiment] = Registry("preset", "gandyn.presets")


def preset(name: str, /, **controls: Any) -> Experiment:
    """The preset of that name, under other controls where some are given: preset("collapse", unroll=5, seed=3).

    Raises ValueError with one line for an unknown name, with the nearest one, or for a control out of range.
    """
    return PRESETS[name].replace(**controls)


def kind(experiment: Experiment) -> str:
    """What the samples are: points on a line (1d), in the plane (2d), or images."""
    return {(1,): "1d", (2,): "2d"}.get(experiment.target.shape, "image")


def describe(experiment: Experiment) -> dict[str, Any]:
    """What a list of presets tells: name, summary, kind, sizes of both networks, steps, citation."""
    sizes = {
        part: net.spec.get("widths")
        for part, net in (("generator", experiment.game.generator), ("critic", experiment.game.critic))
    }
    return {
        "name": experiment.name,
        "summary": experiment.summary,
        "kind": kind(experiment),
        **{part: "-".join(map(str, widths)) if widths else "" for part, widths in sizes.items()},
        "steps": experiment.steps,
        "cite": experiment.cite,
    }


callable_package(__name__, lambda: {name: experiment.summary for name, experiment in PRESETS.items()})

__all__ = ["PRESETS", "describe", "kind", "preset"]
