"""The whole configuration of an experiment as plain JSON, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from gandyn.core.experiment import Experiment
from gandyn.core.lanes import by_lane
from gandyn.core.nets import mlp
from gandyn.core.optimizers.adam import adam
from gandyn.core.target import TARGETS
from gandyn.core.types import Game, Latent
from gandyn.presets import PRESETS


def to_config(experiment: Experiment) -> dict[str, Any]:
    """{preset, steps, controls}: everything resolved, JSON-able."""
    plain = {name: _plain(value) for name, value in experiment.values().items()}
    return {"preset": experiment.name, "steps": experiment.steps, "controls": plain}


def _plain(value: Any) -> Any:
    if isinstance(value, torch.Tensor):  # numbers that differ by lane
        return value.tolist()
    return list(value) if isinstance(value, tuple) else value


def from_config(config: Mapping[str, Any]) -> Experiment:
    """The experiment of `to_config`. Raises ValueError with one line for anything that does not fit."""
    try:
        name, steps, controls = config["preset"], config["steps"], by_lane(config["controls"])
    except (KeyError, TypeError):
        raise ValueError("a configuration needs preset, steps and controls") from None
    if name in PRESETS:
        return PRESETS[name].replace(**controls, steps=steps)
    own = {key.removeprefix("target."): value for key, value in controls.items() if key.startswith("target.")}
    target = TARGETS[controls.get("target", "ring")]().replace(**own)
    if len(target.shape) != 1 or "generator.widths" not in controls or "critic.widths" not in controls:
        raise ValueError(f"preset {name!r} is unknown and the networks are not perceptrons: it cannot be built again")
    n = target.shape[0]
    plain = Game(mlp([1, n]), mlp([n, 1]), adam(), adam(), Latent(1))
    return Experiment(target, plain, name=name).replace(**controls, steps=steps)


def resolve_device(experiment: Experiment) -> str:
    """cpu or cuda. `auto` takes CUDA for convolutional networks where there is one: small ones are faster on a CPU."""
    if experiment.device == "cuda" and not torch.cuda.is_available():
        raise ValueError("device 'cuda' is not available on this machine: choose cpu or auto")
    if experiment.device != "auto":
        return experiment.device
    return "cuda" if len(experiment.target.shape) > 1 and torch.cuda.is_available() else "cpu"
