"""What a newcomer meets in a browser: words below the signs, a preset chosen twice, few tabs, names of branches."""

import pytest

from tests.ui.conftest import until
from tests.ui.test_looks import CUT

pytestmark = pytest.mark.browser
SMALL = "batch_size=32&generator.widths=16&critic.widths=16"
WORDS = [
    "play", "step", "critic", "generator", "reset", "new seed", "compare",
    "share", "open", "save", "theme", "projector", "help",
]  # fmt: skip
FOCUSED = """() => { let one = document.activeElement
  while (one?.shadowRoot?.activeElement) one = one.shadowRoot.activeElement
  return one.name || one.dataset.do || one.textContent.trim() }"""
SEEN = """() => { window.seen = []; const socket = sockets.findLast((one) => one.url.includes("/gandyn/"))
  socket.addEventListener("message", ({data}) => {
    const header = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, new DataView(data).getUint32(0, true))))
    window.seen.push([header.parts[0].controls.lanes, "many" in header.parts[0],
      header.columns.some((column) => column[1] === "lanes")])
  }) }"""


def test_the_signs_of_the_bar_have_words_in_one_line_at_1280(open_lab):
    lab = open_lab("?steps_per_second=0&" + SMALL)
    lab.wait("window.gandyn.step > 12000", 60)
    lab.page.keyboard.press("Space")
    lab.page.get_by_text("paused").wait_for()
    words = lab.page.locator("header .under").filter(visible=True)
    assert words.all_inner_texts() == WORDS
    bar = lab.page.locator("header .bar")
    assert bar.bounding_box()["height"] < 56 and bar.evaluate(CUT)[1] <= 0, "one line, nothing cut"
    for button in bar.locator("button:visible").all():
        assert button.evaluate(CUT)[1] <= 0, button.inner_text()
        name = button.get_attribute("aria-label")
        assert name is None or button.inner_text().split("\n")[-1].strip() in name
    status = bar.locator(".status")
    assert status.evaluate("(node) => node.scrollWidth <= node.clientWidth"), status.inner_text()
    assert lab.problems == []


def test_the_preset_that_is_chosen_already_begins_again(open_lab):
    lab = open_lab("?preset=rotation&steps_per_second=0")
    lab.wait("window.gandyn.step > 200", 60)
    lab.set("lr_g", 0.003)
    lab.wait("window.gandyn.controls.lr_g === 0.003")
    lab.page.keyboard.press("Space")
    lab.wait("!window.gandyn.playing")
    preset = lab.page.locator("select.preset")
    option = preset.locator("option", has_text="rotation")
    for choose in (option.click, lambda: lab.page.keyboard.press("Enter")):
        lab.page.keyboard.press("ArrowRight")
        lab.wait("window.gandyn.step > 0")
        preset.click()
        choose()
        lab.wait("window.gandyn.step === 0 && window.gandyn.controls.lr_g !== 0.003")
    lab.page.locator("main.stage").click(position={"x": 5, "y": 5})
    lab.page.keyboard.press("z")
    lab.wait("window.gandyn.step === 1")
    preset.click()
    preset.locator("option", has_text="dirac").click()
    lab.wait("window.gandyn.step === 0 && new URLSearchParams(location.search).get('preset') === 'dirac'")
    lab.page.keyboard.press("z")
    lab.wait("window.gandyn.step === 1 && new URLSearchParams(location.search).get('preset') === 'rotation'")
    assert lab.problems == []


def test_the_layers_are_within_ten_tabs(open_lab):
    lab = open_lab("?play=0")
    reached = []
    for _ in range(10):
        lab.page.keyboard.press("Tab")
        reached.append(lab.js(f"({FOCUSED})()"))
    layers = [f"layer-{name}" for name in ("map", "contours", "arrows", "modes", "real", "generated")]
    assert set(layers) < set(reached) and "own data" in reached
    lab.page.locator("input[name=layer-map]").focus()
    lab.page.keyboard.press("Space")
    assert not lab.page.locator("input[name=layer-map]").is_checked() and lab.problems == []


def test_pictures_of_many_gans_come_with_the_first_frame(open_lab):
    lab = open_lab("?play=0&" + SMALL)
    lab.js(f"({SEEN})()")
    lab.page.locator("select[name=lanes]").select_option("9")
    lab.wait("window.seen.some(([lanes]) => lanes === 9)")
    lab.page.get_by_text("seed 8").or_(lab.page.get_by_text("8", exact=True)).first.wait_for()
    assert all(many and lanes_there for lanes, many, lanes_there in lab.js("window.seen") if lanes == 9)
    cells = lab.page.locator("button.cell .picture")
    sides = [cells.nth(i).bounding_box() for i in range(9)]
    assert all(abs(side["width"] - side["height"]) < 1 for side in sides)
    assert lab.problems == []


def test_a_branch_has_its_name_and_the_kept_future_stays_in_sight(open_lab):
    lab = open_lab("?steps_per_second=0&" + SMALL)
    lab.wait("window.gandyn.step > 300", 60)
    with_k_1 = lab.js("window.gandyn.step")
    lab.set("unroll", 5)
    lab.wait(f"window.gandyn.controls.unroll === 5 && window.gandyn.step > {with_k_1 + 150}", 60)
    lab.page.keyboard.press("Space")
    lab.wait("!window.gandyn.playing")
    until(lab.is_paused, 20, "paused")
    tip = lab.js("window.gandyn.step")
    place = lab.page.locator(".track").bounding_box()
    share = 0.7 * with_k_1 / tip  # a moment before k was changed, however far the training has got since
    lab.page.mouse.click(place["x"] + share * place["width"], place["y"] + 0.5 * place["height"])
    lab.wait(f"window.gandyn.step < {with_k_1}")
    lab.wait("Bokeh.documents[0].get_model_by_name('losses_ahead').data.step.length > 1")
    ahead, now = lab.source("losses_ahead"), lab.source("losses")
    assert ahead["step"][-1] == tip and now["step"][-1] == lab.js("window.gandyn.step") >= ahead["step"][0]
    lab.set("lr_d", 2e-3)
    lab.page.keyboard.press("ArrowRight")
    name = lab.page.locator(".ticks .fork-name")
    name.wait_for()
    assert name.inner_text() == "k 5, critic's rate 0.0005"
    lab.wait("Bokeh.documents[0].get_model_by_name('losses_ahead').data.step.length === 0")
    box, bar = name.bounding_box(), lab.page.locator(".timebar").bounding_box()
    assert bar["x"] <= box["x"] and box["x"] + box["width"] <= bar["x"] + bar["width"]
    assert bar["y"] <= box["y"] and box["y"] + box["height"] <= bar["y"] + bar["height"] + 0.5
    name.click()
    lab.wait(f"window.gandyn.step === {tip}")
    assert lab.problems == []
