"""The laboratory in a browser, measured: `python -m benchmarks.app`. Steps per second: see gandyn/benchmarks."""
