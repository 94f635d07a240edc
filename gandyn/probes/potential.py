"""The transport potential of two clouds: the critic that tells them apart best of all whose slope is at most 1."""

import numpy as np
import torch
from torch import Tensor

from gandyn.probes.distances import pair_distances
from gandyn.probes.transport import pairing

TOUCH = 1e-12  # of the largest distance: less than that is what rounding makes of 0


def potential(x: Tensor, y: Tensor) -> Tensor:
    """psi [n]: the values at y of a Kantorovich potential f of the clouds x, y [n, dim], in units of the data.

    f has slopes of at most 1 and mean f(x) - mean f(y) = W1, the most that there is; f(z) = min_j |z - y_j| + psi_j is
    one (`extended`). Its constant is such that min psi = 0. With the best pairing s, f(x_i) = |x_i - y_s(i)| +
    psi_s(i) is least at s(i), so psi_j >= psi_s(i) + |x_i - y_s(i)| - |x_i - y_j| for all i, j: longest paths, which
    the best pairing keeps from having cycles; they are found by relaxation from 0, O(n^2) a round, at most n rounds.
    Ref: Kantorovich and Rubinstein 1958; Peyre and Cuturi 2019 (1803.00567), sections 3.2 and 6.1.
    """
    cost = pair_distances(x.double(), y.double()).numpy()
    rows, partners = pairing(cost)
    gain = np.empty_like(cost)  # [k, j]: by how much psi_j is at least above psi_k
    gain[partners] = cost[rows, partners][:, None] - cost
    psi = np.zeros(len(cost))
    for _ in range(len(cost)):
        raised = np.maximum(psi, (psi[:, None] + gain).max(0))
        if (raised - psi).max() <= TOUCH * (1 + cost.max()):
            break
        psi = raised
    return torch.from_numpy(psi - psi.min())


def extended(at: Tensor, y: Tensor, psi: Tensor) -> Tensor:
    """The potential at other points [m, dim]: min_j |at - y_j| + psi_j, of slope 1 at most: [m]."""
    return (pair_distances(at.double(), y.double()) + psi).min(1).values
