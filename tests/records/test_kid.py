"""The kernel distance of features against a double loop and against laws whose distance is known."""

import numpy as np
import pytest
import torch

from gandyn.records.digits import kid
from gandyn.records.digits.kid import kernel_distance


def by_loops(x: np.ndarray, y: np.ndarray) -> float:
    """Binkowski et al. 2018, pair by pair."""

    def k(a, b):
        return (float(sum(p * q for p, q in zip(a, b, strict=True))) / len(a) + 1) ** 3

    n, m = len(x), len(y)
    of_x = sum(k(x[i], x[j]) for i in range(n) for j in range(n) if i != j) / (n * (n - 1))
    of_y = sum(k(y[i], y[j]) for i in range(m) for j in range(m) if i != j) / (m * (m - 1))
    return of_x + of_y - 2 * sum(k(a, b) for a in x for b in y) / (n * m)


@pytest.mark.parametrize("rows", [7, 2_000])
def test_it_is_that_of_a_double_loop_also_in_pieces(monkeypatch, rows):
    monkeypatch.setattr(kid, "ROWS", rows)
    draw = np.random.default_rng(0)
    x, y = draw.normal(size=(30, 5)), 0.7 * draw.normal(size=(20, 5)) + 0.4
    distance = kernel_distance(torch.from_numpy(x), torch.from_numpy(y))
    assert distance == pytest.approx(by_loops(x, y), rel=1e-12)
    assert kernel_distance(torch.from_numpy(y), torch.from_numpy(x)) == pytest.approx(distance, rel=1e-12)


def test_on_average_it_is_the_distance_of_the_laws_at_any_number_of_samples():
    """On a line: the sum of binom(3, p) (E x^p - E y^p)^2; of signs against zeros with n = 2, 3 (1 - 0)^2."""
    draw = torch.Generator().manual_seed(0)
    zeros = torch.zeros(2, 1)
    distance = [kernel_distance(2.0 * torch.randint(2, (2, 1), generator=draw) - 1, zeros) for _ in range(4000)]
    assert np.mean(distance) == pytest.approx(3, abs=5 * np.std(distance) / 4000**0.5)
    same = [kernel_distance(*torch.randn(2, 3, 4, generator=draw)) for _ in range(4000)]
    assert np.mean(same) == pytest.approx(0, abs=5 * np.std(same) / 4000**0.5) and min(same) < 0


def test_a_single_sample_is_refused():
    with pytest.raises(ValueError, match="at least 2 samples of either, not 1 and 4"):
        kernel_distance(torch.zeros(1, 3), torch.zeros(4, 3))
