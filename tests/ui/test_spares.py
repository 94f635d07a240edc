"""Figures that wait for pages."""

import time

from gandyn.ui.views.figures import Spares, copied


def ids(figures):
    return {model.id for figure in figures.values() for model in figure.references()}


def test_each_page_has_models_of_its_own_whether_they_waited_or_are_made_now():
    spares = Spares(2)
    first = spares.take()  # nobody has begun: made now
    spares.begin()
    spares.begin()
    end = time.monotonic() + 30
    while len(spares._ready) < 2:
        assert time.monotonic() < end
        time.sleep(0.01)
    others = [spares.take(), spares.take(), spares.take()]
    assert all(set(one) == set(copied()) for one in [first, *others])
    everything = [ids(one) for one in [first, *others]]
    assert sum(map(len, everything)) == len(set().union(*everything))
