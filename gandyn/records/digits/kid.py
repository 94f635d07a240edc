"""The kernel distance of two sets of features (KID), unbiased at any number of samples."""

from torch import Tensor

ROWS = 2_000  # of a kernel matrix at a time: 160 MB of 10,000 columns in float64


def kernel_distance(x: Tensor, y: Tensor) -> float:
    """The squared MMD of features [n, d] and [m, d] under the kernel (x'y / d + 1)^3, in units of that kernel.

    sum_{i != j} k(x_i, x_j) / (n (n - 1)) + the same of y - 2 sum k(x_i, y_j) / (n m): over all pairs, where the source
    takes the mean over subsets of 1,000, whose expectation is the same. 0 on average for two draws of one law, so it
    may be below 0. Ref: Binkowski et al. 2018 (1801.01401), section 4; Gretton et al. 2012, JMLR 13, lemma 6.
    Raises ValueError for fewer than two samples of either.
    """
    n, m = len(x), len(y)
    if min(n, m) < 2:
        raise ValueError(f"an unbiased kernel distance needs at least 2 samples of either, not {n} and {m}")
    x, y = x.double(), y.double()
    of_x, of_y = ((_sum(one, one) - _diagonal(one)) / (len(one) * (len(one) - 1)) for one in (x, y))
    return of_x + of_y - 2 * _sum(x, y) / (n * m)


def _sum(x: Tensor, y: Tensor) -> float:
    """The sum of the kernel over all pairs."""
    return sum(float(_kernel(rows @ y.T, x.shape[1]).sum()) for rows in x.split(ROWS))


def _diagonal(x: Tensor) -> float:
    return float(_kernel(x.square().sum(1), x.shape[1]).sum())


def _kernel(products: Tensor, d: int) -> Tensor:
    return (products / d + 1).pow(3)
