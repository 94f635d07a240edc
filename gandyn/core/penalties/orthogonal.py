"""Orthogonal regularisation: the units of a layer of the critic look in different directions."""

import torch
from torch import Tensor

from gandyn.core.penalties import PENALTIES
from gandyn.core.penalties.matrices import parts
from gandyn.core.penalty import Number, Penalty
from gandyn.core.types import Net


def loss_of_parameters(net: Net, theta: Tensor, weight: Number) -> Tensor:
    """weight sum_W |W W' o (1 - I)|_F^2, the rows of W being the weights of a unit."""
    total = theta.new_zeros(theta.shape[:-1])
    for _, matrix in parts(net, theta):
        products = matrix @ matrix.mT
        others = 1 - torch.eye(products.shape[-1], dtype=theta.dtype, device=theta.device)
        total = total + (products * others).square().sum((-2, -1))
    return weight * total


PENALTIES.add(
    Penalty(
        None,
        name="orthogonal",
        summary="turns the units of each layer of the critic away from each other, whatever their lengths",
        formula="w sum_W |W W' o (1 - I)|_F^2",
        cite="Brock et al. 2019 (1809.11096), eq. 3",
        loss_of_parameters=loss_of_parameters,
    ),
    rank=10,
)
