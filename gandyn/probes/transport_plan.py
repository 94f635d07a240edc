"""Optimal transport on a handful of points: who would go where, and how far that is."""

import numpy as np

from gandyn.core.experiment import Experiment
from gandyn.core.rng import Rng
from gandyn.core.types import State
from gandyn.probes import PROBES, Arrays, Probe
from gandyn.probes.distances import pair_distances
from gandyn.probes.inputs import generate
from gandyn.probes.reference import reference
from gandyn.probes.sample_measures import Samples
from gandyn.probes.sample_measures.likelihood import CELLS, js_grid, real_shares
from gandyn.probes.transport import pairing
from gandyn.probes.window import columns, half_width

HANDFUL = 64
SAMPLES = 1000  # of the Jensen-Shannon divergence


def transport_plan(experiment: Experiment, state: State, rng: Rng, *, n: int = HANDFUL) -> Arrays:
    """The pairing of n generated samples with n real ones of least mean distance, which is their W1.

    `fake_x`, `fake_y`, `real_x`, `real_y` [n] in data units, pair by pair. 0-d: `w1`, in data units, and `js`, the
    Jensen-Shannon divergence in nats of SAMPLES samples on the cells of a grid, at most ln 2 = 0.693 (see the measure
    `js_grid`): W1 falls steadily as samples come nearer, JS stays where no cell is shared.
    For the page, which drags the samples away and pairs them anew: `cloud_x`, `cloud_y` [SAMPLES], those of JS;
    `away_x`, `cloud_away_x`, both moved along x_1 by `window`, half of the stage's width; `cell_p`, the target's shares
    of `cells` cells a side, and of the outside. Real samples: the fixed stratified reference.
    Ref: Arjovsky et al. 2017 (1701.07875), example 1; Peyre and Cuturi 2019 (1803.00567), section 2.2.
    Raises ValueError for samples that are not finite, or a target that no window shows.
    """
    window = half_width(experiment.target)
    every = generate(experiment, state, SAMPLES, rng).cpu().double()
    if not bool(every.isfinite().all()):
        raise ValueError("some generated samples are not finite")
    fake, real = every[:n], reference(experiment.target, n).double()
    cost = pair_distances(fake, real).numpy()
    rows, partners = pairing(cost)
    (fake_x, fake_y), (real_x, real_y) = columns(fake), columns(real[partners])
    cloud_x, cloud_y = columns(every)
    return {
        "fake_x": fake_x,
        "fake_y": fake_y,
        "real_x": real_x,
        "real_y": real_y,
        "away_x": fake_x + window,
        "cloud_x": cloud_x,
        "cloud_y": cloud_y,
        "cloud_away_x": cloud_x + window,
        "cell_p": real_shares(experiment.target).numpy(),
        "window": np.array(window),
        "cells": np.array(CELLS),
        "w1": np.array(float(cost[rows, partners].mean())),
        "js": np.array(js_grid(Samples(experiment.target, every, 1.0))),
    }


PROBES.add(Probe("transport_plan", "which generated sample would go to which real one", transport_plan), rank=25)
