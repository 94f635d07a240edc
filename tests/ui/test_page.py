"""The page without a browser: controls by reflection, and the link that is the whole configuration."""

import math
from urllib.parse import parse_qs, urlencode

import pytest
from bokeh.document import Document

from gandyn.core import native
from gandyn.core.controls import Control, controls
from gandyn.core.target import TARGETS
from gandyn.presets import PRESETS
from gandyn.ui.controls.controls import RARE, Controls, describe
from gandyn.ui.controls.scale import stops
from gandyn.ui.page.page import build_page
from gandyn.ui.session.choices import listed_presets
from gandyn.ui.session.session import Session
from gandyn.ui.share import link
from gandyn.ui.time.transport import Transport


@pytest.fixture
def session():
    return Session(playing=False)


def number(kind: type = float, **rest) -> Control:
    return Control("some", "knob", "rates", "some", kind, "", **rest)


@pytest.mark.parametrize("preset", listed_presets())
def test_every_control_has_one_input_and_every_input_a_control(preset):
    session = Session(PRESETS[preset], playing=False)
    column = Controls(session)
    inputs = [one["name"] for group in column.groups for one in group["controls"]]
    several = "+" in session.experiment.rule.penalty  # each of them has a weight of its own
    assert sorted(inputs) == sorted(set(session.experiment.values()) - ({"penalty_weight"} if several else set()))
    assert list(column.values) == [name for name in session.experiment.controls() if name in inputs]
    assert all(model.name == name for name, model in column.values.items())


def test_the_groups_stand_in_the_order_in_which_one_thinks(session):
    groups = Controls(session).groups
    assert [group["name"] for group in groups if group["live"]] == [
        "objective", "look-ahead", "rates", "steps", "target",
    ]  # fmt: skip
    assert [group["name"] for group in groups if not group["live"]] == ["generator", "critic", "run"]


def test_what_is_rare_exists():
    names = {name for target in TARGETS.values() for name in controls(target())}
    assert {name.split(".")[-1] for name in names} >= RARE


def test_the_page_holds_a_named_model_for_every_control(session):
    page = build_page(session)[0]
    document = Document()
    document.add_root(page.get_root(document))
    for name, value in session.experiment.values().items():
        held = document.get_model_by_name(name).value
        assert held == (",".join(map(str, value)) if isinstance(value, tuple) else value)
    assert document.get_model_by_name("preset").value == "collapse"
    assert document.get_model_by_name("steps_per_second").value == session.speed


def test_a_value_from_the_page_reaches_the_run_and_what_depends_on_it(session):
    column = Controls(session)
    session.watch(column.refresh)
    assert "k = 0" in column.values["unroll_order"].idle
    column.values["unroll"].value = 5
    assert session.experiment.rule.unroll == 5
    assert column.values["unroll_order"].idle is None
    assert (column.values["unroll"].value, column.values["unroll"].preset) == (5, 0)


def test_a_refused_value_goes_back_with_one_line(session):
    column = Controls(session)
    session.watch(column.refresh)
    before = session.experiment
    column.values["lr_g"].value = 1000
    assert session.experiment is before
    assert column.values["lr_g"].value == before.knobs.lr_g
    assert column.values["lr_g"].error == "generator's rate must be a number in [0, 100], not 1000"
    column.values["lr_d"].value = 0.25
    assert column.values["lr_g"].error == ""  # an old complaint does not outlive the next change


def test_another_target_brings_its_own_controls(session):
    column = Controls(session)
    session.watch(column.refresh)
    column.values["target"].value = "two-gaussians"
    own = {f"target.{name}" for name in session.experiment.target.parameters()}
    assert {name for name in column.values if name.startswith("target.")} == own
    assert all(column.values[name].value == column.values[name].preset for name in own if name != "target.weights")


def test_text_in_one_writing(session):
    column = Controls(session)
    session.watch(column.refresh)
    column.values["generator.widths"].value = " 32, 16 "
    assert column.values["generator.widths"].value == "32,16"


def test_the_widget_fits_the_control():
    assert describe(number(suggest=(1e-5, 0.1), high=100, log=True))["widget"] == "number"
    assert describe(number(bool))["widget"] == "tick"
    assert describe(number(int, high=1))["widget"] == "tick"
    assert describe(number(tuple))["widget"] == "text"
    assert describe(number(str, choices=("first", "second")))["widget"] == "buttons"
    assert describe(number(str, choices=("simultaneous", "alternating", "generator-first")))["widget"] == "list"


@pytest.mark.parametrize("name", ["objective", "penalty", "optimizer_g", "optimizer_d"])
def test_a_name_in_a_menu_says_what_it_is_and_its_formula(name):
    choices = describe(PRESETS["collapse"].controls()[name])["choices"]
    assert len(choices) > 4 and all(choice["summary"] and choice["formula"] and choice["cite"] for choice in choices)


def test_the_menu_of_targets_holds_points_alone():
    offered = [choice["value"] for choice in describe(PRESETS["collapse"].controls()["target"])["choices"]]
    assert {"ring", "spiral", "dirac"} <= set(offered)
    assert "mnist" not in offered


@pytest.mark.parametrize("name", PRESETS)
def test_sliders_rise_within_the_range(name):
    for control in PRESETS[name].controls().values():
        if control.type not in (int, float) or control.choices:
            continue
        places = stops(control)
        assert places == sorted(set(places))
        assert all(control.low <= place <= control.high for place in places)
        assert len(places) != 1


def test_a_logarithmic_slider_has_round_values():
    rate = stops(number(suggest=(1e-5, 0.1), high=100, log=True))
    assert rate[:4] == [0, 1e-5, 1.2e-5, 1.5e-5]
    assert rate[-1] == 0.1
    assert all(1 < b / a < 1.4 for a, b in zip(rate[1:], rate[2:], strict=False))
    assert all(float(f"{value:.1e}") == value for value in rate)
    assert stops(number(int, low=1, high=65536, log=True, suggest=(8, 32))) == [8, 12, 16, 24, 32]


def test_other_sliders():
    assert stops(number(int, high=100, suggest=(0, 10))) == list(range(11))
    assert stops(number(int, high=2**53)) == []  # a seed is typed
    decay = stops(number(high=0.999999))
    assert {0, 0.5, 0.9, 0.99, 0.999} <= set(decay)
    turn = stops(number(low=-360, high=360))
    assert (turn[0], turn[-1]) == (-360, 360)
    assert 0 in turn
    assert math.isclose(turn[1] - turn[0], turn[-1] - turn[-2])


def opened(query: str) -> link.Link:
    arguments = {key: [value.encode() for value in values] for key, values in parse_qs(query, True).items()}
    return link.read(arguments, listed_presets())


def test_without_a_query_the_default_plays():
    experiment, playing, notice, *_ = opened("")
    assert (experiment, playing, notice) == (PRESETS["collapse"], True, None)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"objective": "wasserstein", "penalty": "gradient-penalty", "penalty_weight": 0.1, "unroll": 5, "lr_g": 1.5e-4},
        {"seed": 7, "generator.widths": (32, 16), "critic.bias": False, "optimizer_d": "sgd", "device": "cpu"},
        {"target.modes": 3, "target.weights": (1.0, 2.0, 3.5), "target.rotation": -15.5},
        {"target": "grid", "batch_size": 64, "freeze": "critic"},
    ],
)
def test_a_link_gives_the_same_controls_back(session, changes):
    session.change(**changes, steps_per_second=120)
    query = urlencode(link.write(session))
    again = opened(query)
    assert again.notice is None
    assert again.playing is False
    assert again.experiment.values() == session.experiment.values()
    assert again.experiment.steps_per_second == 120


@pytest.mark.parametrize(
    ("query", "says", "preset"),
    [
        ("preset=nonsense", "'nonsense'", "collapse"),
        ("preset=rotation&lr_g=fast", "lr_g must be a number", "rotation"),
        ("preset=rotation&unroll=-1", "unroll must be a whole number in [0, 100]", "rotation"),
        ("target=moon", "'moon' is unknown", "collapse"),
        ("target.modes=4&target=swiss-roll", "'target.modes'", "collapse"),
        ("learning_rate=1&colour=red", "'learning_rate', 'colour'", "collapse"),
        ("generator.widths=a", "generator.widths", "collapse"),
        ("play=perhaps", "play must be 1 or 0", "collapse"),
        ("steps_per_second=-1", "steps_per_second", "collapse"),
    ],
)
def test_a_bad_link_is_told_in_one_line(query, says, preset):
    experiment, _, notice, *_ = opened(query)
    assert says in notice
    assert "\n" not in notice
    assert experiment.name == preset


def test_what_can_be_read_beside_an_unknown_key_is_kept():
    assert opened("lr_g=0.005&colour=red").experiment.knobs.lr_g == 0.005


def test_a_preset_that_the_page_does_not_show():
    experiment, _, notice, *_ = link.read({"preset": [b"dirac"]}, ["collapse"])
    assert experiment is PRESETS["collapse"]
    assert "'dirac'" in notice


def test_many_gans_in_a_link(session):
    session.multiply(9)
    session.choose(4)
    query = urlencode(link.write(session))
    assert "lanes=9" in query and "lane=4" in query
    again = opened(query)
    assert (again.lanes, again.lane, again.notice) == (9, 4, None)
    session.load("rotation")
    assert (session.lanes, session.lane) == (9, 4), "another preset is looked at in the same way"
    session.multiply(1)
    assert not {"lanes", "lane"} & set(link.write(session))


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("lanes=5", "lanes must be one of 1, 4, 9, 16, not 5"),
        ("lanes=many", "lanes must be one of"),
        ("lanes=4&lane=4", "lane must be a whole number in [0, 3]"),
        ("lane=1", "lane=1 is one of several GANs: the link needs lanes, one of (4, 9, 16), too"),
        (f"lanes=16&seed={2**53 - 1}", "seed must be at most"),
    ],
)
def test_lanes_that_a_link_cannot_have(query, says):
    page = opened(query)
    assert says in page.notice
    assert (page.lanes, page.lane) == (1, 0)


def test_lanes_that_a_session_cannot_have(session):
    for wrong in (0, 2, 17, "4", None, 4.5):
        with pytest.raises(ValueError, match="lanes must be one of"):
            session.multiply(wrong)
    with pytest.raises(ValueError, match="lane must be"):
        session.choose(1)
    session.multiply(4)
    with pytest.raises(ValueError, match="seed must be at most"):
        session.change(seed=2**53 - 1)
    assert (session.lanes, session.experiment.seed) == (4, 0)


def test_keys_of_servers_and_portals_are_none_of_ours():
    assert opened("bokeh-session-id=abc&utm_source=mail&_xsrf=1").notice is None


def test_play_0_opens_paused():
    assert opened("play=0").playing is False
    assert opened("play=1").playing is True


def test_commands_and_wrong_ones(session):
    bar = Transport(session)
    session.watch(bar.refresh)
    bar._handle_msg({"type": "command", "name": "play"})
    assert (session.playing, bar.playing, bar.query.get("play")) == (True, True, None)
    bar._handle_msg({"type": "command", "name": "explode"})
    assert "explode" in bar.notice["text"]


def test_the_presets_and_the_speed_are_models(session):
    bar = Transport(session)
    session.watch(bar.refresh)
    bar.values["preset"].value = "dirac"
    assert session.experiment.name == "dirac"
    assert bar.values["steps_per_second"].value == session.speed
    bar.values["steps_per_second"].value = 25
    assert (session.speed, bar.query["steps_per_second"]) == (25, "25")
    bar.values["preset"].value = "nonsense"
    assert session.experiment.name == "dirac"
    assert bar.values["preset"].value == "dirac"
    assert "nonsense" in bar.notice["text"]


def test_an_engine_that_is_not_here_is_refused_in_a_link_and_in_a_session(session, monkeypatch):
    monkeypatch.setattr(native, "unsupported_reason", lambda game, rule: "it is not installed")
    experiment, _, notice, *_ = opened("preset=collapse&engine=fused")
    assert experiment == PRESETS["collapse"] and "engine 'native' cannot compute this step: it is not" in notice
    with pytest.raises(ValueError, match="it is not installed; use engine 'auto'"):
        session.change(engine="native")
    assert session.experiment.rule.engine == "auto"
    assert opened("preset=collapse&engine=reference").experiment.rule.engine == "autograd"


def test_a_link_with_a_misspelt_name_says_the_nearest_and_keeps_the_rest():
    page = opened("preset=colapse&play=0&unroll=5")
    assert page.notice == "There is no preset 'colapse' (did you mean collapse?): this is 'collapse' as it is."
    assert not page.playing
    page = opened("unrol=5&lr_d=1e-3&views=spectrm")
    assert "asks for: 'unrol' (did you mean unroll?), view 'spectrm' (did" in page.notice
    assert page.experiment.knobs.lr_d == 1e-3 and page.views.names == ()


def test_a_link_of_networks_without_hidden_layers_opens_them_again():
    session = Session(opened("generator.widths=").experiment)
    assert session.experiment.values()["generator.widths"] in ((), [])
    query = link.write(session)
    assert query["generator.widths"] == ""
    again = opened("&".join(f"{name}={text}" for name, text in query.items())).experiment
    assert again.values() == session.experiment.values()
