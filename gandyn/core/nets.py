"""Multilayer perceptrons from their controls, checked."""

from collections.abc import Sequence
from functools import partial
from types import MappingProxyType

from gandyn.core import checks, net_modules
from gandyn.core.initialisers import Law
from gandyn.core.minibatch import COUPLINGS
from gandyn.core.net import Net
from gandyn.core.perceptron import ACTIVATIONS, OUTPUTS, Perceptron

INITS = ("orthogonal", "glorot", "he", "normal", "inverse", "torch", "constant")
NORMS = ("none", "layer", "batch")
MAX_WIDTH, MAX_LAYERS, MAX_PACK = 4096, 16, 8


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
    perceptron = Perceptron(
        sizes=tuple(sizes),
        activation=activation,
        output=output,
        law=Law(init, std, gain),
        input_scale=input_scale,
        bias=bias,
        curvature=curvature,
        norm=norm if norm_from < len(sizes) - 1 else "none",
        norm_from=norm_from,
        minibatch=minibatch,
    )
    return Net(
        perceptron.size,
        perceptron.draw,
        perceptron.apply,
        partial(net_modules.named, perceptron),
        partial(net_modules.module, perceptron),
        inputs=(sizes[0],),
        outputs=(sizes[-1],),
        spec=MappingProxyType(spec),
        bind=perceptron.bind,
        layout=perceptron,
        pack=pack,
        given=perceptron.given if perceptron.coupled else None,
    )
