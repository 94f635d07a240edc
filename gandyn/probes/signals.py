"""Signs of health of both players: the generator's gradient, the critic's slope, its weights at the clip, its AUC."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from gandyn.core.critic_update import gradient, pair
from gandyn.core.experiment import Experiment
from gandyn.core.objective import generator_objective
from gandyn.core.penalties.gradient import interpolates
from gandyn.core.penalties.norms import norms
from gandyn.core.play import draw_batches, draw_lanes
from gandyn.core.regularising import critic_at, of_packs, packs
from gandyn.core.rng import Rng
from gandyn.core.single import single_critic
from gandyn.core.types import Batch, State
from gandyn.probes import PROBES, Arrays, Probe

#: in the order of the rows of `signals_of`
SIGNALS = ("grad_norm_g", "slope", "at_clip", "auc")
AT_CLIP = 1 - 1e-6  # of the clip: from there on a weight counts as sitting on it


@torch.enable_grad()
def signals_of(experiment: Experiment, state: State, rngs: Sequence[Rng]) -> Tensor:
    """SIGNALS of a state in float64 on the CPU, [4]; with lanes [4, N], each lane's batch drawn by its own rng.

    grad_norm_g   Euclidean norm of the objective's derivative by the generator's parameters, without look-ahead
    slope         mean Euclidean norm of the critic's input gradient, at interpolates of real and generated samples;
                  of packs that of the whole pack, which penalties act on; of one that looks at the whole minibatch
                  beside its samples (see `single_critic`)
    at_clip       share of the critic's parameters at +-clip; NaN where the clip is off
    auc           probability that the critic values a real sample, or pack of them, above a generated one, a tie
                  counting half
    """
    game, rule = experiment.game, experiment.rule
    batch = last_batch(experiment, state, rngs)
    g, critic = state.g.detach().requires_grad_(), critic_at(game, rule, state.d.detach())
    fake = game.generator.at(g)(batch.z)
    real_logits, fake_logits = pair(game.critic, critic, batch.real, fake, g.ndim - 1)
    loss = generator_objective(rule.losses, (real_logits, fake_logits), (batch.real, fake), g.ndim - 1)
    grad = gradient(loss, g, materialize_grads=True)
    slopes = _slopes(experiment, state, batch, fake.detach())
    auc = _auc(real_logits.detach(), fake_logits.detach())
    values = (grad.double().norm(dim=-1), slopes.detach().double().mean(-1), _at_clip(experiment, state), auc)
    return torch.stack([value.double().cpu() for value in values])


def _slopes(experiment: Experiment, state: State, batch: Batch, fake: Tensor) -> Tensor:
    """Norms of the critic's input gradient at interpolates of what it judges."""
    net, rule, d = experiment.game.critic, experiment.rule, state.d.detach()
    if net.given is not None:
        single = single_critic(experiment.game, rule, d, batch.real, fake)
        return norms(single, interpolates(batch.real, fake, batch))
    real, generated = (packs(net, x, d.ndim - 1) for x in (batch.real, fake))
    return norms(critic_at(experiment.game, rule, d), interpolates(real, generated, of_packs(net, batch)))


def last_batch(experiment: Experiment, state: State, rngs: Sequence[Rng]) -> Batch:
    """The last minibatch of a step, the generator's, drawn by an rng for each lane; one where there are no lanes."""
    if state.g.ndim == 1:
        return draw_batches(experiment, rngs[0], state.g.dtype, state.g.device)[-1]
    return draw_lanes(experiment, rngs, state.g.dtype, state.g.device)[-1]


def _at_clip(experiment: Experiment, state: State) -> Tensor:
    limit = torch.as_tensor(experiment.knobs.clip, dtype=torch.float64, device=state.d.device)
    share = (state.d.double().abs() >= AT_CLIP * limit[..., None]).double().mean(-1)
    return torch.where(limit > 0, share, torch.nan)


def _auc(real: Tensor, fake: Tensor) -> Tensor:
    """The Mann-Whitney statistic of logits [..., B] over B^2, by ranks: ties get the mean of theirs."""
    ordered = fake.double().sort(-1).values.contiguous()
    real = real.double().contiguous()
    below = torch.searchsorted(ordered, real) + torch.searchsorted(ordered, real, right=True)
    return below.double().mean(-1) / (2 * fake.shape[-1])


def signals(experiment: Experiment, state: State, rng: Rng) -> Arrays:
    """SIGNALS by name as 0-d arrays: see `signals_of`."""
    values = signals_of(experiment, state, [rng]).numpy()
    return dict(zip(SIGNALS, map(np.asarray, values), strict=True))


PROBES.add(Probe("signals", "gradient, slope, weights at the clip, AUC of the critic", signals), rank=6)
