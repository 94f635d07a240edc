"""Multilayer perceptrons as pure functions of one flat parameter vector.

Layout of theta: layer after layer, the weight matrix [in, out] row by row, then the bias [out]; with normalisation
then the scales [out] and the shifts [out], but for the last layer; at the end the tensor of minibatch discrimination,
where there is one. The weights are stored transposed to torch.nn's because the gradient of the first layer is an order
of magnitude cheaper so.
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
from gandyn.core.minibatch import (
    COUPLINGS,
    DIMENSIONS,
    KERNELS,
    batch_normalised,
    layer_normalised,
    with_deviation,
    with_nearness,
)
from gandyn.core.net import Net, Perceptron
from gandyn.core.net_modules import (
    LEAK,
    MODULES,
    OUTPUT_MODULES,
    Curved,
    Deviation,
    Discrimination,
    Scale,
    normalisation,
    quadratic,
)
from gandyn.core.rng import Rng, as_rng

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "tanh": torch.tanh,
    "relu": torch.relu,
    "leaky-relu": lambda x: F.leaky_relu(x, LEAK),
    "elu": F.elu,
    "softplus": partial(F.softplus, threshold=40),  # torch's own is x from 20 on, which float64 sees
}
OUTPUTS: dict[str, Callable[[Tensor], Tensor]] = {"linear": lambda x: x, "sigmoid": torch.sigmoid, "tanh": torch.tanh}
INITS = ("orthogonal", "glorot", "he", "normal", "inverse", "torch", "constant")
NORMS = ("none", "layer", "batch")
Layer = tuple[Tensor, Tensor | None, tuple[Tensor, Tensor] | None]  # weight, bias, (scale, shift)
MAX_WIDTH, MAX_LAYERS, MAX_PACK = 4096, 16, 8


def affine(weight: Tensor, bias: Tensor | None, x: Tensor) -> Tensor:
    """x [B, in] times weight [in, out] plus bias [out]; with lanes all three have an axis [N] in front."""
    if bias is None:
        return x @ weight
    return torch.addmm(bias, x, weight) if bias.ndim == 1 else torch.baddbmm(bias[:, None], x, weight)


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
    norm_from: int = 1,
    minibatch: str = "none",
    pack: int = 1,
) -> Net:
    """A multilayer perceptron sizes[0] -> ... -> sizes[-1]; `output` follows the last layer: linear, sigmoid or tanh.

    init: `orthogonal` (times gain), `glorot` uniform (times gain), `he` normal (times gain), `normal` (standard
    deviation std), `inverse` normal (standard deviation 1 / n_in), `torch` (nn.Linear's own), `constant` (every
    weight and bias = gain; for closed forms). Biases start at 0 except under `torch` and `constant`. The input is
    multiplied by input_scale first.
    curvature: a of a fixed part -a/2 |x|^2 that is added to the output, x before its scale; no training changes it. In
    the Wasserstein game it adds E a/2 |G(z)|^2 to the generator's loss: see the preset `quadratic`.
    norm: `layer` puts layer normalisation between each hidden layer and its activation, `batch` batch normalisation,
    before which a layer has no bias, since that of a minibatch takes it away; scales start at 1 and shifts at 0.
    norm_from: the first hidden layer that has it, 2 for a critic with batch normalisation (Radford et al. 2016,
    1511.06434, section 3): real and generated samples are normalised apart, and after its first layer would look alike.
    minibatch: `deviation` puts the minibatch's standard deviation beside what goes into the last layer,
    `discrimination` how near the samples are to each other there (minibatch.py).
    pack: how many samples of sizes[0] / pack numbers one input is made of, for a critic of packs.
    sizes[0] may be 0: the network is then a constant, its bias.
    Raises ValueError for an unknown name or a size, gain, std, scale, curvature or pack out of range.
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
    norm_from = checks.integer("norm_from", norm_from, 1, MAX_LAYERS)
    checks.choice("minibatch", minibatch, COUPLINGS)
    pack = checks.integer("pack", pack, 1, MAX_PACK)
    if sizes[0] % pack:
        raise ValueError(f"a pack of {pack} samples has no {sizes[0]} numbers: take a multiple of {pack}")
    act, last = ACTIVATIONS[activation], OUTPUTS[output]
    layers = list(zip(sizes[:-1], sizes[1:], strict=True))
    before_last = layers[-1][0]
    extra = {"none": 0, "deviation": 1, "discrimination": KERNELS}[minibatch]  # units that the last layer takes, too
    layers[-1] = before_last + extra, layers[-1][1]
    tensor = [before_last * KERNELS * DIMENSIONS] if minibatch == "discrimination" else []
    norms = [norm != "none" and norm_from <= i < len(layers) for i in range(1, len(layers) + 1)]  # if one follows it
    biased = [bias and not (follows and norm == "batch") for follows in norms]
    pieces = [
        n
        for (n_in, n_out), shifted, follows in zip(layers, biased, norms, strict=True)
        for n in (n_in * n_out, *[n_out] * (shifted + 2 * follows))
    ]
    size = sum(pieces) + sum(tensor)
    by_batch, unread = norm == "batch" and any(norms), minibatch == "none"
    coupled = by_batch or not unread

    def split(theta: Tensor) -> tuple[list[Layer], Tensor | None]:
        """Views of theta, of each layer: weight [in, out], bias [out], (scale, shift) [out] of its normalisation.

        And the tensor of minibatch discrimination. One split: its derivative is a concatenation.
        """
        views, lanes = iter(theta.split(pieces + tensor, -1)), theta.shape[:-1]
        every = [
            (
                next(views).view(*lanes, *layer),
                next(views) if shifted else None,
                (next(views), next(views)) if follows else None,
            )
            for layer, shifted, follows in zip(layers, biased, norms, strict=True)
        ]
        return every, next(views).view(*lanes, before_last, -1) if tensor else None

    def draw(rng: Rng | Generator) -> Tensor:
        rng, weight_law, bias_law = as_rng(rng), Law(init, std, gain), _bias_law(init, gain)
        parts: list[Tensor] = []
        for i, (n_in, n_out) in enumerate(layers):
            parts.append(initial(weight_law, (n_in, n_out), (n_in, n_out), rng, 2 * i).reshape(-1))
            if biased[i]:
                law = ZEROS if n_in == 0 and init == "torch" else bias_law
                parts.append(initial(law, (n_out,), (n_in, n_out), rng, 2 * i + 1))
            if norms[i]:
                parts += [torch.ones(n_out, dtype=torch.float64), torch.zeros(n_out, dtype=torch.float64)]
        if tensor:
            shape = before_last, KERNELS * DIMENSIONS
            parts.append(initial(weight_law, shape, shape, rng, 2 * len(layers)).reshape(-1))
        return torch.cat(parts)

    def walk(theta: Tensor, beside: Callable[[int, Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
        """The network; `beside` says of layer i and its values h of samples which ones their minibatch has there."""
        views, nearness = split(theta)

        def at(x: Tensor) -> Tensor:
            h = x if input_scale == 1 else x * input_scale
            for i, (weight, b, scaling) in enumerate(views):
                if i == len(views) - 1 and not unread:
                    others = beside(i, h)
                    h = with_deviation(h, others) if nearness is None else with_nearness(nearness, h, others)
                h = affine(weight, b, h)
                if scaling is not None:
                    h = batch_normalised(*scaling, h, beside(i, h)) if by_batch else layer_normalised(*scaling, h)
                if i < len(views) - 1:
                    h = act(h)
            return last(h) - quadratic(curvature, x) if curvature else last(h)

        return at

    def bind(theta: Tensor) -> Callable[[Tensor], Tensor]:
        return walk(theta, lambda i, h: h)

    def given(theta: Tensor, reference: Tensor) -> Callable[[Tensor], Tensor]:
        met: dict[int, Tensor] = {}
        walk(theta, met.setdefault)(reference)
        return walk(theta, lambda i, h: met[i])

    def apply(theta: Tensor, x: Tensor) -> Tensor:
        return bind(theta)(x)

    offset = 0 if input_scale == 1 else 1  # the scale is module 0 when there is one

    def named(theta: Tensor) -> dict[str, Tensor]:
        views: dict[str, Tensor] = {}
        at, (every, nearness) = offset, split(theta)
        for i, (weight, b, scaling) in enumerate(every):
            if i == len(every) - 1 and not unread:
                if nearness is not None:
                    views[f"{at}.weight"] = nearness.mT
                at += 1
            views[f"{at}.weight"] = weight.T
            if b is not None:
                views[f"{at}.bias"] = b
            if scaling is not None:
                at += 1
                views[f"{at}.weight"], views[f"{at}.bias"] = scaling
            at += 2  # past the activation
        return views

    def module(theta: Tensor) -> nn.Module:
        parts: list[nn.Module] = [Scale(input_scale)] if offset else []
        for i, (n_in, n_out) in enumerate(layers):
            parts += [MODULES[activation]()] if i else []
            if i == len(layers) - 1 and not unread:
                parts.append(Discrimination(before_last) if tensor else Deviation())
            parts.append(nn.Linear(n_in, n_out, bias=biased[i]))
            parts += [normalisation(norm, n_out)] if norms[i] else []
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
        "norm_from": norm_from,
        "minibatch": minibatch,
        "pack": pack,
    }
    present = norm if any(norms) else "none"  # without a hidden layer there is nothing to normalise
    layout = Perceptron(tuple(sizes), activation, output, input_scale, bias, curvature, present, apply, minibatch)
    return Net(
        size, draw, apply, named, module, (sizes[0],), (sizes[-1],), MappingProxyType(spec), bind, layout, pack,
        given if coupled else None,
    )  # fmt: skip
