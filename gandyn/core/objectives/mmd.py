"""The maximum mean discrepancy of Gaussian kernels: the generator alone descends it."""

from dataclasses import dataclass

from torch import Tensor

from gandyn.core.objective import ParametricObjective
from gandyn.core.objectives import OBJECTIVES
from gandyn.core.objectives.sample_pairs import mean_of_different, mean_of_pairs, no_loss, squared_distances
from gandyn.core.parameters import parameter

SCALES = (0.25, 0.5, 1.0, 2.0, 4.0)  # of the kernels, in bandwidths


@dataclass(frozen=True)
class Mmd(ParametricObjective):
    """L_G = E k(x, x') + E k(y, y') - 2 E k(x, y), unbiased: no sample is paired with itself. The critic has no loss.

    k is the mean of five Gaussians exp(-|x - y|^2 / (2 s^2)), s a quarter, a half, 1, 2 and 4 bandwidths.
    """

    name = "mmd"
    summary = "without a critic: a distance of the means in the space of Gaussian kernels of five widths"
    formula = "L_D = 0,  L_G = E k(x, x') + E k(G(z), G(z')) - 2 E k(x, G(z)), over pairs of different samples"
    cite = "Gretton et al. 2012, JMLR 13, eq. 3; as a generator's loss Li et al. 2015 (1502.02761)"
    scale = "score"
    paired = False
    bandwidth: float = parameter(
        1.0,
        1e-3,
        1e3,
        log=True,
        suggest=(0.05, 10),
        meaning="the middle one of the kernels' widths s, in data units",
        player="generator",
    )

    def critic_loss(self, real: Tensor, fake: Tensor) -> Tensor:
        return no_loss(real, fake)

    def generator_loss(self, real: Tensor, fake: Tensor) -> Tensor:
        return no_loss(real, fake)

    def of_samples(self, real: Tensor, fake: Tensor) -> Tensor:  # type: ignore[override]
        """The squared discrepancy of samples [..., B, n]; near 0 it may be negative, as unbiased estimates are."""

        def kernel(x: Tensor, y: Tensor) -> Tensor:
            squared = squared_distances(x, y)
            each = [(squared / (-2 * (scale * self.bandwidth) ** 2)).exp() for scale in SCALES]
            return sum(each[1:], each[0]) / len(SCALES)

        same = mean_of_different(kernel(real, real)) + mean_of_different(kernel(fake, fake))
        return same - 2 * mean_of_pairs(kernel(real, fake))


OBJECTIVES.add(Mmd(), rank=30)
