"""The same step as one CUDA graph: a step there is launch-bound, and a graph is launched once.

Everything that changes from step to step lies in fixed memory on the device, the numbers of the rule and the counts of
updates among it, so nothing is read back and the host never waits. One graph a rule: a new rule is captured anew.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from gandyn.core.fused.backend import Backend
from gandyn.core.fused.recent import Recent
from gandyn.core.fused.step import step
from gandyn.core.types import Batch, Game, Knobs, Metrics, OptState, Rule, State

WARM_UP = 3  # steps before the capture, as torch asks for


def _tensors(state: State) -> list[Tensor]:
    return [state.g, state.d, state.opt_g.m, state.opt_g.v, state.opt_d.m, state.opt_d.v, state.ema_g]


def _parts(batches: Sequence[Batch]) -> list[Tensor]:
    return [part for batch in batches for part in batch if part is not None]


class FixedStep:
    """A step whose inputs and outputs keep their place; a graph of it where the device can capture one."""

    def __init__(
        self, game: Game, rule: Rule, state: State, batches: Sequence[Batch], knobs: Knobs, backend: Backend
    ) -> None:
        self._game, self._rule, self._backend = game, rule, backend
        self._state = [tensor.clone() for tensor in _tensors(state)]
        self._batches = [Batch(*(None if part is None else part.clone() for part in batch)) for batch in batches]  # type: ignore[arg-type]
        # rates in float64, as on the host: 1 - beta2^t loses half its digits in float32
        self._knobs = [torch.as_tensor(value, dtype=torch.float64, device=state.g.device).clone() for value in knobs]
        self._counts = [torch.zeros((), dtype=torch.float64, device=state.g.device) for _ in range(2)]
        self._graph: torch.cuda.CUDAGraph | None = None
        if state.g.is_cuda:
            self._capture()

    def _run(self) -> tuple[list[Tensor], Metrics]:
        """The step on the fixed inputs: (the tensors of the new state, the metrics)."""
        g, d, m_g, v_g, m_d, v_d, ema = self._state
        t_g, t_d = self._counts
        state = State(g, d, OptState(m_g, v_g, t_g), OptState(m_d, v_d, t_d), ema, 0)  # type: ignore[arg-type]
        knobs = tuple.__new__(Knobs, self._knobs)  # checked before
        new, metrics = step(self._game, self._rule, state, self._batches, knobs, self._backend)
        return _tensors(new), metrics

    def _capture(self) -> None:
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(WARM_UP):
                self._run()
        torch.cuda.current_stream().wait_stream(stream)
        self._graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self._graph):
            self._made = self._run()

    def __call__(self, state: State, batches: Sequence[Batch], knobs: Knobs) -> tuple[State, Metrics]:
        """The step from `state`; what it returns is the caller's own."""
        fixed_parts, parts = [*self._state, *_parts(self._batches)], [*_tensors(state), *_parts(batches)]
        for fixed, part in zip(fixed_parts, parts, strict=True):
            fixed.copy_(part)
        for fixed, value in zip(self._knobs, knobs, strict=True):
            fixed.copy_(value) if isinstance(value, Tensor) else fixed.fill_(value)
        for fixed, opt in zip(self._counts, (state.opt_g, state.opt_d), strict=True):
            fixed.fill_(opt.t)
        if self._graph is None:
            made, metrics = self._run()
        else:
            self._graph.replay()
            made, metrics = [tensor.clone() for tensor in self._made[0]], Metrics(*(x.clone() for x in self._made[1]))
        g, d, m_g, v_g, m_d, v_d, ema = made
        moves_g = 0 if self._rule.freeze == "generator" else self._rule.generator_steps
        moves_d = 0 if self._rule.freeze == "critic" else self._rule.critic_steps
        opt_g, opt_d = OptState(m_g, v_g, state.opt_g.t + moves_g), OptState(m_d, v_d, state.opt_d.t + moves_d)
        return State(g, d, opt_g, opt_d, ema, state.step + 1), metrics


_graphs = Recent[FixedStep](8)


def graph_step(
    game: Game, rule: Rule, state: State, batches: Sequence[Batch], knobs: Knobs, backend: Backend
) -> tuple[State, Metrics]:
    """The fused step by this thread's graph for that rule and these shapes."""
    shapes = tuple(tuple(part.shape) for part in (*_tensors(state), *_parts(batches)))
    shapes += tuple(tuple(value.shape) if isinstance(value, Tensor) else () for value in knobs)
    nets = (game.generator.perceptron, game.critic.perceptron, game.optimizer_g.name, game.optimizer_d.name)
    key = (*nets, tuple(rule), shapes, state.g.dtype, state.g.device, backend)
    fixed = _graphs.get(key, lambda: FixedStep(game, rule, state, batches, knobs, backend))
    return fixed(state, batches, knobs)
