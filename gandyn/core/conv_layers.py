"""The layers of a convolutional network as data, and what each does: its shapes, weights, function and torch modules.

Samples are [C, H, W]. Convolutions do not pad ("valid"), or as TensorFlow's "same": n pixels become ceil(n / stride),
the padding is total = max((ceil(n / stride) - 1) stride + kernel - n, 0), of it total // 2 before and the rest after:
at stride 2 and even n that is (0, 1) for a kernel of 3 and (1, 2) for one of 5. A transposed convolution is the
transpose of that map: n pixels become n stride, and what the convolution pads is cropped; nothing is ("valid").
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gandyn.core import checks
from gandyn.core.initialisers import GLOROT, ZEROS, Law
from gandyn.core.net_modules import MODULES, OUTPUT_MODULES
from gandyn.core.perceptron import ACTIVATIONS, OUTPUTS, affine

PADDINGS = ("same", "valid")
LAWS = ("zeros", "glorot", "normal", "truncated-normal")
MAX_WIDTH, MAX_CHANNELS, MAX_KERNEL = 2**20, 4096, 64
FUNCTIONS = {**ACTIVATIONS, **{name: call for name, call in OUTPUTS.items() if name != "linear"}}
TORCH_MODULES = {**MODULES, **OUTPUT_MODULES}

Shape = tuple[int, ...]


class Linear(NamedTuple):
    """x [n] -> x W + b [width]."""

    width: int
    weight: Law = GLOROT
    bias: Law | None = ZEROS  # None: no bias


class Conv(NamedTuple):
    """A convolution [C, H, W] -> [channels, ceil(H / stride), ceil(W / stride)].

    Padding "valid": (H - kernel) // stride + 1 in place of ceil(H / stride).
    """

    channels: int
    kernel: int
    stride: int = 1
    weight: Law = GLOROT
    bias: Law | None = ZEROS
    padding: str = "same"


class ConvTranspose(Conv):
    """The transpose of such a convolution: [C, H, W] -> [channels, H stride, W stride].

    Padding "valid": (H - 1) stride + kernel in place of H stride.
    """

    __slots__ = ()


class Activation(NamedTuple):
    """A nonlinearity, entry by entry: one of perceptron.ACTIVATIONS, or sigmoid."""

    name: str


class Reshape(NamedTuple):
    """The same numbers in another shape of one sample."""

    shape: Shape


class Flatten(NamedTuple):
    """A sample as one row of numbers, channel by channel."""


Layer = Linear | Conv | Activation | Reshape | Flatten


class Stage(NamedTuple):
    """A layer at its place, where it knows its input."""

    outputs: Shape
    weight: Shape | None  # as it is stored; None: no parameters
    bias: int  # its entries; 0: none
    fans: tuple[int, int]
    laws: tuple[Law, Law | None]
    call: Callable[..., Tensor]  # weight, bias (None: it has none), x -> y
    modules: tuple[Callable[[], nn.Module], ...]  # what makes the torch modules of the layer
    at: int = 0  # which of them has the parameters
    transposed: bool = False  # whether the weight is stored transposed to torch.nn's

    def of_lanes(self, weight: Tensor | None, bias: Tensor | None, x: Tensor) -> Tensor:
        """The same for N lanes, each with weights and samples of its own: x [N, B, ...] -> y [N, B, ...]."""
        if weight is None:
            return self.call(None, None, x.flatten(0, 1)).unflatten(0, x.shape[:2])
        if self.transposed:
            return self.call(weight, bias, x)
        # one by one: groups of channels are slower on a CPU from some 16 channels on, transposed ones everywhere
        biases = [None] * len(x) if bias is None else bias
        return torch.stack([self.call(*lane) for lane in zip(weight, biases, x, strict=True)])


def same(n: int, kernel: int, stride: int) -> tuple[int, int]:
    """What "same" pads before and after n pixels."""
    total = max((-(-n // stride) - 1) * stride + kernel - n, 0)
    return total // 2, total - total // 2


def stage(layer: Layer, inputs: Shape) -> Stage:
    """The layer at inputs of that shape; ValueError where it does not fit."""
    match layer:
        case Linear():
            return _linear(layer, inputs)
        case ConvTranspose():
            return _conv_transpose(layer, inputs)
        case Conv():
            return _conv(layer, inputs)
        case Activation(name):
            checks.choice("activation", name, list(FUNCTIONS))
            function = FUNCTIONS[name]
            return _plain(inputs, function, TORCH_MODULES[name])
        case Reshape(shape):
            if math.prod(shape) != math.prod(inputs):
                raise ValueError(f"{checks.dimensions(inputs)} cannot be reshaped to {checks.dimensions(shape)}")
            shape = tuple(shape)
            flat = (nn.Flatten,) if len(inputs) > 1 else ()
            return _plain(shape, lambda x: x.reshape(-1, *shape), *flat, lambda: nn.Unflatten(1, shape))
        case Flatten():
            return _plain((math.prod(inputs),), lambda x: x.flatten(1), nn.Flatten)


def _plain(outputs: Shape, call: Callable[[Tensor], Tensor], *modules: Callable[[], nn.Module]) -> Stage:
    """A stage without parameters."""
    return Stage(outputs, None, 0, (0, 0), (ZEROS, None), lambda w, b, x: call(x), modules)


def _linear(layer: Linear, inputs: Shape) -> Stage:
    if len(inputs) != 1:
        raise ValueError(f"a linear layer takes a row of numbers, not {checks.dimensions(inputs)}: flatten first")
    n, width, bias = inputs[0], checks.integer("a layer's width", layer.width, 1, MAX_WIDTH), layer.bias is not None
    make, laws = (lambda: nn.Linear(n, width, bias=bias)), (layer.weight, layer.bias)
    return Stage((width,), (n, width), bias * width, (n, width), laws, affine, (make,), transposed=True)


def _image(layer: Conv, inputs: Shape) -> tuple[int, int, int]:
    """The checked numbers of a convolution: channels, kernel, stride."""
    if len(inputs) != 3:
        raise ValueError(
            f"a convolution takes [channels, height, width], not {checks.dimensions(inputs)}: reshape first"
        )
    checks.choice("padding", layer.padding, PADDINGS)
    channels = checks.integer("channels", layer.channels, 1, MAX_CHANNELS)
    kernel = checks.integer("kernel", layer.kernel, 1, MAX_KERNEL)
    return channels, kernel, checks.integer("stride", layer.stride, 1, kernel)


def _conv(layer: Conv, inputs: Shape) -> Stage:
    channels, k, s = _image(layer, inputs)
    (c, height, width), bias = inputs, layer.bias is not None
    if layer.padding == "valid" and k > min(height, width):
        raise ValueError(f"a kernel of {k} without padding does not fit into {height} x {width} pixels")
    rows, columns = (same(n, k, s) if layer.padding == "same" else (0, 0) for n in (height, width))
    pads, even = (*columns, *rows), rows[0] == rows[1] and columns[0] == columns[1]
    inner = (rows[0], columns[0]) if even else (0, 0)  # what the convolution pads by itself

    def call(weight: Tensor, b: Tensor | None, x: Tensor) -> Tensor:
        return F.conv2d(x if even else F.pad(x, pads), weight, b, s, inner)

    modules: list[Callable[[], nn.Module]] = [lambda: nn.Conv2d(c, channels, k, s, inner, bias=bias)]
    if not even:
        modules.insert(0, lambda: nn.ZeroPad2d(pads))
    outputs = (channels, *((n + sum(pad) - k) // s + 1 for n, pad in ((height, rows), (width, columns))))
    fans, laws = (c * k * k, channels * k * k), (layer.weight, layer.bias)
    shape = (channels, c, k, k)
    return Stage(outputs, shape, bias * channels, fans, laws, call, tuple(modules), at=len(modules) - 1)


def _conv_transpose(layer: ConvTranspose, inputs: Shape) -> Stage:
    channels, k, s = _image(layer, inputs)
    (c, height, width), bias = inputs, layer.bias is not None
    # as for every multiple of the stride
    before, after = same(s, k, s) if layer.padding == "same" else (0, 0)
    cut = after - before  # what is left to crop at the end, once `before` is cropped at both
    full = tuple((n - 1) * s + k - before - after for n in (height, width))

    def call(weight: Tensor, b: Tensor | None, x: Tensor) -> Tensor:
        if channels * k < c:
            y = few(weight, b, x)
        else:  # a sixth faster on a CPU with the channels innermost
            y = F.conv_transpose2d(x.contiguous(memory_format=torch.channels_last), weight, b, s, before)
        return y[..., : full[0], : full[1]] if cut else y

    def few(weight: Tensor, b: Tensor | None, x: Tensor) -> Tensor:
        """The same where few channels come out: one small product, then its columns summed (3 to 9 times faster)."""
        columns = weight.flatten(1).T @ x.flatten(2)
        y = F.fold(columns, (full[0] + cut, full[1] + cut), k, padding=before, stride=s)
        return y if b is None else y + b[:, None, None]

    modules: list[Callable[[], nn.Module]] = [lambda: nn.ConvTranspose2d(c, channels, k, s, before, bias=bias)]
    if cut:
        modules.append(lambda: nn.ZeroPad2d((0, -cut, 0, -cut)))
    # TensorFlow keeps this kernel as [k, k, out, in], so its fans are those of the convolution that it transposes.
    fans, laws = (channels * k * k, c * k * k), (layer.weight, layer.bias)
    return Stage((channels, *full), (c, channels, k, k), bias * channels, fans, laws, call, tuple(modules))
