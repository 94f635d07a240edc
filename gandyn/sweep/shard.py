"""A share of a sweep: which of its rows one of N independent commands makes."""

from __future__ import annotations

import re
from typing import NamedTuple

from gandyn.core.registry import brief
from gandyn.sweep.grid import Grid, Job

MOST = 100_000  # shards, as many as a sweep may have GANs


class Shard(NamedTuple):
    """The share `number` of `total`, 1 <= number <= total."""

    number: int
    total: int

    @classmethod
    def parse(cls, text: str) -> Shard:
        """Read I/N, counted from 1 as by split, Jest, Playwright and cargo-nextest; ValueError with one line."""
        numbers = re.fullmatch("([0-9]{1,6})/([0-9]{1,6})", text)
        number, total = map(int, numbers.groups()) if numbers else (0, 0)
        if not 1 <= number <= total <= MOST:
            raise ValueError(f"--shard takes I/N, the shards are 1/N to N/N with N up to {MOST:,}, not {brief(text)}")
        return cls(number, total)

    @classmethod
    def of(cls, key: str, total: int) -> Shard:
        """The one of `total` shards that makes the row of this key: the key as a hexadecimal number, modulo total, + 1.

        A key is the first 64 bits of a SHA-256 of the row's own configuration (grid.key_of), so a row's shard depends
        neither on the other rows nor on their order, the process or the machine.
        """
        return cls(int(key, 16) % total + 1, total)

    def __str__(self) -> str:
        return f"{self.number}/{self.total}"


def jobs_of(grid: Grid, shard: Shard | None) -> tuple[Job, ...]:
    """The GANs of this share, in the grid's order; None: all."""
    return grid.jobs if shard is None else tuple(job for job in grid.jobs if Shard.of(job.key, shard.total) == shard)
