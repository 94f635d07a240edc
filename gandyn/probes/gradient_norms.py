"""How steep the critic is: at real samples, at generated ones, and on the way from one to the other."""

import numpy as np

from gandyn.core.experiment import Experiment
from gandyn.core.penalties.norms import square_norms
from gandyn.core.rng import Rng
from gandyn.core.types import State
from gandyn.probes import PROBES, Arrays, Probe
from gandyn.probes.gradient_field import field_batch
from gandyn.probes.inputs import critic_of, generate, only_where_read

DECADES = -4, 2  # of the histogram: what is beyond is counted in its first or last bin
BINS = 96
PLACES = ("real", "generated", "between")


def gradient_norms(experiment: Experiment, state: State, rng: Rng, *, n: int = 1000, bins: int = BINS) -> Arrays:
    """Histograms of |grad_x d(x)|, in units of d over units of data, at n places of each kind.

    Kinds: real samples x, generated ones y, and points between, u x + (1 - u) y with u uniform on [0, 1), as the
    gradient penalty takes them (Gulrajani et al. 2017, 1704.00028, algorithm 1). `left`, `right`, `real`, `generated`,
    `between` [bins]: the ends of the bins as log10 of a norm, common to all, and the share of each kind in them. 0-d:
    `mean_real`, `mean_generated`, `mean_between`, `largest`. Raises ValueError where a norm is not finite.
    """
    only_where_read(experiment)
    batch = field_batch(experiment, state, rng, n, n)
    n = len(batch.real)
    fake = generate(experiment, state, n, rng)
    u = batch.mix.view(-1, *[1] * (fake.ndim - 1))
    points = dict(zip(PLACES, (batch.real, fake, u * batch.real + (1 - u) * fake), strict=True))
    critic = critic_of(experiment, state)
    norms = {name: square_norms(critic, x).detach().double().sqrt().cpu().numpy() for name, x in points.items()}
    every = np.concatenate(list(norms.values()))
    if not np.isfinite(every).all():
        raise ValueError("the critic's gradient is not finite at some samples")
    low, high = DECADES
    edges = np.linspace(low, high, bins + 1)
    places = {name: np.log10(np.clip(one, 10.0**low, 10.0**high)) for name, one in norms.items()}
    shares = {name: np.histogram(one, edges)[0] / n for name, one in places.items()}
    means = {f"mean_{name}": np.array(float(one.mean())) for name, one in norms.items()}
    return {"left": edges[:-1], "right": edges[1:], **shares, **means, "largest": np.array(float(every.max()))}


PROBES.add(Probe("gradient_norms", "how steep the critic is, at samples and between them", gradient_norms), rank=22)
