"""The energy distance: the generator alone descends it."""

from torch import Tensor

from gandyn.core.objectives import OBJECTIVES
from gandyn.core.objectives.sample_pairs import distances, mean_of_different, mean_of_pairs, no_loss
from gandyn.core.types import Objective


def energy_distance(real: Tensor, fake: Tensor) -> Tensor:
    """2 E |x - y| - E |x - x'| - E |y - y'| of samples [..., B, n], unbiased: no sample is paired with itself."""
    return (
        2 * mean_of_pairs(distances(real, fake))
        - mean_of_different(distances(real, real))
        - mean_of_different(distances(fake, fake))
    )


OBJECTIVES.add(
    Objective(
        no_loss,
        no_loss,
        name="energy-distance",
        summary="without a critic: samples are drawn to the data and keep apart from each other, by their distances",
        formula="L_D = 0,  L_G = 2 E |x - G(z)| - E |x - x'| - E |G(z) - G(z')|, over pairs of different samples",
        cite="Szekely & Rizzo 2013, J. Stat. Plan. Inference 143(8); Bellemare et al. 2017 (1705.10743), section 4",
        scale="score",
        paired=False,
        of_samples=energy_distance,
    ),
    rank=31,
)
