"""Random numbers as data: functions of (seed, stream, step, index), the same for runs that differ in their rule."""

import itertools

import pytest
import torch

import gandyn
from gandyn.core.play import draw_batch, draw_latents
from gandyn.core.rng import MAX_SEED, Places, Rng
from gandyn.core.types import ORDERS
from tests.contracts.small import experiment

STREAMS = ("real-uniform", "z", "mix", "noise")


def numbers(rng: Rng, stream: str, n: int = 2000) -> torch.Tensor:
    return rng.uniform(stream, n)


def equal(one: gandyn.Batch, other: gandyn.Batch) -> bool:
    return all(torch.equal(a, b) for a, b in zip(one, other, strict=True) if a is not None)


def test_an_rng_is_a_value():
    """Asking it twice gives the same; nothing is used up."""
    rng = Rng(3, 5, 1)
    assert torch.equal(numbers(rng, "z"), numbers(rng, "z"))
    numbers(rng, "real-uniform")
    assert torch.equal(numbers(rng, "z"), numbers(Rng(3, 5).at(1), "z")) and rng == Rng(3, 5, 1)
    with pytest.raises(AttributeError):
        rng.step = 6  # type: ignore[misc]


def test_the_stride_of_a_walk_changes_no_random_number():
    """It counts batches, and draw_batches sets it to the critic's steps."""
    wide = Rng(3, 5, 1, stride=4)
    assert torch.equal(numbers(wide, "z"), numbers(Rng(3, 5, 1), "z"))
    assert [int(at.places.batches_before) for at in (wide, wide.at(2), Rng(3, 5, 1))] == [21, 22, 6]
    at = experiment(critic_steps=3)
    assert all(map(equal, gandyn.draw_batches(at, wide.at(0)), gandyn.draw_batches(at, Rng(3, 5))))


def test_streams_steps_indices_and_seeds_are_independent():
    """Any two differ, and the correlation of their numbers is that of independent ones (4 standard deviations)."""
    places = [(Rng(s, t, i), stream) for s, t, i in itertools.product((0, 1), (0, 1, 2), (0, 1)) for stream in STREAMS]
    drawn = torch.stack([numbers(rng, stream) for rng, stream in places])
    correlation = torch.corrcoef(drawn) - torch.eye(len(drawn))
    assert float(correlation.abs().max()) < 5 / 2000**0.5


def test_large_and_whole_seeds():
    """A seed counts with all its bits; 3.0 is 3."""
    seeds = (0, 1, 2**32, 2**32 + 1, 2**52, MAX_SEED)
    first = {float(numbers(Rng(seed), "z", 1)) for seed in seeds}
    assert len(first) == len(seeds)
    whole = Rng(3.0, 2.0)  # type: ignore[arg-type]
    assert whole == Rng(3, 2) and torch.equal(numbers(whole, "z"), numbers(Rng(3, 2), "z"))


@pytest.mark.parametrize("seed", [-1, MAX_SEED + 1, 2.5, float("nan"), None, True, "1", 10**400])
def test_a_bad_seed_is_refused(seed):
    with pytest.raises(ValueError, match=rf"^seed must be a whole number in \[0, {MAX_SEED}\], not "):
        Rng(seed)


@pytest.mark.parametrize(
    "change",
    [
        {"penalty": "gradient-penalty"}, {"penalty": "dragan"}, {"penalty_weight": 7}, {"unroll": 5}, {"clip": 0.1},
        {"objective": "hinge"}, {"lr_d": 0.5}, {"ema": 0.9}, {"optimizer_g": "sgd"}, {"critic.widths": "7,7"},
    ],
    ids=str,
)  # fmt: skip
def test_unrelated_controls_leave_the_data_alone(change):
    """Runs that differ in penalty, k, rates or networks see the same real samples, latents and mixing weights."""
    for counts in ({}, {"critic_steps": 2, "order": "alternating"}):
        one, other = experiment(**counts), experiment(**counts, **change)
        for a, b in zip(gandyn.draw_batches(one, Rng(4, 9)), gandyn.draw_batches(other, Rng(4, 9)), strict=True):
            assert all(torch.equal(getattr(a, name), getattr(b, name)) for name in ("real", "z", "mix"))


def test_target_and_latent_do_not_disturb_each_other():
    base, wide, other = experiment(), experiment(target="grid"), experiment(latent="uniform")
    a, b, c = (draw_batch(e, Rng(0)) for e in (base, wide, other))
    assert torch.equal(a.z, b.z) and torch.equal(a.mix, b.mix) and not torch.equal(a.real, b.real)
    assert torch.equal(a.real, c.real) and torch.equal(a.mix, c.mix) and not torch.equal(a.z, c.z)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("counts", [(1, 1), (2, 1), (1, 2), (3, 2)])
def test_counts_and_sharing(order, counts):
    """critic_steps + generator_steps batches, all different; ONE if the order is simultaneous and both counts are 1."""
    at = experiment(order=order, critic_steps=counts[0], generator_steps=counts[1])
    batches = gandyn.draw_batches(at, Rng(0, 3))
    assert len(batches) == (1 if order == "simultaneous" and counts == (1, 1) else sum(counts))
    assert not any(equal(a, b) for a, b in itertools.combinations(batches, 2))
    for batch in batches:
        assert (batch.real.shape, batch.z.shape, batch.mix.shape) == ((8, 2), (8, 3), (8,))


def test_every_kind_of_number_has_a_stream_of_its_own(monkeypatch):
    """No two of them are asked for under one name; the target's, of both kinds, are its own."""
    asked = []
    for law in ("uniform", "normal"):
        draw = getattr(Places, law)
        monkeypatch.setattr(
            Places, law, lambda at, stream, *rest, draw=draw: (asked.append(stream), draw(at, stream, *rest))[1]
        )
    draw_batch(experiment(penalty="dragan"), Rng(0))
    assert sorted(asked) == ["mix", "noise", "real-normal", "real-uniform", "z"]


def test_a_torch_generator_is_used_up_in_order():
    at = experiment(critic_steps=2)
    first, again, other = (torch.Generator().manual_seed(seed) for seed in (1, 1, 2))
    one, two = gandyn.draw_batches(at, first), gandyn.draw_batches(at, again)
    assert all(map(equal, one, two)) and not equal(one[0], one[1])
    assert not equal(one[0], gandyn.draw_batches(at, first)[0]) and not equal(one[0], gandyn.draw_batches(at, other)[0])


def test_the_numbers_follow_their_laws():
    """z normal or uniform on [-1, 1), mix uniform on [0, 1), noise uniform on [-1, 1); n = 65536."""
    at = experiment(batch_size=65536, penalty="dragan")
    batch = draw_batch(at, Rng(0))
    noise = batch.noise
    assert noise is not None
    uniform = draw_latents(gandyn.Latent(1, "uniform"), 65536, Rng(0))
    assert abs(float(batch.z.mean())) < 0.01 and float(batch.z.var()) == pytest.approx(1, abs=0.02)
    for x, low in ((batch.mix, 0), (noise, -1), (uniform, -1)):
        assert low <= float(x.min()) < low + 1e-3 and 1 - 1e-3 < float(x.max()) <= 1
        assert float(x.mean()) == pytest.approx((low + 1) / 2, abs=0.01)
        assert float(x.var()) == pytest.approx((1 - low) ** 2 / 12, rel=0.02)


def test_dtype_changes_no_number():
    """Drawn in float32 whatever is asked for, and whatever torch's default is."""
    at = experiment(penalty="dragan")
    single, double = (gandyn.draw_batches(at, Rng(0), dtype)[0] for dtype in (torch.float32, torch.float64))
    assert double.real.dtype == double.z.dtype == double.mix.dtype == torch.float64
    assert equal(single, gandyn.Batch(*(x.float() for x in double if x is not None)))
    torch.set_default_dtype(torch.float64)
    try:
        assert torch.equal(draw_latents(at.game.latent, 8, Rng(0)), single.z)
    finally:
        torch.set_default_dtype(torch.float32)
