"""Headless runs: a timeline to its last step, and what it leaves in its directory."""
