"""f-GAN: the critic's best value is an f-divergence between data and generated samples.

L_D = -E g(d(x)) + E f*(g(d(G(z)))), L_G = -E f*(g(d(G(z)))), f* the convex conjugate of f and g the activation that
maps the critic's values into its domain. At the optimal critic g(d) = f'(p / q), -L_D is D_f(p || q), p the data's
density, q that of the generated samples. Ref: Nowozin et al. 2016 (1606.00709), tables 2 and 6.
"""

import math
from collections.abc import Callable

from torch import Tensor

from gandyn.core.objectives import OBJECTIVES
from gandyn.core.objectives.minimax import softplus
from gandyn.core.types import Objective

Part = Callable[[Tensor], Tensor]


def _add(name: str, divergence: str, summary: str, formula: str, of_real: Part, of_fake: Part, rank: int) -> None:
    """Register the f-GAN of g(d), `of_real`, and f*(g(d)), `of_fake`."""

    def critic_loss(real: Tensor, fake: Tensor) -> Tensor:
        return of_fake(fake).mean(-1) - of_real(real).mean(-1)

    def generator_loss(real: Tensor, fake: Tensor) -> Tensor:
        return -of_fake(fake).mean(-1)

    OBJECTIVES.add(
        Objective(
            critic_loss,
            generator_loss,
            name=f"f-gan-{name}",
            summary=f"the critic measures the {divergence}: {summary}",
            formula=formula,
            cite="Nowozin et al. 2016 (1606.00709), table 6",
            scale="score",
            paired=False,
        ),
        rank=rank,
    )


_add(
    "kl",
    "Kullback-Leibler divergence of the data from the generator",
    "a mode that the generator lacks costs most",
    "L_D = -E d(x) + E exp(d(G(z)) - 1),  L_G = -E exp(d(G(z)) - 1)",
    lambda d: d,
    lambda d: (d - 1).exp(),
    10,
)
_add(
    "reverse-kl",
    "Kullback-Leibler divergence of the generator from the data",
    "samples where there are no data cost most",
    "L_D = E exp(-d(x)) + E d(G(z)) - 1,  L_G = 1 - E d(G(z))",
    lambda d: -(-d).exp(),
    lambda d: d - 1,
    11,
)
_add(
    "pearson",
    "chi-squared divergence of Pearson",
    "regression without a sigmoid",
    "L_D = -E d(x) + E (d(G(z))^2 / 4 + d(G(z))),  L_G = -E (d(G(z))^2 / 4 + d(G(z)))",
    lambda d: d,
    lambda d: d.square() / 4 + d,
    12,
)
_add(
    "hellinger",
    "squared Hellinger distance",
    "bounded, between the two Kullback-Leibler divergences",
    "L_D = E exp(-d(x)) + E exp(d(G(z))) - 2,  L_G = 1 - E exp(d(G(z)))",
    lambda d: 1 - (-d).exp(),
    lambda d: d.exp() - 1,
    13,
)
_add(
    "js",
    "Jensen-Shannon divergence, twice",
    "minimax, shifted so that the loss is the divergence",
    "L_D = E softplus(-d(x)) + E softplus(d(G(z))) - ln 4,  L_G = ln 2 - E softplus(d(G(z)))",
    lambda d: math.log(2) - softplus(-d),
    lambda d: softplus(d) - math.log(2),
    14,
)
