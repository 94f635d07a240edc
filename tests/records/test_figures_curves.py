"""The curves of a run: read off the Figure, not off its pixels."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from matplotlib.colors import to_hex

from gandyn.records.colours import LIGHT
from gandyn.records.figures import canvas
from gandyn.records.figures.curves import BINS, BREADTH, curves, extremes, mean

STEPS = np.arange(1.0, 3001.0)


def columns(n: int = 3000) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    curves = {name: rng.normal(i, 0.3, n) for i, name in enumerate(("critic_loss", "generator_loss", "f", "f_k"))}
    looked = np.where(np.arange(n) % 10 == 0, 1.0, np.nan)
    more = {"gap": curves["f"] - curves["f_k"], "covered": 8 * looked, "hq": 0.5 * looked, "accuracy": 0.75 * looked}
    return {"steps": STEPS[:n], **curves, **more}


@pytest.mark.parametrize("n", [40, 3000])
def test_every_quantity_has_its_panel_name_and_colour(n):
    drawn = curves(columns(n), "nats")
    assert [axes.get_ylabel() for axes in drawn.axes] == ["loss (nats)", "f (nats)", "gap (nats)", "modes", "share"]
    colours = [{to_hex(line.get_color()).upper() for line in axes.lines} for axes in drawn.axes]
    tokens = [("critic", "generated"), ("critic", "covered"), ("text",), ("covered",), ("real", "critic")]
    assert colours == [{LIGHT[token] for token in panel} for panel in tokens]
    legends = [[text.get_text() for text in axes.get_legend().get_texts()] for axes in drawn.axes]
    assert legends[0] == ["critic", "generator"]
    assert [len(legend) for legend in legends] == [2, 2, 1, 1, 2]
    assert drawn.axes[-1].get_xlabel() == "step"


@pytest.mark.parametrize("n", [1, 40, 3000])
def test_the_axes_hold_all_numbers_that_there_are(n):
    data = columns(n)
    data["critic_loss"][[0, n // 2]] = [-40, 90] if n > 1 else 90
    if n > 4:
        data["generator_loss"][1:4] = [np.nan, np.inf, -np.inf]
    axes = curves(data).axes[0]
    low, high = axes.get_ylim()
    assert low < np.nanmin(data["critic_loss"])
    assert 90 < high < 200
    assert axes.get_xlim()[0] <= 1 <= n <= axes.get_xlim()[1]


def test_the_names_of_the_curves_are_above_them():
    drawn = curves(columns(), "nats")
    canvas.image(drawn)
    for axes in drawn.axes:
        box, frame = axes.get_legend().get_window_extent(), axes.get_window_extent()
        assert box.y0 >= frame.y1
        assert box.x1 <= drawn.bbox.x1


def test_a_long_series_is_pale_under_its_mean():
    pale, strong = curves(columns()).axes[2].lines
    assert pale.get_alpha() < 0.5
    assert pale.get_linewidth() < strong.get_linewidth()
    assert np.std(strong.get_ydata()) < 0.3 * np.std(pale.get_ydata())
    assert len(curves(columns(40)).axes[2].lines) == 1


def test_without_look_ahead_there_is_no_gap():
    data = columns()
    data["gap"] = np.zeros(3000)
    assert [axes.get_ylabel() for axes in curves(data).axes] == ["loss", "modes", "share"]


def test_the_axis_of_modes_goes_up_to_all_of_them():
    data = columns() | {"covered": np.ones(3000)}
    assert curves(data, modes=25).axes[3].get_ylim()[1] > 25
    assert curves(data).axes[3].get_ylim()[1] < 2


@pytest.mark.parametrize("data", [{"steps": STEPS}, {"steps": STEPS, "hq": np.full(3000, np.nan)}, {"hq": np.ones(3)}])
def test_no_curve_is_refused(data):
    with pytest.raises(ValueError, match="no curves without steps"):
        curves(data)


def test_no_peak_is_lost_by_thinning():
    steps = np.arange(100_000.0)
    values = np.random.default_rng(1).random(100_000)
    values[[12_345, 77_777]] = 9, -9
    at, kept = extremes(steps, values)
    assert len(at) <= 2 * BINS
    assert (np.diff(at) > 0).all()
    assert (values[at.astype(int)] == kept).all()
    assert {12_345, 77_777} <= set(at)


def test_the_mean_weighs_by_the_distance_in_steps():
    """Against the sum over all pairs; the steps are dense in the second half only."""
    steps = np.concatenate([np.arange(0, 5000, 10), np.arange(5000, 10_000)]).astype(float)
    values = np.sin(steps / 700) + np.random.default_rng(2).normal(0, 0.2, len(steps))
    at, means = mean(steps, values)
    weights = np.exp(-0.5 * ((at[:, None] - steps) / (BREADTH * np.ptp(steps))) ** 2)
    assert np.abs(means - weights @ values / weights.sum(1)).max() < 0.02


def test_threads_may_draw_at_the_same_time():
    alone = canvas.image(curves(columns()))
    with ThreadPoolExecutor(3) as pool:
        assert all(picture == alone for picture in pool.map(lambda _: canvas.image(curves(columns())), range(3)))
