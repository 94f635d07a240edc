"""The views of choice as the page finds them: what each declares is what its probe gives and its figure draws."""

import math
from collections import Counter

import msgspec
import numpy as np
import pytest
import torch
from bokeh.core.validation import check_integrity
from bokeh.models import Axis, GlyphRenderer, Range1d

import gandyn
from gandyn.core.rng import Rng
from gandyn.live.frame import LAYERS
from gandyn.live.probing import packed, run_probe
from gandyn.presets import PRESETS
from gandyn.probes import PROBES
from gandyn.ui.page.feed import Feed
from gandyn.ui.page.messages import ShowViews
from gandyn.ui.page.page import build_page
from gandyn.ui.page.studies import offered
from gandyn.ui.session.session import Session
from gandyn.ui.share import link, link_views
from gandyn.ui.share.link_views import Views
from gandyn.ui.studies import MOST, STUDIES
from gandyn.ui.views import VIEWS
from gandyn.ui.views.comparison import placed
from gandyn.ui.views.figures import figures, study_figure
from gandyn.ui.views.panes import legend

FITTING = {
    name: next(one for one in (gandyn.preset("collapse"), *PRESETS.values()) if not study.unfit(one))
    for name, study in STUDIES.items()
}


@pytest.fixture(scope="module")
def moments() -> dict[str, tuple]:
    """Of each view a preset that it fits, at a step."""
    runs = {experiment.name: gandyn.Run(experiment) for experiment in FITTING.values()}
    for run in runs.values():
        run.advance(3)
    return {name: (runs[one.name].experiment, runs[one.name].state) for name, one in FITTING.items()}


@pytest.mark.parametrize("name", list(STUDIES))
def test_a_view_of_choice_draws_what_its_probe_gives(name, moments):
    study, (experiment, state) = STUDIES[name], moments[name]
    arrays = PROBES[name](experiment, state, Rng(experiment.seed))
    head, columns = packed(name, 3, arrays)
    shapes = {one.name: one.values.shape for one in columns}
    for source, names in study.sources.items():
        assert source.startswith(f"{name}-"), "names are those of the whole page"
        lengths = {shapes[one] for one in names if one != study.images.get(source)}
        assert len(lengths) == 1, f"{source}: {lengths}"
    assert set(study.images) <= set(study.sources)
    for axis in study.axes:
        assert set(axis.columns) <= set(shapes)
        assert axis.window or axis.columns or (axis.low is not None and axis.high is not None)
    assert {number.name for number in study.numbers} <= set(head.numbers)
    if study.slide:
        for column, other in study.slide.blend.items():
            assert shapes[column] == shapes[other]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("players", [("g",), ("d",), ("g", "d")], ids="".join)
@pytest.mark.parametrize("name", list(STUDIES))
def test_of_weights_that_are_not_finite_a_view_says_so_in_a_line(name, players, value, moments):
    experiment, state = moments[name]
    lost = state._replace(**{player: torch.full_like(getattr(state, player), value) for player in players})
    head, columns, _ = run_probe(name, experiment, lost)
    assert head.problem == "At step 3 the weights are not finite: go back in time." and columns == ()


@pytest.mark.parametrize("players", [("g",), ("d",), ("g", "d")], ids="".join)
@pytest.mark.parametrize("name", list(STUDIES))
def test_of_weights_that_have_run_away_a_view_draws_what_it_can_or_says_why_not(name, players, moments):
    experiment, state = moments[name]
    away = state._replace(**{one: 1e30 * getattr(state, one) for one in players})
    head, columns, _ = run_probe(name, experiment, away)
    if head.problem:
        assert columns == () and not head.problem.startswith("It failed") and len(head.problem) < 120
    else:
        drawn = {one.name for names in STUDIES[name].sources.values() for one in columns if one.name in names}
        assert drawn and any(np.isfinite(one.values).any() for one in columns if one.name in drawn)


@pytest.mark.parametrize("name", list(STUDIES))
def test_a_view_of_choice_declares_what_its_figure_draws(name):
    study, figure = STUDIES[name], study_figure(name)
    assert check_integrity([figure]).error == []
    drawn = set()
    for renderer in figure.select({"type": GlyphRenderer}):
        source = renderer.data_source
        drawn.add(source.name)
        assert set(source.data) == set(study.sources[source.name])
        specs = (getattr(renderer.glyph, spec) for spec in renderer.glyph.dataspecs())
        fields = {spec if isinstance(spec, str) else getattr(spec, "field", None) for spec in specs}
        assert fields & set(source.data), f"{source.name} is not drawn"
    assert drawn == set(study.sources)
    ranges = [figure.x_range, figure.y_range, *figure.extra_y_ranges.values()]
    assert all(type(one) is Range1d for one in ranges)
    assert {one.name for one in ranges if one.name} == {f"axis-{axis.name}" for axis in study.axes}
    assert all(axis.axis_label for axis in figure.select({"type": Axis}) if axis.visible)
    assert figure.title is None and figure.tools == [] and figure.legend == []


@pytest.mark.parametrize("name", list(STUDIES))
def test_a_view_of_choice_says_in_two_sentences_how_to_read_it(name):
    study = STUDIES[name]
    assert len(study.key) == legend(study.key).count('class="entry"')
    assert study.title and study.cost and not study.cost.endswith(".")
    assert study.reading.endswith(".") and study.reading.count(". ") == 1 and len(study.reading) < 420


def test_no_two_models_of_a_page_with_all_views_of_two_runs_share_a_name():
    displayed = [*figures().values(), *(placed(study_figure(name), place) for name in STUDIES for place in (0, 1))]
    models = set().union(*(figure.references() for figure in displayed))
    names = Counter(model.name for model in models if model.name)
    assert [name for name, count in names.items() if count > 1] == []


def test_views_of_choice_have_names_of_their_own():
    assert not set(STUDIES) & (set(VIEWS) | LAYERS | {layer for view in VIEWS.values() for layer in view.layers})
    assert set(STUDIES) <= set(PROBES)
    assert {one["name"] for one in Feed(run="x").views["studies"]} == set(STUDIES)


def test_a_figure_is_made_when_its_view_is_first_chosen_and_kept():
    first, second, *_ = STUDIES
    session = Session(gandyn.preset("collapse"), playing=False)
    page, feed = build_page(session)
    assert len(page.views) == 0 and feed.displayed == [] and page.displayed == []
    page.receive(msgspec.convert({"type": "show-views", "names": [first]}, ShowViews))
    (panel,) = page.views
    (box, *others) = panel.figures
    figure = box[0].object
    assert figure.name == f"view-{first}" and not any(len(one) for one in others)
    assert feed.displayed == feed.studies == page.displayed == [first] and session.views == (first,)
    page.receive(ShowViews([second]))
    assert [one.visible for one in page.views] == [False, True]
    assert feed.displayed == [second] and feed.studies == [first, second]
    page.receive(ShowViews([second, first]))
    assert page.views[0] is panel and panel.visible and box[0].object is figure
    panel.receive(None)  # its cross
    assert feed.displayed == [second] and not panel.visible


def test_what_is_chosen_of_a_view_goes_to_its_probe_and_is_offered_with_what_may_be_chosen():
    session = Session(gandyn.preset("quadratic"), playing=False)
    page, _ = build_page(session, views=Views(("bifurcation",)))
    (panel,) = page.views
    offered_now = {one["name"]: one for one in panel.choices}
    assert list(offered_now) == ["value", "knob", "low", "high"] and offered_now["knob"]["value"] == "lr_g"
    assert (offered_now["low"]["hint"], offered_now["high"]["hint"]) == ("0.0017", "1.5"), "30 times less and more"
    refused = []
    panel.refuse = lambda message, line: refused.append(line)
    panel._handle_msg({"type": "adjust-view", "chosen": {"knob": "penalty_weight", "high": "2"}})
    assert session.broadcast.chosen == {"bifurcation": {"knob": "penalty_weight", "high": "2"}} and refused == []
    offered_now = {one["name"]: one for one in panel.choices}
    assert offered_now["knob"]["value"] == "penalty_weight" and offered_now["high"]["value"] == "2"
    panel._handle_msg({"type": "adjust-view", "chosen": {"colour": "red"}})
    panel._handle_msg({"type": "adjust-view", "chosen": {"low": "1" * 61}})
    assert refused[0] == "'colour' is no choice of bifurcation: value, knob, low, high" and "not take" in refused[1]
    with pytest.raises(ValueError, match="no choice of weights: it has none"):
        session.adjust("weights", {"low": "1"})
    session.change(freeze="critic")
    (knobs,) = (one["options"] for one in panel.choices if one["name"] == "knob")
    assert "lr_g" in knobs and "lr_d" not in knobs, "a number that does nothing now is not offered"


@pytest.mark.parametrize("name", list(STUDIES))
def test_what_may_be_chosen_of_a_view_are_options_of_its_probe(name, moments):
    experiment, state = moments[name]
    for choice in STUDIES[name].choices(experiment, {}):
        begin = PROBES[name].begin
        assert begin(experiment, state, Rng(0), **{choice.name: choice.value or choice.hint})
        for option in choice.options:
            assert begin(experiment, state, Rng(0), **{choice.name: option})
        assert choice.label and all(choice.options.values())
        assert set(choice.clears) <= {one.name for one in STUDIES[name].choices(experiment, {})} - {choice.name}


@pytest.mark.parametrize("name", list(STUDIES))
def test_what_is_written_along_an_axis_wears_a_colour_for_text(name):
    mark = "theme-major_label_text_color="
    tags = [tag for axis in study_figure(name).select({"type": Axis}) for tag in axis.tags if str(tag).startswith(mark)]
    assert {tag.removeprefix(mark) for tag in tags} <= {"text", "muted", "accent", "warning"}


def test_every_run_of_a_comparison_has_a_figure_in_each_view_that_is_shown():
    name = next(iter(STUDIES))
    session = Session(gandyn.preset("collapse"), playing=False)
    page, _ = build_page(session, views=Views((name,)))
    session.compare({"unroll": "5"}, which=0)
    (panel,) = page.views
    displayed = [box[0].object.name for box in panel.figures if len(box)]
    assert displayed == [f"view-{name}", f"view-{name}@2"] and panel.count == 2


def test_no_more_views_are_shown_than_there_is_room_for():
    session = Session(gandyn.preset("collapse"), playing=False)
    page, feed = build_page(session)
    page.receive(ShowViews(list(STUDIES)))
    assert feed.displayed == list(STUDIES)[-MOST:]


def test_a_view_that_there_is_not_is_refused_in_a_line():
    page, _ = build_page(Session(gandyn.preset("collapse"), playing=False))
    with pytest.raises(ValueError, match="view 'weigths' is unknown; did you mean 'weights'"):
        page.receive(ShowViews(["weigths"]))


def asked_of(**query: str) -> link.Link:
    return link.read({key: [text.encode()] for key, text in query.items()}, list(PRESETS))


def test_a_link_opens_with_the_views_that_it_names():
    one, two, *_ = STUDIES
    for query, alone in (({"views": f"{one},{two}"}, False), ({"view": one}, True)):
        asked = asked_of(**query)
        assert asked.notice is None and asked.views == Views((one, two)[: 2 - alone], alone)
        session = Session(asked.experiment)
        page, _ = build_page(session, views=asked.views)
        written = link.write(session)
        assert page.alone is alone and {key: written[key] for key in query} == query and len(written) == 2


def test_what_is_chosen_of_a_view_belongs_to_the_link_and_opens_with_it():
    session = Session(gandyn.preset("quadratic"), playing=False)
    build_page(session, views=Views(("bifurcation", "weights")))
    assert not [key for key in link.write(session) if "." in key], "what is chosen by nobody is not said"
    session.adjust("bifurcation", {"value": "critic's loss", "knob": "lr_d", "low": "0.01", "high": ""})
    written = link.write(session)
    chosen = {"bifurcation.value": "critic's loss", "bifurcation.knob": "lr_d", "bifurcation.low": "0.01"}
    assert {key: text for key, text in written.items() if "." in key} == chosen
    again = asked_of(**written)
    assert again.notice is None
    session = Session(again.experiment)
    page, _ = build_page(session, views=again.views)
    now = {one["name"]: one["value"] for one in page.views[0].choices}
    assert now == {"value": "critic's loss", "knob": "lr_d", "low": "0.01", "high": ""}
    assert dict(session.broadcast.chosen["bifurcation"]) == {name.partition(".")[2]: v for name, v in chosen.items()}
    page.receive(ShowViews(["weights"]))
    assert not [key for key in link.write(session) if "." in key], "nor what is not shown"


@pytest.mark.parametrize(
    ("query", "names", "left_out"),
    [
        ({"view": "weights,spectrum"}, (), "view takes the name of one view, which it shows alone; views=weights,spec"),
        ({"view": "weights", "views": "spectrum"}, (), "view takes the name of one view, which it shows alone"),
        (
            {"views": "weights,spectrum,look_ahead,path"},
            ("weights", "spectrum"),
            "look_ahead, path, since 2 views are shown at a time.",
        ),
        ({"views": "weigths,spectrum"}, ("spectrum",), "view 'weigths' (did you mean weights?)."),
        ({"views": "weights,weights,spectrum"}, ("weights", "spectrum"), None),
        (
            {"view": "bifurcation", "bifurcation.nob": "lr_d"},
            ("bifurcation",),
            "'bifurcation.nob' (did you mean bifurcation.knob?).",
        ),
        (
            {"view": "bifurcation", "bifurcation.value": "fame"},
            ("bifurcation",),
            "bifurcation.value is one of modes covered, generator's loss, critic's loss, first number of θ_G, not",
        ),
        ({"bifurcation.knob": "lr_d"}, (), "'bifurcation.knob', since that view is not shown."),
        ({"view": "weights", "weights.colour": "red"}, ("weights",), "'weights.colour'."),
    ],
)
def test_what_a_link_asks_of_views_beyond_what_there_is_is_left_out_and_said(query, names, left_out):
    asked = asked_of(**query)
    assert asked.views.names == names and not any(asked.views.chosen.values())
    begin = "Left out of what the link asks for: "
    assert asked.notice is left_out is None or (asked.notice.startswith(begin + left_out) and "\n" not in asked.notice)


def test_the_menu_says_of_every_view_what_it_shows_and_costs_and_why_there_is_nothing_to_see():
    for experiment in PRESETS.values():
        listed = offered(experiment)
        assert [one["name"] for one in listed] == list(STUDIES)
        assert all(one["title"] and one["cost"] and one["reading"] for one in listed)
    assert not any(one["unfit"] for one in offered(gandyn.preset("collapse")) if one["name"] != "portrait")


def test_where_no_number_does_anything_there_is_nothing_to_choose_and_a_line_says_so():
    opened = asked_of(objective="mmd", freeze="generator", views=" bifurcation ")
    assert opened.views.names == ("bifurcation",)
    assert STUDIES["bifurcation"].choices(opened.experiment, {}) == ()
    state = gandyn.Run(opened.experiment).state
    with pytest.raises(ValueError, match="^no number does anything now: each control says why$"):
        PROBES["bifurcation"].begin(opened.experiment, state, Rng(0))


def test_of_a_link_full_of_views_that_there_are_not_a_few_are_named_and_the_others_counted():
    views = link_views.read({"views": ",".join(f"v{i}" for i in range(1500))}, gandyn.preset("collapse"))
    assert len(views.lost) == link_views.NAMED + 1 and views.lost[-1] == f"{1500 - link_views.NAMED} more"
    chosen = {f"bifurcation.v{i}": "1" for i in range(8000)}
    views = link_views.read({"views": "bifurcation", **chosen}, gandyn.preset("collapse"))
    assert len(views.lost) == link_views.NAMED + 1 and views.lost[-1] == f"{8000 - link_views.NAMED} more"
