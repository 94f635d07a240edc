"""Steps per second of gandyn, and of the same training in plain PyTorch (baselines.py).

    python -m benchmarks.step [--only NAME ...] [--json] [--write]

A row for every rule at two sizes, and one for every preset. One torch thread. CPU time, not time on the clock; the two
take turns in short bursts, so that what else the machine does meets both; the ratio is the median over pairs of
neighbouring bursts. Takes about three minutes. The digits are those that gandyn finds, else the embedded ones.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from itertools import islice
from statistics import median
from typing import Any, NamedTuple

import torch

from benchmarks.baselines import baseline
from benchmarks.report import machine, sentence, table, write
from gandyn.core.experiment import Experiment
from gandyn.core.nets import mlp
from gandyn.core.optim import adam, rmsprop
from gandyn.core.play import init, play
from gandyn.core.types import Game, Knobs, Latent, Rule
from gandyn.presets import PRESETS
from gandyn.targets.ring import Ring

BURST = 0.1  # seconds of CPU
PAIRS = 21
FEWEST = 3
WHOLE = 150.0  # seconds on the clock for all rows; on a busy machine there are fewer pairs


class Size(NamedTuple):
    """Networks, and how many samples they see at once."""

    latent: int
    widths: tuple[int, ...]
    activation: str
    batch: int


SIZES = {"classroom": Size(32, (64, 64), "relu", 256), "notebook": Size(256, (128, 128), "tanh", 512)}

WASSERSTEIN = {"objective": "wasserstein", "critic_steps": 5, "order": "alternating"}
RULES: dict[str, tuple[dict[str, Any], Knobs, Callable[[], Any]]] = {
    "minimax": ({"objective": "minimax"}, Knobs(1e-3, 5e-4, 0.5, 0.99), adam),
    "non-saturating": ({"objective": "non-saturating"}, Knobs(1e-3, 5e-4, 0.5, 0.99), adam),
    "WGAN, clip": (WASSERSTEIN, Knobs(1e-3, 1e-3, 0.0, 0.99, clip=0.1), rmsprop),
    "WGAN-GP": (
        WASSERSTEIN | {"penalty": "gradient-penalty"},
        Knobs(1e-3, 1e-3, 0.5, 0.9, penalty_weight=0.1),
        adam,
    ),
    "look-ahead 5": ({"objective": "minimax", "unroll": 5}, Knobs(1e-3, 1e-3, 0.5, 0.99), adam),
}


def experiment(rule: str, size: str) -> Experiment:
    """One row's setting."""
    fields, knobs, optimizer = RULES[rule]
    latent, widths, activation, batch = SIZES[size]
    generator = mlp([latent, *widths, 2], activation, "orthogonal")
    critic = mlp([2, *widths, 1], activation, "orthogonal")
    game = Game(generator, critic, optimizer(), optimizer(), Latent(latent))
    return Experiment(Ring(), game, Rule(**fields, batch_size=batch), knobs)


def settings() -> dict[str, Experiment]:
    """Every row's setting by its name."""
    rows = {f"{size}, {rule}": experiment(rule, size) for size in SIZES for rule in RULES}
    return rows | {name: PRESETS[name] for name in PRESETS}


def seconds(advance: Callable[[int], None], n: int) -> float:
    """CPU seconds of n steps."""
    start = time.process_time()
    advance(n)
    return time.process_time() - start


def steps_of_a_burst(advance: Callable[[int], None]) -> int:
    """How many steps a burst takes, found once they are warm."""
    advance(1)
    once = seconds(advance, 1)
    warm = max(1, round(BURST / once))
    return max(1, round(BURST * warm / (seconds(advance, warm) if warm > 1 else once)))


def measure(name: str, setting: Experiment, patience: float) -> dict[str, Any]:
    """Steps per second of CPU of both, and their ratio, within about `patience` seconds."""
    until = time.monotonic() + patience
    mine = play(setting)
    plain = baseline(setting, init(setting.game, 0))

    def ours(n: int) -> None:
        for _ in islice(mine, n):
            pass

    def theirs(n: int) -> None:
        for _ in range(n):
            plain.step(plain.draw_batches())

    counts = [steps_of_a_burst(advance) for advance in (ours, theirs)]
    pairs: list[tuple[float, float]] = []
    while len(pairs) < PAIRS and (len(pairs) < FEWEST or time.monotonic() < until):
        pairs.append((counts[0] / seconds(ours, counts[0]), counts[1] / seconds(theirs, counts[1])))
    return {
        "name": name,
        "gandyn": median(a for a, _ in pairs),
        "plain": median(b for _, b in pairs),
        "ratio": median(a / b for a, b in pairs),
        "low": min(a / b for a, b in pairs),
        "high": max(a / b for a, b in pairs),
        "pairs": len(pairs),
    }


def rate(value: float) -> str:
    """Steps per second, to three digits."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def text(found: dict[str, Any]) -> str:
    """The rows as a table."""
    head = ["steps per second of one core", "gandyn", "plain PyTorch", "gandyn / plain", "lowest to highest pair"]
    lines = [
        [
            row["name"],
            rate(row["gandyn"]),
            rate(row["plain"]),
            f"{row['ratio']:.2f}",
            f"{row['low']:.2f} to {row['high']:.2f}",
        ]
        for row in found["rows"]
    ]
    return f"{sentence(found['machine'])}\n\n{table(head, lines)}"


def matches(name: str, only: list[str]) -> bool:
    return not only or any(part in name for part in only)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md, too")
    parser.add_argument("--only", nargs="+", metavar="NAME", default=[], help="rows with this in their name")
    options = parser.parse_args()
    if options.only and options.write:
        parser.error("--write takes all rows")
    torch.set_num_threads(1)
    rows = {name: setting for name, setting in settings().items() if matches(name, options.only)}
    found: dict[str, Any] = {"machine": machine("torch"), "rows": []}
    until = time.monotonic() + WHOLE * len(rows) / len(settings())
    for i, (name, setting) in enumerate(rows.items()):
        found["rows"].append(measure(name, setting, (until - time.monotonic()) / (len(rows) - i)))
    if options.write:
        write("step", text(found))
    print(json.dumps(found) if options.json else text(found))


if __name__ == "__main__":
    main()
