"""Whether the seed of an experiment decides anything: a game without random numbers is the same for every seed."""

from __future__ import annotations

import torch

from gandyn.core.experiment import Experiment
from gandyn.core.penalty_set import members
from gandyn.core.rng import Rng
from gandyn.core.target import Target
from gandyn.core.types import Net, Penalty


def seed_matters(experiment: Experiment) -> bool:
    """Whether a step or a first state may depend on the seed: False only where neither does."""
    game, target = experiment.game, type(experiment.target)
    drawn = target.uniforms or target.normals or target.draw_at is not Target.draw_at or game.latent.size
    return bool(
        drawn
        or any(_may_draw(one) for one in members(experiment.rule.penalty))
        or not all(_begins_alike(net) for net in (game.generator, game.critic))
    )


def _may_draw(penalty: Penalty) -> bool:
    """Whether a penalty may read random numbers: mixing numbers, noise, or its own."""
    if penalty.noisy or penalty.draw is not None:
        return True
    at = penalty.gradient_of[0] if penalty.gradient_of else None
    return penalty.loss is not None and at not in ("real", "generated")


def _begins_alike(net: Net) -> bool:
    return torch.equal(net.init(Rng(0)), net.init(Rng(1)))
