"""What a person sees, in a browser: nothing cut at any size, and what is written on the stage and at the axes' ends."""

import json

import pytest

from gandyn.ui.page import palette

pytestmark = pytest.mark.browser
SIZES = [(1280, 800), (1920, 1080), (900, 600), (853, 533), (390, 844)]
CAUSE = "The critic has saturated (AUC 1.00): of the generator's gradient 2e-06 is left."
LONGEST = "25 of 25 modes are covered, with 100% of the samples near one."
# What sticks out of its box: [name, by how many px].
CUT = """(node) => {
  const box = node.getBoundingClientRect()
  return [node.className, Math.round(Math.max(node.scrollWidth - node.clientWidth, box.right - innerWidth, -box.left))]
}"""


def texts(lab, source: str) -> list[str]:
    """The texts of a source of which `Lab.source` gives the letters."""
    return ["".join(letters) for letters in lab.source(source)["text"]]


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_nothing_is_cut(open_lab, size):
    lab = open_lab("?play=0&target=grid", size=size)
    cause = f"cause: {CAUSE!r}, cause_view: 'gradient_norms'"
    lab.receive_again(f"() => ({{caption: {LONGEST!r}, {cause}, measures: {{covered: 25}}}})")
    now = lab.page.locator(".now")
    assert now.inner_text().split("\n")[0].startswith("25 of 25 modes") and LONGEST in now.inner_text()
    assert now.evaluate(CUT)[1] <= 0
    height = now.bounding_box()["height"]
    lab.receive_again("() => ({caption: 'Short.', cause: '', cause_view: ''})")
    assert now.bounding_box()["height"] == height, "a longer sentence moves nothing"
    for key in lab.page.locator(".view:visible .legend").all():
        assert key.evaluate(CUT)[1] <= 0, key.inner_text()
    if size[0] >= 760:
        note = lab.page.locator(".note:visible").all()
        for part in (*lab.page.locator(".view:visible").all(), lab.page.locator(".chips"), now, *note):
            box = part.bounding_box()
            assert box["y"] + box["height"] <= size[1] + 0.5
    stage, key = lab.page.locator(".stage").bounding_box(), lab.page.locator(".key:visible").first.bounding_box()
    assert stage["width"] >= 0.55 * min(size)
    assert key["y"] + key["height"] <= stage["y"] + stage["height"] + 0.5, "the key lies below the plot"


@pytest.mark.parametrize("size", [(900, 600), (853, 533)], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("preset", ["collapse", "dirac"])
def test_no_card_is_half_empty(open_lab, size, preset):
    """Cards fill the two columns, and frames more than half of their cards."""
    lab = open_lab(f"?preset={preset}&play=0", size=size)
    cards = [card.bounding_box() for card in lab.page.locator(".view:visible").all()]
    right = max(card["x"] + card["width"] for card in cards)
    for y in {card["y"] for card in cards}:
        assert max(card["x"] + card["width"] for card in cards if card["y"] == y) == right
    names = ["losses", "gap", *(["coverage", "quality", "shares"] if preset == "collapse" else ["distance"])]
    frames = [lab.js(f"Bokeh.documents[0].get_model_by_name('view-{name}').inner_width") for name in names]
    assert min(frames) > 0.5 * min(card["width"] for card in cards)


def test_modes_have_their_numbers_and_samples_outside_are_counted(open_lab):
    lab = open_lab("?play=0")
    assert texts(lab, "mode_numbers") == [str(i) for i in range(8)]
    assert texts(lab, "outside") == []
    lab.receive_again("() => ({outside: [312, 0, 0, 1000]})")
    assert texts(lab, "outside") == ["◂ 312 outside", "▴ 1,000 outside"]
    lab.receive_again("() => ({outside: [0, 0, 0, 0]})")
    assert texts(lab, "outside") == []
    lab.page.locator("input[name=layer-modes]").uncheck()
    drawn = "Bokeh.documents[0].get_model_by_name('view-stage').renderers"
    lab.wait(f"{drawn}.find((one) => one.data_source.name === 'mode_numbers').visible === false")


def test_a_spike_is_marked_at_the_edge_of_its_axis(open_lab):
    lab = open_lab("?play=0")
    lab.receive_again("() => ({series: true, spikes: {losses: [[3, 1, '4·10¹⁵']], gap: [], distance: []}})")
    marks = lab.source("spikes_losses")
    assert (marks["step"], texts(lab, "spikes_losses"), marks["angle"]) == ([3], ["4·10¹⁵"], [0])
    assert 0.5 < marks["at"][0] < 1
    assert lab.problems == []


def test_ticks_are_short(open_lab):
    lab = open_lab("?play=0")
    write = """(ticks) => Bokeh.documents[0].get_model_by_name("view-losses").left[0].formatter.doFormat(ticks, {})"""
    assert lab.page.evaluate(write, [0, 4e15, -2.5e-7, 1e20, 20000, -0.5, 0.1 + 0.2]) == [
        "0", "4·10¹⁵", "−2.5·10⁻⁷", "10²⁰", "20,000", "−0.5", "0.3",
    ]  # fmt: skip


def test_each_curve_ends_in_a_dot_of_the_present(open_lab):
    lab = open_lab("?play=0")
    lab.page.keyboard.press("ArrowRight")
    lab.wait("window.gandyn.step === 1")
    latest = {name: values[0] for name, values in lab.source("latest").items()}
    assert latest["step"] == 1 and latest["critic"] == lab.source("losses")["critic"][-1]
    assert 0 <= latest["hq"] <= 1 and latest["gap"] != 0


def test_a_paused_stage_changes_its_theme(open_lab):
    lab = open_lab("?play=0")
    lab.page.emulate_media(color_scheme="dark")
    figure = "Bokeh.documents[0].get_model_by_name('view-stage')"
    lab.wait(f"{figure}.background_fill_color === '{palette.TOKENS['dark']['sheet']}'")
    mapper = "Bokeh.documents[0].get_model_by_name('map-critic')"
    assert lab.js(f"{mapper}.palette[0]") == palette.CRITIC["dark"][0]
    lines = f"{figure}.renderers.find((one) => one.data_source.name === 'contours').glyph.line_color"
    assert palette.TOKENS["dark"]["contour"] in str(lab.js(lines))


def test_a_drag_across_a_figure_looks_closer_and_escape_shows_all_again(open_lab):
    lab = open_lab("?batch_size=32&generator.widths=16&critic.widths=16&steps_per_second=0")
    lab.wait("window.gandyn.step > 500", 60)
    lab.page.keyboard.press("Space")
    range_of = "Bokeh.documents[0].get_model_by_name(`axis-${name}`)"
    spans = f"['step', 'x', 'y'].map((name) => [{range_of}.start, {range_of}.end])"
    lab.wait("!window.gandyn.playing")
    lab.wait("Bokeh.documents[0].get_model_by_name('losses').data.step.at(-1) === window.gandyn.step")
    whole = lab.js(spans)
    for place, (x, y) in {".view[data-view=losses]": (0.2, 0.02), "main.stage": (0.2, 0.2)}.items():
        box = lab.page.locator(place).bounding_box()
        lab.page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.5 * box["height"])
        lab.page.mouse.down()
        lab.page.mouse.move(box["x"] + (0.5 + x) * box["width"], box["y"] + (0.5 + y) * box["height"], steps=3)
        assert lab.page.locator(".gandyn-band").is_visible()
        lab.page.mouse.up()
        assert lab.page.locator(".gandyn-band").count() == 0
    closer = lab.js(spans)
    for (low, high), (start, end) in zip(closer, whole, strict=True):
        assert start < low < high < end and high - low < 0.8 * (end - start)
    lab.page.keyboard.press("ArrowRight")
    lab.page.wait_for_timeout(500)
    assert lab.js(spans) == closer, "frames leave it as it was chosen"
    lab.page.get_by_role("button", name="show all").wait_for()
    lab.page.keyboard.press("Escape")
    lab.wait(f"JSON.stringify({spans}[1]) === '{json.dumps(whole[1], separators=(',', ':'))}'")
    assert not lab.page.get_by_role("button", name="show all").is_visible() and lab.problems == []


def test_on_a_phone_the_stages_of_a_comparison_stand_below_each_other(open_lab):
    lab = open_lab("?play=0&compare=unroll%3D5", size=(390, 844))
    cells = lab.page.locator(".stages .cell").filter(visible=True)
    cells.nth(1).wait_for()
    first, second = (cells.nth(i).bounding_box() for i in range(2))
    assert min(first["height"], second["height"]) > 390 and second["y"] >= first["y"] + first["height"]
    assert lab.page.locator("section.chips").bounding_box()["y"] >= second["y"] + second["height"]


@pytest.mark.parametrize("size", [(1280, 800), (900, 600)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_a_projector_gives_the_stages_of_a_comparison_the_room_and_cuts_nothing(open_lab, size):
    lab = open_lab("?play=0&compare=unroll%3D5", size=size)
    lab.page.locator(".stages .cell").nth(1).get_by_text("k 5").wait_for()
    lab.page.locator("[data-do=projector]").click()
    frame = "Bokeh.documents[0].get_model_by_name('view-stage').inner_height"
    lab.wait(f"{frame} >= {0.4 if size[1] < 700 else 0.55} * {size[1]}")
    bar = lab.page.locator("header .bar")
    for part in (
        *bar.locator("button:visible").all(),
        bar.locator(".status"),
        *lab.page.locator(".differs:visible").all(),
    ):
        assert part.evaluate(CUT)[1] <= 0, part.inner_text()
    for caption in lab.page.locator(".cell .caption:visible").all():
        assert caption.evaluate("(node) => node.scrollHeight <= node.clientHeight + 1"), caption.inner_text()
    assert lab.problems == []


@pytest.mark.parametrize("size", SIZES[:4], ids=lambda size: f"{size[0]}x{size[1]}")
def test_three_stand_in_a_row_and_none_over_another(open_lab, size):
    lab = open_lab("?play=0&compare=unroll%3D5%7Cpenalty%3Dr1", size=size)
    cells = lab.page.locator(".stages .cell").filter(visible=True)
    cells.nth(2).get_by_text("penalty r1").wait_for()
    boxes = [cells.nth(i).bounding_box() for i in range(3)]
    assert len({box["y"] for box in boxes}) == 1
    assert all(a["x"] + a["width"] <= b["x"] for a, b in zip(boxes, boxes[1:], strict=False))
    frame = "Bokeh.documents[0].get_model_by_name('view-stage@3').inner_width"
    assert lab.js(frame) > 0.55 * boxes[2]["width"]
    for part in lab.page.locator(":is(.chips, .time, .view, .key):visible").all():
        box = part.bounding_box()
        assert box["y"] + box["height"] <= size[1] + 0.5


def test_a_name_that_is_longer_than_its_axis_is_not_written(open_lab):
    lab = open_lab("?play=0", size=(853, 533))
    alphas = "['coverage', 'quality'].map((name) => Bokeh.documents[0].get_model_by_name(`view-${name}`).left[0]"
    lab.wait(f"String({alphas}.axis_label_text_alpha)) === '1,0'")
    lab.page.set_viewport_size({"width": 1280, "height": 800})
    lab.wait(f"String({alphas}.axis_label_text_alpha)) === '1,1'")
