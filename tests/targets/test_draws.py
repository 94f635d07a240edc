"""What every target promises of its draws: functions of the rng alone, of the right shape, fast and smooth."""

import dataclasses
import statistics
import time

import pytest
import torch

from gandyn.core import native
from gandyn.core.controls import controls
from gandyn.core.rng import Rng
from gandyn.core.target import TARGETS, Target

NAMES = ["ring", "grid", "swiss-roll", "two-moons", "spiral", "checkerboard", "two-gaussians", "dirac"]
RANDOM = [name for name in NAMES if name != "dirac"]
NUMBERS = [
    (name, field.name)
    for name in NAMES
    for field in dataclasses.fields(TARGETS[name])
    if type(field.default) in (int, float)
]


def test_the_registered_names():
    assert set(TARGETS) >= set(NAMES)
    assert all(TARGETS[name].name == name and TARGETS[name].summary for name in TARGETS)


@pytest.mark.parametrize("name", NAMES)
def test_shape_and_dtype(name):
    target = TARGETS[name]()
    for n in (1, 7, 512):
        x = target.draw(n, Rng(0))
        assert x.shape == (n, *target.shape)
        assert x.dtype == torch.float32
        assert x.device.type == "cpu"
        assert bool(x.isfinite().all())


@pytest.mark.parametrize("name", NAMES)
def test_the_same_rng_gives_the_same_bits_whatever_else_is_drawn(name):
    target = TARGETS[name]()
    first = target.draw(300, Rng(5, 17, 1))
    torch.manual_seed(123)
    target.draw(9, Rng(6))
    assert torch.equal(first, TARGETS[name]().draw(300, Rng(5, 17, 1)))


@pytest.mark.parametrize("name", RANDOM)
@pytest.mark.parametrize("other", [Rng(6, 17, 1), Rng(5, 18, 1), Rng(5, 17, 2)])
def test_another_seed_step_or_index_gives_other_samples(name, other):
    target = TARGETS[name]()
    same = (target.draw(300, Rng(5, 17, 1)) == target.draw(300, other)).all(1)
    assert float(same.float().mean()) < 0.01


@pytest.mark.parametrize("name", NAMES)
def test_no_global_random_number_is_used(name):
    before = torch.get_rng_state()
    TARGETS[name]().draw(100, Rng(0))
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize("name", RANDOM)
def test_a_torch_generator_is_used_up(name):
    target, generator = TARGETS[name](), torch.Generator().manual_seed(0)
    first, second = target.draw(100, generator), target.draw(100, generator)
    assert not torch.equal(first, second)
    assert torch.equal(first, target.draw(100, torch.Generator().manual_seed(0)))


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("ring", {"radius": 2.001}),
        ("ring", {"rotation": 0.01}),
        ("ring", {"sigma": 0.1501}),
        ("grid", {"extent": 2.001}),
        ("grid", {"sigma": 0.1001}),
        ("swiss-roll", {"turns": 1.501}),
        ("swiss-roll", {"noise": 0.251}),
        ("swiss-roll", {"divisor": 7.501}),
        ("two-moons", {"size": 1.501}),
        ("two-moons", {"overlap": 0.501}),
        ("two-moons", {"noise": 0.101}),
        ("spiral", {"turns": 1.001}),
        ("spiral", {"radius": 2.001}),
        ("spiral", {"noise": 0.081}),
        ("spiral", {"rotation": 0.01}),
        ("checkerboard", {"extent": 2.001}),
        ("two-gaussians", {"distance": 2.001}),
        ("two-gaussians", {"sigma": 0.2001}),
        ("two-gaussians", {"rotation": 0.01}),
        ("dirac", {"at": 0.001}),
    ],
)
def test_a_small_change_of_a_parameter_moves_every_sample_a_little(name, change):
    target = TARGETS[name]()
    moved = (target.draw(2000, Rng(1)) - target.replace(**change).draw(2000, Rng(1))).norm(dim=1)
    assert 0 < float(moved.max()) < 0.02


@pytest.mark.parametrize(
    ("target", "change"),
    [
        (TARGETS["ring"](weights=(1,) * 8), {"weights": (1.04,) + (1,) * 7}),
        (TARGETS["two-gaussians"](), {"weight": 0.51}),
    ],
)
def test_a_small_change_of_the_weights_moves_few_samples(target, change):
    n = 4000
    moved = (target.draw(n, Rng(1)) != target.replace(**change).draw(n, Rng(1))).any(1)
    assert 0 < int(moved.sum()) < 0.03 * n  # each edge between modes moved by at most 0.01 of all samples, 7 of them


@pytest.mark.parametrize(("name", "field"), NUMBERS)
@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -1e9, 1e9, "wide", None, True])
def test_a_bad_parameter_is_refused_in_one_line_that_names_its_control(name, field, bad):
    with pytest.raises(ValueError) as refused:
        TARGETS[name](**{field: bad})
    message = str(refused.value)
    assert f"target.{field}" in message
    assert "\n" not in message
    meta = next(f.metadata for f in dataclasses.fields(TARGETS[name]) if f.name == field)
    assert f"{meta['low']:g}" in message
    assert f"{meta['high']:g}" in message


@pytest.mark.parametrize(("name", "field"), [(n, f) for n, f in NUMBERS if f in ("sigma", "noise", "radius", "size")])
def test_negative_sizes_are_refused(name, field):
    with pytest.raises(ValueError, match=f"target.{field}"):
        TARGETS[name](**{field: -0.1})


@pytest.mark.parametrize(("name", "field"), NUMBERS)
def test_the_ends_of_every_range_can_be_drawn(name, field):
    meta = next(f.metadata for f in dataclasses.fields(TARGETS[name]) if f.name == field)
    for value in (meta["low"], meta["high"]):
        x = TARGETS[name](**{field: value}).draw(500, Rng(0))
        assert bool(x.isfinite().all())
        wide = 5 * meta["high"] if field in ("sigma", "noise") else 0
        assert float(x.abs().max()) < 6 + wide  # the data stay about within [-4, 4]


@pytest.mark.parametrize("name", NAMES)
def test_parameters_are_controls_with_meaning_and_a_fitting_scale(name):
    target = TARGETS[name]()
    declared = controls(target)
    for field, value in target.parameters().items():
        control = declared[f"target.{field}"]
        assert control.help
        assert control.live
        if field in ("sigma", "noise"):
            assert control.log
            assert control.low > 0
        if isinstance(value, (int, float)):
            assert control.low <= value <= control.high


@pytest.mark.parametrize("name", NAMES)
def test_an_unknown_parameter_is_refused(name):
    with pytest.raises(ValueError, match=f"parameter of target '{name}' 'colour'"):
        TARGETS[name]().replace(colour=1)


def test_targets_are_values():
    for name in NAMES:
        assert TARGETS[name]() == TARGETS[name]()
        assert hash(TARGETS[name]()) == hash(TARGETS[name]())
        with pytest.raises(dataclasses.FrozenInstanceError):
            TARGETS[name]().sigma = 1


@pytest.mark.parametrize("name", NAMES)
def test_512_samples_cost_little(name):
    target: Target = TARGETS[name]()
    times = []
    for i in range(200):
        start = time.thread_time()
        target.draw(512, Rng(0, i))
        times.append(time.thread_time() - start)
    assert statistics.median(times) < (
        0.3e-3 if native.INSTALLED else 1e-3
    )  # s of CPU time; NumPy's numbers are slower
