"""Steps per second of gandyn, and of the same training in plain PyTorch (baselines.py).

    python -m benchmarks.step [--json] [--write]

One torch thread. CPU time, not time on the clock; the two take turns in short bursts, so that what else the machine
does meets both; the ratio is the median over pairs of neighbouring bursts. Takes less than a minute.
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
from gandyn.targets.ring import Ring

BURST = 0.1  # seconds of CPU
PAIRS = 11
FEWEST = 3
WHOLE = 50.0  # seconds on the clock for all rows; on a busy machine there are fewer pairs
WARM = 4  # steps


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


def seconds(advance: Callable[[int], None], n: int) -> float:
    """CPU seconds of n steps."""
    start = time.process_time()
    advance(n)
    return time.process_time() - start


def measure(rule: str, size: str, patience: float) -> dict[str, Any]:
    """Steps per second of CPU of both, and their ratio, within about `patience` seconds."""
    until = time.monotonic() + patience
    setting = experiment(rule, size)
    mine = play(setting)
    plain = baseline(setting, init(setting.game, 0))

    def ours(n: int) -> None:
        for _ in islice(mine, n):
            pass

    def theirs(n: int) -> None:
        for _ in range(n):
            plain.step(plain.draw_batches())

    runs = (ours, theirs)
    for advance in runs:
        advance(WARM)
    counts = [max(1, round(BURST * WARM / seconds(advance, WARM))) for advance in runs]
    pairs: list[tuple[float, float]] = []
    while len(pairs) < PAIRS and (len(pairs) < FEWEST or time.monotonic() < until):
        pairs.append((counts[0] / seconds(ours, counts[0]), counts[1] / seconds(theirs, counts[1])))
    return {
        "rule": rule,
        "networks": size,
        "gandyn": median(a for a, _ in pairs),
        "plain": median(b for _, b in pairs),
        "ratio": median(a / b for a, b in pairs),
        "low": min(a / b for a, b in pairs),
        "high": max(a / b for a, b in pairs),
        "pairs": len(pairs),
    }


def text(found: dict[str, Any]) -> str:
    """The rows as a table."""
    head = ["steps per second of one core", "gandyn", "plain PyTorch", "gandyn / plain", "lowest to highest pair"]
    lines = [
        [
            f"{row['networks']}, {row['rule']}",
            f"{row['gandyn']:,.0f}",
            f"{row['plain']:,.0f}",
            f"{row['ratio']:.2f}",
            f"{row['low']:.2f} to {row['high']:.2f}",
        ]
        for row in found["rows"]
    ]
    return f"{sentence(found['machine'])}\n\n{table(head, lines)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md, too")
    options = parser.parse_args()
    torch.set_num_threads(1)
    found: dict[str, Any] = {"machine": machine("torch"), "rows": []}
    settings, until = [(rule, size) for size in SIZES for rule in RULES], time.monotonic() + WHOLE
    for i, (rule, size) in enumerate(settings):
        found["rows"].append(measure(rule, size, (until - time.monotonic()) / (len(settings) - i)))
    if options.write:
        write("step", text(found))
    print(json.dumps(found) if options.json else text(found))


if __name__ == "__main__":
    main()
