"""A multilayer perceptron: its layers as data, and what follows from them as pure functions of one flat vector theta.

Layout of theta: layer after layer, the weight matrix [in, out] row by row, then the bias [out]; with normalisation
then the scales [out] and the shifts [out], but for the last layer; at the end the tensor of minibatch discrimination,
where there is one. The weights are stored transposed to torch.nn's because the gradient of the first layer is an order
of magnitude cheaper so.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import NamedTuple

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from gandyn.core.initialisers import ZEROS, Law
from gandyn.core.initialisers import draw as initial
from gandyn.core.minibatch import (
    DIMENSIONS,
    KERNELS,
    batch_normalised,
    layer_normalised,
    with_deviation,
    with_nearness,
)
from gandyn.core.rng import Rng, as_rng

LEAK = 0.2  # of leaky-relu
ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "tanh": torch.tanh,
    "relu": torch.relu,
    "leaky-relu": lambda x: F.leaky_relu(x, LEAK),
    "elu": F.elu,
    "softplus": partial(F.softplus, threshold=40),  # torch's own is x from 20 on, which float64 sees
}
OUTPUTS: dict[str, Callable[[Tensor], Tensor]] = {"linear": lambda x: x, "sigmoid": torch.sigmoid, "tanh": torch.tanh}

#: (layer, values h of samples at it) -> the values there of the minibatch that the samples are judged in
Beside = Callable[[int, Tensor], Tensor]


def quadratic(curvature: float, x: Tensor) -> Tensor:
    """a/2 |x|^2 of every sample: x [..., B, n] to [..., B, 1]."""
    return (curvature / 2) * x.square().sum(-1, keepdim=True)


def affine(weight: Tensor, bias: Tensor | None, x: Tensor) -> Tensor:
    """x [B, in] times weight [in, out] plus bias [out]; with lanes all three have an axis [N] in front."""
    if bias is None:
        return x @ weight
    return torch.addmm(bias, x, weight) if bias.ndim == 1 else torch.baddbmm(bias[:, None], x, weight)


class Layer(NamedTuple):
    """One layer: x -> x W + b, then normalisation where it is `normalised`, then the activation or the output."""

    n_in: int
    n_out: int
    bias: bool
    normalised: bool

    @property
    def pieces(self) -> list[int]:
        """How many numbers of theta its tensors take: weight, bias, scale and shift, those that it has."""
        return [self.n_in * self.n_out, *[self.n_out] * (self.bias + 2 * self.normalised)]


class LayerWeights(NamedTuple):
    """Views of theta: the tensors of one layer; with lanes each has an axis [N] in front."""

    weight: Tensor  # [in, out]
    bias: Tensor | None  # [out]
    scaling: tuple[Tensor, Tensor] | None  # scale and shift [out] of its normalisation


class Weights(NamedTuple):
    """Views of theta: the tensors of all layers, and that of minibatch discrimination [n, KERNELS * DIMENSIONS]."""

    layers: list[LayerWeights]
    discrimination: Tensor | None


@dataclass(frozen=True)
class Perceptron:
    """A multilayer perceptron sizes[0] -> ... -> sizes[-1]; `nets.mlp` says what its fields mean, and checks them.

    Methods are pure functions of theta [P]; where a docstring says so, of N lanes theta [N, P], too.
    """

    sizes: tuple[int, ...]  # input, hidden widths, output
    activation: str
    law: Law  # of the initial weights
    input_scale: float
    bias: bool
    output: str  # what follows the last layer: linear, sigmoid, tanh
    curvature: float  # a of a fixed part -a/2 |x|^2 beside the layers
    norm: str  # what is between a hidden layer and its activation, if any of them has it: none, layer, batch
    norm_from: int  # the first hidden layer that has it
    minibatch: str  # what of the minibatch goes into the last layer: see minibatch.COUPLINGS

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        """All layers; the last one also takes what is put beside its input of the minibatch."""
        last, layers = len(self.sizes) - 1, []
        for i, (n_in, n_out) in enumerate(zip(self.sizes[:-1], self.sizes[1:], strict=True), 1):
            normalised = self.norm != "none" and self.norm_from <= i < last
            bias = self.bias and not (normalised and self.norm == "batch")  # the mean takes a bias away
            beside = {"none": 0, "deviation": 1, "discrimination": KERNELS}[self.minibatch] if i == last else 0
            layers.append(Layer(n_in + beside, n_out, bias, normalised))
        return tuple(layers)

    @cached_property
    def pieces(self) -> list[int]:
        """How many numbers of theta each tensor takes, in the order of theta."""
        discrimination = [self.sizes[-2] * KERNELS * DIMENSIONS] if self.minibatch == "discrimination" else []
        return [n for layer in self.layers for n in layer.pieces] + discrimination

    @property
    def size(self) -> int:
        """P, the number of parameters."""
        return sum(self.pieces)

    @property
    def coupled(self) -> bool:
        """Whether the value at a sample depends on the minibatch that it is in."""
        return self.norm == "batch" or self.minibatch != "none"

    def split(self, theta: Tensor) -> Weights:
        """The tensors that theta [P] or [N, P] is made of, as views. One split: its derivative is a concatenation."""
        views, lanes = iter(theta.split(self.pieces, -1)), theta.shape[:-1]
        layers = [
            LayerWeights(
                next(views).view(*lanes, n_in, n_out),
                next(views) if bias else None,
                (next(views), next(views)) if normalised else None,
            )
            for n_in, n_out, bias, normalised in self.layers
        ]
        if self.minibatch != "discrimination":
            return Weights(layers, None)
        return Weights(layers, next(views).view(*lanes, self.sizes[-2], KERNELS * DIMENSIONS))

    def draw(self, rng: Rng | Generator) -> Tensor:
        """Initial parameters theta [P], in float64; every tensor's numbers are at a place of their own."""
        rng, law, parts = as_rng(rng), self.law, []
        # biases start at 0 but under `torch`, and under `constant`, which is for closed forms
        bias_law = law if law.name in ("torch", "constant") else ZEROS
        for i, layer in enumerate(self.layers):
            n_in, n_out = fans = layer.n_in, layer.n_out
            parts.append(initial(law, fans, fans, rng, 2 * i).reshape(-1))
            if layer.bias:
                without_input = n_in == 0 and law.name == "torch"  # whose bound 1 / sqrt(n_in) is none
                parts.append(initial(ZEROS if without_input else bias_law, (n_out,), fans, rng, 2 * i + 1))
            if layer.normalised:
                parts += [torch.ones(n_out, dtype=torch.float64), torch.zeros(n_out, dtype=torch.float64)]
        if self.minibatch == "discrimination":
            shape = self.sizes[-2], KERNELS * DIMENSIONS
            parts.append(initial(law, shape, shape, rng, 2 * len(self.layers)).reshape(-1))
        return torch.cat(parts)

    def apply(self, theta: Tensor, x: Tensor) -> Tensor:
        """x [B, in] -> y [B, out]; of lanes [N, B, in] -> [N, B, out]."""
        return self.bind(theta)(x)

    def bind(self, theta: Tensor) -> Callable[[Tensor], Tensor]:
        """The network with parameters theta, x -> y as `apply` has it: theta is split once for all of its uses."""
        return partial(self._forward, self.split(theta), lambda i, h: h)

    def given(self, theta: Tensor, reference: Tensor) -> Callable[[Tensor], Tensor]:
        """The network at single inputs, the minibatch `reference` [B, in] beside each: x -> y."""
        weights, values = self.split(theta), dict[int, Tensor]()
        self._forward(weights, values.setdefault, reference)
        return partial(self._forward, weights, lambda i, h: values[i])

    def _forward(self, weights: Weights, beside: Beside, x: Tensor) -> Tensor:
        """The value at x, where `beside` says what the minibatch is, at every layer that depends on it."""
        act, last = ACTIVATIONS[self.activation], len(weights.layers) - 1
        h = x if self.input_scale == 1 else x * self.input_scale
        for i, (weight, bias, scaling) in enumerate(weights.layers):
            if i == last and self.minibatch != "none":
                others, tensor = beside(i, h), weights.discrimination
                h = with_deviation(h, others) if tensor is None else with_nearness(tensor, h, others)
            h = affine(weight, bias, h)
            if scaling is not None and self.norm == "batch":
                h = batch_normalised(*scaling, h, beside(i, h))
            elif scaling is not None:
                h = layer_normalised(*scaling, h)
            if i < last:
                h = act(h)
        y = OUTPUTS[self.output](h)
        return y - quadratic(self.curvature, x) if self.curvature else y
