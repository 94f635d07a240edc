"""Laws of initial weights, of perceptrons and convolutions alike: drawn on the CPU, in float64."""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from gandyn.core import checks
from gandyn.core.rng import Rng

LAWS = ("zeros", "constant", "glorot", "torch", "normal", "truncated-normal", "inverse", "he", "orthogonal")


class Law(NamedTuple):
    """The law of an initial value, with n_in and n_out the fans of its layer.

    `zeros`; `constant`: gain; `normal`: N(0, std^2); `truncated-normal`: the same without what lies beyond 2 std, so of
    deviation 0.8796 std; `inverse`: normal of deviation 1 / n_in; `he`: normal of deviation gain sqrt(2 / n_in) (He et
    al. 2015); `glorot`: U(+-gain sqrt(6 / (n_in + n_out))) (Glorot and Bengio 2010); `torch`: U(+-1 / sqrt(n_in)), as
    nn.Linear has it; `orthogonal`: gain times a matrix with orthonormal rows or columns (Saxe et al. 2013, as in
    nn.init.orthogonal_): by a QR decomposition, whose last bits may differ between libraries of linear algebra.
    """

    name: str
    std: float = 0.02
    gain: float = 1.0


ZEROS, GLOROT = Law("zeros"), Law("glorot")


def draw(law: Law, shape: tuple[int, ...], fans: tuple[int, int], rng: Rng, part: int) -> Tensor:
    """Initial values in float64 of the tensor number `part` of a network, a function of (rng.seed, rng.index, part).

    The index says which network of a game it is; each tensor's numbers are at a place of their own, with `part` in the
    place of the step.
    """
    checks.choice("law", law.name, LAWS)
    if law.name in ("zeros", "constant") or not math.prod(shape):
        return torch.full(shape, law.gain if law.name == "constant" else 0.0, dtype=torch.float64)
    at, (n_in, n_out) = Rng(rng.seed, part, rng.index), fans
    if law.name in ("glorot", "torch", "truncated-normal"):
        even = 2 * at.uniform("weights", *shape).double() - 1
        if law.name == "truncated-normal":
            # |x| <= 2 has the probability erf(sqrt 2): the inverse of the distribution function over that share
            return law.std * math.sqrt(2) * torch.erfinv(even * math.erf(math.sqrt(2)))
        return even * (law.gain * math.sqrt(6 / (n_in + n_out)) if law.name == "glorot" else 1 / math.sqrt(n_in))
    normal = at.normal("weights", *shape).double()
    if law.name == "orthogonal":
        return law.gain * _orthogonal(normal.flatten(1)).reshape(shape)
    deviations = {"normal": law.std, "inverse": 1 / n_in, "he": law.gain * math.sqrt(2 / n_in)}
    return normal * deviations[law.name]


def _orthogonal(normal: Tensor) -> Tensor:
    """Orthonormal columns, or rows where there are fewer of them, evenly distributed: Q of a QR whose R is positive."""
    tall = normal.shape[0] >= normal.shape[1]
    q, r = torch.linalg.qr(normal if tall else normal.T)
    q = q * r.diagonal().sign()
    return q if tall else q.T
