"""What a sweep leaves: its directory, the points over the seeds, the table, the figure."""

import json

import numpy as np
import pytest
from matplotlib.colors import to_hex

from gandyn.records.colours import LIGHT
from gandyn.records.engine import Engine, description
from gandyn.records.figures import canvas
from gandyn.sweep.directory import SweepDirectory
from gandyn.sweep.figure import STYLES, caption, curves_along, figure_of, places_of
from gandyn.sweep.grid import Axis, grid
from gandyn.sweep.report import finish, summary
from gandyn.sweep.statistics import Estimate, average, median, share
from gandyn.sweep.summary import each, points, spans, table

COVERED = (8, 8, 8, 7, 8, 8, 8, 8)
TIMES = (20, 30, 40, None, 50, 60, 70, 80)

ENGINE = Engine("autograd", 1, description("autograd", "cpu"))


@pytest.fixture
def sweep():
    """Two rates with eight seeds each: at the first a seed misses a mode, at the second all break."""
    return grid("collapse", "0:8", ["lr_d=1e-3,100"], 100)


def rows_of(sweep):
    rows = []
    for job in sweep.jobs:
        row = {"key": job.key, **job.point, "seed": job.seed, "centres": 8, "error": None, "seconds": 0.5}
        i = job.seed
        if job.point.get("lr_d") == 100:
            row |= {"error": "it broke", "steps_to_cover": None}
        else:
            row |= {"covered": COVERED[i], "hq": 0.9 + i / 100, "sw2": 0.1, "steps_to_cover": TIMES[i]}
        rows.append(row | {"measurements": {"step": [50, 100], "covered": [1, 8], "hq": [0.1, 0.9]}})
    return rows


def with_each(sweep):
    """The points as the figure takes them."""
    rows = rows_of(sweep)
    return [point | {"each": of} for point, of in zip(points(sweep, rows), each(sweep, rows), strict=True)]


def test_the_points_over_the_seeds(sweep):
    good, bad = points(sweep, rows_of(sweep))
    assert (good["lr_d"], good["n"], good["errors"]) == (1e-3, 8, 0)
    assert good["cover"] == share(7, 8) and good["steps_to_cover"] == median(TIMES)
    assert good["hq"] == average([0.9 + i / 100 for i in range(8)]) and good["covered"].value == 63 / 8
    assert (bad["n"], bad["errors"], bad["cover"]) == (8, 8, share(0, 8))
    assert bad["hq"].value is None and bad["steps_to_cover"].value is None
    partly = points(sweep, rows_of(sweep)[:3])
    assert [point["n"] for point in partly] == [3, 0]


def test_the_table_is_what_a_person_reads(sweep):
    head, good, bad = table(points(sweep, rows_of(sweep)), ["lr_d"])
    assert head.split("  ")[0].strip() == "lr_d" and len({len(head), len(good), len(bad)}) == 1
    assert "88% [53%, 98%]" in good and "0.935 [0.915, 0.955]" in good and "55 [20, -]" in good
    assert "0% [0%, 32%]" in bad and bad.split()[:4] == ["100", "0:8", "8", "8"]


def test_seeds_are_named_as_they_are_given():
    assert spans([3, 0, 1, 2]) == "0:4" and spans([7]) == "7:8" and spans([]) == "-"
    assert spans([0, 1, 5, 7, 8]) == "0:2,5:6,7:9"
    (row,) = table([{"seeds": spans(range(0, 100, 3)), "n": 34, "errors": 0}], [])[1:]
    assert row.split() == ["0:1,...,99:100", "34", "0"]


def test_the_figure_has_a_panel_a_quantity_and_its_caption(sweep):
    drawn = figure_of(with_each(sweep), sweep.axes, 0.95)
    labels = [axes.get_ylabel().replace("\n", " ") for axes in drawn.axes]
    assert labels == [
        "seeds that cover all modes",
        "modes covered",
        "samples within 3 σ of a mode",
        "steps to cover all modes",
    ]
    assert drawn.axes[-1].get_xlabel() == "lr_d" and drawn.axes[-1].get_xscale() == "log"
    line = drawn.axes[0].containers[0].lines[0]
    assert line.get_ydata() == pytest.approx([7 / 8, 0]) and line.get_xdata() == pytest.approx([1e-3, 100])
    (bars,) = drawn.axes[0].containers[0].lines[2]
    assert [tuple(bar[:, 1]) for bar in bars.get_segments()] == [
        pytest.approx(share(7, 8)[1:]),
        pytest.approx(share(0, 8)[1:]),
    ]
    text = drawn.get_supxlabel().replace("\n", " ")
    for word in (
        "8 seeds a point",
        "95% intervals",
        "Wilson",
        "Student",
        "distribution-free",
        "8 GANs ended in an error",
    ):
        assert word in text
    picture = np.asarray(canvas.image(drawn))
    assert picture.std() > 5


def test_an_interval_without_an_end_leaves_the_picture(sweep):
    axes = figure_of(with_each(sweep), sweep.axes, 0.95).axes[-1]
    (bars,) = axes.containers[0].lines[2]
    assert bars.get_segments()[0][0, 1] == 20 and bars.get_segments()[0][1, 1] > axes.get_ylim()[1]


def test_curves_are_what_agrees_in_the_other_axes():
    axes = (Axis("lr_d", (0.1, 0.2)), Axis("unroll", (0, 1, 5)), Axis("generator.widths", ((8,), (8, 8))))
    curves = [
        {"lr_d": a, "unroll": b, "generator.widths": c, "preset": "collapse", "n": 4, "errors": 0, "cover": share(1, 4)}
        for a in axes[0].values for b in axes[1].values for c in axes[2].values
    ]  # fmt: skip
    along = curves_along(curves, axes[1], axes)
    assert [label for label, _ in along] == [
        f"lr_d {a}, generator.widths {c}" for a in ("0.1", "0.2") for c in ("8", "8,8")
    ]
    assert all([point["unroll"] for point in own] == [0, 1, 5] for _, own in along)
    drawn = figure_of(curves, axes, 0.95)
    assert len(drawn.axes) == 3 and len(drawn.axes[1].containers) == 4
    colours = {to_hex(bar.lines[0].get_color()).upper() for bar in drawn.axes[1].containers}
    assert colours == {LIGHT[token] for token, _ in STYLES[:4]}
    assert len({bar.lines[0].get_marker() for bar in drawn.axes[1].containers}) == 4


@pytest.mark.parametrize(
    ("values", "places", "scale"),
    [
        ((1, 5, 10), [1, 5, 10], "linear"),
        ((0, 1e-3), [0, 1e-3], "linear"),
        ((1e-4, 1e-2), [1e-4, 1e-2], "log"),
        (("r1", "none"), [0, 1], "words"),
        ((True, False), [0, 1], "words"),
        (((64, 64), (8,)), [0, 1], "words"),
    ],
)
def test_where_values_stand(values, places, scale):
    assert places_of(Axis("x", values)) == (places, scale)


def test_a_sweep_of_seeds_alone_and_one_without_modes_have_a_figure():
    only = [{"preset": "spiral-wgan-gp", "n": 3, "errors": 0, "sw2": Estimate(0.2, 0.1, 0.3)}]
    only[0]["each"] = {"sw2": [0.1, 0.2, 0.3]}
    (axes,) = figure_of(only, (), 0.95).axes
    assert axes.get_ylabel() == "sliced Wasserstein-2" and [t.get_text() for t in axes.get_xticklabels()] == [
        "spiral-wgan-gp"
    ]
    assert "never" not in caption(only, [], 0.95, 0) and "2 curves more" in caption(only, [], 0.95, 2)


def dots(axes):
    """The values of the single GANs that are drawn, by place."""
    strips = [line for line in axes.lines if line.get_linestyle() == "None" and line.get_alpha()]
    return [list(zip(*line.get_data(), strict=True)) for line in strips if len(line.get_xdata())]


def test_over_words_a_strip_of_the_gans_stands_beside_the_intervals():
    swept = grid("collapse", "0:8", ["objective=hinge,minimax"], 100)
    figure = figure_of(with_each(swept), swept.axes, 0.95)
    assert [axes.get_ylabel().split("\n")[0] for axes in figure.axes] == [
        "seeds that cover all", "modes covered", "samples within 3 σ of", "steps to cover all",
    ]  # fmt: skip
    assert dots(figure.axes[0]) == []  # of a share there is none by itself
    for i, strip in enumerate(dots(figure.axes[1])):
        assert [y for _, y in strip] == list(COVERED) and len({x for x, _ in strip}) == 8
        assert all(abs(x - i) < 0.25 for x, _ in strip)
    assert [y for _, y in dots(figure.axes[3])[0]] == [time for time in TIMES if time is not None]
    assert figure.axes[1].containers[0].lines[0].get_linestyle() == "None"  # words have no trend
    assert "8 seeds a point (0:8)" in figure.get_supxlabel()


def test_what_has_fewer_than_two_numbers_is_not_drawn():
    never = share(0, 4)
    point = {"preset": "collapse", "n": 4, "errors": 0, "cover": never, "steps_to_cover": median([None] * 4)}
    point |= {"hq": average([0.1, 0.2, 0.3, 0.4]), "each": {"hq": [0.1, 0.2, 0.3, 0.4]}}
    figure = figure_of([point], (), 0.95)
    assert [axes.get_ylabel().split("\n")[0] for axes in figure.axes] == ["samples within 3 σ of"]
    assert "Fewer than two GANs ever covered all modes" in figure.get_supxlabel().replace("\n", " ")
    single = {"preset": "collapse", "n": 1, "errors": 0, "sw2": average([0.1]), "each": {"sw2": [0.1]}}
    assert figure_of([single], (), 0.95) is None
    assert figure_of([{"preset": "collapse", "n": 3, "errors": 3}], (), 0.95) is None


def test_a_sweep_of_one_gan_has_no_figure(tmp_path):
    one = grid("collapse", "0:1", [], 100)
    directory = SweepDirectory.opened(tmp_path / "s", one, ENGINE)
    directory.append([rows_of(one)[0] | {"covered": 1, "hq": 0.9, "sw2": 0.1}])
    assert "sweep.png" not in finish(directory, one)["files"] and not (tmp_path / "s" / "sweep.png").exists()


def test_a_directory_keeps_whole_rows_and_mends_a_torn_one(sweep, tmp_path):
    directory = SweepDirectory.opened(tmp_path / "s", sweep, ENGINE)
    rows = rows_of(sweep)
    directory.append(rows[:3])
    whole = directory.rows_file.read_text()
    directory.rows_file.write_text(whole + "no row\n" + json.dumps(rows[3])[:40])
    again = SweepDirectory.opened(tmp_path / "s", sweep, ENGINE._replace(name="native"))
    assert again.engine() == ENGINE  # as it began
    again.append(rows[2:5])
    assert [row["key"] for row in again.rows()] == [row["key"] for row in rows[:5]]
    assert summary(again, sweep)["finished"] is False


def test_a_directory_of_something_else_is_refused(sweep, tmp_path):
    (tmp_path / "notes").write_text("x")
    with pytest.raises(ValueError, match="is not empty and holds no sweep: choose another --out$"):
        SweepDirectory.opened(tmp_path, sweep, ENGINE)
    directory = SweepDirectory.opened(tmp_path / "s", sweep, ENGINE)
    directory.append(rows_of(sweep)[:2])
    wider = grid("collapse", "0:9", ["lr_d=1e-3,100"], 100)
    assert len(SweepDirectory.opened(tmp_path / "s", wider, ENGINE).rows()) == 2
    with pytest.raises(ValueError, match="holds 2 rows of another sweep"):
        SweepDirectory.opened(tmp_path / "s", grid("collapse", "0:8", ["lr_d=1e-3,100"], 101), ENGINE)
    (tmp_path / "s" / "sweep.json").write_text("{}")
    with pytest.raises(ValueError, match="is not as gandyn wrote it"):
        SweepDirectory.opened(tmp_path / "s", sweep, ENGINE)


def test_what_it_leaves_at_the_end(sweep, tmp_path):
    directory = SweepDirectory.opened(tmp_path / "s", sweep, ENGINE)
    directory.append(rows_of(sweep))
    ending = finish(directory, sweep)
    assert ending["finished"] and ending["errors"] == 8 and ending["seconds"] == 8.0
    assert json.loads((tmp_path / "s" / "summary.json").read_text()) == json.loads(json.dumps(ending))
    for name in ending["files"]:
        assert (tmp_path / "s" / name).stat().st_size > 0
    (first, _) = json.loads((tmp_path / "s" / "sweep.json").read_text())["points"]
    assert first["seeds"] == list(range(8)) and "seed" not in first["controls"] and first["every"] == 5


def test_parquet_has_the_rows(sweep, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    directory = SweepDirectory.opened(tmp_path / "s", sweep, ENGINE)
    mixed = [row | {"odd": odd} for row, odd in zip(rows_of(sweep), [1, "x"] * 8, strict=True)]
    directory.append(mixed)
    assert directory.write_parquet()
    stored = parquet.read_table(tmp_path / "s" / "rows.parquet").to_pylist()
    assert [row["odd"] for row in stored] == ["1", '"x"'] * 8
    assert [row["measurements"] for row in stored] == [row["measurements"] for row in mixed]
    assert [row["hq"] for row in stored] == [row.get("hq") for row in mixed]
