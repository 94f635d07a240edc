"""Multilayer perceptrons as pure functions of one flat parameter vector.

Layout of theta: layer after layer, the weight matrix [in, out] row by row, then the bias [out]; with normalisation
then the scales [out] and the shifts [out], but for the last layer. The weights are
stored transposed to torch.nn's because the gradient of the first layer is an order of magnitude cheaper so.
"""

from collections.abc import Callable, Sequence
from functools import partial
from types import MappingProxyType

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from gandyn.core import checks
from gandyn.core.initialisers import ZEROS, Law
from gandyn.core.initialisers import draw as initial
from gandyn.core.net import Net, Perceptron
from gandyn.core.rng import Rng, as_rng

LEAK = 0.2
ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "tanh": torch.tanh,
    "relu": torch.relu,
    "leaky-relu": lambda x: F.leaky_relu(x, LEAK),
    "elu": F.elu,
    "softplus": partial(F.softplus, threshold=40),  # torch's own is x from 20 on, which float64 sees
}
MODULES: dict[str, Callable[[], nn.Module]] = {
    "tanh": nn.Tanh,
    "relu": nn.ReLU,
    "leaky-relu": lambda: nn.LeakyReLU(LEAK),
    "elu": nn.ELU,
    "softplus": lambda: nn.Softplus(threshold=40),
}
OUTPUTS: dict[str, Callable[[Tensor], Tensor]] = {"linear": lambda x: x, "sigmoid": torch.sigmoid, "tanh": torch.tanh}
OUTPUT_MODULES: dict[str, Callable[[], nn.Module]] = {"sigmoid": nn.Sigmoid, "tanh": nn.Tanh}
INITS = ("orthogonal", "glorot", "he", "normal", "inverse", "torch", "constant")
NORMS = ("none", "layer")
NORM_EPS = 1e-5  # that of torch.nn.LayerNorm
MAX_WIDTH, MAX_LAYERS = 4096, 16


class Scale(nn.Module):
    """x -> s x, the input scale as a torch module."""

    def __init__(self, scale: float) -> None:
        super().__init__()
        self.scale = scale

    def forward(self, x: Tensor) -> Tensor:
        """The scaled x."""
        return x * self.scale


class Curved(nn.Sequential):
    """Layers one after another, less a fixed quadratic part a/2 |x|^2 of the input, as a torch module."""

    curvature = 0.0

    def forward(self, input: Tensor) -> Tensor:
        """The layers' value, less the quadratic part."""
        return super().forward(input) - quadratic(self.curvature, input)


def quadratic(curvature: float, x: Tensor) -> Tensor:
    """a/2 |x|^2 of every sample: x [..., B, n] to [..., B, 1]."""
    return (curvature / 2) * x.square().sum(-1, keepdim=True)


def affine(weight: Tensor, bias: Tensor | None, x: Tensor) -> Tensor:
    """x [B, in] times weight [in, out] plus bias [out]; with lanes all three have an axis [N] in front."""
    if bias is None:
        return x @ weight
    return torch.addmm(bias, x, weight) if bias.ndim == 1 else torch.baddbmm(bias[:, None], x, weight)


def normalised(scale: Tensor, shift: Tensor, h: Tensor) -> Tensor:
    """Layer normalisation of h [B, n]: (h - mean) / sqrt(variance + eps) times scale [n] plus shift [n].

    Mean and variance, divided by n, are those of each sample's n units. With lanes all three have an axis [N] in front.
    Ref: Ba, Kiros & Hinton 2016 (1607.06450), eq. 4.
    """
    unit = F.layer_norm(h, h.shape[-1:], eps=NORM_EPS)
    return torch.addcmul(shift.unsqueeze(-2), scale.unsqueeze(-2), unit)


def _bias_law(init: str, gain: float) -> Law:
    """Biases start at 0 but under `torch`, and under `constant`, which is for closed forms."""
    return Law(init, gain=gain) if init in ("torch", "constant") else ZEROS


def mlp(
    sizes: Sequence[int],
    activation: str = "tanh",
    init: str = "orthogonal",
    *,
    gain: float = 1.0,
    std: float = 0.02,
    input_scale: float = 1.0,
    bias: bool = True,
    output: str = "linear",
    curvature: float = 0.0,
    norm: str = "none",
) -> Net:
    """A multilayer perceptron sizes[0] -> ... -> sizes[-1]; `output` follows the last layer: linear, sigmoid or tanh.

    init: `orthogonal` (times gain), `glorot` uniform (times gain), `he` normal (times gain), `normal` (standard
    deviation std), `inverse` normal (standard deviation 1 / n_in), `torch` (nn.Linear's own), `constant` (every
    weight and bias = gain; for closed forms). Biases start at 0 except under `torch` and `constant`. The input is
    multiplied by input_scale first.
    curvature: a of a fixed part -a/2 |x|^2 that is added to the output, x before its scale; no training changes it. In
    the Wasserstein game it adds E a/2 |G(z)|^2 to the generator's loss: see the preset `quadratic`.
    norm: `layer` puts layer normalisation between each hidden layer and its activation, with scales that start at 1 and
    shifts that start at 0.
    sizes[0] may be 0: the network is then a constant, its bias.
    Raises ValueError for an unknown name or a size, gain, std, scale or curvature out of range.
    """
    sizes = [checks.integer("a layer's width", n, 0 if i == 0 else 1, MAX_WIDTH) for i, n in enumerate(sizes)]
    if not 2 <= len(sizes) <= MAX_LAYERS:
        raise ValueError(f"a network needs 2 to {MAX_LAYERS} sizes (input, hidden widths, output), not {len(sizes)}")
    checks.choice("activation", activation, list(ACTIVATIONS))
    checks.choice("init", init, INITS)
    gain = checks.number("gain", gain, -1e3, 1e3)
    std = checks.number("std", std, 0, 1e3)
    input_scale = checks.number("input_scale", input_scale, 1e-6, 1e6)
    bias = checks.boolean("bias", bias)
    curvature = checks.number("curvature", curvature, -1e3, 1e3)
    checks.choice("output", output, list(OUTPUTS))
    checks.choice("norm", norm, NORMS)
    act, last = ACTIVATIONS[activation], OUTPUTS[output]
    layers = list(zip(sizes[:-1], sizes[1:], strict=True))
    norms = [norm == "layer"] * (len(layers) - 1) + [False]  # whether one follows the layer
    pieces = [
        n
        for (n_in, n_out), follows in zip(layers, norms, strict=True)
        for n in (n_in * n_out, *[n_out] * (bias + 2 * follows))
    ]
    size = sum(pieces)

    def split(theta: Tensor) -> list[tuple[Tensor, Tensor | None, tuple[Tensor, Tensor] | None]]:
        """Views of theta, of each layer: weight [in, out], bias [out], (scale, shift) [out] of its normalisation.

        One split: its derivative is a concatenation.
        """
        views, lanes = iter(theta.split(pieces, -1)), theta.shape[:-1]
        return [
            (
                next(views).view(*lanes, *layer),
                next(views) if bias else None,
                (next(views), next(views)) if follows else None,
            )
            for layer, follows in zip(layers, norms, strict=True)
        ]

    def draw(rng: Rng | Generator) -> Tensor:
        rng, weight_law, bias_law = as_rng(rng), Law(init, std, gain), _bias_law(init, gain)
        parts: list[Tensor] = []
        for i, (n_in, n_out) in enumerate(layers):
            parts.append(initial(weight_law, (n_in, n_out), (n_in, n_out), rng, 2 * i).reshape(-1))
            if bias:
                law = ZEROS if n_in == 0 and init == "torch" else bias_law
                parts.append(initial(law, (n_out,), (n_in, n_out), rng, 2 * i + 1))
            if norms[i]:
                parts += [torch.ones(n_out, dtype=torch.float64), torch.zeros(n_out, dtype=torch.float64)]
        return torch.cat(parts)

    def bind(theta: Tensor) -> Callable[[Tensor], Tensor]:
        views = split(theta)

        def at(x: Tensor) -> Tensor:
            h = x if input_scale == 1 else x * input_scale
            for i, (weight, b, scaling) in enumerate(views):
                h = affine(weight, b, h)
                if scaling is not None:
                    h = normalised(*scaling, h)
                if i < len(views) - 1:
                    h = act(h)
            return last(h) - quadratic(curvature, x) if curvature else last(h)

        return at

    def apply(theta: Tensor, x: Tensor) -> Tensor:
        return bind(theta)(x)

    offset = 0 if input_scale == 1 else 1  # the scale is module 0 when there is one
    stride = 2 if norm == "none" else 3  # modules of a hidden layer

    def named(theta: Tensor) -> dict[str, Tensor]:
        views: dict[str, Tensor] = {}
        for i, (weight, b, scaling) in enumerate(split(theta)):
            at = stride * i + offset
            views[f"{at}.weight"] = weight.T
            if b is not None:
                views[f"{at}.bias"] = b
            if scaling is not None:
                views[f"{at + 1}.weight"], views[f"{at + 1}.bias"] = scaling
        return views

    def module(theta: Tensor) -> nn.Module:
        parts: list[nn.Module] = [Scale(input_scale)] if offset else []
        for i, (n_in, n_out) in enumerate(layers):
            parts += [MODULES[activation]()] if i else []
            parts.append(nn.Linear(n_in, n_out, bias=bias))
            parts += [nn.LayerNorm(n_out, NORM_EPS)] if norms[i] else []
        parts += [OUTPUT_MODULES[output]()] if output != "linear" else []
        net = (Curved if curvature else nn.Sequential)(*parts).to(theta)
        net.load_state_dict({name: view.detach() for name, view in named(theta).items()})
        if isinstance(net, Curved):
            net.curvature = curvature
        return net

    spec = {
        "widths": tuple(sizes[1:-1]),
        "activation": activation,
        "init": init,
        "gain": gain,
        "std": std,
        "input_scale": input_scale,
        "bias": bias,
        "output": output,
        "curvature": curvature,
        "norm": norm,
    }
    present = norm if any(norms) else "none"  # without a hidden layer there is nothing to normalise
    layout = Perceptron(tuple(sizes), activation, output, input_scale, bias, curvature, present, apply)
    return Net(size, draw, apply, named, module, (sizes[0],), (sizes[-1],), MappingProxyType(spec), bind, layout)
