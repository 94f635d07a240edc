"""The views as the page finds them: names and columns of the contract, ranges that only the feed moves, no clutter."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from bokeh.core.validation import check_integrity
from bokeh.models import Axis, ColumnDataSource, GlyphRenderer, Plot, Range1d, Scatter, VBar

from gandyn.live import frame
from gandyn.presets import preset
from gandyn.ui.compare.many import LAYER
from gandyn.ui.page import palette
from gandyn.ui.page.feed import Feed
from gandyn.ui.views import VIEWS, Source, View, layers
from gandyn.ui.views.comparison import MOST, figure_of
from gandyn.ui.views.figures import figures
from gandyn.ui.views.panes import Panes
from gandyn.ui.views.series import curve
from gandyn.ui.views.sources import along_steps, sources
from gandyn.ui.views.wiring import Wiring

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


def columns_of(figure: Plot, source: str) -> set[str]:
    """The columns of a source that its glyphs have as their heights."""
    renderers = figure.select({"type": GlyphRenderer})
    heights = [one.glyph.y for one in renderers if one.data_source.name == source]
    return {getattr(height, "field", height) for height in heights}


def models(page: dict[str, Plot]) -> set:
    return set().union(*(figure.references() for figure in page.values()))


def test_the_share_of_high_quality_has_an_axis_of_its_own_below_the_modes(page):
    modes, quality = page["coverage"], page["quality"]
    assert columns_of(modes, "modes") == {"covered"}
    assert columns_of(quality, "modes") == {"hq"}
    assert modes.y_range is not quality.y_range and (quality.y_range.start, quality.y_range.end) == (-0.06, 1.06)
    assert modes.extra_y_ranges == quality.extra_y_ranges == {}
    assert not modes.xaxis.visible and quality.xaxis.visible, "one axis of steps for both"
    assert "quality" not in Panes().beside, "it stands in the part of coverage"


def test_each_curve_ends_in_its_latest_reading(page):
    values = {"critic", "generator", "f_k", "gap", "covered", "hq", "sw2"}
    assert set(sources()["latest"].columns) == {"step", "probed", *values}
    for name in SERIES:
        drawn = columns_of(page[name], "latest")
        declared = {column for source in VIEWS[name].sources if source.name == "latest" for column in source.columns}
        assert drawn == declared - {"step", "probed"} and drawn
        assert ("probed" in declared) == bool(drawn & {"f_k", "gap"}), "a look-ahead has a step of its own"


def test_the_contracts_sources_are_there_once(page):
    by_name = {source.name: source for source in models(page) if isinstance(source, ColumnDataSource)}
    assert set(by_name) == set(sources())
    for name, columns in CONTRACT.items():
        assert set(by_name[name].data) == columns


def test_no_two_models_of_a_page_share_a_name(page):
    names = Counter(model.name for model in models(page) if model.name)
    assert [name for name, count in names.items() if count > 1] == []


def test_every_glyph_draws_columns_that_exist(page):
    assert [issue for issue in check_integrity(list(page.values())).error] == []
    drawn = {renderer.data_source.name for renderer in models(page) if isinstance(renderer, GlyphRenderer)}
    assert drawn == set(sources())


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
    assert list(dict.fromkeys(tags)) == ["map", "contours", "arrows", "real", "generated", "modes"]
    names = [layer.name for layer in layers()]
    assert sorted(names) == sorted(set(tags)) and Feed(run="x").layers == names
    assert set(names) | {LAYER} >= frame.LAYERS, "what is computed only where it is shown has a switch"


def test_two_pages_share_no_model(page):
    other = figures()
    assert not {model.id for model in models(page)} & {model.id for model in models(other)}


def hidden(panes: Panes) -> list[str]:
    return [name for name, part in panes.beside.items() if not part.visible]


def test_what_has_nothing_to_show_is_hidden():
    panes = Panes()
    ring, line = preset("collapse"), preset("dirac")
    panes.arrange([ring])
    assert hidden(panes) == ["distance", *MANY]
    stage = panes.stages[0][0].object
    small = [dots.size for dots in dots_of(stage).values()]
    panes.arrange([line])
    assert hidden(panes) == ["coverage", "shares", *MANY]
    assert not stage.yaxis.visible
    assert [dots.size for dots in dots_of(stage).values()] == [2 * size for size in small]
    panes.arrange([ring])
    assert stage.yaxis.visible
    assert [dots.size for dots in dots_of(stage).values()] == small
    panes.arrange([ring], 16)
    assert set(panes.beside) - set(hidden(panes)) == {"bands-covered", "bands-hq", "bands-gap"}
    panes.arrange([line], 16)
    assert set(panes.beside) - set(hidden(panes)) == {"bands-sw2", "bands-gap"}


def curves_of(figure: Plot, source: str) -> list[tuple[str, str, str]]:
    """(source, colour, dash) of the visible curves that draw this source, of every run."""
    return [
        (one.data_source.name, one.glyph.line_color, one.glyph.line_dash)
        for one in figure.renderers
        if isinstance(one, GlyphRenderer) and one.visible and one.data_source.name.split("@")[0] == source
    ]


def test_every_run_of_a_comparison_has_a_stage_and_curves_of_its_own_in_shared_figures():
    panes = Panes()
    losses = panes.beside["losses"][1].object
    alone = curves_of(losses, "losses")
    panes.arrange([preset("collapse")] * MOST)
    assert [stage.visible for stage in panes.stages] == [True] * MOST and panes.places == MOST
    assert not curves_of(losses, "gap"), "what is not compared is not drawn"
    drawn = curves_of(losses, "losses")
    assert {source for source, _, _ in drawn} == {"losses", "losses@2", "losses@3", "losses@4"}
    assert len({(colour, tuple(dash)) for _, colour, dash in drawn}) == MOST == len(drawn) / 2
    assert set(hidden(panes)) == {"distance", *MANY}
    panes.arrange([preset("collapse")] * 2)
    assert {source for source, _, _ in curves_of(losses, "losses")} == {"losses", "losses@2"}
    panes.arrange([preset("collapse")])
    assert curves_of(losses, "losses") == alone and curves_of(losses, "gap")
    assert [stage.visible for stage in panes.stages] == [True] + [False] * (MOST - 1)


def test_the_bars_of_a_comparison_stand_side_by_side_around_their_mode():
    panes = Panes()
    figure = panes.beside["shares"][1].object

    def bars() -> list:
        drawn = [one for one in figure.renderers if isinstance(one.glyph, VBar) and one.visible]
        return [(one.data_source.name, one.glyph) for one in drawn]

    ((_, alone),) = bars()
    before = (alone.x, alone.width, alone.fill_color, list(alone.tags))
    for count in (2, 4, 3):
        panes.arrange([preset("collapse")] * count)
        assert [name for name, _ in bars()] == ["shares", "shares@2", "shares@3", "shares@4"][:count]
        middles = [bar.x.transform.value for _, bar in bars()]
        assert sum(middles) == pytest.approx(0)
        assert np.diff(middles) == pytest.approx(bars()[0][1].width), "they touch and do not overlap"
        assert len({bar.fill_color for _, bar in bars()}) == count
        weights = [one for one in figure.renderers if one.visible and not isinstance(one.glyph, VBar)]
        assert not [one for one in weights if one.data_source.name == "shares"]
    panes.arrange([preset("collapse")])
    assert (alone.x, alone.width, alone.fill_color, list(alone.tags)) == before


def test_the_figures_of_all_runs_have_models_of_different_names(page):
    others = [figure_of("stage", place) for place in range(1, MOST)]
    names = Counter(model.name for one in [page["stage"], *others] for model in one.references() if model.name)
    assert names["generated@2"] == names["axis-x@4"] == names["map-critic@3"] == 1
    assert [name for name, count in names.items() if count > 1] == []


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
        for token in ("real", "generated", "critic", "covered", "mark", "run1", "run2", "run3", "run4"):
            assert contrast(tokens[token], tokens[ground]) >= 3, (token, ground)


def plain(colour) -> str:
    return getattr(colour, "value", colour)


def blended(colour: str, ground: str) -> str:
    """A colour #RRGGBBAA over a ground."""
    alpha = int(colour[7:9] or "FF", 16) / 255
    parts = ((int(colour[i : i + 2], 16), int(ground[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(alpha * a + (1 - alpha) * b):02X}" for a, b in parts)


def test_in_the_dark_the_map_is_dark_and_what_lies_on_it_can_be_seen():
    ground, tokens = palette.CRITIC["dark"], palette.TOKENS["dark"]
    assert contrast(tokens["sheet"], tokens["surface"]) < 1.1, "its middle is the ground of the page"
    assert all(luminance(a) <= luminance(b) for a, b in pairwise(ground[128:]))
    assert all(luminance(a) >= luminance(b) for a, b in pairwise(ground[:128]))
    for name in ("contour", "midline", "arrow", "uncovered", "ink", "outline"):
        assert min(contrast(blended(tokens[name], colour), colour) for colour in ground) >= 3, name
    for name in ("real", "generated"):  # each within its outline
        assert contrast(tokens[name], tokens["sheet"]) >= 3 and contrast(tokens[name], tokens["outline"]) >= 3


def test_green_is_real_and_purple_is_generated_in_both_themes():
    for colours in palette.CRITIC.values():
        (low, high), middle = (
            [[int(colours[i][k : k + 2], 16) for k in (1, 3, 5)] for i in (0, -1)],
            colours[128],
        )
        assert low[1] < min(low[0], low[2]) and high[1] > max(high[0], high[2])
        assert max(int(middle[k : k + 2], 16) for k in (1, 3, 5)) - int(middle[3:5], 16) < 8


def test_the_stage_wears_its_theme(page):
    for mode, figure in {"light": page["stage"], "dark": figures("dark")["stage"]}.items():
        tokens = palette.TOKENS[mode]
        assert figure.background_fill_color == tokens["sheet"]
        lines = {
            one.data_source.name: one.glyph.line_color for one in figure.renderers if hasattr(one.glyph, "line_color")
        }
        assert [plain(lines[name]) for name in ("contours", "midline", "arrows")] == [
            tokens[name] for name in ("contour", "midline", "arrow")
        ]
        assert {plain(dots.line_color) for dots in dots_of(figure).values()} == {tokens["outline"]}
        assert lines["circles"].transform.palette == [tokens["uncovered"], tokens["ink"]]


def test_dark_figures_wear_dark(page):
    dark, tokens = figures("dark"), palette.TOKENS
    assert page["losses"].xaxis.axis_label_text_color == tokens["light"]["text"]
    assert dark["losses"].xaxis.axis_label_text_color == tokens["dark"]["text"]
    worn = {r.glyph.line_color for r in dark["losses"].renderers if r.data_source.name == "losses"}
    assert worn == {tokens["dark"]["critic"], tokens["dark"]["generated"]}


def test_the_feed_knows_all_figures(page):
    known = Feed(run="x").views["figures"]
    assert {one["name"] for one in known} == {figure.name for figure in page.values()}
    assert [one["name"] for one in known if one["live"]] == ["view-stage", "view-shares"]


@pytest.mark.parametrize("name", list(VIEWS))
def test_a_view_declares_what_it_draws(page, name):
    view = VIEWS[name]
    declared = {source.name: set(source.columns) for source in (*view.sources, *along_steps(view))}
    for renderer in page[name].select({"type": GlyphRenderer}):
        specs = (getattr(renderer.glyph, spec) for spec in renderer.glyph.dataspecs())
        drawn = {spec if isinstance(spec, str) else getattr(spec, "field", None) for spec in specs}
        assert drawn & set(renderer.data_source.data) <= declared[renderer.data_source.name]


def test_what_two_views_say_of_a_source_is_put_together():
    gap = sources()["gap"]
    assert set(gap.columns) == CONTRACT["gap"] and len(gap.columns) == 4


def test_views_that_contradict_each_other_are_named(monkeypatch):
    loud = View("loud", "", lambda wiring: None, sources=(Source("gap", ("step",), "frame"),))
    monkeypatch.setitem(VIEWS._entries, "loud", (99, loud))
    with pytest.raises(ValueError, match="view 'loud' declares source 'gap' unlike another view"):
        sources()


def test_a_source_that_no_view_declares():
    with pytest.raises(ValueError, match="source of a view 'gpa' is unknown; did you mean 'gap'"):
        curve(Wiring(sources()), "gpa", "gap", "text")
