"""The generator, too, makes the critic's gradient small: gradient descent becomes locally stable."""

import torch
from torch import Tensor

from gandyn.core.penalties import PENALTIES
from gandyn.core.penalty import GeneratorSide, Number, Penalty


def generator_loss(side: GeneratorSide, weight: Number) -> Tensor:
    """weight |df / dtheta_D|^2, f the critic's objective at the critic that the generator faces."""
    with torch.enable_grad():
        # A name of its own: the samples may depend on d as well, where the critic looks ahead.
        d = side.d.view_as(side.d) if side.d.requires_grad else side.d.detach().requires_grad_()
        (grad,) = torch.autograd.grad(side.f(d).sum(), d, create_graph=True)
        return weight * grad.square().sum(-1)


PENALTIES.add(
    Penalty(
        None,
        name="critic-gradient",
        summary="the generator makes the gradient of the critic's parameters small as well: the game converges locally",
        formula="L_G + w |df / dtheta_D|^2",
        cite="Nagarajan and Kolter 2017 (1706.04156), section 4",
        generator_loss=generator_loss,
        of_objective=True,
    ),
    rank=13,
)
