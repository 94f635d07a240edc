"""The reference page says what the code declares."""

from scripts import reference


def test_the_page_is_up_to_date():
    assert reference.PAGE.read_text() == reference.page(), "run: python scripts/reference.py"
