"""Perceptrons in terms of torch.nn, names and modules, for whoever goes on with their weights elsewhere."""

from collections.abc import Callable

from torch import Tensor, nn

from gandyn.core.minibatch import DIMENSIONS, KERNELS, NORM_EPS, with_deviation, with_nearness
from gandyn.core.perceptron import LEAK, Layer, Perceptron, quadratic

MODULES: dict[str, Callable[[], nn.Module]] = {
    "tanh": nn.Tanh,
    "relu": nn.ReLU,
    "leaky-relu": lambda: nn.LeakyReLU(LEAK),
    "elu": nn.ELU,
    "softplus": lambda: nn.Softplus(threshold=40),
}
OUTPUT_MODULES: dict[str, Callable[[], nn.Module]] = {"sigmoid": nn.Sigmoid, "tanh": nn.Tanh}


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


class Deviation(nn.Module):
    """One more unit: the standard deviation over the minibatch, as a torch module."""

    def forward(self, h: Tensor) -> Tensor:
        """[B, n] to [B, n + 1]."""
        return with_deviation(h, h)


class Discrimination(nn.Module):
    """Minibatch discrimination as a torch module; `weight` [KERNELS * DIMENSIONS, n] is the tensor T, transposed."""

    def __init__(self, n: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(nn.init.zeros_(nn.Linear(n, KERNELS * DIMENSIONS, bias=False).weight))

    def forward(self, h: Tensor) -> Tensor:
        """[B, n] to [B, n + KERNELS]."""
        return with_nearness(self.weight.T, h, h)


def normalisation(norm: str, n: int) -> nn.Module:
    """Of n units; that of a minibatch takes its own statistics in training and in evaluation."""
    return nn.LayerNorm(n, NORM_EPS) if norm == "layer" else nn.BatchNorm1d(n, NORM_EPS, track_running_stats=False)


def _parts(net: Perceptron) -> list[tuple[str, int]]:
    """The network as modules one after another: (which one, the layer that it belongs to)."""
    last = len(net.layers) - 1
    parts = [] if net.input_scale == 1 else [("scale", 0)]
    for i, layer in enumerate(net.layers):
        parts += [(net.minibatch, i)] if i == last and net.minibatch != "none" else []
        parts += [("linear", i)]
        parts += [("normalisation", i)] if layer.normalised else []
        parts += [("activation", i)] if i < last else []
    return parts if net.output == "linear" else [*parts, ("output", last)]


def named(net: Perceptron, theta: Tensor) -> dict[str, Tensor]:
    """Views of theta [P] under the names and in the shapes that they have in `module`."""
    views: dict[str, Tensor] = {}
    weights = net.split(theta)
    for at, (part, i) in enumerate(_parts(net)):
        weight, bias, scaling = weights.layers[i]
        if part == "discrimination" and weights.discrimination is not None:
            views[f"{at}.weight"] = weights.discrimination.mT
        elif part == "linear":
            views[f"{at}.weight"] = weight.T
            if bias is not None:
                views[f"{at}.bias"] = bias
        elif part == "normalisation" and scaling is not None:
            views[f"{at}.weight"], views[f"{at}.bias"] = scaling
    return views


def module(net: Perceptron, theta: Tensor) -> nn.Module:
    """An ordinary torch module with a copy of the weights theta [P]."""
    parts = (_module(net, part, net.layers[i]) for part, i in _parts(net))
    whole = (Curved if net.curvature else nn.Sequential)(*parts).to(theta)
    whole.load_state_dict({name: view.detach() for name, view in named(net, theta).items()})
    if isinstance(whole, Curved):
        whole.curvature = net.curvature
    return whole


def _module(net: Perceptron, part: str, layer: Layer) -> nn.Module:
    match part:
        case "scale":
            return Scale(net.input_scale)
        case "deviation":
            return Deviation()
        case "discrimination":
            return Discrimination(net.sizes[-2])
        case "linear":
            return nn.Linear(layer.n_in, layer.n_out, bias=layer.bias)
        case "normalisation":
            return normalisation(net.norm, layer.n_out)
        case "activation":
            return MODULES[net.activation]()
        case _:
            return OUTPUT_MODULES[net.output]()
