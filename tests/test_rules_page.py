"""docs/rules.md: generated, and what it says to be measured is what the GAN does."""

import re

import pytest

from gandyn.core.update_rules import UPDATE_RULES
from scripts import rules


def as_written(rule) -> str:
    """What the page has as measured."""
    (cell,) = re.findall(rf"^\| `{rule.name}` \|.*\| ([\d.]+) \|$", rules.PAGE.read_text(encoding="utf-8"), re.M)
    return cell


def test_the_page_is_that_of_the_rules():
    assert rules.PAGE.read_text(encoding="utf-8") == rules.page(as_written), "python -m scripts.rules"


@pytest.mark.parametrize("name", [name for name, rule in UPDATE_RULES.items() if rule().contraction(0.1) is not None])
def test_what_was_measured_is_what_was_predicted(name):
    rule = UPDATE_RULES[name](**rules.OTHER.get(name, {}))
    far = 1e-4 if name == "alex-gda" else 1.1e-5  # whose points go round on an ellipse
    assert float(as_written(rule)) == pytest.approx(rule.contraction(rules.RATE), abs=far)


def test_measuring_again_gives_the_same(monkeypatch):
    monkeypatch.setattr(rules, "HALF", 120)
    rule = UPDATE_RULES["consensus"]()
    assert rules.measured(rule) == pytest.approx(rule.contraction(rules.RATE), abs=1e-6)
