"""Spectral normalisation: each layer of the critic stretches no direction by more than 1."""

import torch
from torch import Tensor

from gandyn.core.penalties import PENALTIES
from gandyn.core.penalties.matrices import parts
from gandyn.core.penalty import Penalty
from gandyn.core.types import Net


def reparametrise(net: Net, theta: Tensor) -> Tensor:
    """theta with W / sigma(W) for every weight matrix W, sigma its largest singular value; W = 0 stays.

    sigma = u'W v with the exact singular vectors u and v, held fast as in torch.nn.utils.spectral_norm: exact in the
    gradient, while a second derivative lacks how u and v turn. The source follows them by one power iteration a step.
    Where several singular values are the largest, as of orthogonal initial weights, u and v are one choice of many,
    which a GPU may take otherwise than a CPU.
    """
    scale = torch.ones_like(theta)
    for place, matrix in parts(net, theta):
        u, _, v = torch.linalg.svd(matrix.detach(), full_matrices=False)
        sigma = (u[..., :, :1] * matrix * v[..., :1, :]).sum((-2, -1))
        inverse = 1 / torch.where(sigma > 0, sigma, 1.0)
        spread = inverse[..., None].expand(*inverse.shape, place.numel())
        scale = scale.index_copy(-1, place.flatten(), spread)
    return theta * scale


PENALTIES.add(
    Penalty(
        None,
        name="spectral-normalisation",
        summary="divides each weight matrix of the critic by its largest singular value: no layer has a slope above 1",
        formula="W / sigma(W) in the place of W",
        cite="Miyato et al. 2018 (1802.05957), eq. 8, with the exact sigma",
        knobs=(),
        reparametrise=reparametrise,
        captured=False,
    ),
    rank=11,
)
