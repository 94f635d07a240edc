"""The weight matrices within a network's flat parameters. Registers nothing."""

from collections.abc import Iterator

import torch
from torch import Tensor

from gandyn.core.types import Net


def parts(net: Net, theta: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    """(where its numbers stand in theta [n_out, n_in], the matrix [..., n_out, n_in]) of every layer's weights.

    The weights of a convolution are a matrix of one row for each channel that comes out; of a transposed one, each that
    goes in. theta [..., P] may have a leading axis of lanes.
    """
    for place in net.named(torch.arange(theta.shape[-1], device=theta.device)).values():
        if place.ndim > 1:
            place = place.flatten(1)
            yield place, theta[..., place]
