"""How long each preset takes: python -m scripts.minutes [PRESETS] writes gandyn/presets/minutes.json.

A few seconds of each preset, after its first steps, times its steps: with the engine and the number of threads that
`gandyn train` takes here. Perceptrons, which one thread steps, are measured in CPU time, so a busy machine does;
convolutions on the clock, on a quiet machine of two processors. Presets that are not named keep their figure.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import torch

import gandyn.presets
from gandyn.core.engine import advance, init, resolve
from gandyn.core.experiment import Experiment
from gandyn.presets import PRESETS
from gandyn.records import strict_json as json
from gandyn.records.engine import threads_of

FILE = Path(gandyn.presets.__file__).parent / "minutes.json"
SECONDS = 4.0
AT_ONCE = 20  # steps a call, of perceptrons


def seconds_per_step(experiment: Experiment) -> float:
    """Seconds of one step with nothing else running, near the initial state."""
    torch.set_num_threads(threads_of(experiment))
    perceptrons = all(net.perceptron for net in (experiment.game.generator, experiment.game.critic))
    clock, size = (time.process_time, AT_ONCE) if perceptrons else (time.perf_counter, 1)
    state = init(experiment.game, 0)
    engine = resolve(experiment, state.g.device)
    state, _ = advance(experiment, state, [0], size, engine)  # compiles
    start, steps = clock(), 0
    while clock() - start < SECONDS:
        state, _ = advance(experiment, state, [0], size, engine)
        steps += size
    return (clock() - start) / steps


def main() -> None:
    minutes = json.loads(FILE.read_text())
    for name in sys.argv[1:] or list(PRESETS):
        experiment = PRESETS[name]
        minutes[name] = max(0.001, round(experiment.steps * seconds_per_step(experiment) / 60, 3))
        print(f"{name}: {minutes[name]} min, {torch.get_num_threads()} threads", flush=True)
        FILE.write_text(json.dumps({name: minutes[name] for name in PRESETS if name in minutes}, indent=1) + "\n")


if __name__ == "__main__":
    main()
