"""Where the last bit of a parameter decides: rows of settings in which both engines are right and differ.

Each row has its cause, which is shown from the numbers of the row itself, for the most part in exact arithmetic: with
fractions, in which a float is the number that it is. Of 12,000 random rows 46 differed by more than 1e-8: 10 by a
pre-activation that is exactly 0, 1 by a slope that is, 35 by growth of what rounding leaves of gradients that cancel;
42 more overflow. All were computed again with 256 bits: now the one engine is nearer, now the other.
"""

import random
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest
import torch
from torch import Tensor

from gandyn.core import dynamics, native
from gandyn.core.critic_update import update_critic
from gandyn.core.moving import PlayerState
from gandyn.core.perceptron import Perceptron
from tests.contracts.comparing import compare, effect_of_rounding, first, is_finite, trajectory
from tests.contracts.settings import Row, batches_of, game_of, knobs_of, rule_of, start_of

COMMON: Row = {
    "ahead": (2, "first"), "critic_steps": 1, "generator_steps": 1, "order": "simultaneous", "freeze": "generator",
    "shared": False, "samples": 1, "optimizer_g": "adam-tf", "activation_g": "relu", "output": "tanh",
    "widths_g": (17, 4), "latent": 1, "ema": 0.0, "beta1": 0.5, "beta2": 0.999, "eps": 1e-3,
}  # fmt: skip
# all weights stand at the clip's bounds after an update: units of the second layer sum equal terms of both signs
CANCELLING_UNIT = 10_006_341, COMMON | {
    "objective": "hinge", "penalty": "none", "lanes": 3, "optimizer_d": "rmsprop-tf", "activation_d": "relu",
    "widths_d": (6, 5, 4), "bias": False, "input_scale": 1.0, "clip": 0.3, "start": "fresh",
}  # fmt: skip
# a relativistic critic's gradient of a bias cancels where real and generated samples are on one side: it stays 0 but
# for rounding, and so does the pre-activation at generated samples, which all are 0 here
CANCELLING_BIAS = 10_011_322, COMMON | {
    "objective": "relativistic", "penalty": "gradient-penalty", "critic_steps": 2, "generator_steps": 3, "samples": 3,
    "lanes": 1, "optimizer_d": "rmsprop", "activation_d": "leaky-relu", "output": "linear", "widths_d": (7,),
    "bias": True, "input_scale": 0.25, "latent": 0, "clip": 0.3, "beta1": 0.0, "beta2": 0.9, "start": "fresh",
}  # fmt: skip
# all weights at the clip's bounds again: paths of both signs add up to a slope of 0, whose norm has no derivative
CANCELLING_SLOPE = 10_011_097, COMMON | {
    "objective": "wasserstein", "penalty": "gradient-penalty", "order": "alternating", "freeze": "none", "lanes": 0,
    "optimizer_g": "rmsprop", "optimizer_d": "sgd", "activation_g": "elu", "activation_d": "relu", "widths_d": (7,),
    "bias": True, "input_scale": 0.25, "clip": 0.3, "beta1": 0.9, "start": "saturated",
}  # fmt: skip
# both terms of the gradient are equal at zero weights; rmsprop takes what is left of them in units of eps, every update
GROWTH = 10_004_244, COMMON | {
    "objective": "minimax", "penalty": "r1", "ahead": (0, "second"), "critic_steps": 2, "generator_steps": 3,
    "order": "generator-first", "freeze": "none", "samples": 3, "lanes": 0, "optimizer_g": "adam",
    "optimizer_d": "rmsprop", "activation_g": "tanh", "activation_d": "softplus", "widths_g": (5,), "widths_d": (7,),
    "bias": False, "input_scale": 1.0, "clip": 0.0, "ema": 0.9, "beta2": 0.9, "start": "zero weights",
}  # fmt: skip
# the probability of generated samples is rounded to 1, and infinity times 0 is NaN, as the objective says
OVERFLOW = 10_000_557, COMMON | {
    "objective": "log-sigmoid", "penalty": "r1", "ahead": (0, "second"), "critic_steps": 2, "generator_steps": 3,
    "order": "generator-first", "shared": True, "samples": 64, "lanes": 1, "optimizer_d": "adam",
    "activation_g": "tanh", "activation_d": "relu", "widths_d": (6, 5, 4), "bias": True, "input_scale": 1.0,
    "clip": 0.0, "ema": 0.9, "beta1": 0.0, "start": "saturated",
}  # fmt: skip


@pytest.mark.parametrize(
    "case", [CANCELLING_UNIT, CANCELLING_BIAS, CANCELLING_SLOPE, GROWTH], ids=["unit", "bias", "slope", "growth"]
)
def test_the_last_bit_of_a_parameter_moves_autograd_as_far(case):
    seed, row = case
    moved = effect_of_rounding(row, seed)
    assert max(moved.values()) > 1e-8
    for at, error in first(compare(row, seed, most=1e-8)).items():
        assert error <= 10 * moved[at], at


def evaluations(seed: int, row: Row) -> list[tuple[Tensor, Tensor]]:
    """(parameters [P], points [n, 2]) of every use of the critic in three steps of autograd, lane by lane."""
    game, each = game_of(row), []

    def bind(theta: Tensor) -> Any:
        at = game.critic.at(theta)

        def critic(x: Tensor) -> Tensor:
            lanes = zip(theta, x, strict=True) if theta.ndim == 2 else [(theta, x)]
            each.extend((own.detach(), points.detach()) for own, points in lanes)
            return at(x)

        return critic

    recording = game._replace(critic=game.critic._replace(bind=bind, layout=None))
    trajectory(dynamics.step, recording, row, seed)
    return each


def layers(net: Perceptron, theta: Tensor) -> Iterator[tuple[list[list[Fraction]], list[Fraction]]]:
    """(weight [in][out], bias [out]) of every layer."""
    numbers = iter([Fraction(value) for value in theta.tolist()])
    for n_in, n in zip(net.sizes[:-1], net.sizes[1:], strict=True):
        weight = [[next(numbers) for _ in range(n)] for _ in range(n_in)]
        yield weight, [next(numbers) if net.bias else Fraction(0) for _ in range(n)]


def units(net: Perceptron, theta: Tensor, x: Tensor) -> Iterator[tuple[list[Fraction], list[Fraction]]]:
    """(pre-activations, the sums of their terms' sizes) of every hidden layer at one point, exactly."""
    leak = {"relu": Fraction(0), "leaky-relu": Fraction(0.2)}[net.activation]
    h = [Fraction(net.input_scale) * Fraction(value) for value in x.tolist()]
    for weight, bias in [*layers(net, theta)][:-1]:
        terms = [[b, *(row[j] * value for row, value in zip(weight, h, strict=True))] for j, b in enumerate(bias)]
        yield [sum(each, Fraction(0)) for each in terms], [sum(map(abs, each), Fraction(0)) for each in terms]
        h = [a if a > 0 else leak * a for a in map(sum, terms)]


@pytest.mark.parametrize(("case", "most"), [(CANCELLING_UNIT, 0), (CANCELLING_BIAS, 2e-15)], ids=["unit", "bias"])
def test_a_pre_activation_is_0(case, most):
    """Exactly 0 as a sum of terms that are not, or what rounding left of a bias that is."""
    net = game_of(case[1]).critic.perceptron
    assert net is not None
    assert any(
        size > 0 and abs(a) <= most
        for theta, points in evaluations(*case)
        for x in points
        for values, sizes in units(net, theta, x)
        for a, size in zip(values, sizes, strict=True)
    )


def test_a_slope_is_0():
    """Of units that fire: paths from the input to the output of both signs."""
    net, exact = game_of(CANCELLING_SLOPE[1]).critic.perceptron, []
    assert net is not None
    for theta, points in evaluations(*CANCELLING_SLOPE):
        (first, _), (last, _) = layers(net, theta)
        for x in points:
            fires = [a > 0 for a in next(units(net, theta, x))[0]]
            paths = [[fires[j] * row[j] * last[j][0] for j in range(len(fires))] for row in first]
            exact.append((max(abs(sum(one)) for one in paths), max(abs(path) for one in paths for path in one)))
    assert any(slope == 0 and largest > 0 for slope, largest in exact)


def test_a_gradient_cancels():
    """At zero weights it is -sigmoid(0) / B and sigmoid(0) / B, times the same hidden unit, B times each."""
    seed, row = GROWTH
    game, state = game_of(row), start_of(row, game_of(row), seed)
    batch, critic = batches_of(row, 1000 * seed)[0], PlayerState(state.d, state.opt_d)
    fake, knobs = game.generator.at(state.g)(batch.z), knobs_of(row, random.Random(seed))
    gradient = update_critic(game, rule_of(row), critic, fake, batch, knobs).grad
    assert float(gradient.abs().max()) < 1e-16


def test_both_overflow_where_a_probability_is_rounded_to_1():
    seed, row = OVERFLOW
    game = game_of(row)
    logits = [game.critic.apply(theta, x).max() for theta, x in evaluations(seed, row)]
    assert float(torch.stack(logits).nan_to_num().max()) > 36.8
    for step in (native.step, dynamics.step):
        assert not is_finite(trajectory(step, game, row, seed)[0])
