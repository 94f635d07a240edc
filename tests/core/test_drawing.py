"""Batches that are drawn ahead of the steps: the same numbers however they are asked for, and seldom drawn."""

import pytest
import torch

from gandyn.core import drawing
from gandyn.core.play import draw_steps
from tests.contracts.small import experiment

AT = experiment()


@pytest.fixture(autouse=True)
def drawn(monkeypatch):
    """How many steps each drawing was of; nothing is drawn yet."""
    counts: list[int] = []

    def noted(experiment, seeds, first_step, steps, *args, **kwargs):
        counts.append(steps)
        return draw_steps(experiment, seeds, first_step, steps, *args, **kwargs)

    monkeypatch.setattr(drawing, "draw_steps", noted)
    return counts


@pytest.fixture
def batches():
    kept = drawing.Batches()

    def following(first, steps, at=AT, seeds=(5,), latents=False):
        return kept.next(at, list(seeds), first, steps, torch.float32, "cpu", len(seeds) > 1, latents)

    return following


def equal(one, other):
    return all(a is b is None or torch.equal(a, b) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("at", [AT, AT.replace(penalty="dragan", critic_steps=3)], ids=["plain", "noise"])
@pytest.mark.parametrize("latents", [False, True])
@pytest.mark.parametrize("seeds", [(5,), (5, 6), (5, 5)])
def test_the_numbers_are_those_of_the_steps_however_they_are_asked_for(batches, at, latents, seeds):
    for first, steps in [(0, 1), (1, 1), (2, 3), (3, 2), (0, 4), (100, 7), (50, 1), (51, 60)]:
        expected = draw_steps(at, list(seeds), first, steps, lanes=len(seeds) > 1, latents=latents)
        assert equal(batches(first, steps, at, seeds, latents), expected)


def test_who_goes_on_step_by_step_has_them_from_few_drawings(batches, drawn):
    for step in range(1000):
        batches(step, 1)
    assert len(drawn) < 20 and sum(drawn) >= 1000


def test_who_jumps_has_what_he_asks_for_drawn_and_no_more(batches, drawn):
    for step in (0, 10, 5, 300):
        batches(step, 1)
    assert drawn == [1] * 4


def test_what_decides_about_the_numbers_has_them_drawn_anew(batches, drawn):
    for at, seeds in (
        (AT, (5,)),
        (AT.replace(batch_size=9), (5,)),
        (AT, (6,)),
        (AT.replace(**{"target.modes": 3}), (5,)),
    ):
        expected = draw_steps(at, list(seeds), 1, 1, latents=False)
        assert equal(batches(1, 1, at, seeds), expected)
    assert len(drawn) == 4


def test_what_is_drawn_at_once_is_bounded(batches, drawn, monkeypatch):
    size = sum(part.nbytes for part in batches(0, 1) if part is not None)
    monkeypatch.setitem(drawing.CHUNK, "cpu", 30 * size)
    monkeypatch.setitem(drawing.AHEAD, "cpu", 20 * size)
    assert len(batches(1, 100).real) <= 30
    for step in range(100):
        batches(step, 1)
    assert max(drawn[1:]) <= 20
