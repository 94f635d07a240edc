"""The whole configuration of an experiment as plain JSON, and back: controls, and the networks layer by layer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch

from gandyn.core.architecture import build, describe
from gandyn.core.experiment import Experiment, chosen_part, with_values
from gandyn.core.lanes import by_lane
from gandyn.core.optimizers.adam import adam
from gandyn.core.registry import brief
from gandyn.core.target import TARGETS, Target
from gandyn.core.types import Game, Latent, Net, Rule
from gandyn.presets import PRESETS
from gandyn.records.reading import checked
from gandyn.records.schema import Config

PLAYERS = ("generator", "critic")


def to_config(experiment: Experiment) -> dict[str, Any]:
    """{preset, steps, controls, networks}: everything resolved, JSON-able."""
    return {
        "preset": experiment.name,
        "steps": experiment.steps,
        "controls": {name: _plain(value) for name, value in experiment.values().items()},
        "networks": {player: describe(getattr(experiment.game, player)) for player in PLAYERS},
    }


def _plain(value: Any) -> Any:
    if isinstance(value, torch.Tensor):  # numbers that differ by lane
        return value.tolist()
    return list(value) if isinstance(value, tuple) else value


def from_config(config: Mapping[str, Any]) -> Experiment:
    """The experiment of `to_config`; networks that it lacks are the preset's.

    Raises ValueError with one line for anything that does not fit.
    """
    record = checked(config, Config)
    name, steps, controls = record["preset"], record["steps"], by_lane(record["controls"])
    networks = record.get("networks") or {}
    if not set(networks) <= set(PLAYERS):
        raise ValueError(f"networks must be those of {' and '.join(PLAYERS)}, not {brief(networks)}")
    preset = PRESETS.get(name)
    nets = {
        player: build(data)
        for player, data in networks.items()
        if data is not None and (preset is None or data != describe(getattr(preset.game, player)))
    }
    for player, net in nets.items():
        _check_agreement(player, net, controls)
    if preset is None:
        if missing := [player for player in PLAYERS if player not in nets]:
            raise ValueError(
                f"preset {name!r} is unknown and networks.{missing[0]} is missing: it cannot be built again"
            )
        game = Game(nets["generator"], nets["critic"], adam(), adam(), _latent(controls, Latent(1)))
        preset = Experiment(_target(controls, TARGETS["ring"]()), game, _fitting(controls, Rule()), name=name)
    elif nets:
        game = preset.game._replace(**nets, latent=_latent(controls, preset.game.latent))
        rule = _fitting(controls, preset.rule)
        preset = replace(preset, target=_target(controls, preset.target), game=game, rule=rule)
    return preset.replace(**controls, steps=steps)


def _fitting(controls: Mapping[str, Any], rule: Rule) -> Rule:
    """The rule with the penalties and the batch of the configuration, which its networks have to fit."""
    return rule._replace(**{name: controls[name] for name in ("penalty", "batch_size") if name in controls})


def _check_agreement(player: str, net: Net, controls: Mapping[str, Any]) -> None:
    """ValueError where a perceptron's controls say another thing than its description."""
    for name, value in net.spec.items():
        control = controls.get(f"{player}.{name}", value)
        if _plain(control) != _plain(value):
            raise ValueError(
                f"{player}.{name} is {brief(_plain(control))} among the controls but {brief(_plain(value))} in "
                f"networks.{player}: change both, or leave networks.{player} out"
            )


def _target(controls: Mapping[str, Any], preset: Target) -> Target:
    values = {name: value for name, value in controls.items() if name.startswith("target.")}
    return with_values(chosen_part(preset, TARGETS, controls), values)


def _latent(controls: Mapping[str, Any], preset: Latent) -> Latent:
    return Latent(controls.get("latent_size", preset.size), controls.get("latent", preset.law))


def resolve_device(experiment: Experiment) -> str:
    """cpu or cuda. `auto` takes CUDA for convolutional networks where there is one: small ones are faster on a CPU."""
    if experiment.device == "cuda" and not torch.cuda.is_available():
        raise ValueError("device 'cuda' is not available on this machine: choose cpu or auto")
    if experiment.device != "auto":
        return experiment.device
    return "cuda" if len(experiment.target.shape) > 1 and torch.cuda.is_available() else "cpu"
