"""docs/reading.md: generated, with a picture and two sentences for every view."""

import pytest
from PIL import Image

from gandyn.ui.studies import STUDIES
from gandyn.ui.views import VIEWS
from scripts import reading


def test_the_page_is_that_of_the_views():
    assert reading.PAGE.read_text(encoding="utf-8") == reading.page(), "python -m scripts.reading"


@pytest.mark.parametrize("name", [*VIEWS, *STUDIES])
def test_every_view_has_a_picture_and_a_reading_of_two_sentences(name):
    text = VIEWS[name].reading if name in VIEWS else STUDIES[name].reading
    assert text.endswith(".") and text.count(". ") == 1
    if name not in reading.PICTURED:  # it stands below another one
        return
    with Image.open(reading.PICTURES / f"{name}.png") as picture:
        assert len(picture.convert("L").getcolors(100_000)) > 8, "something is drawn"
