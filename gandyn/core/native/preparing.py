"""Kernels before they are needed: which are there, and how to have one compiled or loaded."""

from __future__ import annotations

import torch

from gandyn.core.native.compiling import is_compiled
from gandyn.core.native.stepping import features_of, step
from gandyn.core.nets import mlp
from gandyn.core.objectives import OBJECTIVES
from gandyn.core.optimizers.sgd import sgd
from gandyn.core.penalties import PENALTIES
from gandyn.core.penalty_set import is_noisy
from gandyn.core.play import update_numbers
from gandyn.core.state import initial
from gandyn.core.types import Batch, Game, Knobs, Latent, Rule


def is_ready(rule: Rule, dtype: torch.dtype) -> bool:
    """See gandyn.core.native.is_ready."""
    form = OBJECTIVES[rule.objective].vectors
    return form is not None and is_compiled(form, features_of(rule, dtype))


def prepare(rule: Rule, dtype: torch.dtype) -> None:
    """See gandyn.core.native.prepare: takes a step of the smallest game, since sizes are nothing that is compiled."""
    if OBJECTIVES[rule.objective].vectors is None or is_ready(rule, dtype):
        return  # autograd takes steps of such objectives
    net = mlp([1, 1], init="constant", gain=0.0)
    game = Game(net, net, sgd(), sgd(), Latent(1))
    least = rule._replace(unroll=min(rule.unroll, 1), batch_size=1)
    theta = torch.zeros(net.size, dtype=dtype)
    sample = torch.zeros(1, 1, dtype=dtype)
    noise = sample if is_noisy(rule.penalty) else None
    batches = [Batch(sample, sample, sample[0], noise)] * len(update_numbers(least))
    step(game, least, initial(game, theta, theta), batches, Knobs())


def kernels() -> dict[str, Rule]:
    """A rule for every kernel that controls can ask for, by what it does: first one a feature, then one an objective.

    Together they compile all there is: an objective's functions and what a feature takes are independent.
    """
    names = [name for name, objective in OBJECTIVES.items() if objective.vectors]
    plain = Rule(names[0])
    apart = plain._replace(order="alternating")
    penalty = next(name for name, penalty in PENALTIES.items() if penalty.gradient_of)
    features = {
        "a step of both players together": plain,
        "steps of one player after the other": apart,
        "a look-ahead of second order": plain._replace(unroll=1, unroll_order="second"),
        "a look-ahead of first order": plain._replace(unroll=1, unroll_order="first"),
        "a penalty, both together": plain._replace(penalty=penalty),
        "a penalty, one after the other": apart._replace(penalty=penalty),
        "a penalty within a look-ahead": plain._replace(penalty=penalty, unroll=1, unroll_order="first"),
    }
    # the second derivative of an objective is compiled with a look-ahead of second order alone
    return features | {f"the objective {name}": plain._replace(objective=name, unroll=1) for name in names[1:]}
