"""Pictures of samples in the plane and on the line: the filmstrip of densities and the scatter."""

import numpy as np
import pytest
from matplotlib.colors import to_hex

from gandyn.records.colours import GENERATED, REAL
from gandyn.records.figures import canvas
from gandyn.records.figures.filmstrip import BINS, BREADTH, density, filmstrip
from gandyn.records.figures.scatter import BARS, DOTS, Scatter, frames, scatter


def cloud(n: int = 500, dim: int = 2, spread: float = 1.0) -> np.ndarray:
    return np.random.default_rng(n).normal(0, spread, (n, dim)).astype(np.float32)


def test_a_density_is_the_histogram_under_a_gaussian():
    """One point at (1, -2): a peak there, all of the mass, and the smoothing's own variance."""
    estimate = density(np.array([[1.0, -2.0]] * 50), 4.0)
    y, x = np.unravel_index(estimate.argmax(), estimate.shape)
    places = (np.arange(BINS) + 0.5) * 8 / BINS - 4
    assert abs(places[x] - 1) < 8 / BINS
    assert abs(places[y] + 2) < 8 / BINS
    assert estimate.sum() == pytest.approx(1, abs=1e-3)
    variance = (estimate.sum(0) * (places - places[x]) ** 2).sum()
    assert variance == pytest.approx((BREADTH * 8) ** 2, rel=0.01)


def test_what_is_outside_has_no_density():
    inside = density(np.array([[0.0], [0.0]]), 1.0)
    half = density(np.array([[0.0], [5.0], [np.nan], [0.0]]), 1.0)
    np.testing.assert_allclose(half, inside / 2)


@pytest.mark.parametrize("dim", [1, 2])
def test_a_filmstrip_has_a_square_for_every_step_and_one_for_the_data(dim):
    moments = [(step, cloud(100 + step, dim)) for step in (5000, 10_000, 15_000)]
    drawn = filmstrip([("k = 0", moments), ("k = 5", moments[:2])], cloud(900, dim), 4.0)
    canvas.image(drawn)
    boxes = [axes.get_window_extent() for axes in drawn.axes]
    assert len(boxes) == 4 + 3
    assert {(round(box.width, 3), round(box.height, 3)) for box in boxes} == {(300.0, 300.0)}
    assert [axes.get_title() for axes in drawn.axes] == ["step 5,000", "10,000", "15,000", "real", "", "", ""]
    assert boxes[0].x0 == boxes[4].x0
    assert boxes[3].x0 == boxes[6].x0
    for label, box in zip(drawn.texts, (boxes[0], boxes[4]), strict=True):
        place = label.get_window_extent()
        assert 0 < place.x0 < place.x1 < box.x0
        assert box.y0 < (place.y0 + place.y1) / 2 < box.y1
    assert [label.get_text() for label in drawn.texts] == ["k = 0", "k = 5"]


def test_panels_of_a_filmstrip_show_the_window():
    drawn = filmstrip([("", [(1, cloud())])], cloud(), 2.5)
    for axes in drawn.axes:
        assert (axes.get_xlim(), axes.get_ylim()) == ((-2.5, 2.5), (-2.5, 2.5))
        assert axes.get_aspect() == 1


def test_rows_of_other_steps_bear_their_own_and_nothing_overlaps():
    drawn = filmstrip([("a", [(100, cloud())]), ("b", [(250, cloud())])], cloud(), 4.0)
    canvas.image(drawn)
    above, below = drawn.axes[0], drawn.axes[2]
    assert below.get_title() == "step 250"
    title = below.title.get_window_extent()
    assert below.get_window_extent().y1 < title.y0
    assert title.y1 < above.get_window_extent().y0


@pytest.mark.parametrize(("far", "text"), [(0, None), (3, "3% outside"), (99, "99% outside"), (100, "all outside")])
def test_a_panel_says_how_much_it_does_not_show(far, text):
    samples = np.zeros((100, 2))
    samples[:far] = np.nan
    panel = filmstrip([("", [(1, samples)])], cloud(), 4.0).axes[0]
    assert [label.get_text() for label in panel.texts] == ([text] if text else [])


def test_a_scatter_has_equal_axes_and_the_colours_of_the_laboratory():
    real, generated = cloud(300), cloud(200)
    drawn = scatter(real, generated, 3.0, 12_000)
    canvas.image(drawn)
    (axes,) = drawn.axes
    assert (axes.get_xlim(), axes.get_ylim()) == ((-3, 3), (-3, 3))
    frame = axes.get_window_extent()
    assert frame.width == pytest.approx(frame.height)
    assert axes.get_xticks().tolist() == axes.get_yticks().tolist()
    first, second = axes.lines
    assert (first.get_marker(), to_hex(first.get_color()).upper()) == ("o", REAL)
    assert (second.get_marker(), to_hex(second.get_color()).upper()) == ("^", GENERATED)
    np.testing.assert_array_equal(second.get_xydata(), generated)
    legend, step = axes.get_legend().get_window_extent(), axes.texts[0].get_window_extent()
    assert axes.texts[0].get_text() == "step 12,000"
    assert legend.y0 >= frame.y1
    assert legend.x1 < step.x0


def test_on_the_line_a_scatter_is_two_histograms():
    generated = np.array([[0.0], [0.0], [1.5], [np.nan]])
    (axes,) = scatter(np.zeros((50, 1)), generated, 2.0).axes
    edges, shares = axes.lines[0].get_data()
    assert len(edges) == BARS + 1
    assert shares[BARS // 2] == 0.5
    assert edges[BARS // 2] == pytest.approx(-2 / BARS)
    assert shares[:-1].sum() == 0.75
    assert axes.get_ylim() == (0, 1.02)


@pytest.mark.parametrize("dim", [1, 2])
def test_before_axes_drawn_once_a_scatter_is_the_same_to_the_pixel(dim):
    real = cloud(300, dim)
    again = Scatter(real, 3.0)
    for generated, step in ((cloud(200, dim), 0), (cloud(900, dim, 5.0), 12_000), (cloud(50, dim) * np.nan, None)):
        assert again(generated, step) == canvas.image(scatter(real, generated, 3.0, step))


@pytest.mark.parametrize("dim", [1, 2])
def test_nothing_but_the_samples_moves_in_a_movie(dim):
    moments = [(0, cloud(400, dim, 0.2)), (123_456, cloud(400, dim, 50.0) + 7)]
    first, last = (np.asarray(picture) for picture in frames(cloud(400, dim), moments, 3.0))
    assert first.shape == last.shape == (480, 480, 3)
    changed = np.argwhere((first != last).any(2))
    (axes,) = scatter(cloud(400, dim), cloud(400, dim), 3.0).axes
    left, _, width, height = axes.get_position().bounds
    assert changed[:, 1].min() >= left * 480 - 1
    assert changed[:, 1].max() <= (left + width) * 480 + 1
    top = 480 * (1 - axes.get_position().y1)
    below = changed[changed[:, 0] >= top]
    assert below[:, 0].max() <= top + height * 480 + 1
    assert changed[changed[:, 0] < top - 4][:, 1].min() > 300  # above the frame only the step, on the right


def test_a_movie_in_the_plane_shows_few_enough_dots():
    generated = cloud(2 * DOTS)
    few, many = (list(frames(cloud(), [(1, points)], 3.0)) for points in (generated[:DOTS], generated))
    assert few == many
