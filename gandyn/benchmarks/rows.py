"""What is measured: networks, rules, and how many times as fast as plain PyTorch each is wanted to be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from gandyn.benchmarks.baselines import has_baseline
from gandyn.benchmarks.figures import FIGURES
from gandyn.core.experiment import Experiment
from gandyn.core.native import INSTALLED
from gandyn.core.nets import mlp
from gandyn.core.optimizers.adam import adam
from gandyn.core.optimizers.rmsprop import rmsprop
from gandyn.core.types import Game, Knobs, Latent, Rule
from gandyn.presets import PRESETS
from gandyn.targets.ring import Ring

LANES = 64
SHARE, SHARE_AHEAD = 0.65, 0.55  # of the limit, that are wanted without and with a look-ahead


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
    other: str = "plain"  # or "torchopt", "higher", "JAX"; "one core": gandyn itself on one, compared with two
    lanes: int | None = None  # gandyn makes a step of that many at once; the ratio is per GAN
    limit: float | None = None  # the share of the machine's limit that is wanted, where that is measured, too


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


def _by_processor(wide: float, other: float) -> float:
    """What is wanted on a processor with AVX-512, or on another."""
    if not INSTALLED:
        return other
    from gandyn.core.native.processor import INSTRUCTIONS

    return wide if INSTRUCTIONS == "avx512" else other


def _notebook() -> dict[str, tuple[float, float | None]]:
    """The lowest ratio that is wanted, and the goal."""
    return {
        "minimax": (2.6, None),
        "non-saturating": (_by_processor(2.3, 2.8), None),
        "WGAN, clip": (2.2, None),
        "WGAN-GP": (2.2, None),
        "look-ahead 5": (_by_processor(2.1, 2.3), 2.6),
    }


def rows() -> dict[str, Row]:
    """Those with a wanted ratio, and their neighbours, by name."""
    rows, ratios, small = {}, _notebook(), f"{LANES} lanes"
    for rule in RULES:
        setting = experiment(rule, "notebook")
        share = SHARE_AHEAD if setting.rule.unroll else SHARE
        rows[f"notebook, {rule}"] = Row(setting, *ratios.get(rule, (None, None)), limit=share)
    ahead = experiment("look-ahead 5", "notebook")
    rows["notebook, look-ahead 5 / torchopt"] = Row(ahead, 2.5, other="torchopt")
    rows["notebook, look-ahead 5 / higher"] = Row(ahead, 2.8, other="higher")
    rows["classroom, minimax"] = Row(experiment("minimax", "classroom"), _by_processor(12, 8), 16)
    rows["classroom, look-ahead 5"] = Row(experiment("look-ahead 5", "classroom"), _by_processor(15, 12), 22)
    for rule in ("non-saturating", "WGAN, clip", "WGAN-GP"):
        rows[f"classroom, {rule}"] = Row(experiment(rule, "classroom"))
    lanes = Row(experiment("non-saturating", small), _by_processor(45, 28), 54, lanes=LANES)
    rows[f"{small}, non-saturating, per GAN"] = lanes
    in_jax = [name for name, row in rows.items() if row.wanted and row.other == "plain"]
    rows |= {f"{name} / JAX": rows[name]._replace(wanted=1, goal=None, other="JAX", limit=None) for name in in_jax}
    rows[f"{small}, two cores / one"] = lanes._replace(wanted=1.8, goal=None, other="one core")
    return rows


def preset_rows() -> dict[str, Row]:
    """Every preset, as it is published, that there is a plain loop for."""
    return {name: Row(experiment) for name, experiment in PRESETS.items() if has_baseline(experiment)}


class Choice(NamedTuple):
    """What is measured: rows, and the figures of figures.py, by name."""

    rows: dict[str, Row]
    figures: list[str]


def chosen(only: list[str], presets: bool) -> Choice:
    """What has one of these words in its name; without words rows with a wanted ratio and figures, or the presets.

    ValueError with one line for a word that is in no name.
    """
    if not only:
        return Choice(preset_rows(), []) if presets else Choice(rows(), list(FIGURES))
    every = preset_rows() if presets else rows() | preset_rows()
    figures = [] if presets else list(FIGURES)
    for word in only:
        if not any(word in name for name in [*every, *figures]):
            names = "; ".join([*every, *figures])
            raise ValueError(f"--only {word}: no row has this in its name; the rows are {names}")

    def wanted(name: str) -> bool:
        return any(word in name for word in only)

    return Choice({name: row for name, row in every.items() if wanted(name)}, list(filter(wanted, figures)))
