"""docs/measures.md: generated, and its numbers are what the measures give."""

import pytest

from gandyn.probes.measures import measure
from gandyn.probes.sample_measures import MEASURES
from gandyn.targets.ring import Ring
from scripts import measures


def test_the_page_is_that_of_the_measures():
    text = measures.PAGE.read_text(encoding="utf-8")
    assert text == measures.page(measures.read(text)), "python -m scripts.measures"


def test_what_it_says_of_known_samples_is_so(monkeypatch):
    """Of those that need no training; to the last digit but one, since pairs are summed in another order elsewhere."""
    monkeypatch.setattr(measures, "STEPS", 1)
    written = measures.read(measures.PAGE.read_text(encoding="utf-8"))
    for name, x in measures.clouds().items():
        if name == "trained":
            continue
        values = measure(Ring(), x, full=True)
        for key in MEASURES:
            cell, value = written[name][key], values[key]
            number, digits = cell.rstrip("%"), len(cell.rstrip("%").partition(".")[2])
            scale = 100 if cell.endswith("%") else 1
            assert scale * value == pytest.approx(float(number), abs=1.1 * 10**-digits), (name, key)
