"""docs/claims.md: generated from the sweeps' summaries, by commands that gandyn understands."""

import shlex

import pytest

from gandyn.core.penalty_set import members, weight_of
from gandyn.presets import PRESETS
from gandyn.records.config import from_config
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


@pytest.mark.parametrize("claim", claims.CLAIMS, ids=lambda claim: claim.preset)
def test_the_preset_of_a_claim_is_what_the_seeds_were_measured_of(claim):
    """A point of the sweep of the better setting, on the preset's target: the same, but for weights of no penalty."""
    shown = PRESETS[claim.preset]
    values, target = shown.values(), shown.target.name
    swept = []
    for name in claim.better.sweeps:
        preset, *words = shlex.split(claims.COMMANDS[name])
        jobs = grid(preset, "0:1", words[words.index("--set") + 1 :]).jobs
        swept += [from_config(job.config) for job in jobs if claim.better.where.items() <= job.point.items()]
    same = next(one for one in swept if one.target.name == target)
    differ = {name for name, value in values.items() if same.values()[name] != value}
    assert differ <= {"penalty_weight"}
    weights = [[weight_of(one, each.knobs) for one in members(each.rule.penalty)] for each in (same, shown)]
    assert weights[0] == weights[1]
