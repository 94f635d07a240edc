"""Measurements of the project: `python -m benchmarks.step` and `python -m benchmarks.app`; not part of the package."""
