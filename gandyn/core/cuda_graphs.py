"""A whole step of any network as one CUDA graph: a step there is launch-bound, and a graph is launched once.

Everything that changes from step to step lies in fixed memory on the device, rates and numbers of updates among it, so
nothing is read back and the host never waits. What a graph holds fast is its key: the networks, the optimisers, the
rule (look-ahead, step counts, order, batch, objective, penalty, freeze) and all shapes.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from gandyn.core import dynamics
from gandyn.core.decay import knobs_at
from gandyn.core.trees import tensors, tree_map
from gandyn.core.types import Batch, Game, Knobs, Metrics, Rule, State

WARM_UP = 3  # steps before the capture, as torch asks for
_copy_all: Any = torch.__dict__["_foreach_copy_"]  # of many tensors in one kernel
MOST = 8  # graphs that a thread keeps
ALIGNED = 16  # numbers: where a tensor begins in its flat vector, so that it is read in wide words


class Memory:
    """Fixed room for a tree of tensors, one flat vector for each dtype, so that all of it is copied in one go."""

    def __init__(self, tree: Any) -> None:
        self._places: list[tuple[torch.dtype, int, torch.Size]] = []
        sizes: dict[torch.dtype, int] = {}
        for tensor in tensors(tree):
            start = sizes.get(tensor.dtype, 0)
            self._places.append((tensor.dtype, start, tensor.shape))
            sizes[tensor.dtype] = start + -(-tensor.numel() // ALIGNED) * ALIGNED
        device = tensors(tree)[0].device
        self.flats = {dtype: torch.zeros(size, dtype=dtype, device=device) for dtype, size in sizes.items()}
        self.tree = self._views(tree, self.flats)
        self.write(tree)

    def _views(self, like: Any, flats: dict[torch.dtype, Tensor]) -> Any:
        places = iter(self._places)

        def view(_: Tensor) -> Tensor:
            dtype, start, shape = next(places)
            return flats[dtype][start : start + shape.numel()].view(shape)

        return tree_map(view, like)

    def write(self, tree: Any) -> None:
        """Copy a tree of the same shapes into this memory."""
        here, there = tensors(self.tree), tensors(tree)
        for dtype in self.flats:
            which = [i for i, place in enumerate(self._places) if place[0] == dtype]
            _copy_all([here[i] for i in which], [there[i] for i in which])

    def copy(self) -> Any:
        """The tree in memory of its own."""
        return self._views(self.tree, {dtype: flat.clone() for dtype, flat in self.flats.items()})


class FixedStep:
    """A step whose inputs and outputs keep their place; a graph of it where the device can capture one."""

    def __init__(self, game: Game, rule: Rule, state: State, batches: Sequence[Batch], knobs: Knobs) -> None:
        self._game, self._rule = game, rule  # held, because their identity is the key
        self._state, self._batches = Memory(state), Memory(list(batches))
        # rates in float64, as on the host: 1 - beta2^t loses half its digits in float32
        numbers = knobs.numbers()
        self._knobs = {
            name: torch.as_tensor(value, dtype=torch.float64, device=state.g.device).clone()
            for name, value in numbers.items()
        }
        # what was written last
        self._numbers = {name: None if isinstance(value, Tensor) else value for name, value in numbers.items()}
        self._last: list[Tensor] = []  # of the state that was returned last, which may be the next one's start
        self._graph: torch.cuda.CUDAGraph | None = None
        if state.g.is_cuda:
            with torch.cuda.device(state.g.device), _deterministic():
                self._capture()
        else:
            self._out = Memory(self._run())

    def _run(self) -> list[Any]:
        """[the new state, the metrics], of the fixed inputs."""
        knobs = Knobs.of(self._knobs, checked=False)
        return list(dynamics.step(self._game, self._rule, self._state.tree, self._batches.tree, knobs))

    def _capture(self) -> None:
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(WARM_UP):
                self._out = Memory(self._run())
        torch.cuda.current_stream().wait_stream(stream)
        self._graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self._graph, capture_error_mode="thread_local"):
            self._out.write(self._run())

    def __call__(self, state: State, batches: Sequence[Batch], knobs: Knobs) -> tuple[State, Metrics]:
        """The step from `state`; what it returns is the caller's own."""
        given = tensors(state)
        if len(given) == len(self._last) and all(a is b for a, b in zip(given, self._last, strict=True)):
            for dtype, flat in self._state.flats.items():  # the outputs hold the state first, in the same places
                flat.copy_(self._out.flats[dtype][: len(flat)])
        else:
            self._state.write(state)
        self._batches.write(list(batches))
        for name, value in knobs.numbers().items():
            if isinstance(value, Tensor):
                self._knobs[name].copy_(value)
            elif value != self._numbers[name]:
                self._knobs[name].fill_(value)
                self._numbers[name] = value
        if self._graph is None:
            self._out.write(self._run())
        else:
            self._graph.replay()
        new, metrics = self._out.copy()
        self._last = tensors(new)
        return new._replace(step=state.step + 1), metrics


@contextmanager
def _deterministic() -> Iterator[None]:
    """What is captured meanwhile gives the same bits at every replay: cuDNN's fastest kernels add in any order."""
    before = torch.backends.cudnn.deterministic
    torch.backends.cudnn.deterministic = True
    try:
        yield
    finally:
        torch.backends.cudnn.deterministic = before


class _Graphs(threading.local):
    """The graphs of a thread, the one used longest ago first: memory that is written again belongs to one thread."""

    def __init__(self) -> None:
        self.kept = OrderedDict[object, FixedStep]()


_graphs = _Graphs()


def _key(game: Game, rule: Rule, state: State, batches: Sequence[Batch], knobs: Knobs) -> object:
    parts = tuple(id(part) for part in game[:4])
    tensors_of = (*tensors(state), *tensors(list(batches)))
    shapes = tuple((tensor.shape, tensor.dtype) for tensor in tensors_of)
    counts = tuple(len(tensors(batch)) for batch in batches)
    numbers = tuple((n, v.shape if isinstance(v, Tensor) else ()) for n, v in knobs.numbers().items())
    return (*parts, tuple(rule), shapes, counts, numbers, state.g.device)


def graph_step(game: Game, rule: Rule, state: State, batches: Sequence[Batch], knobs: Knobs) -> tuple[State, Metrics]:
    """dynamics.step by this thread's graph for that game, that rule and these shapes; captured at its first use.

    On a device without graphs the same computation in fixed memory runs step by step.
    """
    knobs = knobs_at(knobs, state.step)  # a graph does not know which step it is
    kept, key = _graphs.kept, _key(game, rule, state, batches, knobs)
    if key not in kept:
        kept[key] = FixedStep(game, rule, state, batches, knobs)
        if len(kept) > MOST:
            kept.popitem(last=False)
    kept.move_to_end(key)
    return kept[key](state, batches, knobs)
