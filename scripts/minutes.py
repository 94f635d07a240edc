"""How long each preset takes: python -m scripts.minutes writes gandyn/presets/minutes.json.

Time on the clock over a few seconds of each preset, after its first steps, times its steps: with the engine and the
number of threads that `gandyn train` takes here. `gandyn list` shows it. Run it on a quiet machine of two processors.
"""

from __future__ import annotations

import time
from itertools import islice
from pathlib import Path

import torch

import gandyn.presets
from gandyn.core.engine import play
from gandyn.core.experiment import Experiment
from gandyn.presets import PRESETS
from gandyn.records import strict_json as json
from gandyn.records.engine import threads_of

FILE = Path(gandyn.presets.__file__).parent / "minutes.json"
WARM, SECONDS = 3, 6.0


def seconds_per_step(experiment: Experiment) -> float:
    """Seconds on the clock of one step, from the initial state."""
    torch.set_num_threads(threads_of(experiment))
    walk = play(experiment)
    list(islice(walk, WARM))
    start, steps = time.perf_counter(), 0
    while time.perf_counter() - start < SECONDS:
        next(walk)
        steps += 1
    return (time.perf_counter() - start) / steps


def main() -> None:
    minutes = {}
    for name, experiment in PRESETS.items():
        minutes[name] = round(experiment.steps * seconds_per_step(experiment) / 60, 2)
        print(f"{name}: {minutes[name]} min, {torch.get_num_threads()} threads")
    FILE.write_text(json.dumps(minutes, indent=1) + "\n")


if __name__ == "__main__":
    main()
