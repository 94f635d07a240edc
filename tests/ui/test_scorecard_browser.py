"""The table of all measures in figures of any width: names, dots and values stay readable."""

import pytest

pytestmark = pytest.mark.browser
FIGURE = """(() => {
  const figure = Bokeh.documents[0].get_model_by_name("view-scorecard"), [value, real] = figure.right
  return {width: figure.inner_width, height: figure.inner_height, value: value.visible, real: real.visible,
          type: parseFloat(value.major_label_text_font_size), rows: figure.y_range.end - figure.y_range.start}
})()"""


@pytest.mark.parametrize("views", ["scorecard", "scorecard,bifurcation"])
def test_for_a_projector_the_dots_have_room_and_rows_do_not_overlap(open_lab, views):
    lab = open_lab(f"?play=0&views={views}", size=(1024, 768))
    lab.page.locator("section[data-study=scorecard] .step", has_text="step 0").wait_for()
    lab.page.locator("[data-do=projector]").click()
    lab.wait(f"(({{real, width}}) => !real && width > 100)({FIGURE})")
    shown = lab.js(FIGURE)
    assert shown["value"] and shown["height"] / shown["rows"] >= shown["type"]
    lab.page.locator("[data-do=projector]").click()
    lab.wait(f"(({{real, width}}) => real && width > 100)({FIGURE})")
    assert lab.problems == []


def test_beside_a_stage_both_columns_are_there(open_lab):
    lab = open_lab("?play=0&views=scorecard", size=(1280, 800))
    lab.page.locator("section[data-study=scorecard] .step", has_text="step 0").wait_for()
    lab.wait(f"(({{real, value, width}}) => real && value && width > 100)({FIGURE})")
    assert lab.problems == []
