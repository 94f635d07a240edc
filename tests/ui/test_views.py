"""The views as the page finds them: names and columns of the contract, ranges that only the feed moves, no clutter."""

import json
import shutil
import struct
import subprocess
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from bokeh.core.validation import check_integrity
from bokeh.models import Axis, ColumnDataSource, GlyphRenderer, Plot, Range1d, Scatter

from gandyn.presets import preset
from gandyn.ui import palette
from gandyn.ui.assets import HERE, joined
from gandyn.ui.feed import LAYERS, Feed
from gandyn.ui.views import VIEWS
from gandyn.ui.views.figures import figures
from gandyn.ui.views.panes import arrange, panes
from gandyn.ui.views.wiring import SOURCES

CONTRACT = {
    "real": {"x", "y"},
    "generated": {"x", "y"},
    "critic": {"image", "x", "y", "dw", "dh"},
    "losses": {"step", "critic", "generator"},
    "gap": {"step", "f", "f_k", "gap"},
    "modes": {"step", "covered", "hq"},
}
MANY = [name for name, view in VIEWS.items() if view.many]
SERIES = [name for name, view in VIEWS.items() if view.series]


@pytest.fixture(scope="module")
def page() -> dict[str, Plot]:
    return figures()


def dots_of(stage: Plot) -> dict[str, Scatter]:
    return {one.data_source.name: one.glyph for one in stage.renderers if isinstance(one.glyph, Scatter)}


def models(page: dict[str, Plot]) -> set:
    return set().union(*(figure.references() for figure in page.values()))


def test_the_contracts_sources_are_there_once(page):
    found = {source.name: source for source in models(page) if isinstance(source, ColumnDataSource)}
    assert set(found) == set(SOURCES)
    for name, columns in CONTRACT.items():
        assert set(found[name].data) == columns


def test_no_two_models_of_a_page_share_a_name(page):
    names = Counter(model.name for model in models(page) if model.name)
    assert [name for name, count in names.items() if count > 1] == []


def test_every_glyph_draws_columns_that_exist(page):
    assert [issue for issue in check_integrity(list(page.values())).error] == []
    drawn = {renderer.data_source.name for renderer in models(page) if isinstance(renderer, GlyphRenderer)}
    assert drawn == set(SOURCES)


def test_only_the_feed_moves_the_ranges(page):
    for figure in page.values():
        ranges = [figure.x_range, figure.y_range, *figure.extra_y_ranges.values()]
        assert all(type(one) is Range1d for one in ranges)
    assert {page[name].x_range for name in SERIES} == {page["losses"].x_range}
    assert page["losses"].x_range.name == "axis-step"


def test_the_stage_is_square_in_a_square_box(page):
    stage = page["stage"]
    assert stage.min_border_left + stage.min_border_right == stage.min_border_top + stage.min_border_bottom


def test_steps_stand_at_the_same_place_in_all_figures(page):
    margins = [(page[name].min_border_left, page[name].min_border_right) for name in SERIES]
    assert all(a == b for a, b in pairwise(margins))


@pytest.mark.parametrize("name", list(VIEWS))
def test_a_figure_has_named_axes_and_nothing_else(page, name):
    figure = page[name]
    assert figure.output_backend == "canvas"
    assert figure.legend == [] and figure.toolbar_location is None and figure.tools == [] and figure.title is None
    axes = list(figure.select({"type": Axis}))
    assert len(axes) >= 2 and all(axis.axis_label for axis in axes)
    assert VIEWS[name].summary


def test_real_and_generated_differ_by_shape_and_colour(page):
    looks = {
        name: (getattr(dots.marker, "value", dots.marker), dots.fill_color.value)
        for name, dots in dots_of(page["stage"]).items()
    }
    assert looks == {"real": ("circle", palette.REAL), "generated": ("triangle", palette.GENERATED)}


def test_the_layers_lie_in_order_and_can_be_switched(page):
    tags = [renderer.tags[0].removeprefix("layer-") for renderer in page["stage"].renderers]
    assert list(dict.fromkeys(tags)) == list(LAYERS)


def test_two_pages_share_no_model(page):
    other = figures()
    assert not {model.id for model in models(page)} & {model.id for model in models(other)}


def hidden(shown) -> list[str]:
    return [name for name, part in shown.items() if not part.visible]


def test_what_has_nothing_to_show_is_hidden():
    shown = panes()
    ring, line = preset("collapse"), preset("dirac")
    arrange(shown, ring)
    assert hidden(shown) == ["distance", *MANY]
    stage = shown["stage"][0].object
    small = [dots.size for dots in dots_of(stage).values()]
    arrange(shown, line)
    assert hidden(shown) == ["coverage", "shares", *MANY]
    assert not stage.yaxis.visible
    assert [dots.size for dots in dots_of(stage).values()] == [2 * size for size in small]
    arrange(shown, ring)
    assert stage.yaxis.visible
    assert [dots.size for dots in dots_of(stage).values()] == small
    arrange(shown, ring, 16)
    assert set(shown) - set(hidden(shown)) == {"stage", "bands-covered", "bands-hq", "bands-gap"}
    arrange(shown, line, 16)
    assert set(shown) - set(hidden(shown)) == {"stage", "bands-sw2", "bands-gap"}


def luminance(colour: str) -> float:
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    r, g, b = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(a: str, b: str) -> float:
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_text_and_curves_can_be_read(mode):
    tokens = palette.TOKENS[mode]
    for ground in ("page", "surface"):
        for text in ("text", "muted", "accent", "warning"):
            assert contrast(tokens[text], tokens[ground]) >= 4.5, (text, ground)
        for curve in ("real", "generated", "critic", "covered", "mark"):
            assert contrast(tokens[curve], tokens[ground]) >= 3, (curve, ground)


def test_dark_figures_wear_dark(page):
    dark, tokens = figures("dark"), palette.TOKENS
    assert page["losses"].xaxis.axis_label_text_color == tokens["light"]["text"]
    assert dark["losses"].xaxis.axis_label_text_color == tokens["dark"]["text"]
    worn = {r.glyph.line_color for r in dark["losses"].renderers if r.data_source.name == "losses"}
    assert worn == {tokens["dark"]["critic"], tokens["dark"]["generated"]}


def test_the_feed_knows_all_figures(page):
    assert set(Feed(run="x").figures) == {figure.name for figure in page.values()}


def frame(header: dict, columns: list[tuple]) -> bytes:
    """A frame by the letter of the protocol, written here once more."""
    body, places = b"", []
    for source, name, values, *rest in columns:
        kind = {"<f4": "f4", "|u1": "u1", "<i4": "i4"}[values.dtype.str]
        places.append([source, name, kind, list(values.shape), len(body), *rest])
        body += values.tobytes() + b"\0" * (-values.nbytes % 4)
    head = json.dumps({**header, "columns": places}).encode()
    head += b" " * (-len(head) % 4)
    return struct.pack("<I", len(head)) + head + body


@pytest.fixture
def node(tmp_path):
    """Runs a script with the functions of decode.js at hand: node(script, *arguments) -> what it prints, as JSON."""
    program = shutil.which("node")
    if not program:
        pytest.skip("no node")

    def run(script: str, *arguments: str):
        path = tmp_path / "script.mjs"
        path.write_text(f'{joined("decode.js")}\nimport {{readFileSync}} from "node:fs"\nconsole.log({script})')
        done = subprocess.run([program, str(path), *arguments], capture_output=True, text=True, check=True)
        return json.loads(done.stdout)

    return run


def test_the_page_reads_a_frame(node, tmp_path):
    image = np.arange(6, dtype="u1").reshape(2, 3)
    columns = [
        ("real", "x", np.array([1.5, np.nan, -2], "f4")),
        ("critic", "image", image, 0.5, -1.0),
        ("shares", "mode", np.array([0, 1, 2**20], "i4")),
    ]
    path = tmp_path / "frame"
    path.write_bytes(frame({"step": 7, "notice": "ähnlich"}, columns))
    script = """(() => {
      const bytes = readFileSync(process.argv[2])
      const {header, sources} = decode(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
      const {real: {x}, critic: {image}, shares: {mode}} = sources
      const numbers = [[...x.values], [...image.values], image.shape, [...mode.values]]
      return JSON.stringify([header.step, header.notice, ...numbers])
    })()"""
    step, notice, x, values, shape, mode = node(script, str(path))
    assert (step, notice) == (7, "ähnlich")
    assert x == [1.5, None, -2]  # JSON knows no NaN
    assert values == (0.5 * image - 1).ravel().tolist() and shape == [2, 3]
    assert mode == [0, 1, 2**20]


def test_equal_columns_are_not_painted_again(node):
    script = "JSON.stringify([same([1, NaN], [1, NaN]), same([1, 2], [1, 3]), same([1], [1, 2]), same([1], undefined)])"
    assert node(script) == [True, False, False, False]


def test_labels_of_marks_do_not_overlap(node):
    marks = [[10, "aaaa"], [50, "bbbb"], [52, "cccc"], [99, "dddd"], [150, "eeee"]]
    placed = node(f"JSON.stringify(placeLabels({json.dumps(marks)}, 0, 100, 200, (text) => 10 * text.length))")
    assert [label["text"] for label in placed][:2] == ["dddd", "cccc"]  # the newest first; one is beyond the axis
    assert placed[0]["align"] == "right"  # it stands at the right end
    spans = sorted((label["left"], label["left"] + label["wide"]) for label in placed)
    assert all(left[1] <= right[0] for left, right in pairwise(spans))
    assert spans[0][0] >= 0 and spans[-1][1] <= 200


def test_the_pages_scripts_are_files_of_the_package():
    for name in ("decode.js", "fast_glyphs.js", "paint.js", "figure_theme.js", "feed.js", "views/key.js"):
        assert (HERE / name).is_file()
