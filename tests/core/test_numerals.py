"""Whole numbers as they are written: by value, never by rounding."""

import pytest

from gandyn.core.numerals import whole
from gandyn.presets import preset


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", 7), ("-7", -7), ("+7", 7), (" 7 ", 7), ("007", 7), ("7.0", 7), ("1e3", 1000), ("1E3", 1000),
        ("1.5e1", 15), ("9007199254740993", 2**53 + 1), ("9007199254740993.0", 2**53 + 1), ("0", 0), ("-0.0", 0),
        ("1e39", 10**39),
    ],
)  # fmt: skip
def test_what_a_text_says(text, value):
    assert whole(text) == value and type(whole(text)) is int


@pytest.mark.parametrize(
    "text",
    ["1.5", "10.7", "1e-1", "0.99999999999999999999", "nan", "inf", "-inf", "", " ", "0x10", "1,5", "7 8", "seven",
     "true", "1_0", "１２", "٣", "²", "1e", ".", "+", "--1", "1e40", "1e999999999", "1e-999999999", "7" * 5000],
)  # fmt: skip
def test_what_is_no_whole_number(text):
    assert whole(text) is None


@pytest.mark.parametrize("name", ["seed", "steps", "unroll", "batch_size", "target.modes"])
@pytest.mark.parametrize("text", ["1.5", "2.99999999999999999999", "nan", "inf", "0x2", "", "true", "1e400"])
def test_a_control_that_counts_refuses_what_is_no_whole_number(name, text):
    with pytest.raises(ValueError, match=f"^{name} must be a whole number in ") as refused:
        preset("collapse", **{name: text})
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", ["lr_d", "target.radius", "ema", "penalty_weight", "steps_per_second"])
@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "", "fast", "0x2", "1e400", "true", "1_0", "０.5", "1e-"])
def test_a_control_that_measures_refuses_what_is_no_number(name, text):
    with pytest.raises(ValueError, match=f"^{name} must be a number in ") as refused:
        preset("collapse", **{name: text})
    assert "\n" not in str(refused.value)


def test_both_take_the_same_writing():
    changed = preset("collapse", unroll="5.0", batch_size="1e2", steps="2e3", lr_d="1e-3", **{"target.modes": "6"})
    assert (changed.rule.unroll, changed.rule.batch_size, changed.steps) == (5, 100, 2000)
    assert (changed.knobs.lr_d, changed.target.modes) == (1e-3, 6)
