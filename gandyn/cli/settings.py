"""From what a command line says to an experiment: preset, then file, then single settings, the last one wins."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from gandyn.cli.options import Wanted
from gandyn.core.experiment import Experiment
from gandyn.core.registry import brief
from gandyn.presets import PRESETS, hidden
from gandyn.records.config import from_config, to_config
from gandyn.records.engine import Engine
from gandyn.records.reading import checked, content, parsed, parsed_toml
from gandyn.records.reading import value as valued
from gandyn.records.schema import Events, Lanes
from gandyn.records.trace import settings_of


class Resolved(NamedTuple):
    """What it comes to."""

    experiment: Experiment
    events: list[dict[str, Any]]  # changes on the way, of a run that is done again
    lanes: int | None = None  # of such a run
    engine: Engine | None = None  # what computed it


def resolve(preset: str | None, wanted: Wanted) -> Resolved:
    """The experiment; ValueError with one line for anything that is unknown or does not fit."""
    resolved = _base(preset, wanted.config)
    changes: dict[str, Any] = dict(map(_setting, wanted.settings or ()))
    changes |= {name: value for name in ("steps", "seed", "device") if (value := getattr(wanted, name)) is not None}
    return resolved._replace(experiment=resolved.experiment.replace(**changes)) if changes else resolved


def _base(name: str | None, config: Path | None) -> Resolved:
    named = PRESETS[name] if name is not None else None
    if config is None:
        if named is None:
            raise ValueError("which preset? `gandyn list` shows them, `gandyn train NAME` trains one")
        return Resolved(named, [])
    document = _read(config)
    try:
        if "controls" in document:  # the config.json of a run
            experiment = from_config(document)
            if named is not None and experiment.name != named.name:
                raise ValueError(f"it is of preset {experiment.name!r}, not {named.name!r}")
            valued("events", document.get("events", []), Events)
            valued("lanes", document.get("lanes"), Lanes | None)
            return Resolved(experiment, document.get("events", []), *settings_of(document))
        flat = dict(_flat(document))
        preset = flat.pop("preset", None)
        if named is None:
            if preset is None:
                raise ValueError('it names no preset: add preset = "NAME"')
            named = PRESETS[valued("preset", preset, str)]
        elif preset not in (None, named.name):
            raise ValueError(f"it is of preset {preset!r}, not {named.name!r}")
        return Resolved(named.replace(**flat), [])
    except ValueError as error:
        raise ValueError(f"{config}: {error}") from None


def _setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise ValueError(f"--set takes name=value, not {brief(text)}")
    return name.strip(), value


def _read(path: Path) -> dict[str, Any]:
    data = content(path)
    try:
        return checked(parsed(data) if path.suffix == ".json" else parsed_toml(data.decode()), dict[str, Any])
    except ValueError as error:
        form = "JSON" if path.suffix == ".json" else "TOML"
        advice = "gandyn train PRESET --dry-run prints one"
        raise ValueError(f"{path} is no configuration in {form}: {error}; {advice}") from None


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Tables as dotted names: [target] radius = 1.5 is target.radius."""
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def as_toml(experiment: Experiment) -> str:
    """The whole experiment as a file that --config reads."""
    game = experiment.game
    sizes = f"generator {hidden(game.generator)} ({game.generator.size:,} parameters), "
    sizes += f"critic {hidden(game.critic)} ({game.critic.size:,})"
    config = to_config(experiment)
    lines = [f"# {experiment.summary}", f"# {experiment.cite}", f"# {sizes}"]
    lines += [f'preset = "{config["preset"]}"', f"steps = {config['steps']}"]
    lines += [f"{_key(name)} = {json.dumps(value, allow_nan=False)}" for name, value in config["controls"].items()]
    return "\n".join(lines)


def _key(name: str) -> str:
    return f'"{name}"' if "." in name else name
