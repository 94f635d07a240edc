"""docs/claims.md: generated from the sweeps' summaries, by commands that gandyn understands."""

import shlex

import pytest

from gandyn.sweep.grid import grid
from scripts import claims


def test_the_page_is_that_of_the_sweeps():
    assert claims.PAGE.read_text(encoding="utf-8") == claims.page(), "python -m scripts.claims"


@pytest.mark.parametrize("name", claims.COMMANDS)
def test_the_points_are_those_of_the_command(name):
    words = shlex.split(claims.COMMANDS[name])
    settings = words[words.index("--set") + 1 :]
    steps = int(words[words.index("--steps") + 1]) if "--steps" in words else None
    points = [job.point for job in grid(words[0], "0:1", settings, steps).jobs]
    stored = claims.contents()[name]
    assert [{key: point[key] for key in wanted} for point, wanted in zip(stored, points, strict=True)] == points
    assert all(point["n"] >= 32 and point["errors"] == 0 for point in stored)


def test_a_claim_held_only_if_the_intervals_lie_apart():
    def of(*covered):
        value, low, high = covered
        return {"covered": covered, "sw2": (10 - value, 10 - high, 10 - low)}

    few, many, between = of(2, 1, 3), of(7, 6, 8), of(4, 2, 6.5)
    for target in ("ring", "swiss-roll"):
        assert claims.verdict(few, many, target) == "held"
        assert claims.verdict(many, few, target) == "the other way round"
        assert claims.verdict(few, between, target) == claims.verdict(between, many, target) == "did not show"
