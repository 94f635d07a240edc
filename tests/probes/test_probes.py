"""What every probe promises: arrays, pure, the same for the same rng, and a documented entry."""

import inspect

import numpy as np
import pytest
import torch

import gandyn
from gandyn.core.rng import Rng
from gandyn.core.target import TARGETS
from gandyn.probes import PROBES
from gandyn.probes.measures import measure, measure_state
from gandyn.targets.ring import Ring
from tests.probes.moments import moment

NAMES = [
    "samples",
    "critic_map",
    "contours",
    "gradient_field",
    "modes",
    "measures",
    "spectrum",
    "duality_gap",
    "critic_distance",
    "path",
]
OF_ONE_NUMBER = ["portrait"]  # of games of one number each alone


def test_the_registry():
    assert {*NAMES, *OF_ONE_NUMBER} <= set(PROBES)
    assert gandyn.probes() is PROBES
    for name, probe in PROBES.items():
        assert probe.name == name
        assert probe.title
        assert inspect.getdoc(probe.compute)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("target", ["ring", "swiss-roll", "dirac"])
def test_arrays_that_depend_on_the_rng_alone(name, target):
    experiment, state = moment(TARGETS[target](), unroll=2, penalty="dragan", penalty_weight=1.0)
    before = (torch.get_rng_state(), [t.clone() for t in (state.g, state.d, state.opt_d.m, state.opt_d.v)])
    arrays = PROBES[name](experiment, state, Rng(3))
    assert arrays
    assert all(isinstance(array, np.ndarray) for array in arrays.values())
    again = PROBES[name](experiment, state, Rng(3))
    for key, array in arrays.items():
        np.testing.assert_array_equal(array, again[key])
    assert torch.equal(before[0], torch.get_rng_state())
    for old, new in zip(before[1], (state.g, state.d, state.opt_d.m, state.opt_d.v), strict=True):
        assert torch.equal(old, new)


@pytest.mark.parametrize("name", ["samples", "gradient_field", "measures"])
def test_another_rng_gives_other_samples(name):
    experiment, state = moment()
    a, b = (PROBES[name](experiment, state, Rng(seed)) for seed in (3, 4))
    assert any(not np.array_equal(a[key], b[key]) for key in a)


@pytest.mark.parametrize("name", NAMES)
def test_float64_is_kept_and_agrees_with_float32(name):
    experiment, single = moment()
    double = single._replace(**{f: getattr(single, f).double() for f in ("g", "d", "ema_g")})
    double = double._replace(opt_d=double.opt_d._replace(m=double.opt_d.m.double(), v=double.opt_d.v.double()))
    for key, array in PROBES[name](experiment, double, Rng(3)).items():
        other = PROBES[name](experiment, single, Rng(3))[key]
        if array.dtype.kind == "f" and array.shape == other.shape and name != "contours":
            np.testing.assert_allclose(array, other, rtol=1e-3, atol=1e-4)


def test_probes_may_be_asked_where_gradients_are_off():
    experiment, state = moment()
    with torch.no_grad():
        off = PROBES["gradient_field"](experiment, state, Rng(3))
    np.testing.assert_array_equal(off["x1"], PROBES["gradient_field"](experiment, state, Rng(3))["x1"])


def test_samples_are_the_generator_at_the_same_latents_as_it_moves():
    experiment, early = moment(steps=5)
    _, late = moment(steps=6)
    a, b = (PROBES["samples"](experiment, state, Rng(3), n=200) for state in (early, late))
    assert a["generated"].shape == a["real"].shape == (200, 2)
    np.testing.assert_array_equal(a["real"], b["real"])
    moved = np.linalg.norm(a["generated"] - b["generated"], axis=1)
    assert 0 < moved.max() < 0.3  # the same latents, one step on


def test_samples_have_the_law_of_the_generator_and_of_the_target():
    experiment, state = moment()
    arrays = PROBES["samples"](experiment, state, Rng(3), n=20_000)
    z = torch.randn(20_000, 3, generator=torch.Generator().manual_seed(0))
    wanted = experiment.game.generator.apply(state.g, z).numpy()
    error = 5 * wanted.std(0) / 10_000**0.5
    assert (np.abs(arrays["generated"].mean(0) - wanted.mean(0)) < error).all()
    assert measure(experiment.target, arrays["real"], projections=1)["covered"] == 8


def test_samples_and_measures_use_the_average_where_there_is_one():
    experiment, state = moment(ema=0.9)
    assert not torch.equal(state.g, state.ema_g)
    arrays = PROBES["samples"](experiment, state, Rng(3))["generated"]
    of_average = PROBES["samples"](experiment.replace(ema=0.0), state._replace(g=state.ema_g), Rng(3))["generated"]
    np.testing.assert_array_equal(arrays, of_average)
    raw = PROBES["samples"](experiment.replace(ema=0.0), state, Rng(3))["generated"]
    assert not np.array_equal(arrays, raw)
    assert measure_state(experiment, state, Rng(3)) != measure_state(experiment.replace(ema=0.0), state, Rng(3))


def test_what_is_looked_at_is_not_what_is_trained_on():
    experiment, state = moment()
    real = PROBES["samples"](experiment, state, Rng(0), n=64)["real"]
    assert not (real == experiment.target.draw(64, Rng(0)).numpy()).all(1).any()


def test_the_probe_measures_is_measure_on_the_shown_samples():
    experiment, state = moment()
    x = PROBES["samples"](experiment, state, Rng(3), n=500)["generated"]
    wanted, values = measure(experiment.target, x), PROBES["measures"](experiment, state, Rng(3), n=500)
    assert measure_state(experiment, state, Rng(3), n=500) == wanted
    assert set(values) == {*wanted, "floor"}
    for key, value in wanted.items():
        assert float(values[key]) == pytest.approx(np.nan if value is None else value, nan_ok=True)


def test_a_state_that_is_not_finite_is_refused_by_measures_alone():
    experiment, state = moment()
    broken = state._replace(g=state.g * torch.nan, d=state.d * torch.nan)
    with pytest.raises(ValueError, match="must be finite"):
        PROBES["measures"](experiment, broken, Rng(3))
    for name in ("samples", "critic_map", "contours", "gradient_field", "modes"):
        assert PROBES[name](experiment, broken, Rng(3))


def test_modes_by_hand():
    experiment, state = moment(Ring(radius=0.5, sigma=0.1), steps=0)
    arrays = PROBES["modes"](experiment, state, Rng(3), n=400)
    x = PROBES["samples"](experiment, state, Rng(3), n=400)["generated"].astype(np.float64)
    centres = np.array([[np.sin(t) / 2, np.cos(t) / 2] for t in np.arange(8) * np.pi / 4])
    np.testing.assert_allclose(arrays["centres"], centres, atol=1e-12)
    assert float(arrays["radius"]) == pytest.approx(0.3)
    np.testing.assert_allclose(arrays["weights"], 1 / 8)
    distance = np.linalg.norm(x[:, None] - centres[None], axis=2)
    inside = distance <= 0.3
    assert arrays["covered"].tolist() == (inside.sum(0) >= 400 / 32).tolist()
    shares = [(inside.any(1) & (distance.argmin(1) == k)).sum() / 400 for k in range(8)]
    np.testing.assert_allclose(arrays["shares"], shares)
    assert 0 < arrays["shares"].sum() < 1
    assert arrays["shares"].sum() == pytest.approx(measure(experiment.target, x)["hq"])


@pytest.mark.parametrize("target", ["swiss-roll", "dirac"])
def test_targets_without_modes_have_none(target):
    experiment, state = moment(TARGETS[target]())
    arrays = PROBES["modes"](experiment, state, Rng(3))
    assert {key: len(arrays[key]) for key in ("centres", "weights", "covered", "shares")} == dict.fromkeys(
        ("centres", "weights", "covered", "shares"), 0
    )
