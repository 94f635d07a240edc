"""The controls and the top bar in a browser: typing, dragging, keys, tooltips, folds, links."""

import re

import pytest

pytestmark = pytest.mark.browser


@pytest.fixture
def lab(open_lab):
    lab = open_lab("?play=0")
    yield lab
    assert lab.problems == []


def box(lab, name: str):
    return lab.page.locator(f"input[name='{name}']")


def row(lab, name: str):
    return lab.page.locator(f"[data-control='{name}']")


def value(lab, name: str):
    return lab.js(f"Bokeh.documents[0].get_model_by_name('{name}').value")


def arrives(lab, name: str, wanted: str) -> None:
    """Wait until the run has the value, as its last frame says."""
    lab.wait(f"window.gandyn.controls['{name}'] === {wanted}")


def type_into(lab, name: str, text: str) -> None:
    box(lab, name).fill(text)
    lab.page.keyboard.press("Enter")


def test_typed_values_reach_the_run_beyond_the_slider_too(lab):
    type_into(lab, "lr_g", "3e-3")
    arrives(lab, "lr_g", "0.003")
    type_into(lab, "lr_d", "0,25")  # a decimal comma; above the slider's end
    arrives(lab, "lr_d", "0.25")
    assert row(lab, "lr_d").locator("input[type=range]").evaluate("(node) => node.value") == "1"
    assert "changed" in row(lab, "lr_d").get_attribute("class")
    lab.wait("location.search.includes('lr_g=0.003') && location.search.includes('lr_d=0.25')")


def test_what_cannot_be_is_told_and_undone(lab):
    before = box(lab, "lr_g").input_value()
    for text in ("fast", "1000", "-1"):
        type_into(lab, "lr_g", text)
        row(lab, "lr_g").locator(".refusal").get_by_text(text.removeprefix("-")).wait_for()
        assert box(lab, "lr_g").input_value() == before
    type_into(lab, "lr_g", "0.002")
    arrives(lab, "lr_g", "0.002")
    assert row(lab, "lr_g").locator(".refusal").is_hidden()


def test_a_slider_is_dragged_on_a_logarithmic_scale(lab):
    slider = row(lab, "lr_g").locator("input[type=range]")
    place = slider.bounding_box()
    middle = place["y"] + place["height"] / 2
    lab.page.mouse.move(place["x"] + place["width"] * 0.5, middle)
    lab.page.mouse.down()
    seen = set()
    for i in range(10):
        lab.page.mouse.move(place["x"] + place["width"] * (0.5 + 0.03 * i), middle)
        seen.add(box(lab, "lr_g").input_value())  # at once, without the server
    lab.page.mouse.up()
    assert len(seen) > 4
    final = float(box(lab, "lr_g").input_value())
    assert 1e-1 > final > 1e-3
    arrives(lab, "lr_g", str(final))
    slider.focus()
    lab.page.keyboard.press("Home")
    arrives(lab, "lr_g", "0")
    lab.page.keyboard.press("ArrowRight")
    arrives(lab, "lr_g", "1e-5")


def test_a_named_model_can_be_set_by_script(lab):
    lab.set("unroll", 3)
    arrives(lab, "unroll", "3")
    assert box(lab, "unroll").input_value() == "3"
    assert "idle" not in row(lab, "unroll_order").get_attribute("class")


def test_choices_and_the_way_back(lab):
    lab.page.locator("select[name=objective]").select_option("wasserstein")
    arrives(lab, "objective", "'wasserstein'")
    lab.page.locator("input[name=freeze][value=critic]").check(force=True)
    arrives(lab, "freeze", "'critic'")
    row(lab, "objective").locator("label").dblclick()
    arrives(lab, "objective", "'minimax'")
    row(lab, "freeze").get_by_role("button", name="back to none").click()
    arrives(lab, "freeze", "'none'")
    assert "changed" not in row(lab, "freeze").get_attribute("class")


def test_help_and_the_reason_for_grey(lab):
    row(lab, "penalty_weight").locator("label").hover()
    tip = lab.page.locator(".tip")
    tip.get_by_text("No effect now: no penalty is chosen.").wait_for()
    inside = tip.evaluate("(n) => { const r = n.getBoundingClientRect(); return r.left >= 0 && r.right <= innerWidth }")
    assert inside
    lab.page.locator("select[name=penalty]").select_option("r1")
    lab.wait("Bokeh.documents[0].get_model_by_name('penalty_weight').idle !== 'no penalty is chosen'")
    row(lab, "objective").locator("label").hover()
    tip.get_by_text("Goodfellow").wait_for()


def test_several_penalties_are_chips_and_each_has_its_weight(lab):
    """One has the common weight, several have one each; what is taken out leaves the others theirs."""
    menu = lab.page.locator("select[name=penalty]")
    menu.select_option("r2")
    arrives(lab, "penalty", "'r2'")
    assert row(lab, "penalty_weight").is_visible() and row(lab, "penalty.r2").count() == 0
    menu.select_option("r1")
    arrives(lab, "penalty", "'r1+r2'")
    row(lab, "penalty.r1").wait_for()
    row(lab, "penalty_weight").wait_for(state="detached")
    type_into(lab, "penalty.r1", "5")
    arrives(lab, "penalty.r1", "5")
    lab.wait("new URLSearchParams(location.search).get('penalty.r1') === '5.0'")
    lab.page.get_by_role("button", name="take out r2").click()
    arrives(lab, "penalty", "'r1'")
    row(lab, "penalty.r2").wait_for(state="detached")
    assert value(lab, "penalty.r1") == 5 and menu.locator("option", has_text="r2").count() == 1
    lab.page.get_by_role("button", name="take out r1").click()
    arrives(lab, "penalty", "'none'")
    assert menu.locator("option").first.inner_text() == "none"


def test_another_target_and_a_reset(lab):
    lab.page.locator("select[name=target]").select_option("swiss-roll")
    arrives(lab, "target", "'swiss-roll'")
    box(lab, "target.modes").wait_for(state="detached")
    assert lab.page.locator("[data-view=coverage]").is_hidden()
    assert lab.page.locator("[data-view=distance]").is_visible()
    type_into(lab, "seed", "12")
    lab.wait("window.gandyn.seed === 12 && window.gandyn.step === 0")


def test_keys(lab):
    keys = lab.page.keyboard
    keys.press("ArrowRight")
    lab.wait("window.gandyn.step === 1")
    keys.press("d")
    lab.wait("window.gandyn.step === 2")
    keys.press("g")
    lab.wait("window.gandyn.step === 3")
    assert lab.page.locator(".status").inner_text() == "step 3 · paused"
    keys.press(" ")
    lab.wait("window.gandyn.playing && window.gandyn.step > 5")
    keys.press(" ")
    lab.wait("!window.gandyn.playing")
    keys.press("r")
    lab.wait("window.gandyn.step === 0")
    keys.press("?")
    lab.page.locator("dialog.help").wait_for()
    keys.press(" ")  # for the dialog, not for the run
    keys.press("Escape")
    lab.page.locator("dialog.help").wait_for(state="hidden")
    box(lab, "seed").focus()
    keys.type("r dg")  # typed, not obeyed
    keys.press("Escape")
    assert lab.js("window.gandyn.step") == 0


def test_a_button_pressed_by_mouse_does_not_keep_the_space_key(lab):
    lab.page.locator("[data-do=step]").click()
    lab.wait("window.gandyn.step === 1")
    lab.page.keyboard.press(" ")
    lab.wait("window.gandyn.playing")


def test_the_status_line(open_lab):
    lab = open_lab()
    lab.wait("window.gandyn.frames > 30")
    text = lab.page.locator(".status").inner_text()
    assert re.fullmatch(r"step [\d,]+ · [\d,]+ steps/s", text), text


def test_presets_and_speed(lab):
    lab.page.locator("select[name=preset]").select_option("dirac")
    lab.wait("location.search.includes('preset=dirac')")
    type_into(lab, "steps_per_second", "0")
    lab.wait("location.search.includes('steps_per_second=0')")
    assert box(lab, "steps_per_second").input_value() == "unlimited"
    lab.page.locator(".note").get_by_text("one number against one number", exact=False).first.wait_for()


def test_folds_are_remembered(lab):
    group = lab.page.locator("details.group", has=lab.page.locator("summary", has_text="Critic"))
    assert not group.evaluate("(node) => node.open")
    group.locator("> summary").click()
    box(lab, "critic.widths").wait_for()
    lab.page.reload()
    box(lab, "critic.widths").wait_for()


def test_a_link_is_copied_and_opens_the_same(lab, open_lab):
    lab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    type_into(lab, "unroll", "2")
    arrives(lab, "unroll", "2")
    lab.wait("location.search.includes('unroll=2')")
    lab.page.locator("[data-do=link]").click()
    lab.page.get_by_text("link to this moment copied").wait_for()
    copied = lab.js("navigator.clipboard.readText()")
    again = open_lab("?" + copied.split("?")[1])
    assert value(again, "unroll") == 2


def test_a_bad_link_has_a_way_back(open_lab):
    lab = open_lab("?lr_g=fast")
    notice = lab.page.locator(".notice")
    assert "lr_g must be a number" in notice.inner_text()
    notice.get_by_role("button", name="Open the default").click()
    lab.page.wait_for_url("**/dynamics?preset=collapse")
    assert notice.is_hidden()


def test_what_a_frame_tells_comes_and_goes_with_it(lab):
    def frame(notice: str) -> None:
        lab.receive_again(f"() => ({{notice: {notice}}})")

    lab.page.wait_for_timeout(600)
    place = lab.page.locator(".stage").bounding_box()
    notice = lab.page.locator(".notice")
    frame("{kind: 'nan', text: 'No longer finite.', action: 'rewind'}")
    notice.get_by_text("No longer finite.").wait_for()
    assert lab.page.locator(".stage").bounding_box() == place
    notice.get_by_role("button", name="dismiss").click()
    frame("{kind: 'nan', text: 'No longer finite.', action: 'rewind'}")
    assert notice.is_hidden()
    frame("null")
    frame("{kind: 'nan', text: 'No longer finite.', action: 'rewind'}")
    notice.get_by_role("button", name="Rewind").wait_for()
    frame("null")
    assert notice.is_hidden()


@pytest.mark.parametrize("size", [(1280, 800), (1920, 1080)])
def test_only_the_controls_scroll(open_lab, size):
    lab = open_lab("?play=0", size=size)
    page = lab.js("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
    assert page == list(size)
    assert lab.page.locator(".column").evaluate("(node) => node.scrollHeight > node.clientHeight")
    for name in (".stage", ".note", ".view:not([hidden])"):
        for part in lab.page.locator(name).all():
            place = part.bounding_box()
            assert place["x"] + place["width"] <= size[0]
            assert place["y"] + place["height"] <= size[1]
    lab.page.locator("[data-do=projector]").click()
    lab.page.locator(".column").wait_for(state="hidden")
    lab.page.get_by_role("button", name="controls", exact=True).click()
    box(lab, "lr_g").wait_for()


def test_the_theme_is_remembered(lab):
    for theme in ("light", "dark"):
        lab.page.locator("[data-do=theme]").click()
        lab.wait(f"document.documentElement.dataset.gandynTheme === '{theme}'")
    lab.page.reload()
    lab.wait("document.documentElement.dataset.gandynTheme === 'dark'")


def test_a_phone_shows_the_stage_first(open_lab):
    lab = open_lab("?play=0", size=(420, 800))
    assert lab.js("document.documentElement.scrollWidth") == 420
    assert lab.page.locator(".stage").bounding_box()["y"] < 200
    lab.page.get_by_role("button", name="controls", exact=True).click()
    box(lab, "lr_g").wait_for()
