"""The diagnosis where the modes' weights differ: of samples drawn by hand, not of a run."""

import numpy as np
import pytest
import torch

import gandyn
from gandyn.core.rng import Rng
from gandyn.diagnosis import diagnose
from gandyn.diagnosis.moment import effective_modes, judged, of_samples
from gandyn.probes.window import half_width

EQUAL = gandyn.preset("collapse")
HEAVY = EQUAL.replace(**{"target.weights": (100, 1, 1, 1, 1, 1, 1, 1)})  # .935 of the data, and .00935 at each other
LIGHT = EQUAL.replace(**{"target.weights": (1e4, 1, 1, 1, 1, 1, 1, 1)})  # chance alone empties the seven light ones


def says(experiment, samples):
    samples = judged(experiment.target, samples, half_width(experiment.target))
    of = of_samples(experiment, 100, samples, np.empty(0, int), {})
    return [(finding.name, finding.text) for finding in diagnose(of) if finding.about == "samples"]


def at_modes(*modes, n=1000):
    """n samples of equal shares at these modes, by their numbers."""
    return EQUAL.target.mixture().centres[torch.tensor(modes).repeat(n // len(modes) + 1)[:n]]


@pytest.mark.parametrize("experiment", [EQUAL, HEAVY, LIGHT], ids=["equal", "heavy", "light"])
def test_real_samples_are_at_the_floor_and_not_collapsed(experiment):
    """Of a distance of 1.5 times the mean one: nine of ten draws are nearer."""
    names = [says(experiment, experiment.target.draw(1000, Rng(seed)))[0][0] for seed in range(10)]
    assert set(names) <= {"at-floor", "coverage"}
    assert experiment is LIGHT or names.count("at-floor") >= 7


def test_samples_at_all_modes_are_not_collapsed_whatever_the_weights():
    assert [says(e, at_modes(*range(8)))[0][0] for e in (EQUAL, HEAVY, LIGHT)] == ["at-floor", "coverage", "coverage"]


def test_all_samples_at_the_heavy_mode_are_a_collapse():
    assert says(HEAVY, at_modes(0)) == [("collapsed", "Collapsed to 1 of 8 modes: 100% of the samples are there.")]
    assert says(LIGHT, at_modes(0))[0][0] != "collapsed"  # real samples look like that


def test_effective_modes_is_the_exponential_of_the_entropy_of_shares_over_weights():
    counts, weights = torch.tensor([600, 300, 100, 0]), torch.tensor([0.6, 0.3, 0.05, 0.05], dtype=torch.float64)
    q = np.array([1, 1, 2]) / 4
    assert effective_modes(counts, weights) == pytest.approx(np.exp(-(q * np.log(q)).sum()), rel=1e-12)
    assert effective_modes(1000 * weights, weights) == pytest.approx(4, rel=1e-12)
    assert effective_modes(counts // 20, weights) is None  # 2.5 real samples at the lightest


def test_of_a_target_of_one_mode_the_words_speak_of_one():
    one = EQUAL.replace(target="gaussians", **{"target.x": (0.0,), "target.y": (0.0,)})
    text = says(one, one.target.draw(1000, Rng(0)) * 3)[0][1]
    assert "1 modes" not in text


def test_a_light_mode_with_too_many_samples_hides_no_other():
    two = EQUAL.replace(target="two-gaussians", **{"target.weight": 0.95})
    centres = two.target.mixture().centres
    for first in (500, 700):
        samples = centres[torch.tensor([0] * first + [1] * (1000 - first))]
        assert says(two, samples)[0][0] != "collapsed"
    assert says(HEAVY, at_modes(0, 3)) == [("collapsed", "Collapsed to 2 of 8 modes: 100% of the samples are there.")]
