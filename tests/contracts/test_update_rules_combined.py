"""What update rules declare of their parameters, and the page under each; any of them together: combinations.py."""

import dataclasses

import pytest
import torch

import gandyn
from gandyn.core.update_rules import UPDATE_RULES
from tests.live.test_run import same
from tests.ui.test_comparison import go
from tests.ui.test_save import opened

RULES = [name for name in UPDATE_RULES if name != "gradient"]
SMALL = {"generator.widths": "3", "critic.widths": "4", "batch_size": 6}


@pytest.mark.parametrize("rule", RULES)
def test_what_it_says_to_read_acts_and_what_is_idle_does_not(rule):
    """Each parameter changes where seven steps lead; the order and the step counts, which idle, change nothing."""
    plain = gandyn.preset("collapse").replace(**SMALL, update_rule=rule, lr_g=0.05, lr_d=0.05)

    def end(experiment: gandyn.Experiment):
        run = gandyn.Run(experiment)
        run.advance(7)
        return run.state

    here = end(plain)
    other = {float: 0.3, int: 2}
    for field in dataclasses.fields(UPDATE_RULES[rule]):
        if field.name in ("align", "outer", "a", "b"):  # which act where the field is large, or after 60 steps
            continue
        choices = [one for one in field.metadata["choices"] if one != field.default]
        value = choices[0] if choices else other[type(field.default)]
        moved = end(
            plain.replace(**{f"update_rule.{field.name}": max(value, field.metadata["low"]) if not choices else value})
        )
        assert not torch.equal(moved.g, here.g) or not torch.equal(moved.d, here.d), field.name
    for idle in ({"order": "alternating"}, {"critic_steps": 4}, {"generator_steps": 2}):
        (name,) = idle
        assert plain.controls()[name].idle(plain)
        assert same(end(plain.replace(**idle)), here), name


@pytest.mark.parametrize("rule", RULES)
def test_the_page_shows_it_from_the_first_step_on(rule):
    session = opened()
    session.change(update_rule=rule)
    go(session, 12)
    assert session.broadcast.notice is None and session.runs[0].state.step == 12
    assert session.runs[0].experiment.rule.update_rule.name == rule and len(session.runs[0].readings()[0]) > 0
