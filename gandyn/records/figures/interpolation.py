"""A walk in latent space between two latents: whether the generator has learned a continuum or a list of pictures."""

import torch
from torch import Tensor

from gandyn.core import checks
from gandyn.core.experiment import Experiment
from gandyn.core.reference import generator_at
from gandyn.core.rng import Rng
from gandyn.core.types import State
from gandyn.probes.inputs import in_pieces, latents, sampled_generator

KINDS = ("linear", "spherical")


@torch.no_grad()
def interpolation(
    experiment: Experiment, state: State, rng: Rng, rows: int = 8, steps: int = 10, kind: str = "linear"
) -> Tensor:
    """Generated samples [rows * steps, *x] on the CPU, row by row: `sheet(samples, columns=steps)` shows them.

    Row i goes from latent i to latent rows + i of the 2 rows latents of rng; its first and last samples are theirs.
    """
    checks.choice("kind", kind, KINDS)
    law = experiment.game.latent.law
    if kind == "spherical" and law != "normal":
        raise ValueError(f"spherical interpolation is for normal latents, not for {law} ones: take kind='linear'")
    z = latents(experiment, state, 2 * rows, rng)
    places = torch.linspace(0, 1, steps, dtype=z.dtype, device=z.device)
    walk = (linear if kind == "linear" else spherical)(z[:rows], z[rows:], places).flatten(0, 1)
    theta = sampled_generator(experiment, state)
    return in_pieces(generator_at(experiment.game, theta), walk).cpu()


def linear(start: Tensor, end: Tensor, t: Tensor) -> Tensor:
    """(1 - t) a + t b for a, b [rows, nz] and t [steps]: [rows, steps, nz]."""
    return torch.lerp(start[:, None], end[:, None], t[:, None])


def spherical(start: Tensor, end: Tensor, t: Tensor) -> Tensor:
    """[sin((1 - t) w) a + sin(t w) b] / sin w, w the angle between a and b: [rows, steps, nz].

    Between latents of one norm it is the great circle on the sphere of that norm, where a Gaussian has nearly all its
    mass when nz is large; a straight line passes through the middle, which no training batch has shown the generator.
    Linear where a and b lie on one line through 0, which leaves the circle open.
    Ref: White 2016 (1609.04468), section 2.1.
    """
    norms = (start.norm(dim=1) * end.norm(dim=1)).clamp_min(torch.finfo(start.dtype).tiny)
    angle = ((start * end).sum(1) / norms).clamp(-1, 1).acos()[:, None, None]
    place, sine = t[None, :, None], angle.sin()
    circle = (((1 - place) * angle).sin() * start[:, None] + (place * angle).sin() * end[:, None]) / sine
    return torch.where(sine > 1e-3, circle, linear(start, end, t))
