"""Jacobian clamping: the generator stretches small steps in the latents neither too little nor too much."""

from torch import Tensor, relu

from gandyn.core.optimizers.arithmetic import safe_sqrt
from gandyn.core.penalties import PENALTIES
from gandyn.core.penalty import Draw, GeneratorSide, Number, Penalty
from gandyn.core.regularising import own

LEAST, MOST, STRIDE = 1.0, 20.0, 1.0  # lambda_min, lambda_max and epsilon of the source


def generator_loss(side: GeneratorSide, weight: Number) -> Tensor:
    """weight E (max(Q - MOST, 0)^2 + max(LEAST - Q, 0)^2), Q = |G(z + delta) - G(z)| / |delta|, |delta| = STRIDE.

    0 where the generator has no latents.
    """
    z, aside = side.batch.z, own(side.batch, "jacobian-clamping")
    if aside is None:
        raise ValueError(
            "penalty 'jacobian-clamping' needs its normal numbers in batch.own, as draw_batches gives them"
        )
    if not z.shape[-1]:
        return side.fake.new_zeros(z.shape[:-2])
    delta = STRIDE * aside / aside.square().sum(-1, keepdim=True).sqrt()
    moved = (side.generator(z + delta) - side.fake).flatten(z.ndim - 1)
    ratio = safe_sqrt(moved.square().sum(-1)) / STRIDE
    return weight * (relu(ratio - MOST).square() + relu(LEAST - ratio).square()).mean(-1)


PENALTIES.add(
    Penalty(
        None,
        name="jacobian-clamping",
        summary="holds the generator's stretching of the latents, over a distance of 1, between 1 and 20",
        formula="L_G + w E (max(Q - 20, 0)^2 + max(1 - Q, 0)^2),  Q = |G(z + delta) - G(z)|,  |delta| = 1",
        cite="Odena et al. 2018 (1802.08768), algorithm 1",
        generator_loss=generator_loss,
        draw=Draw("aside", "normal", lambda sample, latent: (latent,)),
    ),
    rank=14,
)
