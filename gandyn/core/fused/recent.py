"""What a thread keeps of what it made: memory that is written again at every step belongs to one thread."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Recent(threading.local, Generic[T]):
    """The last few things made, by key; of each thread its own."""

    def __init__(self, most: int) -> None:
        self._most, self._kept = most, OrderedDict[object, T]()

    def get(self, key: object, make: Callable[[], T]) -> T:
        """The one of that key, made if it is not there; the one used longest ago makes room for it."""
        if key not in self._kept:
            self._kept[key] = make()
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]
