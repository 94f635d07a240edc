"""The critic along a line through two neighbouring modes, beside the best one there is for this generator."""

import math
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from gandyn.core.experiment import Experiment
from gandyn.core.rng import Rng
from gandyn.core.target import Target
from gandyn.core.types import State
from gandyn.probes import PROBES, Arrays, Probe
from gandyn.probes.critic_distance import slopes
from gandyn.probes.inputs import generate, judge, only_where_read, reals
from gandyn.probes.optimal_critic import optimal_critic
from gandyn.probes.potential import extended, potential
from gandyn.probes.reference import modes_of
from gandyn.probes.window import half_width

POINTS = 201
SAMPLES = 2000  # of the estimate of the generator's density
PAIRED = 400  # samples of either kind of the transport potential
KERNEL = 40  # the bandwidth is the window over it, where the target has no sigma to go by
FAINT = 1e-4  # of the largest density on the line: where both are below it there is nothing to compare


class Line(NamedTuple):
    """The points middle + t along, |t| <= half, in data units; `modes`: the t of the modes that it goes through."""

    middle: Tensor  # [dim]
    along: Tensor  # [dim], a unit vector
    half: float
    modes: list[float]

    def at(self, t: Tensor) -> Tensor:
        """The points [n, dim] at t [n]."""
        return self.middle + t[:, None] * self.along


def line_of(target: Target, rng: Rng) -> Line:
    """Through mode 0 and its nearest neighbour; without modes along the data's principal axis; on a line itself."""
    mixture = modes_of(target)
    if target.shape == (1,):
        modes = [] if mixture is None else mixture.centres[:, 0].tolist()
        return Line(torch.zeros(1).double(), torch.ones(1).double(), half_width(target), modes)
    if mixture is not None and len(mixture.centres) > 1:
        first, others = mixture.centres[0], mixture.centres[1:]
        second = others[(others - first).norm(dim=1).argmin()]
        apart = float((second - first).norm())
        sigma = float(torch.as_tensor(mixture.sigma).max())
        return Line(
            (first + second) / 2, (second - first) / apart, max(apart, apart / 2 + 5 * sigma), [-apart / 2, apart / 2]
        )
    half_width(target)  # refuses what is neither on a line nor in the plane
    points = reference_points(target, rng)
    middle = points.mean(0)
    axis = torch.linalg.eigh(torch.cov(points.T)).eigenvectors[:, -1]
    axis = axis * axis[axis.abs().argmax()].sign()
    return Line(middle, axis, 1.2 * float(((points - middle) @ axis).abs().max()), [])


def reference_points(target: Target, rng: Rng) -> Tensor:
    """Real samples [SAMPLES, dim] in float64."""
    return target.draw(SAMPLES, rng).double()


def log_kernel_density(x: Tensor, points: Tensor, h: float) -> Tensor:
    """ln of the mean of Gaussians of standard deviation h around the points [m, dim], at x [n, dim]: [n]."""
    n = x.shape[1]
    square = torch.cdist(x, points).square()
    log_normal = -0.5 * square / h**2 - n * math.log(h * math.sqrt(2 * math.pi))
    return torch.logsumexp(log_normal, 1) - math.log(len(points))


def log_densities(experiment: Experiment, x: Tensor, fake: Tensor, rng: Rng) -> tuple[Tensor, Tensor]:
    """ln p and ln q at x [n, dim]: both [n], of the target and of the generated samples, smoothed by one Gaussian.

    Its standard deviation h is half of the smallest sigma of the target's modes, where p is exact: the modes with
    sigma^2 + h^2 in the place of sigma^2. Elsewhere the window over KERNEL, and p is estimated as q is.
    """
    target, mixture = experiment.target, modes_of(experiment.target)
    if mixture is None:
        h = half_width(target) / KERNEL
        return log_kernel_density(x, reference_points(target, rng), h), log_kernel_density(x, fake, h)
    sigma = torch.as_tensor(mixture.sigma, dtype=torch.float64)
    h = 0.5 * float(sigma.min())
    smooth = mixture._replace(sigma=(sigma**2 + h**2).sqrt())
    return smooth.log_density(x), log_kernel_density(x, fake, h)


@torch.no_grad()
def critic_slice(experiment: Experiment, state: State, rng: Rng, *, m: int = POINTS) -> Arrays:
    """The critic along `line_of` the target, and what is there.

    `t` [m], in data units from the line's middle; `critic` [m], raw values d; `optimal` [m], the best critic for these
    densities (see optimal_critic), NaN where both are faint or none is best; under a Wasserstein loss K times the
    transport potential of PAIRED samples of either kind, at the constant that brings it nearest to d: the best critic
    that is nowhere steeper than K, the steepest slope of this one at the samples and between them. `real`, `generated`
    [m], the densities as shares of the larger one's largest value on the line; `mode_t` [K]. 0-d: `off`, the root mean
    square of d - D* over the line weighted with p + q, NaN without D*; `slope`, K, NaN without it.
    The best critic is that of samples one by one: of packs it is best up to the constant of the others in the pack.
    Raises ValueError for a target that no window shows.
    """
    only_where_read(experiment)
    line = line_of(experiment.target, rng)
    t = torch.linspace(-line.half, line.half, m, dtype=torch.float64)
    x = line.at(t)
    d = judge(experiment, state, x).double().cpu()
    fake = generate(experiment, state, SAMPLES, rng).double().cpu()
    log_p, log_q = log_densities(experiment, x, fake, rng)
    p, q = log_p.exp(), log_q.exp()
    largest = float(torch.maximum(p, q).max())
    if not (math.isfinite(largest) and largest > 0 and bool(d.isfinite().all())):
        raise ValueError("the critic or the densities are not finite along the line")
    reach = max(6.0, 1.5 * float(d.abs().max()))
    best = optimal_critic(experiment.rule.losses, log_p - log_q, reach)
    seen = torch.maximum(p, q) > FAINT * largest
    weight, slope = torch.where(seen, p + q, 0.0), math.nan
    if experiment.rule.objective == "wasserstein":
        best, slope = steep_as_this(experiment, state, x, fake[:PAIRED], rng)
        best = best + ((d - best) * weight).sum() / weight.sum()
    elif best is not None:
        best = torch.where(seen, best, torch.nan)
    optimal = torch.full_like(d, torch.nan) if best is None else best
    off = float(((d - optimal).square().nan_to_num(0.0) * weight).sum() / weight.sum()) ** 0.5
    return {
        "t": t.numpy(),
        "critic": d.numpy(),
        "optimal": optimal.numpy(),
        "real": (p / largest).numpy(),
        "generated": (q / largest).numpy(),
        "mode_t": np.array(line.modes),
        "off": np.array(np.nan if best is None else off),
        "slope": np.array(slope),
    }


def steep_as_this(experiment: Experiment, state: State, x: Tensor, fake: Tensor, rng: Rng) -> tuple[Tensor, float]:
    """(K times the transport potential at x [m, dim], K): up to a constant the best critic of Wasserstein's loss whose
    slope is at most K, that of the present one; for these generated samples [n, dim] and as many real ones.
    """
    real = reals(experiment, len(fake), rng).double()
    steepest = max(slopes(experiment, state, real.to(state.g), fake.to(state.g), rng).values())
    return steepest * extended(x, fake, potential(real, fake)), steepest


PROBES.add(
    Probe("critic_slice", "the critic along a line through two modes, beside the best one", critic_slice), rank=21
)
