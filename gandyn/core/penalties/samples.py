"""Numbers of a penalty beside samples. Registers nothing."""

from torch import Tensor

from gandyn.core.penalty import Number


def beside(number: Number, x: Tensor) -> Number:
    """A number that may differ by lane, [N], so that it multiplies samples [N, B, ...]."""
    if isinstance(number, Tensor) and number.ndim:
        return number.reshape(-1, *(1 for _ in x.shape[1:]))
    return number
