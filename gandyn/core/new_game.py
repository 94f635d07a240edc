"""The game under other controls: networks, optimisers and latents, anew only where something of them changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gandyn.core import checks
from gandyn.core.bounds import BOUNDS
from gandyn.core.controls import controls
from gandyn.core.nets import MAX_WIDTH, mlp
from gandyn.core.numerals import whole
from gandyn.core.optimizers import OPTIMIZERS
from gandyn.core.registry import brief
from gandyn.core.target import Target
from gandyn.core.types import LATENT_LAWS, Game, Latent, Net, Optimizer


def _widths(name: str, value: Any) -> list[int]:
    """Hidden widths from a tuple, a number or text with commas between."""
    parts = [p for p in value.replace(" ", "").split(",") if p] if isinstance(value, str) else value
    try:
        parts = [parts] if isinstance(parts, (int, float)) else list(parts)
        return [checks.integer(name, whole(p) if isinstance(p, str) else p, 1, MAX_WIDTH) for p in parts]
    except (TypeError, ValueError):
        raise ValueError(
            f"{name} must be whole numbers in [1, {MAX_WIDTH}] with commas between, not {brief(value)}"
        ) from None


def _new_net(part: str, net: Net, inputs: tuple[int, ...], outputs: tuple[int, ...], changes: Mapping[str, Any]) -> Net:
    """The network under other controls and shapes; a new one only if something of it changed.

    inputs: the shape of a sample, of which a critic of packs takes several.
    """
    changes = {name: value for name, value in changes.items() if name.startswith(f"{part}.")}
    pack = controls()[name].checked(changes[name]) if (name := f"{part}.pack") in changes else net.pack
    inputs = of_packs(inputs, pack)
    fits = net.inputs in (None, inputs) and net.outputs in (None, outputs)
    if fits and not changes:
        return net
    if "widths" not in net.spec:
        raise ValueError(
            f"the {part} is no multilayer perceptron, so {', '.join(changes) or 'its shape'} cannot be changed"
        )
    if len(inputs) != 1 or len(outputs) != 1:
        raise ValueError(
            f"the {part} is a multilayer perceptron, which takes no {checks.dimensions(max(inputs, outputs, key=len))}"
        )
    known, spec = controls(), dict(net.spec)
    for name, value in changes.items():
        spec[name.removeprefix(f"{part}.")] = known[name].checked(value)
    hidden = _widths(f"{part}.widths", spec.pop("widths"))
    if "norm" in spec:  # a critic's first layer is left out: see check_whole
        spec["norm_from"] = 2 if (part, spec["norm"]) == ("critic", "batch") else 1
    new = mlp([*inputs, *hidden, *outputs], spec.pop("activation"), spec.pop("init"), **spec)
    return net if fits and new.spec == net.spec else new


def new_game(game: Game, target: Target, changes: Mapping[str, Any]) -> Game:
    """The game under other controls: the same object if nothing of it changed."""
    latent = checked_latent(changes.get("latent_size", game.latent[0]), changes.get("latent", game.latent[1]))
    new = Game(
        _new_net("generator", game.generator, (latent.size,), target.shape, changes),
        _new_net("critic", game.critic, target.shape, (1,), changes),
        _new_optimizer("optimizer_g", game.optimizer_g, changes),
        _new_optimizer("optimizer_d", game.optimizer_d, changes),
        latent,
    )
    return game if new == game else new


def checked_latent(size: Any, law: Any) -> Latent:
    """Latents of that size and law; ValueError with one line where either is out of range."""
    size = checks.integer("latent_size", size, *BOUNDS["latent_size"])
    return Latent(size, checks.choice("latent", law, LATENT_LAWS))


def is_latent(latent: object) -> bool:
    """Whether these are checked latents: a tuple of somebody's own is none."""
    return isinstance(latent, Latent) and isinstance(latent.size, int)


def _new_optimizer(name: str, old: Optimizer, changes: Mapping[str, Any]) -> Optimizer:
    wanted = changes.get(name, old.name)
    return old if wanted == old.name else OPTIMIZERS[checks.choice(name, wanted, list(OPTIMIZERS))]


def of_packs(sample: tuple[int, ...], pack: int) -> tuple[int, ...]:
    """The shape of so many samples in one input: of images, which are not packed, that of one."""
    return (pack * sample[0],) if len(sample) == 1 else sample
