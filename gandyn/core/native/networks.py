"""What the kernels know of a network: sizes and places in its flat parameter vector; numbers only."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from gandyn.core.perceptron import Perceptron
    from gandyn.core.types import Game

ACTIVATIONS = ("tanh", "relu", "leaky-relu", "elu", "softplus")
FUNCTIONS = (*ACTIVATIONS, "sigmoid", "linear")  # those that may follow the last layer among them
OPTIMIZERS = ("sgd", "rmsprop", "rmsprop-tf", "adam", "adam-tf")  # in the order of the numbers in updates.py


class Network(NamedTuple):
    """A multilayer perceptron n_0 -> n_1 -> ... -> n_L; layer l has the matrix [n_(l-1), n_l], row by row."""

    sizes: np.ndarray  # n_0, ..., n_L, int64
    widths_before: np.ndarray  # n_0 + ... + n_(l-1): where layer l begins in a tape of one sample
    weights: np.ndarray  # where layer l's matrix begins in theta; entry 0 is not used
    biases: np.ndarray  # where its bias begins; -1: there is none
    functions: np.ndarray  # index in FUNCTIONS of what follows layer l; entry 0 is not used
    input_scale: float


def unsupported_game(game: Game) -> str | None:
    """Why no compiled engine, of whatever device, can take steps of this game, or None."""
    for part, net in (("generator", game.generator), ("critic", game.critic)):
        layout = net.perceptron
        if layout is None:
            return f"the {part} is no multilayer perceptron"
        if layout.activation not in ACTIVATIONS:
            return f"the {part}'s activation {layout.activation} has no compiled form"
        if layout.curvature:
            return f"the {part}'s curvature has no compiled form"
        if layout.norm != "none":
            return f"the {part}'s {layout.norm} normalisation has no compiled form"
        if layout.minibatch != "none":
            return f"the {part}'s minibatch {layout.minibatch} has no compiled form"
        if net.pack > 1:
            return f"packs of samples have no compiled form: {part}.pack is {net.pack}"
    if game.critic.perceptron is not None and game.critic.perceptron.output != "linear":
        return "the critic's output is not linear"
    for optimizer in (game.optimizer_g, game.optimizer_d):
        if optimizer.name not in OPTIMIZERS:
            return f"the optimiser {optimizer.name} has no compiled form"
    return None


def network(layout: Perceptron) -> Network:
    """The numbers of a perceptron; its parameters lie as gandyn.core.perceptron says."""
    sizes = np.array(layout.sizes, np.int64)
    weights, biases = np.zeros(len(sizes), np.int64), np.full(len(sizes), -1, np.int64)
    place = 0
    for layer in range(1, len(sizes)):
        weights[layer] = place
        place += int(sizes[layer - 1] * sizes[layer])
        if layout.bias:
            biases[layer] = place
            place += int(sizes[layer])
    before = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)
    hidden, last = (FUNCTIONS.index(name) for name in (layout.activation, layout.output))
    functions = np.array([0, *[hidden] * (len(sizes) - 2), last], np.int64)
    return Network(sizes, before, weights, biases, functions, float(layout.input_scale))
