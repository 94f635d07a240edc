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
