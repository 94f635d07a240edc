"""The rules of axe, which screen readers and keyboards need: no violation in any state of the page."""

from pathlib import Path

import pytest

pytestmark = pytest.mark.browser
AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
RUN = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations.flatMap(
  ({id, nodes}) => nodes.map(({target, failureSummary}) => [id, JSON.stringify(target), failureSummary]))"""


@pytest.mark.skipif(not AXE.exists(), reason="`make web` installs axe-core")
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_rule_is_violated_alone_in_a_menu_side_by_side_and_in_the_help(open_lab, theme):
    lab = open_lab("?play=0")
    lab.page.emulate_media(color_scheme=theme)

    def violations() -> list:
        lab.page.wait_for_timeout(300)
        return lab.js(RUN)

    lab.page.evaluate(AXE.read_text())
    assert violations() == []
    lab.page.locator("[data-do=compare]").click()
    assert violations() == []
    lab.page.locator(".compare-menu .items button").first.click()
    lab.page.locator(".stages .cell").nth(1).get_by_text("k 5").wait_for()
    assert violations() == []
    lab.page.keyboard.press("?")
    assert violations() == []


@pytest.mark.skipif(not AXE.exists(), reason="`make web` installs axe-core")
def test_no_rule_is_violated_with_a_branch_and_with_many_gans(open_lab):
    lab = open_lab("?play=0&batch_size=32&generator.widths=16&critic.widths=16")
    for key in ("ArrowRight", "ArrowRight", "b", "ArrowLeft"):
        lab.page.keyboard.press(key)
        lab.page.wait_for_timeout(300)
    lab.set("unroll", 1)
    lab.page.keyboard.press("ArrowRight")
    lab.page.locator(".ticks .fork-name").wait_for()
    lab.page.evaluate(AXE.read_text())
    assert lab.js(RUN) == []
    lab.set("lanes", 4)
    lab.page.locator("button.cell").nth(3).get_by_text("0/8").wait_for()
    assert lab.js(RUN) == []
