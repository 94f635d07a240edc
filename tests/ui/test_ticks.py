"""How ticks are written: short, and each otherwise than its neighbours."""

import pytest

from gandyn.ui.views import ticks
from gandyn.ui.views.figures import study_figure

SIDES = ("left", "right", "below")
CASES = [
    ("number", [3e8, 3e8 + 1, 3e8 + 2], ["3·10⁸", "3.00000001·10⁸", "3.00000002·10⁸"]),
    ("number", [0.1, 0.1 + 1e-11], ["0.1", "0.10000000001"]),
    ("number", [-2000, 0, 0.1 + 0.2], ["−2,000", "0", "0.3"]),
    ("power", [-0.001, 0, 0.001, 0.002], ["0.9977", "1", "1.0023", "1.0046"]),
    ("power", [0, 0.01, 0.02, 0.03], ["1", "1.023", "1.047", "1.072"]),
    ("power", [0, 0.02, 0.04, 0.06], ["1", "1.05", "1.1", "1.15"]),
    ("power", [-4.5, -3, -1.5], ["3.2·10⁻⁵", "0.001", "0.032"]),
    ("power", [-1, 0, 1, 2], ["0.1", "1", "10", "100"]),
    ("power", [-8, -4, 0, 12], ["10⁻⁸", "10⁻⁴", "1", "10¹²"]),
    ("percent", [0, 0.5, 1], ["0%", "50%", "100%"]),
    ("percent", [-0.005, 0, 0.005, 0.01], ["−0.5%", "0.0%", "0.5%", "1.0%"]),
]


@pytest.mark.browser
def test_a_tick_has_as_many_digits_as_its_place_between_its_neighbours_needs(browser):
    page = browser.new_page()
    write = "([code, ticks]) => ticks.map((tick, i) => new Function('tick', 'index', 'ticks', code)(tick, i, ticks))"
    scores = [(way, at, page.evaluate(write, [getattr(ticks, way)().code, at])) for way, at, _ in CASES]
    page.close()
    assert scores == CASES


def test_every_row_of_the_measures_has_its_name_and_its_numbers_however_low_the_figure_is():
    figure = study_figure("scorecard")
    policies = {side: [type(axis.major_label_policy).__name__ for axis in getattr(figure, side)] for side in SIDES}
    assert policies == {"left": ["AllLabels"], "right": ["AllLabels"] * 2, "below": ["NoOverlap"]}
