"""What a movie is made of: moments of a run, evenly thinned, so that a run of any length leaves a bounded number."""

import math
from collections.abc import Mapping
from typing import Self

import numpy as np

from gandyn.core import checks

MOST = 200  # moments


class Reel:
    """Keeps (step, array) of the moments it is given, evenly spread from the first to the last: at most `most`.

    Of the moments numbered 0, 1, 2, ... it keeps those that a stride divides, and the last one. The stride is 1; when
    the reel is full every second moment is dropped and the stride doubled. So what it keeps is a function of the
    number of moments alone, and a reel that was taken up again (`arrays`, `of`) is the one of an unbroken run.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = checks.integer("most", most, 2, 10_000)
        self._count = 0
        self._kept: list[tuple[int, int, np.ndarray]] = []  # number, step, array

    def add(self, step: int, moment: np.ndarray) -> None:
        """The next moment. All arrays of a reel have one shape."""
        if self._kept and self._kept[-1][0] % self._stride():
            self._kept.pop()
        self._kept.append((self._count, step, moment))
        self._count += 1
        stride, last = self._stride(), self._count - 1
        self._kept = [item for item in self._kept if item[0] % stride == 0 or item[0] == last]

    def _stride(self) -> int:
        """The least power of two with which the moments so far find room, the last one among them."""
        stride = 1
        while math.ceil((self._count - 1) / stride) + 1 > self._most:
            stride *= 2
        return stride

    def moments(self) -> list[tuple[int, np.ndarray]]:
        """(step, array) of the moments that are kept, in order."""
        return [(step, moment) for _, step, moment in self._kept]

    def arrays(self) -> dict[str, np.ndarray]:
        """All of it as arrays by name, as np.savez takes them."""
        numbers, steps, moments = zip(*self._kept, strict=True) if self._kept else ((), (), ())
        plain = {"numbers": numbers, "steps": steps, "moments": moments, "count": self._count, "most": self._most}
        return {name: np.array(value) for name, value in plain.items()}

    @classmethod
    def of(cls, arrays: Mapping[str, np.ndarray]) -> Self:
        """The reel of `arrays`."""
        reel = cls(int(arrays["most"]))
        reel._count = int(arrays["count"])
        columns = (arrays["numbers"].tolist(), arrays["steps"].tolist(), list(arrays["moments"]))
        reel._kept = list(zip(*columns, strict=True))
        return reel
