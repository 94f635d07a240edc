"""How long each preset takes: python -m scripts.minutes writes gandyn/presets/minutes.json.

CPU time of one thread over a few seconds of each preset, after its first steps, times its steps. `gandyn list` shows
it. Run it on a quiet machine: caches shared with other work make every step longer.
"""

from __future__ import annotations

import json
import time
from itertools import islice
from pathlib import Path

import torch

import gandyn.presets
from gandyn.core.experiment import Experiment
from gandyn.core.play import play
from gandyn.presets import PRESETS

FILE = Path(gandyn.presets.__file__).parent / "minutes.json"
WARM, SECONDS = 3, 6.0


def seconds_per_step(experiment: Experiment) -> float:
    """CPU seconds of one step, from the initial state."""
    walk = play(experiment)
    list(islice(walk, WARM))
    start, steps = time.process_time(), 0
    while time.process_time() - start < SECONDS:
        next(walk)
        steps += 1
    return (time.process_time() - start) / steps


def main() -> None:
    torch.set_num_threads(1)
    found = {}
    for name, experiment in PRESETS.items():
        found[name] = round(experiment.steps * seconds_per_step(experiment) / 60, 2)
        print(f"{name}: {found[name]} min")
    FILE.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
