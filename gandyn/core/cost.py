"""What a training step costs, from the configuration alone: to be refused or told before it is begun."""

from __future__ import annotations

from typing import NamedTuple

from gandyn.core.experiment import Experiment
from gandyn.core.minibatch import DIMENSIONS, KERNELS
from gandyn.core.penalty_set import members
from gandyn.core.types import Net

FLOAT = 4  # bytes
PASSES = 3  # of a network's forward pass, in operations: the pass, and the derivatives by its input and its parameters
DOUBLE = 3  # of a first-order update, where the derivative runs through it (a Hessian-vector product an update)


class Cost(NamedTuple):
    """Of one training step of all lanes, about."""

    operations: float  # multiplications and additions
    bytes: float  # that it holds at its largest

    @property
    def megabytes(self) -> float:
        """Of memory."""
        return self.bytes / 2**20


def step_cost(experiment: Experiment, lanes: int = 1) -> Cost:
    """Operations and memory of a step, leading order: products of matrices, activations, and copies of parameters.

    A network's forward pass of one sample takes two operations a parameter (of a convolution more: it is a lower bound
    there); a critic of packs passes as many packs, and minibatch discrimination compares every two. A critic's update
    passes real and generated samples and their derivatives; a look-ahead has k of them, through which a derivative of
    second order runs again; each penalty passes a third batch twice. Memory: the activations of a pass, and for a
    look-ahead the critic's parameters and activations of each of its updates.
    """
    game, rule = experiment.game, experiment.rule
    batch, g, d = rule.batch_size, 2.0 * game.generator.size, 2.0 * game.critic.size / game.critic.pack
    penalised = 2 * PASSES * batch * d * len(members(rule.penalty))
    pairs = pairs_compared(game.critic, batch)
    inner = 2 * PASSES * (batch * d + 2 * pairs) + penalised
    through = DOUBLE if rule.unroll_order == "second" else 1
    of_generator = PASSES * batch * (g + 2 * d)
    critic = batch * g + inner + rule.unroll_d * through * of_generator
    generator = of_generator + rule.unroll_g * through * inner
    critics, generators = rule.updates
    operations = lanes * rule.update_rule.gradients * (critics * critic + generators * generator)

    a_pass = 3.0 * batch * (_units(game.generator) + _units(game.critic))
    kept = rule.unroll_g * (game.critic.size + 2.0 * batch * _units(game.critic))
    kept += rule.unroll_d * (game.generator.size + batch * (_units(game.generator) + _units(game.critic)))
    a_pass += 2 * DOUBLE * pairs
    state = 8.0 * (game.generator.size + game.critic.size)
    return Cost(operations, FLOAT * (lanes * (state + kept) + a_pass * lanes))


def pairs_compared(critic: Net, batch: int) -> float:
    """Numbers that minibatch discrimination makes of every two of so many samples; 0 without."""
    if critic.layout is None or critic.layout.minibatch != "discrimination":
        return 0.0
    return float(KERNELS * DIMENSIONS * (batch // critic.pack) ** 2)


def _units(net: Net) -> float:
    """Numbers that a pass of one sample holds: of a network whose layers are not known, the root of its parameters."""
    return float(sum(net.layout.sizes)) if net.layout is not None else float(net.size) ** 0.5
