"""The table of controls: name, range, unit, meaning, and when each has no effect.

A row says what a control is, then its range (for those that are not in BOUNDS) and when it is idle. The parameters of
targets, update rules and objectives are declared in their own files; `controls.py` puts all together.
"""

from __future__ import annotations

from typing import Any

from gandyn.core import types
from gandyn.core.control import Control
from gandyn.core.idle import (
    at_once,
    frozen_critic,
    frozen_generator,
    frozen_player,
    idle_critic,
    idle_generator,
    init_reads,
    no_decay,
    no_ema,
    no_hidden,
    no_latent,
    no_looking,
    no_penalty,
    no_unroll,
    nobody_looks,
    not_normalised,
    of_critic,
    penalty_idle,
    unread,
)
from gandyn.core.minibatch import COUPLINGS
from gandyn.core.nets import INITS, MAX_PACK, NORMS
from gandyn.core.objectives import OBJECTIVES
from gandyn.core.optimizers import OPTIMIZERS
from gandyn.core.penalties import PENALTIES
from gandyn.core.perceptron import ACTIVATIONS, OUTPUTS
from gandyn.core.rng import MAX_SEED
from gandyn.core.target import TARGETS
from gandyn.core.update_rules import UPDATE_RULES


# fmt: off
def network(part: str) -> list[Control]:
    """Of the generator's or the critic's layers: PART.NAME; a reset takes them up."""
    def make(name: str, label: str, kind: type, meaning: str, **rest: Any) -> Control:
        idle = of_critic(part, rest.pop("idle", lambda e: None))
        return Control(f"{part}.{name}", "game", part, label, kind, meaning, idle=idle, **rest)

    gains = ("orthogonal", "glorot", "he", "constant")
    unread = no_latent if part == "generator" else lambda e: None
    curvature = make("curvature", "curvature", float, "of a fixed part of the critic, which no training changes",
                     formula="d(x) - a/2 |x|^2", low=-1e3, high=1e3, suggest=(-4, 4))
    minibatch = make("minibatch", "minibatch", str,
                     "what the last layer sees of the whole minibatch: its standard deviation, or how near samples are",
                     formula="mean_u std_B h_u;  sum_j exp(-|h_i T - h_j T|_1)", choices=COUPLINGS)
    pack = make("pack", "pack", int, "m, the samples that are judged together; a minibatch has batch / m packs",
                formula="d(x_1, ..., x_m)", unit="samples", low=1, high=MAX_PACK)
    return [
        make("widths", "hidden widths", tuple, "units of each hidden layer, with commas between: 64,64"),
        make("activation", "activation", str, "the nonlinearity of the hidden layers",
             choices=tuple(ACTIVATIONS), idle=no_hidden(part)),
        make("norm", "normalisation", str,
             "of hidden units, before the activation: layer over a sample's units, batch over the minibatch"
             f"{', but for the first layer' if part == 'critic' else ''}",
             formula="(h - mean h) / sqrt(var h + 1e-5) * scale + shift", choices=NORMS, idle=not_normalised(part)),
        make("init", "initialisation", str, "the law of the initial weights", choices=INITS),
        make("gain", "gain", float, "multiplies the initial weights",
             low=-1e3, high=1e3, suggest=(0, 2), idle=init_reads(part, gains)),
        make("std", "std", float, "standard deviation of the initial weights",
             high=1e3, suggest=(0, 0.2), idle=init_reads(part, ("normal",))),
        make("input_scale", "input scale", float, "the input is multiplied by it",
             low=1e-6, high=1e6, log=True, suggest=(0.1, 10), idle=unread),
        make("bias", "biases", bool, "whether the layers have biases"),
        make("output", "output", str, "what follows the last layer", choices=tuple(OUTPUTS)),
        *(() if part == "generator" else (curvature, minibatch, pack)),
    ]


def losses() -> list[Control]:
    """What both players minimise."""
    return [
        Control("objective", "objective", "objective", "objective", str, "the losses of both players",
                choices=tuple(OBJECTIVES)),
        Control("penalty", "rule", "objective", "penalty", str, "regularisers of the critic, with + between: r1+r2",
                choices=tuple(PENALTIES), several=True, idle=penalty_idle),
        Control("penalty_weight", "knob", "objective", "weight", float,
                "the weight w of the penalty; of several, of those without a weight of their own, penalty.NAME",
                formula="L_D + w P", log=True, suggest=(1e-3, 100), idle=no_penalty),
        Control("clip", "knob", "objective", "clip", float,
                "after each critic update every weight is clipped to it; 0 = off",
                formula="theta_D <- clamp(theta_D, -c, c)", suggest=(0, 0.5), idle=idle_critic),
    ]


def look_ahead() -> list[Control]:
    """Who looks ahead, how far and how exactly."""
    return [
        Control("unroll", "rule", "look-ahead", "k", int, "updates of the other player that one looks ahead; 0 = off",
                formula="L_G(theta_G, theta_D^k)", suggest=(0, 10), idle=nobody_looks),
        Control("unroll_player", "rule", "look-ahead", "player", str, "who looks ahead at the other player's updates",
                formula="L_D(theta_G^k, theta_D)", choices=types.LOOKING,
                idle=no_looking),
        Control("unroll_order", "rule", "look-ahead", "derivative", str,
                "second: the gradient flows through the other's updates; first: it does not",
                choices=types.UNROLL_ORDERS, idle=no_unroll),
        Control("probe_unroll", "view", "look-ahead", "probe k", int,
                "the k with which the gap is measured while k = 0; it steers nothing",
                suggest=(1, 10),
                idle=lambda e: "the gap of k itself is measured" if e.rule.unroll_g else None),
    ]


def rates() -> list[Control]:
    """Learning rates, their decay, the optimisers' numbers, the generator's average."""
    return [
        Control("lr_g", "knob", "rates", "generator", float, "learning rate of the generator",
                log=True, suggest=(1e-5, 0.1), idle=unread("lr", "g")),
        Control("lr_d", "knob", "rates", "critic", float, "learning rate of the critic",
                log=True, suggest=(1e-5, 0.1), idle=unread("lr", "d")),
        Control("decay_g", "knob", "rates", "generator's decay", float,
                "the power p by which the generator's rate decays along the steps t; 0 = not",
                formula="lr_t = lr (1 + t / T)^-p", suggest=(0, 1), idle=unread("lr", "g")),
        Control("decay_d", "knob", "rates", "critic's decay", float,
                "the power p by which the critic's rate decays; the smaller one is the faster time scale",
                formula="lr_t = lr (1 + t / T)^-p", suggest=(0, 1), idle=unread("lr", "d")),
        Control("decay_steps", "knob", "rates", "decay after", float,
                "T, the steps after which a decaying rate is 2^-p of what it was", unit="steps",
                log=True, suggest=(10, 100_000), idle=no_decay),
        Control("beta1", "knob", "rates", "beta 1", float,
                "decay of the gradient's average (adam); momentum (sgd, rmsprop), which may be negative",
                formula="m <- beta1 m + (1 - beta1) g", suggest=(0, 0.999), idle=unread("beta1", "g", "d")),
        Control("beta2", "knob", "rates", "beta 2", float, "decay of the squared gradient's average",
                formula="v <- beta2 v + (1 - beta2) g^2", idle=unread("beta2", "g", "d")),
        Control("eps", "knob", "rates", "epsilon", float, "added to the root of the squared gradient's average",
                log=True, suggest=(1e-10, 1e-2), idle=unread("eps", "g", "d")),
        Control("ema", "knob", "rates", "average", float,
                "decay of the generator's moving average, which is then what is sampled; 0 = off",
                formula="e <- ema e + (1 - ema) theta_G", idle=no_ema),
        Control("averaging", "rule", "rates", "averaging", str,
                "of the generator, what is then sampled; uniform: the mean of the iterates since it was chosen",
                formula="e <- e + (theta_G - e) / n", choices=types.AVERAGES, idle=frozen_generator),
    ]


def steps() -> list[Control]:
    """How a step is made of updates."""
    return [
        Control("update_rule", "update_rule", "steps", "update rule", str,
                "how both players move; all but gradient move them at once",
                choices=tuple(UPDATE_RULES)),
        Control("critic_steps", "rule", "steps", "critic steps", int, "updates of the critic in a step",
                suggest=(1, 10), idle=at_once(frozen_critic)),
        Control("generator_steps", "rule", "steps", "generator steps", int, "updates of the generator in a step",
                suggest=(1, 10), idle=at_once(frozen_generator)),
        Control("order", "rule", "steps", "order", str, "who moves first; simultaneous: both from the same point",
                choices=types.ORDERS, idle=at_once(frozen_player)),
        Control("batch_size", "rule", "steps", "batch", int, "samples of an update",
                log=True, suggest=(8, 1024)),
        Control("freeze", "rule", "steps", "freeze", str, "a player that neither moves nor advances its optimiser",
                choices=types.FREEZES),
        Control("engine", "rule", "steps", "engine", str, "how the step is computed; auto: native where it can",
                choices=types.ENGINES),
    ]


def networks() -> list[Control]:
    """What is learned and by what; but for the target a reset takes them up."""
    opts = tuple(OPTIMIZERS)
    return [
        Control("target", "target", "target", "target", str, "what is to be learned", choices=tuple(TARGETS)),
        *network("generator"),
        *network("critic"),
        Control("optimizer_g", "game", "generator", "optimiser", str, "the generator's optimiser", choices=opts,
                idle=idle_generator),
        Control("optimizer_d", "game", "critic", "optimiser", str, "the critic's optimiser", choices=opts,
                idle=idle_critic),
        Control("latent_size", "game", "generator", "latent size", int, "numbers that the generator is fed with",
                log=True, suggest=(1, 512)),
        Control("latent", "game", "generator", "latent law", str, "normal: N(0, 1); uniform: U(-1, 1)",
                choices=types.LATENT_LAWS, idle=no_latent),
        Control("seed", "run", "run", "seed", int, "fixes every random number of a run", high=MAX_SEED),
        Control("device", "run", "run", "device", str, "where the step is computed", choices=types.DEVICES),
    ]


def static() -> list[Control]:
    """All of them, in the order in which one thinks; those of parts and of penalties' weights stand elsewhere."""
    return [*losses(), *look_ahead(), *rates(), *steps(), *networks()]
# fmt: on
