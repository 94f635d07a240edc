"""The figures of a page."""

from gandyn.ui.views.figures import figures


def ids(page):
    return {model.id for figure in page.values() for model in figure.references()}


def test_each_page_has_models_of_its_own():
    pages = [figures() for _ in range(4)]
    assert all(set(one) == set(pages[0]) for one in pages)
    everything = [ids(one) for one in pages]
    assert sum(map(len, everything)) == len(set().union(*everything))
