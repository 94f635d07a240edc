"""What a network is: data and pure functions of one flat parameter vector."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, NamedTuple

import torch
from torch import Generator, Tensor, nn

from gandyn.core.perceptron import Perceptron
from gandyn.core.rng import Rng


class Net(NamedTuple):
    """A network as a pure function of one flat parameter vector theta [P]."""

    size: int  # P, the number of parameters
    init: Callable[[Rng | Generator], Tensor]  # -> theta [P]; drawn on the CPU in float64
    apply: Callable[[Tensor, Tensor], Tensor]  # theta [P], x [B, *in] -> y [B, *out]
    named: Callable[[Tensor], dict[str, Tensor]]  # views of theta under torch.nn's names and shapes
    module: Callable[[Tensor], nn.Module]  # an ordinary torch module with a copy of these weights
    inputs: tuple[int, ...] | None = None  # the shape of one input; None: unknown, not checked
    outputs: tuple[int, ...] | None = None  # the shape of one output
    spec: Mapping[str, Any] = MappingProxyType({})  # the controls it was made from: widths, activation, ...
    # theta [P] -> (x -> y), cheaper where it is reused; of lanes, theta [N, P] -> ([N, B, *in] -> [N, B, *out]), too
    bind: Callable[[Tensor], Callable[[Tensor], Tensor]] | None = None
    layout: Perceptron | None = None  # of a multilayer perceptron, its layers: for whoever differentiates it by hand
    pack: int = 1  # of a critic: how many samples one input is made of
    # of a network whose y of a sample depends on the minibatch: (theta, reference [B, *in]) -> (x -> y), each x by
    # itself, with that minibatch beside it; None: a sample's y depends on nothing else
    given: Callable[[Tensor, Tensor], Callable[[Tensor], Tensor]] | None = None

    def at(self, theta: Tensor) -> Callable[[Tensor], Tensor]:
        """The network with parameters theta: x -> y. What it prepares, and its derivative, all of its uses share.

        With theta [N, P] of N lanes, x [N, B, *in] -> y [N, B, *out]: every lane's own network at its own samples.
        """
        if self.bind and not self._replaced:
            return self.bind(theta)
        return partial(self.apply if theta.ndim == 1 else torch.func.vmap(self.apply), theta)

    def beside(self, theta: Tensor, reference: Tensor) -> Callable[[Tensor], Tensor]:
        """The network as a function of single inputs, a reference minibatch [B, *in] beside each: x -> y."""
        return self.given(theta, reference) if self.given and not self._replaced else self.at(theta)

    @property
    def _replaced(self) -> bool:
        """Whether somebody has put another function in the place of a multilayer perceptron."""
        return self.layout is not None and self.layout.apply != self.apply

    @property
    def perceptron(self) -> Perceptron | None:
        """Its layers, if it is a multilayer perceptron and nobody has put another function in its place."""
        return None if self._replaced else self.layout
