"""Multilayer perceptrons as pure functions of one flat parameter vector.

Layout of theta: layer after layer, the weight matrix [in, out] row by row, then the bias [out]. The weights are
stored transposed to torch.nn's because the gradient of the first layer is an order of magnitude cheaper so.
"""

import math
from collections.abc import Callable, Sequence
from functools import partial
from types import MappingProxyType

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from gandyn.core import checks
from gandyn.core.types import Net, Perceptron

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
MAX_WIDTH, MAX_LAYERS = 4096, 16


class Scale(nn.Module):
    """x -> s x, the input scale as a torch module."""

    def __init__(self, scale: float) -> None:
        super().__init__()
        self.scale = scale

    def forward(self, x: Tensor) -> Tensor:
        """The scaled x."""
        return x * self.scale


def affine(weight: Tensor, bias: Tensor | None, x: Tensor) -> Tensor:
    """x [B, in] times weight [in, out] plus bias [out]; with lanes all three have an axis [N] in front."""
    if bias is None:
        return x @ weight
    return torch.addmm(bias, x, weight) if bias.ndim == 1 else torch.baddbmm(bias[:, None], x, weight)


def _weight(init: str, n_in: int, n_out: int, gain: float, std: float, rng: Generator) -> Tensor:
    """One weight matrix [n_in, n_out] in float64."""
    shape = (n_in, n_out)
    if n_in == 0:
        return torch.empty(shape, dtype=torch.float64)
    if init == "constant":
        return torch.full(shape, gain, dtype=torch.float64)
    if init == "torch":  # nn.Linear: U(+-1/sqrt(n_in))
        return (2 * torch.rand(shape, generator=rng, dtype=torch.float64) - 1) / math.sqrt(n_in)
    if init == "glorot":  # Glorot & Bengio 2010, uniform
        return (2 * torch.rand(shape, generator=rng, dtype=torch.float64) - 1) * gain * math.sqrt(6 / (n_in + n_out))
    normal = torch.randn(shape, generator=rng, dtype=torch.float64)
    if init == "orthogonal":  # Saxe et al. 2013, as in nn.init.orthogonal_
        q, r = torch.linalg.qr(normal if n_in >= n_out else normal.T)
        q = q * r.diagonal().sign()
        return gain * (q if n_in >= n_out else q.T)
    deviations = {"normal": std, "inverse": 1 / n_in, "he": gain * math.sqrt(2 / n_in)}  # he: He et al. 2015
    return normal * deviations[init]


def _bias(init: str, n_in: int, n_out: int, gain: float, rng: Generator) -> Tensor:
    if init == "constant":
        return torch.full((n_out,), gain, dtype=torch.float64)
    if init == "torch" and n_in:
        return (2 * torch.rand(n_out, generator=rng, dtype=torch.float64) - 1) / math.sqrt(n_in)
    return torch.zeros(n_out, dtype=torch.float64)


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
) -> Net:
    """A multilayer perceptron sizes[0] -> ... -> sizes[-1]; `output` follows the last layer: linear, sigmoid or tanh.

    init: `orthogonal` (times gain), `glorot` uniform (times gain), `he` normal (times gain), `normal` (standard
    deviation std), `inverse` normal (standard deviation 1 / n_in), `torch` (nn.Linear's own), `constant` (every
    parameter = gain; for closed forms). Biases start at 0 except under `torch` and `constant`. The input is multiplied
    by input_scale first.
    sizes[0] may be 0: the network is then a constant, its bias.
    Raises ValueError for an unknown name or a size, gain, std or scale out of range.
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
    checks.choice("output", output, list(OUTPUTS))
    act, last = ACTIVATIONS[activation], OUTPUTS[output]
    layers = list(zip(sizes[:-1], sizes[1:], strict=True))
    pieces = [n for n_in, n_out in layers for n in ((n_in * n_out, n_out) if bias else (n_in * n_out,))]
    size = sum(pieces)

    def split(theta: Tensor) -> list[tuple[Tensor, Tensor | None]]:
        """Views of theta: one (weight [in, out], bias [out]) a layer. One split: its derivative is a concatenation."""
        views, lanes = iter(theta.split(pieces, -1)), theta.shape[:-1]
        return [(next(views).view(*lanes, *layer), next(views) if bias else None) for layer in layers]

    def draw(rng: Generator) -> Tensor:
        parts: list[Tensor] = []
        for n_in, n_out in layers:
            parts.append(_weight(init, n_in, n_out, gain, std, rng).reshape(-1))
            if bias:
                parts.append(_bias(init, n_in, n_out, gain, rng))
        return torch.cat(parts)

    def bind(theta: Tensor) -> Callable[[Tensor], Tensor]:
        views = split(theta)

        def at(x: Tensor) -> Tensor:
            h = x if input_scale == 1 else x * input_scale
            for i, (weight, b) in enumerate(views):
                h = affine(weight, b, h)
                if i < len(views) - 1:
                    h = act(h)
            return last(h)

        return at

    def apply(theta: Tensor, x: Tensor) -> Tensor:
        return bind(theta)(x)

    offset = 0 if input_scale == 1 else 1  # the scale is module 0 when there is one

    def named(theta: Tensor) -> dict[str, Tensor]:
        views: dict[str, Tensor] = {}
        for i, (weight, b) in enumerate(split(theta)):
            views[f"{2 * i + offset}.weight"] = weight.T
            if b is not None:
                views[f"{2 * i + offset}.bias"] = b
        return views

    def module(theta: Tensor) -> nn.Module:
        parts: list[nn.Module] = [Scale(input_scale)] if offset else []
        for i, (n_in, n_out) in enumerate(layers):
            parts += [MODULES[activation]()] if i else []
            parts.append(nn.Linear(n_in, n_out, bias=bias))
        parts += [OUTPUT_MODULES[output]()] if output != "linear" else []
        net = nn.Sequential(*parts).to(theta)
        net.load_state_dict({name: view.detach() for name, view in named(theta).items()})
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
    }
    layout = Perceptron(tuple(sizes), activation, output, input_scale, bias, apply)
    return Net(size, draw, apply, named, module, (sizes[0],), (sizes[-1],), MappingProxyType(spec), bind, layout)
