"""All measures beside what real samples get, on samples that are known."""

import numpy as np
import pytest
import torch

import gandyn
from gandyn.probes import PROBES, scorecard
from gandyn.probes.sample_measures import MEASURES
from gandyn.probes.scorecard import N, excess_on_axis, sampling_floor

RING = gandyn.preset("collapse")


def card(samples: torch.Tensor, monkeypatch: pytest.MonkeyPatch, experiment=RING) -> dict[str, dict[str, float]]:
    """The rows of a generator that makes these samples, by measure."""
    monkeypatch.setattr(scorecard, "generate", lambda *_: samples)
    arrays = PROBES["scorecard"](experiment, gandyn.init(experiment.game, 0), gandyn.Rng(0))
    names = [list(MEASURES)[-int(row)] for row in arrays["row"]]
    columns = {name: arrays[name] for name in ("value", "real", "deviation", "excess", "place")}
    rows = {name: {key: float(values[i]) for key, values in columns.items()} for i, name in enumerate(names)}
    return rows | {"all": {"n": arrays["n"].item(), "worst": arrays["worst"].item()}}


def test_real_samples_are_within_a_few_deviations_of_real_samples(monkeypatch):
    rows = card(RING.target.draw(N, gandyn.Rng(77)), monkeypatch)
    assert rows.pop("all")["n"] == N and set(rows) == set(MEASURES)
    assert all(abs(row["excess"]) < 5 for row in rows.values())
    assert np.mean([abs(row["excess"]) < 2 for row in rows.values()]) > 0.7


def test_the_values_are_those_of_measure_and_the_distance_is_in_deviations(monkeypatch):
    samples = RING.target.draw(N, gandyn.Rng(5)) * 1.1
    rows, values = card(samples, monkeypatch), gandyn.measure(RING.target, samples, full=True)
    rows.pop("all")
    for name, row in rows.items():
        assert row["value"] == pytest.approx(values[name])
        assert abs(row["excess"]) == pytest.approx(abs(row["value"] - row["real"]) / row["deviation"])
        assert abs(row["place"]) == pytest.approx(np.log10(1 + abs(row["excess"])))


def test_one_mode_misses_recall_and_coverage_but_not_precision(monkeypatch):
    many = RING.target.draw(20 * N, gandyn.Rng(3))
    mode = torch.cdist(many.double(), RING.target.mixture().centres).argmin(1)
    rows = card(many[mode == 2][:N], monkeypatch)
    for name in (
        "w1",
        "w2",
        "energy",
        "mmd2",
        "share_error",
        "kl_grid",
        "js_grid",
        "nn_accuracy",
        "recall",
        "coverage",
    ):
        assert rows[name]["excess"] > 10, name
    assert abs(rows["precision"]["excess"]) < 4 and abs(rows["density"]["excess"]) < 6


def test_blurred_samples_are_worse_by_every_measure_but_recall(monkeypatch):
    real = RING.target.draw(N, gandyn.Rng(4))
    rows = card(real + 3 * RING.target.sigma * gandyn.Rng(9).normal("reference", N, 2), monkeypatch)
    rows.pop("all")
    for name, row in rows.items():
        assert name in ("recall", "share_error") or row["excess"] > 2, name


def test_the_floor_is_the_mean_and_deviation_of_draws_of_real_samples():
    target = gandyn.preset("collapse").target
    draws = [gandyn.measure(target, target.draw(60, gandyn.Rng(0, index=2 + i)), full=True)["w1"] for i in range(8)]
    assert sampling_floor(target, 60)["w1"] == pytest.approx((np.mean(draws), np.std(draws, ddof=1)))


def test_a_target_without_modes_has_the_measures_that_ask_for_none(monkeypatch):
    spiral = RING.replace(target="spiral")
    rows = card(spiral.target.draw(N, gandyn.Rng(1)), monkeypatch, spiral)
    assert set(rows) - {"all"} == {name for name, one in MEASURES.items() if not one.modes}


def test_digits_are_refused_in_a_line():
    mnist = next(one for one in map(gandyn.preset, gandyn.presets()) if len(one.target.shape) > 1)
    with pytest.raises(ValueError, match="^these measures are of samples on a line or in the plane$"):
        PROBES["scorecard"](mnist, None, gandyn.Rng(0))


def test_places_on_the_axis_are_by_decades_and_odd():
    assert excess_on_axis(np.array([0.0, 9.0, -9.0, 99.0])).tolist() == [0.0, 1.0, -1.0, 2.0]
