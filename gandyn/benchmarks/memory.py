"""The memory of a run with many lanes, in a process of its own: `python -m gandyn.benchmarks.memory PRESET`.

Prints one JSON object of sizes in bytes: `state`, and `peak`, the largest resident memory from the moment before the
State is made to the end of STEPS steps, beyond what was resident at that moment, code and its warm-up included. What a
run of a few lanes leaves behind is returned to the system before.
"""

from __future__ import annotations

import ctypes
import gc
import resource
import sys
from pathlib import Path

import torch

from gandyn.core.engine import advance, resolve
from gandyn.core.play import init_lanes
from gandyn.core.trees import tensors
from gandyn.presets import PRESETS
from gandyn.records import strict_json as json

LANES, STEPS, CALLS = 1024, 4, 2
STATUS = Path("/proc/self/status")


def _status(name: str) -> int:
    (line,) = (line for line in STATUS.read_text().splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1]) * 1024


def _largest() -> int:
    """Since `_begin`; without /proc since the process began."""
    if STATUS.exists():
        return _status("VmHWM")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _begin() -> int:
    """What is resident now, from where the largest is counted."""
    gc.collect()
    if not STATUS.exists():
        return _largest()
    if hasattr(ctypes.CDLL(None), "malloc_trim"):
        ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5")
    return _status("VmRSS")


def main(preset: str) -> None:
    """Measure and print."""
    torch.set_num_threads(1)
    experiment = PRESETS[preset]
    engine = resolve(experiment)
    advance(experiment, init_lanes(experiment.game, 0, 2), range(2), STEPS, engine)  # compiles
    before = _begin()
    state = init_lanes(experiment.game, 0, LANES)
    for _ in range(CALLS):
        state, _metrics = advance(experiment, state, range(LANES), STEPS, engine)
    size = sum(tensor.nbytes for tensor in tensors(state))
    print(json.dumps({"lanes": LANES, "state": size, "peak": _largest() - before}))


if __name__ == "__main__":
    main(sys.argv[1])
