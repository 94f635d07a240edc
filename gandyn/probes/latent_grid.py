"""The generator as a map: a grid over the latents, and where it lies in data space."""

import numpy as np
import torch
from torch import Tensor

from gandyn.core.experiment import Experiment
from gandyn.core.reference import generator_at
from gandyn.core.rng import Rng
from gandyn.core.types import Latent, State
from gandyn.probes import PROBES, Arrays, Probe
from gandyn.probes.inputs import reals, sampled_generator
from gandyn.probes.window import columns, half_width

LINES, POINTS = 17, 65  # lines each way, and points along each
LONG = 800  # points along the one line of a latent of one number
REACH = {"normal": 2.5, "uniform": 1.0}  # of the grid, in units of the latent
FAINTEST = 0.07  # the opacity of where the density is least
REALS = 300  # real samples
SPREAD = 0.8


def plane_of(latent: Latent) -> Tensor:
    """The slice that the grid lies in, z = E u: E [nz, 2] in float64, or [1, 1] of a latent of one number.

    The first, third, ... numbers of z are u_1 and the others u_2: so z is as long as latents are, and within the bounds
    of their law where u is. Raises ValueError for a generator without latents.
    """
    if latent.size == 0:
        raise ValueError("the generator has no latent that a grid could be laid over")
    return torch.eye(min(latent.size, 2), dtype=torch.float64).repeat(-(-latent.size // 2), 1)[: latent.size]


def grid_lines(latent: Latent, lines: int, points: int) -> Tensor:
    """The grid's lines in the slice [L, points, 2]: u in float64. Of a latent of one number one line, [1, n, 1]."""
    reach = REACH[latent.law]
    if latent.size == 1:
        return torch.linspace(-reach, reach, LONG, dtype=torch.float64).view(1, -1, 1)
    across = torch.linspace(-reach, reach, lines, dtype=torch.float64)
    along = torch.linspace(-reach, reach, points, dtype=torch.float64)
    first = torch.stack(torch.meshgrid(across, along, indexing="ij"), -1)  # [lines, points, 2]
    return torch.cat([first, first.flip(-1)])


def jacobian(experiment: Experiment, theta: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
    """(G(z) [n, dim], its Jacobian [n, dim, nz]) at z [n, nz], by one backward pass for each number of a sample."""
    z = z.detach().requires_grad_()
    with torch.enable_grad():
        x = generator_at(experiment.game, theta)(z)
        rows = [torch.autograd.grad(x[:, i].sum(), z, retain_graph=True)[0] for i in range(x.shape[1])]
    return x.detach(), torch.stack(rows, 1)


def log_density(latent: Latent, u: Tensor, slope: Tensor) -> Tensor:
    """ln of the density [n] that the slice has after the map: ln p(u) - ln sqrt(det J' J), J = dG/du [n, dim, 1 or 2].

    Up to a constant. Where the map folds flat it is infinite.
    """
    volume = torch.linalg.svdvals(slope).log().sum(1)
    return (-0.5 * u.square().sum(1) if latent.law == "normal" else u.new_zeros(len(u))) - volume


def latent_grid(experiment: Experiment, state: State, rng: Rng, *, lines: int = LINES, points: int = POINTS) -> Arrays:
    """The lines of a grid over a slice of the latents (see plane_of) as segments in data space.

    `x0`, `y0`, `x1`, `y1` [s] in data units; `flat_x0`, ... [s], the grid as it is before the generator, drawn so large
    that its reach is SPREAD of the window's half width; `stretch` [s], log10 of the largest singular value of the
    generator's Jacobian, in data units per unit of the latent; `alpha` [s] in [FAINTEST, 1], the square root of the
    density there over its 95th percentile. `real_x`, `real_y`: real samples. 0-d: `median`, `largest` of that singular
    value, `folded`, the share of the grid where it is 100 times the smallest one. The generator is the one that is
    shown: its average where there is one.
    Ref: the change of variables; Odena et al. 2018 (1802.08768) for the singular values.
    Raises ValueError for a generator without latents, or whose samples are not points.
    """
    latent, theta = experiment.game.latent, sampled_generator(experiment, state)
    embed = plane_of(latent).to(theta)
    lattice = grid_lines(latent, lines, points).to(theta)
    u = lattice.flatten(0, 1)
    if experiment.target.shape not in ((1,), (2,)):
        raise ValueError("the samples are no points on a line or in the plane")
    x, slope = jacobian(experiment, theta, u @ embed.T)
    inner = slope @ embed
    if not bool(x.isfinite().all() and slope.isfinite().all() and inner.isfinite().all()):
        raise ValueError("the generator's samples or their derivatives are not finite")
    singular = torch.linalg.svdvals(slope)
    density = log_density(latent, u, inner)
    shape = lattice.shape[:2]
    ends = torch.stack([x[:, 0], x[:, 1] if x.shape[1] > 1 else torch.zeros_like(x[:, 0])], -1).view(*shape, 2)
    start, end = ends[:, :-1].flatten(0, 1), ends[:, 1:].flatten(0, 1)
    flat = lattice * (SPREAD * half_width(experiment.target) / REACH[latent.law])
    flat = torch.cat([flat, torch.zeros_like(flat)], -1)[..., :2]  # of a latent of one number a line
    before = torch.cat([flat[:, :-1].flatten(0, 1), flat[:, 1:].flatten(0, 1)], 1)
    largest, smallest = singular[:, 0], singular[:, -1]
    sizes = largest.clamp_min(1e-30)
    real_x, real_y = columns(reals(experiment, REALS, rng))
    return {
        **dict(zip(("x0", "y0", "x1", "y1"), torch.cat([start, end], 1).T.cpu().numpy(), strict=True)),
        **dict(zip(("flat_x0", "flat_y0", "flat_x1", "flat_y1"), before.T.cpu().numpy(), strict=True)),
        "stretch": _between(sizes.log10().view(shape)).cpu().numpy(),
        "alpha": _opacity(_between(density.view(shape))).cpu().numpy(),
        "real_x": real_x,
        "real_y": real_y,
        "median": np.array(float(largest.median())),
        "largest": np.array(float(largest.max())),
        "folded": np.array(float((largest > 100 * smallest).double().mean()) if min(slope.shape[1:]) > 1 else np.nan),
    }


def _between(values: Tensor) -> Tensor:
    """The mean of both ends [L, points] of each segment: [s]."""
    return ((values[:, :-1] + values[:, 1:]) / 2).flatten()


def _opacity(log_values: Tensor) -> Tensor:
    values = (0.5 * log_values).clamp(-50, 50).exp()
    top = values.quantile(0.95).clamp_min(1e-30)
    return (values / top).clamp(FAINTEST, 1)


PROBES.add(Probe("latent_grid", "a grid over the latents, warped into data space", latent_grid), rank=20)
