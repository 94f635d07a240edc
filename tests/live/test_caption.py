"""The sentence under the stage: from made-up measures, and from what the presets are known to do."""

import numpy as np
import pytest

import gandyn
from gandyn.live.caption import caption
from gandyn.timeline.readings import READ


def readings(**columns):
    """(steps, rows) of readings at steps 10, 20, ..., with these columns."""
    n = len(next(iter(columns.values())))
    rows = np.full((n, len(READ)), np.nan)
    for name, values in columns.items():
        rows[:, READ.index(name)] = values
    return np.arange(1, n + 1) * 10, rows


def shares(*values):
    return np.array(values, float)


ALONE = shares(0, 0.88, 0.02, 0)
SPREAD = shares(0.2, 0.2, 0.2, 0.2)


@pytest.mark.parametrize(
    ("measures", "of_modes", "past", "begins"),
    [
        ({"covered": 0, "hq": 0.02}, shares(0.02, 0, 0, 0), {"covered": [0] * 4}, "At no mode: 2% of"),
        ({"covered": 1, "hq": 0.09}, shares(0.06, 0.03, 0, 0), {"covered": [0] * 4}, "Between the modes: 9% of"),
        ({"covered": 1, "hq": 0.9}, ALONE, {"covered": [1] * 4}, "Collapsed: 88% of the samples are at mode 1, of 4."),
        (
            {"covered": 1, "hq": 0.9}, ALONE,
            {"covered": [1] * 4, "hq": [0.9] * 4, "top_mode": [3, 3, 2, 1], "top_share": [0.8] * 4},
            "Moving on: from mode 2 (step 30) to mode 1.",
        ),
        ({"covered": 4, "hq": 0.9}, SPREAD, {"covered": [0, 2, 4, 4]}, "All 4 modes are covered, with 90% of"),
        ({"covered": 4, "hq": 0.5}, SPREAD, {"covered": [3, 3, 4, 4]}, "All 4 modes are covered, not yet sharply"),
        ({"covered": 4, "hq": 0.9}, SPREAD, {"covered": [3, 1, 4, 4]}, "Healed: all 4 modes are covered; at step 20"),
        ({"covered": 3, "hq": 0.8}, SPREAD, {"covered": [0, 1, 2, 2]}, "Spreading: 3 of 4 modes are covered, up"),
        ({"covered": 2, "hq": 0.8}, SPREAD, {"covered": [4, 4, 4, 3]}, "Losing modes: 2 of 4 are covered, down from"),
        ({"covered": 2, "hq": 0.8}, SPREAD, {"covered": [2] * 4}, "2 of 4 modes are covered, with 80%"),
        ({"sw2": 0.5, "sw2_floor": 0.1}, shares(), {"sw2": [1, 1, 1, 0.9]}, "Coming nearer: distance 0.5, from 1."),
        ({"sw2": 1.5, "sw2_floor": 0.1}, shares(), {"sw2": [1, 1, 1, 0.9]}, "Moving away: distance 1.5, from 1."),
        ({"sw2": 0.15, "sw2_floor": 0.1}, shares(), {"sw2": [1, 1, 1, 0.9]}, "As near as real samples are"),
        ({"sw2": 1.0, "sw2_floor": 0.1}, shares(), {"sw2": [1, 1, 1, 1]}, "Distance 1, where real samples have 0.1."),
        ({}, SPREAD, {"covered": [1]}, ""),
    ],
    ids=range(15),
)  # fmt: skip
def test_the_sentence(measures, of_modes, past, begins):
    text = caption(measures, of_modes, 40, *readings(**past))
    assert text.startswith(begins) and "\n" not in text and len(text) < 120
    assert text == "" or text.endswith(".")


def test_before_the_first_step():
    nothing = np.zeros((0, len(READ)))
    assert caption({"covered": 0, "hq": 0.1}, SPREAD, 0, np.zeros(0), nothing).startswith("Not trained yet")


def test_collapse_collapses_and_its_cure_covers():
    """The preset's own note, said by the measures: by step 1,500 one blob, with the look-ahead all modes."""
    from gandyn.live.broadcast import Broadcast
    from gandyn.live.frame_builder import FrameBuilder
    from tests.live.test_frame import decode

    broadcast = Broadcast(gandyn.Run(gandyn.preset("collapse"), measured=True), FrameBuilder())

    def sentence():
        return decode(broadcast._make_frame(broadcast, frozenset()).encode(series=False))[0]["caption"]

    assert sentence().startswith("Not trained yet")
    broadcast.run.advance(1500)
    assert sentence().split(":")[0] in ("Collapsed", "Moving on")
    broadcast.run.set(unroll=5, lr_d=1e-3)
    broadcast.run.advance(6000)
    assert "8 modes are covered" in sentence()
