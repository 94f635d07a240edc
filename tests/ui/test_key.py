"""The key of the stage: the colour bar is there where there is a map."""

import pytest

pytestmark = pytest.mark.browser


def test_the_colour_bar_goes_where_no_map_is_and_comes_back_with_it(open_lab):
    lab = open_lab("?play=0&objective=mmd")
    bar = lab.page.locator(".key .map")
    lab.page.locator(".key", has_text="real").last.wait_for()
    bar.wait_for(state="hidden")
    lab.set("objective", "minimax")
    bar.wait_for(state="visible")
    assert "probability" in bar.inner_text()
    for layer in ("map", "contours"):
        assert bar.is_visible(), "the contours have its scale"
        lab.page.locator(f"input[name=layer-{layer}]").click()
    bar.wait_for(state="hidden")
    lab.page.locator("input[name=layer-map]").click()
    bar.wait_for(state="visible")
    assert lab.problems == []
