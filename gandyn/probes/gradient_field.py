"""Where each generated sample is pushed, and how hard."""

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from gandyn.core.critic_update import logits, look_ahead
from gandyn.core.experiment import Experiment
from gandyn.core.moving import PlayerState
from gandyn.core.objective import generator_objective
from gandyn.core.play import draw_batch
from gandyn.core.reference import generator_at
from gandyn.core.regularising import recalling
from gandyn.core.rng import Rng
from gandyn.core.types import Batch, State
from gandyn.probes import PROBES, Arrays, Probe
from gandyn.probes.inputs import aside, latents, reals, sized
from gandyn.probes.window import columns
from gandyn.probes.window import half_width as half_width_of

FAINT = 1e-5  # a median push below it is drawn shorter, in proportion: a gradient that has vanished looks so
LONGEST = 4  # times the median length; a longer arrow is cut to it


def field_batch(experiment: Experiment, state: State, rng: Rng, n: int, of: int) -> Batch:
    """The batch [n] of the look-ahead: the first n of the `of` latents and real samples that `samples` shows.

    With what the penalties remember in `state`. n may become another number: see `sized`.
    """
    sampled = sized(experiment, n)
    drawn, n = draw_batch(sampled, aside(rng), state.g.dtype, state.g.device), sampled.rule.batch_size
    of = max(n, of)
    real = reals(experiment, of, rng)[:n].to(drawn.real)
    as_sampled = drawn._replace(real=real, z=latents(experiment, state, of, rng)[:n])
    return recalling(sampled.rule, state, [as_sampled])[0]


@torch.enable_grad()
def pushes(experiment: Experiment, state: State, batch: Batch) -> tuple[Tensor, Tensor]:
    """(samples [n, *x], pushes [n, *x]): minus the derivative of the generator's loss by each sample, times n.

    The loss is the objective's own, at the critic after the rule's look-ahead; under unroll_order second the samples
    count as part of what the critic will learn from, as they do in training. Times n because the loss is a mean.
    """
    game, rule = experiment.game, experiment.rule
    fake = generator_at(game, state.g)(batch.z).detach().requires_grad_()
    d_k = look_ahead(game, rule, PlayerState(state.d, state.opt_d), fake, batch, experiment.knobs)
    values = [logits(game, rule, d_k, x) for x in (batch.real, fake)]
    loss = generator_objective(rule.losses, values, (batch.real, fake), 0)
    (grad,) = torch.autograd.grad(loss, fake, materialize_grads=True)
    return fake.detach(), -len(fake) * grad


def gradient_field(
    experiment: Experiment,
    state: State,
    rng: Rng,
    *,
    n: int = 128,
    of: int = 1000,
    half_width: float | None = None,
    first_order: bool = False,
) -> Arrays:
    """Arrows of the push on n generated samples, the first n that the probe samples(n=of) shows while ema = 0.

    `x0`, `y0`, `x1`, `y1` [n] in data units; 0-d: `factor`, arrow length over push, and `median`, the median length
    of the pushes. Length rule: factor = (R / 12) / max(median, FAINT), so half of the arrows are longer than R / 12;
    then none is longer than LONGEST times R / 12. R is half_width (default: that of the target's window).
    They belong to the generator that is trained, not to its average. first_order leaves out the derivative through
    the critic's updates, whatever the rule says: several times faster, another direction.
    """
    if first_order:
        experiment = replace(experiment, rule=experiment.rule._replace(unroll_order="first"))
    start, push = pushes(experiment, state, field_batch(experiment, state, rng, n, of))
    length = (half_width_of(experiment.target) if half_width is None else half_width) / 12
    sizes = push.norm(dim=1, keepdim=True)
    median = float(sizes.median())
    factor = length / max(median, FAINT)
    cut = (LONGEST * length / (factor * sizes).clamp_min(1e-30)).clamp_max(1)
    (x0, y0), (x1, y1) = columns(start), columns(start + factor * cut * push)
    return {"x0": x0, "y0": y0, "x1": x1, "y1": y1, "factor": np.array(factor), "median": np.array(median)}


PROBES.add(Probe("gradient_field", "where each sample is pushed", gradient_field), rank=3)
