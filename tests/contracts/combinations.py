"""Experiments that combine everything that combines, sampled by seed: how many, and which."""

from __future__ import annotations

import os
import random
from typing import Any

import gandyn
from gandyn.core.minibatch import COUPLINGS
from gandyn.core.nets import NORMS
from gandyn.core.objectives import OBJECTIVES
from gandyn.core.optimizers import OPTIMIZERS
from gandyn.core.penalties import PENALTIES
from gandyn.core.penalty_set import members
from gandyn.core.types import AVERAGES, FREEZES, LOOKING, ORDERS
from gandyn.core.update_rules import UPDATE_RULES
from tests.contracts.small import experiment

COUNT = int(os.environ.get("GANDYN_COMBINATIONS", "540"))  # `make deep` tries more
#: networks of layers alone, which judge each sample by itself
APART = {"critic.norm": "none", "generator.norm": "none", "critic.minibatch": "none", "critic.pack": 1}
SETS = [name for name in PENALTIES if name != "none"]


def coupled(seed: int, sloping: bool) -> dict[str, Any]:
    """Networks that look at several samples together, for one in three; sloping: whether a penalty takes slopes."""
    draw = random.Random(f"coupled {seed}")
    if draw.random() < 0.67:
        return {}
    norm = draw.choice(["none", "layer"] if sloping else ["none", "batch", "batch"])
    minibatch = draw.choice(["none"] if sloping else COUPLINGS)
    network = {"critic.norm": norm, "critic.minibatch": minibatch, "critic.pack": draw.choice([1, 2, 4])}
    return network | {"critic.widths": (6, 5), "generator.norm": draw.choice(NORMS)}


def sampled(seed: int) -> gandyn.Experiment:
    """Some experiment; the seeds lead through all update rules, objectives and penalties in turn."""
    draw = random.Random(f"combination {seed}")
    rules, objectives = list(UPDATE_RULES), list(OBJECTIVES)
    # Turns of different lengths, each shifted when it is through: every rule meets every penalty and objective.
    rule = "gradient" if draw.random() < 0.2 else rules[seed % len(rules)]
    first = SETS[(seed + seed // len(rules)) % len(SETS)]
    others = draw.sample([name for name in SETS if name != first], draw.choice([0, 0, 1, 1, 2, 3]))
    chosen = members(gandyn.Rule(penalty=[first, *others]).penalty) if draw.random() < 0.8 else []
    weights = {
        f"penalty.{one.name}": draw.choice([0.05, 0.3]) for one in chosen if one.numbered and draw.random() < 0.7
    }
    optimizers = {of: draw.choice(["adam", *OPTIMIZERS]) for of in ("optimizer_g", "optimizer_d")}
    # AdaBelief divides by how far the gradient is from its average: with beta1 = 0 that is eps alone. The momentum of
    # complex momentum has no angle then.
    special = {"adabelief", "complex-momentum"} & set(optimizers.values())
    beta1 = draw.choice([-0.3, 0.5] if special else [-0.3, 0.0, 0.5])
    return experiment().replace(
        **coupled(seed, any(one.slopes for one in chosen)),
        penalty="+".join(one.name for one in chosen) or "none", **weights, penalty_weight=0.1, update_rule=rule,
        objective=objectives[(seed + seed // len(rules)) % len(objectives)], unroll=draw.choice([0, 0, 1, 2]),
        unroll_order=draw.choice(["first", "second"]), order=draw.choice(ORDERS), seed=seed, lr_g=1e-3, lr_d=1e-3,
        critic_steps=draw.choice([1, 1, 2]), generator_steps=draw.choice([1, 1, 2]), clip=draw.choice([0.0, 0.3]),
        freeze=draw.choice([*FREEZES, "none", "none"]), ema=draw.choice([0.0, 0.9]),
        **optimizers, beta1=beta1, unroll_player=draw.choice(["generator", "generator", *LOOKING]),
        averaging=draw.choice(AVERAGES), decay_g=draw.choice([0.0, 0.5]), decay_d=draw.choice([0.0, 0.2]),
        decay_steps=30.0,
    )  # fmt: skip
