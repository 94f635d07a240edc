"""Steps per second: `python -m benchmarks.step [--only NAME ...] [--presets] [--jax PYTHON] ...` is `gandyn bench`."""

import sys

from gandyn.cli import main

if __name__ == "__main__":
    sys.exit(main(["bench", *sys.argv[1:]]))
