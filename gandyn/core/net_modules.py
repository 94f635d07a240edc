"""Parts of perceptrons as torch modules, for whoever goes on with their weights elsewhere."""

from collections.abc import Callable

from torch import Tensor, nn

from gandyn.core.minibatch import DIMENSIONS, KERNELS, NORM_EPS, with_deviation, with_nearness

LEAK = 0.2
MODULES: dict[str, Callable[[], nn.Module]] = {
    "tanh": nn.Tanh,
    "relu": nn.ReLU,
    "leaky-relu": lambda: nn.LeakyReLU(LEAK),
    "elu": nn.ELU,
    "softplus": lambda: nn.Softplus(threshold=40),
}
OUTPUT_MODULES: dict[str, Callable[[], nn.Module]] = {"sigmoid": nn.Sigmoid, "tanh": nn.Tanh}


def quadratic(curvature: float, x: Tensor) -> Tensor:
    """a/2 |x|^2 of every sample: x [..., B, n] to [..., B, 1]."""
    return (curvature / 2) * x.square().sum(-1, keepdim=True)


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
