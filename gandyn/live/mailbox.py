"""Levels conflate: of several values put into a mailbox the latest wins, and nobody waits."""

from __future__ import annotations

from typing import Generic, TypeVar

T = TypeVar("T")


class Latest(Generic[T]):
    """One slot between threads. `put` replaces the value by a single reference write, so it needs no lock.

    A reader keeps the sequence number of what it read last and compares.
    """

    __slots__ = ("_slot",)

    def __init__(self, value: T) -> None:
        self._slot: tuple[int, T] = (0, value)

    def put(self, value: T) -> None:
        """Replace the value. One writer at a time."""
        self._slot = (self._slot[0] + 1, value)

    def get(self) -> tuple[int, T]:
        """(sequence number, value): the number grows with every put."""
        return self._slot
