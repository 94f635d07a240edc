"""How much of the data samples reach, beside a count of cells by hand."""

import numpy as np
import pytest
import torch

import gandyn
from gandyn.probes.reached import CELLS, reached
from gandyn.probes.reference import reference

SPIRAL = gandyn.preset("collapse").replace(target="spiral").target


def by_hand(samples: np.ndarray, real: np.ndarray, window: float) -> float:
    edges = np.linspace(-window, window, CELLS + 1)
    held, _, _ = np.histogram2d(*samples.T, bins=(edges, edges))
    weight, _, _ = np.histogram2d(*real.T, bins=(edges, edges))
    return weight[held > 0].sum() / len(real)


@pytest.mark.parametrize("seed", range(5))
def test_it_is_the_share_of_real_samples_whose_cell_holds_a_sample(seed):
    samples = SPIRAL.draw(400, gandyn.Rng(seed)) * 0.8
    real = reference(SPIRAL, 400).double().numpy()
    assert reached(SPIRAL, samples, 3.0) == pytest.approx(by_hand(samples.double().numpy(), real, 3.0))


def test_real_samples_reach_nearly_all_and_one_point_one_cell_at_most():
    assert reached(SPIRAL, SPIRAL.draw(1000, gandyn.Rng(9)), 3.0) > 0.95
    assert reached(SPIRAL, SPIRAL.draw(1000, gandyn.Rng(9))[:1].expand(1000, 2), 3.0) < 0.1


def test_samples_outside_of_the_window_or_none_at_all_reach_nothing():
    away = torch.tensor([[1e30, 0.0], [torch.inf, -torch.inf], [torch.nan, 0.0], [-9.0, 2.0]])
    assert reached(SPIRAL, away.expand(4, 2), 3.0) == 0.0
