"""Networks from a list of layers as pure functions of one flat parameter vector; convolutional pairs among them.

Layout of theta: layer after layer, the weight, then the bias. A linear weight is stored [in, out], transposed to
torch.nn's, as in the perceptrons; a kernel as torch.nn has it. There are no buffers.
Ref: Radford et al. 2016 (1511.06434) for networks of this kind, there with batch normalisation.
"""

import math
from collections.abc import Callable, Sequence
from functools import partial
from types import MappingProxyType
from typing import NamedTuple

import torch
from torch import Generator, Tensor, nn

from gandyn.core.conv_layers import (
    Activation,
    Conv,
    ConvTranspose,
    Flatten,
    Layer,
    Linear,
    Reshape,
    Shape,
    Stage,
    stage,
)
from gandyn.core.initialisers import GLOROT, ZEROS, Law, draw
from gandyn.core.net import Net
from gandyn.core.rng import Rng, as_rng


class LayerStack(NamedTuple):
    """Layers one after another, each at its place. Methods are pure functions of theta [P]."""

    stages: tuple[Stage, ...]

    @property
    def pieces(self) -> list[int]:
        """How many numbers of theta each tensor takes, in the order of theta."""
        return [n for one in self.stages for n in (math.prod(one.weight) if one.weight else 0, one.bias) if n]

    def split(self, theta: Tensor) -> list[tuple[Tensor | None, Tensor | None]]:
        """Views of theta [P] or [N, P]: (weight, bias) of every stage. One split: its derivative is a concatenation."""
        views, lanes = iter(theta.split(self.pieces, -1)), theta.shape[:-1]
        return [
            (next(views).view(*lanes, *one.weight) if one.weight else None, next(views) if one.bias else None)
            for one in self.stages
        ]

    def draw(self, rng: Rng | Generator) -> Tensor:
        """Initial parameters theta [P], in float64; every tensor's numbers are at a place of their own."""
        rng = as_rng(rng)
        parts: list[Tensor] = [torch.zeros(0, dtype=torch.float64)]
        for i, one in enumerate(self.stages):
            law, bias_law = one.laws
            if one.weight:
                parts.append(draw(law, one.weight, one.fans, rng, 2 * i).reshape(-1))
            if one.bias and bias_law:
                parts.append(draw(bias_law, (one.bias,), (one.bias, one.bias), rng, 2 * i + 1))
        return torch.cat(parts)

    def apply(self, theta: Tensor, x: Tensor) -> Tensor:
        """x [B, *in] -> y [B, *out]; of lanes, theta [N, P], x [N, B, *in] -> [N, B, *out]."""
        return self.bind(theta)(x)

    def bind(self, theta: Tensor) -> Callable[[Tensor], Tensor]:
        """The network with parameters theta, x -> y as `apply` has it: theta is split once for all of its uses."""
        return partial(self._forward, self.split(theta), theta.ndim > 1)

    def _forward(self, weights: list[tuple[Tensor | None, Tensor | None]], lanes: bool, x: Tensor) -> Tensor:
        for one, (weight, bias) in zip(self.stages, weights, strict=True):
            x = one.of_lanes(weight, bias, x) if lanes else one.call(weight, bias, x)
        return x

    def named(self, theta: Tensor) -> dict[str, Tensor]:
        """Views of theta [P] under the names and in the shapes that they have in `module`."""
        views, first = dict[str, Tensor](), 0
        for one, (weight, bias) in zip(self.stages, self.split(theta), strict=True):
            name = first + one.at
            if weight is not None:
                views[f"{name}.weight"] = weight.T if one.transposed else weight
            if bias is not None:
                views[f"{name}.bias"] = bias
            first += len(one.modules)
        return views

    def module(self, theta: Tensor) -> nn.Module:
        """An ordinary torch module with a copy of the weights theta [P]."""
        net = nn.Sequential(*(make() for one in self.stages for make in one.modules)).to(theta)
        net.load_state_dict({name: view.detach() for name, view in self.named(theta).items()})
        return net


def layered(inputs: Shape, layers: Sequence[Layer]) -> Net:
    """The network that takes samples of shape `inputs` through the layers, one after another.

    spec["shapes"] has the shape of a sample at the input and after every layer with weights, reshaped where a Reshape
    follows. ValueError where a layer does not fit the one before.
    """
    stages, outputs, shapes = list[Stage](), tuple(inputs), [tuple(inputs)]
    for layer in layers:
        stages.append(stage(layer, outputs))
        outputs = stages[-1].outputs
        if stages[-1].weight:
            shapes.append(outputs)
        elif isinstance(layer, Reshape):
            shapes[-1] = outputs
    stack = LayerStack(tuple(stages))
    spec = MappingProxyType({"layers": tuple(layers), "shapes": tuple(shapes)})
    return Net(
        sum(stack.pieces),
        stack.draw,
        stack.apply,
        stack.named,
        stack.module,
        inputs=tuple(inputs),
        outputs=outputs,
        spec=spec,
        bind=stack.bind,
    )


def conv_generator(
    latent: int,
    start: Shape,
    up: Sequence[int],
    *,
    kernel: int,
    last: Sequence[int] = (),
    activation: str = "relu",
    output: str = "tanh",
    linear: Law = GLOROT,
    conv: Law = GLOROT,
    bias: Law | None = ZEROS,
    conv_bias: Law | None = ZEROS,
) -> Net:
    """z [latent] -> linear to `start` [C, H, W] -> transposed convolutions to the channels `up`, each doubling H and W.

    Then one of stride 1 for every entry of `last`; `activation` after each but the last one, which `output` follows.
    """
    layers: list[Layer] = [Linear(math.prod(start), linear, bias), Activation(activation), Reshape(tuple(start))]
    strides = [(channels, 2) for channels in up] + [(channels, 1) for channels in last]
    for channels, stride in strides:
        layers += [ConvTranspose(channels, kernel, stride, conv, conv_bias), Activation(activation)]
    return layered((latent,), layers[:-1] if output == "linear" else [*layers[:-1], Activation(output)])


def conv_critic(
    inputs: Shape,
    down: Sequence[int],
    *,
    kernel: int,
    hidden: Sequence[int] = (),
    activation: str = "leaky-relu",
    linear: Law = GLOROT,
    conv: Law = GLOROT,
    bias: Law | None = ZEROS,
) -> Net:
    """x [C, H, W] -> convolutions to the channels `down`, each halving H and W -> linear layers `hidden` -> a number.

    `activation` after each layer but the last; a half is rounded up.
    """
    layers: list[Layer] = []
    for channels in down:
        layers += [Conv(channels, kernel, 2, conv, bias), Activation(activation)]
    layers.append(Flatten())
    for width in hidden:
        layers += [Linear(width, linear, bias), Activation(activation)]
    return layered(inputs, [*layers, Linear(1, linear, bias)])
