"""The default preset without a page: for every line with a number of seconds, the steps that a run makes in them.

python -m benchmarks.headless [PRESET]
"""

from __future__ import annotations

import json
import sys
import time

import torch

import gandyn


def main() -> None:
    torch.set_num_threads(1)
    run = gandyn.Run(gandyn.preset(sys.argv[1] if sys.argv[1:] else "collapse"))
    run.advance(50)
    print("ready", flush=True)
    for line in sys.stdin:
        wall, cpu, steps = time.monotonic(), time.process_time(), 0
        while time.monotonic() - wall < float(line):
            steps += run.advance(2**31, seconds=0.5)
        figures = {"steps": steps, "wall": time.monotonic() - wall, "cpu": time.process_time() - cpu}
        print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    main()
