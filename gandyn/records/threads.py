"""How many of torch's threads a program's run takes: one, unless its own networks are clearly faster with more."""

from __future__ import annotations

import os
import time
from statistics import median

import torch

from gandyn.core.experiment import Experiment
from gandyn.core.fused.backend import SWITCH
from gandyn.core.rng import Rng
from gandyn.records.config import resolve_device

ROWS = 8  # samples of a pass
WORTH = 5e-3  # seconds of a pass on one thread below which a second one is in the way
FASTER = 1.2  # how much faster a pass must be with all of them
ROUNDS = 5


def fastest(experiment: Experiment) -> int:
    """1, or as many as this process has processors, whichever this experiment's networks are faster with here, now.

    Measured by a few passes of the critic over generated samples and back, on the CPU: 0.3 to 0.6 seconds for the
    convolutional presets, a few milliseconds for others. Products differ with the number of threads in their last
    bits, so a run keeps the number that it was begun with.
    """
    most = cores()
    if most == 1 or os.environ.get(SWITCH) or resolve_device(experiment) != "cpu":
        return 1
    game, before = experiment.game, torch.get_num_threads()
    g, d = (0.02 * Rng(0, index=i).normal("weights", net.size) for i, net in enumerate((game.generator, game.critic)))
    z = Rng(0).normal("z", ROWS, game.latent.size)

    def seconds(threads: int) -> float:
        torch.set_num_threads(threads)
        start = time.perf_counter()
        theta = g.clone().requires_grad_()
        torch.autograd.grad(game.critic.apply(d, game.generator.apply(theta, z)).sum(), theta)
        return time.perf_counter() - start

    try:
        if min(seconds(1) for _ in range(ROUNDS)) < WORTH:  # what else the machine does only adds to it
            return 1
        seconds(most)  # its threads start
        pairs = [(seconds(1), seconds(most)) for _ in range(ROUNDS)]
    finally:
        torch.set_num_threads(before)
    one, all_of_them = (median(times) for times in zip(*pairs, strict=True))
    return most if one > FASTER * all_of_them else 1


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
