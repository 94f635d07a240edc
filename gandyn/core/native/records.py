"""What compiled functions are handed: the game in numbers, a minibatch, the memory of a GAN, the other functions."""

from __future__ import annotations

from typing import Any, NamedTuple

from gandyn.core.native.networks import Network


class NativeGame(NamedTuple):
    """The two networks and the places of their optimisers in networks.OPTIMIZERS."""

    generator: Network
    critic: Network
    optimizer_g: int
    optimizer_d: int


class NativeRule(NamedTuple):
    """The static part of a step in numbers."""

    unroll: int
    critic_steps: int
    generator_steps: int
    order: int  # simultaneous, alternating, generator-first
    freeze: int  # none, critic, generator
    samples: int  # of a minibatch
    parts: int  # that it is cut into: see team.py
    latents: int  # the law of the latents that the kernel draws, a place in rng.compiled.LAWS; -1: they are handed over
    shared: bool  # both players move at once on one batch
    paired: bool  # the generator's loss reads the real logits
    uniform: bool  # the generator's average is the mean of its iterates
    opposed: bool  # at generated samples its cotangents are minus the critic's


class NativeKnobs(NamedTuple):
    """The numbers of a step, of one lane."""

    lr_g: float
    lr_d: float
    beta1: float
    beta2: float
    eps: float
    clip: float
    ema: float
    decay_g: float
    decay_d: float
    decay_steps: float
    weights: Any  # [penalties]


class Minibatch(NamedTuple):
    """One update's numbers, flat: real [B n], z [B nz], mix [B], noise [B n]; what is not read may be empty.

    seed, step, update: their place in the random numbers of the run, where the kernel draws z.
    """

    real: Any
    z: Any
    mix: Any
    noise: Any
    seed: int
    step: int
    update: int


class Memory(NamedTuple):
    """What the passes of one GAN write into; the last two have one entry a thread of a team."""

    generator_H: Any
    generator_D: Any
    H: Any  # [unroll + 1, ...]: the critic's tapes on the batch, one an update ahead
    D: Any
    fake_D: Any  # cotangents of the generator's loss, where the critic's must stay
    grad_g: Any  # [parts, P_G]: of the parts of a minibatch; the sum is in entry 0
    grad_d: Any
    ones: Any
    meeting: Any  # [3] int64, of the team
    scratch: Any
    words: Any  # of random numbers, uint32 [threads, 4, ...]


class AheadMemory(NamedTuple):
    """What the look-ahead writes into, [unroll + 1, P_D] each: entry j holds what was there after j updates."""

    theta: Any
    m: Any
    v: Any
    unclipped: Any
    gradient: Any


class SecondMemory(NamedTuple):
    """What the way back through the look-ahead writes into."""

    RA: Any
    RD: Any
    bar: Any  # cotangents of theta, m, v
    bar_m: Any
    bar_v: Any
    direction: Any
    fake: Any  # the cotangent of the generated samples, in blocks


class Parts(NamedTuple):
    """Compiled functions that are called through their addresses: see products.py. None where a feature is not used."""

    matmul: Any
    activate: Any
    multiply_slope: Any
    load_input: Any
    load_latents: Any
    forward: Any
    backward: Any
    add_gradient: Any
    update: Any
    losses: Any  # of the objective, see types.VectorForm
    critic_cotangents: Any
    generator_cotangents: Any
    critic_curvature: Any = None
    tangent_forward: Any = None
    tangent_backward: Any = None
    add_tangent_gradient: Any = None
    adjoint: Any = None
    add_penalty: Any = None


class Data(NamedTuple):
    """The numbers of many steps: [steps, updates, lanes, numbers of one minibatch], and where others are drawn."""

    real: Any
    z: Any
    mix: Any
    noise: Any
    seeds: Any  # [lanes] uint64
    first_step: int
    updates: Any  # [updates] int64: the number of each in the random numbers of a step


class Point(NamedTuple):
    """Both players with their moments, arrays that the steps write into: [P] of one GAN, [lanes, P] of all lanes.

    t: the number of updates so far, common to all lanes.
    """

    g: Any
    g_m: Any
    g_v: Any
    g_t: int
    d: Any
    d_m: Any
    d_v: Any
    d_t: int
    ema: Any
    averaged: int  # iterates that `ema` is the mean of, common to all lanes
