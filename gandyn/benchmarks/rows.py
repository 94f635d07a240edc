"""What is measured: networks, rules, and how many times as fast as plain PyTorch each is wanted to be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from gandyn.core.experiment import Experiment
from gandyn.core.nets import mlp
from gandyn.core.optimizers.adam import adam
from gandyn.core.optimizers.rmsprop import rmsprop
from gandyn.core.types import Game, Knobs, Latent, Rule
from gandyn.presets import PRESETS
from gandyn.targets.ring import Ring

LANES = 64


class Size(NamedTuple):
    """Networks, and how many samples they see at once."""

    latent: int
    generator: tuple[int, ...]
    critic: tuple[int, ...]
    activation: str
    batch: int
    input_scale: float = 1.0  # of the critic


SIZES = {
    "notebook": Size(256, (128, 128), (128, 128), "tanh", 512),
    "classroom": Size(32, (64, 64), (64,), "relu", 256, 0.25),
    f"{LANES} lanes": Size(2, (32, 32), (32, 32), "relu", 64),
}

WASSERSTEIN = {"objective": "wasserstein", "critic_steps": 5, "order": "alternating"}
ADAM = Knobs(1e-3, 5e-4, 0.5, 0.99)


def _ahead(k: int) -> tuple[dict[str, Any], Knobs, Callable[[], Any]]:
    return {"objective": "minimax", "unroll": k}, Knobs(1e-3, 1e-3, 0.5, 0.99), adam


RULES: dict[str, tuple[dict[str, Any], Knobs, Callable[[], Any]]] = {
    "minimax": ({"objective": "minimax"}, ADAM, adam),
    "non-saturating": ({"objective": "non-saturating"}, ADAM, adam),
    "WGAN, clip": (WASSERSTEIN, Knobs(1e-3, 1e-3, 0.0, 0.99, clip=0.1), rmsprop),
    "WGAN-GP": (
        WASSERSTEIN | {"penalty": "gradient-penalty"},
        Knobs(1e-3, 1e-3, 0.5, 0.9, penalty_weight=0.1),
        adam,
    ),
    "look-ahead 1": _ahead(1),
    "look-ahead 5": _ahead(5),
    "look-ahead 10": _ahead(10),
}


class Row(NamedTuple):
    """One comparison: gandyn's steps against those of `other`."""

    setting: Experiment
    wanted: float | None = None  # the lowest ratio that is wanted
    goal: float | None = None
    other: str = "plain"  # or "torchopt", "higher"
    lanes: int | None = None  # gandyn makes a step of that many at once; the ratio is per GAN
    limit: bool = False  # whether its distance to the machine's limit is measured, too


def experiment(rule: str, size: str) -> Experiment:
    """One rule on networks of one size."""
    fields, knobs, optimizer = RULES[rule]
    latent, generator, critic, activation, batch, scale = SIZES[size]
    game = Game(
        mlp([latent, *generator, 2], activation, "orthogonal"),
        mlp([2, *critic, 1], activation, "orthogonal", input_scale=scale),
        optimizer(),
        optimizer(),
        Latent(latent),
    )
    return Experiment(Ring(), game, Rule(**fields, batch_size=batch), knobs)


NOTEBOOK = {
    "non-saturating": 2.5,
    "WGAN, clip": 2.3,
    "WGAN-GP": 2.3,
    "look-ahead 1": 1.9,
    "look-ahead 5": 2.3,
    "look-ahead 10": 2.3,
}


def rows() -> dict[str, Row]:
    """Those with a wanted ratio, and their neighbours, by name."""
    found = {f"notebook, {rule}": Row(experiment(rule, "notebook"), NOTEBOOK.get(rule), limit=True) for rule in RULES}
    ahead = experiment("look-ahead 5", "notebook")
    found["notebook, look-ahead 5 / torchopt"] = Row(ahead, 2.5, other="torchopt")
    found["notebook, look-ahead 5 / higher"] = Row(ahead, 2.8, other="higher")
    found["classroom, minimax"] = Row(experiment("minimax", "classroom"), 2.9, 4.0)
    found["classroom, look-ahead 5"] = Row(experiment("look-ahead 5", "classroom"), 4.2, 5.0)
    for rule in ("non-saturating", "WGAN, clip", "WGAN-GP"):
        found[f"classroom, {rule}"] = Row(experiment(rule, "classroom"))
    small = f"{LANES} lanes"
    found[f"{small}, non-saturating, per GAN"] = Row(experiment("non-saturating", small), 28.0, lanes=LANES)
    return found


def preset_rows() -> dict[str, Row]:
    """Every preset, as it is published."""
    return {name: Row(PRESETS[name]) for name in PRESETS}


def chosen(only: list[str], presets: bool) -> dict[str, Row]:
    """The rows with one of these words in their name; without words those with a wanted ratio, or the presets.

    ValueError with one line for a word that is in no name.
    """
    if not only:
        return preset_rows() if presets else rows()
    every = preset_rows() if presets else rows() | preset_rows()
    for word in only:
        if not any(word in name for name in every):
            raise ValueError(f"--only {word}: no row has this in its name; the rows are {'; '.join(every)}")
    return {name: row for name, row in every.items() if any(word in name for word in only)}
