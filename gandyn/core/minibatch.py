"""What normalises a layer, and what it makes of a minibatch as a whole, where a sample's output depends on the others.

h are the values of samples at a layer, [..., B, n]; `beside` those of the samples whose minibatch it is: h themselves
in training, or those of a fixed reference minibatch, beside which samples are then looked at one by one.
"""

from torch import Tensor, addcmul, cat

NORM_EPS = 1e-5  # that of torch.nn.LayerNorm and BatchNorm1d
DEVIATION_EPS = 1e-8  # that of the source
COUPLINGS = ("none", "deviation", "discrimination")  # what of the minibatch goes into a critic's last layer
KERNELS, DIMENSIONS = 5, 3  # of minibatch discrimination: B and C of the source


def _normalised(scale: Tensor, shift: Tensor, h: Tensor, beside: Tensor, axis: int) -> Tensor:
    """(h - mean) / sqrt(variance + eps) times scale [..., n] plus shift [..., n], both of `beside` over an axis.

    In plain operations: the third derivative of torch's own layer_norm, which a look-ahead through a gradient penalty
    needs, is wrong.
    """
    mean, variance = beside.mean(axis, keepdim=True), beside.var(axis, correction=0, keepdim=True)
    return addcmul(shift.unsqueeze(-2), scale.unsqueeze(-2), (h - mean) * (variance + NORM_EPS).rsqrt())


def layer_normalised(scale: Tensor, shift: Tensor, h: Tensor) -> Tensor:
    """Layer normalisation: mean and variance, divided by n, are those of each sample's n units.

    Ref: Ba, Kiros & Hinton 2016 (1607.06450), eq. 4.
    """
    return _normalised(scale, shift, h, h, -1)


def batch_normalised(scale: Tensor, shift: Tensor, h: Tensor, beside: Tensor) -> Tensor:
    """Batch normalisation: mean and variance of each unit, divided by B, are those over the minibatch `beside`.

    Ref: Ioffe & Szegedy 2015 (1502.03167), algorithm 1; of a reference minibatch Salimans et al. 2016 (1606.03498),
    section 3.5, where the sample itself counts as well.
    """
    return _normalised(scale, shift, h, beside, -2)


def with_deviation(h: Tensor, beside: Tensor) -> Tensor:
    """h with one more unit [..., B, n + 1]: the standard deviation over the minibatch, on average over the units.

    The same number for all samples. Ref: Karras et al. 2018 (1710.10196), section 3.
    """
    deviation = (beside.var(-2, correction=0) + DEVIATION_EPS).sqrt().mean(-1)
    return cat([h, deviation[..., None, None].expand(*h.shape[:-1], 1)], -1)


def with_nearness(tensor: Tensor, h: Tensor, beside: Tensor) -> Tensor:
    """h with KERNELS more units o_b(x_i) = sum_j exp(-|M_i - M_j|_1), M = h T: [..., B, n + KERNELS].

    tensor: T as a matrix [..., n, KERNELS * DIMENSIONS]; the norm is over the DIMENSIONS of each kernel. A sample
    counts itself. Beside a reference minibatch it takes the place of the first one there.
    Ref: Salimans et al. 2016 (1606.03498), section 3.2.
    """
    mine = _by_dimension(h @ tensor)
    if beside is h:
        others, itself = mine, 0.0
    else:
        others, itself = _by_dimension(beside[..., 1:, :] @ tensor), 1.0
    apart = [(one.unsqueeze(-1) - other.unsqueeze(-2)).abs() for one, other in zip(mine, others, strict=True)]
    near = (-sum(apart[1:], apart[0])).exp()  # [..., KERNELS, B, B']
    return cat([h, near.sum(-1).mT + itself], -1)


def _by_dimension(m: Tensor) -> tuple[Tensor, ...]:
    """M [..., B, KERNELS * DIMENSIONS] as DIMENSIONS times [..., KERNELS, B]: samples lie last, where sums are fast."""
    return m.mT.unflatten(-2, (KERNELS, DIMENSIONS)).unbind(-2)
