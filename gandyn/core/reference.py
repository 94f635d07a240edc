"""The reference minibatch: a generator whose samples depend on their minibatch is shown beside a fixed one.

So what is drawn of a moment is a function of that moment alone, and a sample one of its own latents.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import torch
from torch import Tensor

from gandyn.core.play import draw_latents
from gandyn.core.rng import Rng
from gandyn.core.types import Game, Latent

SIZE = 256  # latents of the reference minibatch
PLACE = Rng(0, 0, 2**21, stride=0)  # of its random numbers: in no run's minibatch


@lru_cache(maxsize=16)
def _latents(latent: Latent) -> Tensor:
    return draw_latents(latent, SIZE, PLACE)


def generator_at(game: Game, theta: Tensor) -> Callable[[Tensor], Tensor]:
    """The generator of parameters theta [P] as a function of single latents: z [n, nz] -> samples [n, *x].

    Batch normalisation takes the statistics of SIZE fixed latents at the same parameters (virtual batch normalisation:
    Salimans et al. 2016, 1606.03498, section 3.5), in the place of those of the minibatch that it trains on.
    """
    return game.generator.beside(theta, _latents(game.latent).to(theta))


def generate(game: Game, theta: Tensor, z: Tensor) -> Tensor:
    """The generator at z [n, nz]: [n, *x], or [N, n, *x] for the theta [N, P] of N lanes."""
    with torch.no_grad():
        if theta.ndim == 1:
            return generator_at(game, theta)(z)
        return torch.stack([generator_at(game, parameters)(z) for parameters in theta])
