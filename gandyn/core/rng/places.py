"""Places in the random numbers of a run, and the numbers that are there.

A place is (seed, step, update). Number i of a stream at a place is a pure function of these five: see docs/maths.md.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import cache
from importlib.util import find_spec
from math import prod
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from gandyn.core.rng import arrays, tensors
from gandyn.core.rng.streams import STREAMS

log = logging.getLogger(__name__)
Whole = int | Sequence[int] | np.ndarray | Tensor  # one number, or an array of them
Where = torch.device | str


_being_prepared: set[object] = set()  # not empty: another thread compiles what draws


@cache
def host() -> ModuleType:
    """What computes random numbers on the CPU: compiled code where numba is installed, else NumPy."""
    try:
        from gandyn.core.rng import compiled
    except ImportError:
        log.warning("numba is not installed: random numbers come from NumPy, and steps are computed in autograd")
        return arrays
    return compiled


@cache
def on_device(device: torch.device) -> ModuleType:
    """What computes random numbers on another device: one kernel each where Triton can, else operations of torch."""
    if device.type == "cuda" and find_spec("triton") is not None:
        from gandyn.core.rng import triton_kernels

        return triton_kernels
    return tensors


def begin_preparing() -> Callable[[], None]:
    """A function that compiles what draws on the CPU, or loads it from the cache, in a thread of the caller's choice.

    From now on until it is done NumPy draws, the same bits, so that nobody waits for the compiler.
    """
    token = object()
    _being_prepared.add(token)

    def prepare() -> None:
        nowhere = np.empty(0, np.uint64), 0, np.empty(0, np.int64), np.empty(0, np.int64), 1
        try:
            for law in ("words", "uniform", "normal"):
                _of(host(), law)(*nowhere)
        finally:
            _being_prepared.discard(token)

    return prepare


class Places(NamedTuple):
    """Many places at once: whole numbers, or arrays of them that are broadcast against each other to `shape`.

    On the CPU they are NumPy's or torch's; on another device they may be tensors that lie there, so that a CUDA graph
    reads the step anew at every replay.
    """

    seeds: Whole  # below 2^53
    steps: Whole = 0  # below 2^32
    updates: Whole = 0  # below 2^32
    stride: int = 1  # batches that a step moves on in data that are walked in order; 0: they are drawn at random

    @property
    def shape(self) -> tuple[int, ...]:
        """The leading axes of whatever is drawn there."""
        if self._resolved:
            return self.seeds.shape  # pyright: ignore[reportAttributeAccessIssue]
        return np.broadcast_shapes(*(one.shape if isinstance(one, Tensor) else np.shape(one) for one in self[:3]))

    @property
    def _resolved(self) -> bool:
        """Whether they are arrays of one shape already, as `settled` makes them."""
        seeds, steps, updates, _ = self
        if isinstance(seeds, np.ndarray) and isinstance(steps, np.ndarray) and isinstance(updates, np.ndarray):
            return seeds.shape == steps.shape == updates.shape
        return False

    @property
    def batches_before(self) -> np.ndarray:
        """How many batches a walk through data has behind it at each place: step * stride + update."""
        _, steps, updates = self.host()
        return np.asarray(steps * self.stride + updates)

    def words(self, stream: str, shape: tuple[int, ...], device: Where = "cpu") -> Tensor:
        """int64 [*places, *shape], even on [0, 2^32)."""
        return self._draw("words", stream, shape, device).long()

    def uniform(self, stream: str, shape: tuple[int, ...], device: Where = "cpu") -> Tensor:
        """float32 [*places, *shape], uniform on [0, 1) in steps of 2^-24."""
        return self._draw("uniform", stream, shape, device)

    def normal(self, stream: str, shape: tuple[int, ...], device: Where = "cpu") -> Tensor:
        """float32 [*places, *shape], standard normal."""
        return self._draw("normal", stream, shape, device)

    def integers(self, stream: str, shape: tuple[int, ...], below: int, device: Where = "cpu") -> Tensor:
        """int64 [*places, *shape], even on 0, 1, ..., below - 1 to 1 in 2^32 / below."""
        return (self.words(stream, shape, device) * below) >> 32

    def host(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(seeds, steps, updates) as int64 arrays of one shape on the CPU."""
        if self._resolved:
            return self[:3]  # pyright: ignore[reportReturnType]
        parts = (one.cpu() if isinstance(one, Tensor) else one for one in self[:3])
        views = np.broadcast_arrays(*(np.asarray(one, np.int64) for one in parts))
        seeds, steps, updates = (np.array(view, order="C") for view in views)
        return seeds, steps, updates

    def settled(self) -> Places:
        """The same as arrays of one shape, so that several draws share that work; as they are on another device."""
        if any(isinstance(one, Tensor) and one.device.type != "cpu" for one in self[:3]):
            return self
        return Places(*self.host(), self.stride)

    def on(self, device: Where) -> Places:
        """The same as tensors on the device, for several draws there; for the CPU as they are."""
        if torch.device(device).type == "cpu":
            return self
        seeds, steps, updates = (_tensor(one, device) for one in self[:3])
        return Places(seeds, steps, updates, self.stride)

    def _draw(self, law: str, stream: str, shape: tuple[int, ...], device: Where) -> Tensor:
        number, count = STREAMS[stream], prod(shape)
        if not count:
            return torch.empty(
                *self.shape, *shape, dtype=torch.int64 if law == "words" else torch.float32, device=device
            )
        if torch.device(device).type == "cpu":
            seeds, steps, updates = (one.ravel() for one in self.host())
            module = arrays if _being_prepared else host()
            drawn = _of(module, law)(seeds.astype(np.uint64), number, steps, updates, count)
            drawn = torch.from_numpy(drawn.astype(np.int64) if law == "words" else drawn)
        else:
            parts = torch.broadcast_tensors(*(_tensor(one, device) for one in self[:3]))
            drawn = _of(on_device(torch.device(device)), law)(
                parts[0].flatten(), number, parts[1].flatten(), parts[2].flatten(), count
            )
        return drawn.reshape(*self.shape, *shape)


def _tensor(value: Whole, device: Where) -> Tensor:
    """int64 on the device; a single number without a copy from the host, which a CUDA graph cannot hold."""
    if isinstance(value, int):
        return torch.full((), value, device=device)
    return torch.as_tensor(value, dtype=torch.int64, device=device)


def _of(module: ModuleType, law: str) -> Callable[..., Any]:
    return getattr(module, law)


def permutation(seed: int, stream: str, step: int, size: int) -> Tensor:
    """A permutation [size] of 0, 1, ..., size - 1: the order of 64-bit keys, equal ones as they come."""
    words = Places(seed, step).words(stream, (2, size)).numpy().astype(np.uint64)
    return torch.from_numpy(np.argsort(words[0] << np.uint64(32) | words[1], kind="stable"))
