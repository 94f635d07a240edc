"""What a step costs, from the configuration alone."""

from dataclasses import replace

import pytest

from gandyn.core.cost import step_cost
from gandyn.core.minibatch import DIMENSIONS, KERNELS
from gandyn.presets import PRESETS
from gandyn.ui.server.limits import limits
from gandyn.ui.session.choices import check_affordable, listed_presets, slow
from gandyn.ui.session.session import Session
from gandyn.ui.share import link
from gandyn.ui.time.transport import Transport
from tests.ui.test_save import one_thread  # noqa: F401  torch's threads are put back

COLLAPSE = PRESETS["collapse"]


def by_hand(batch, k, double):
    """A pass takes two operations a parameter, with both its derivatives three times that; real and generated."""
    g, d = 2 * COLLAPSE.game.generator.size, 2 * COLLAPSE.game.critic.size
    update = 2 * 3 * batch * d
    return (batch * g + update) + (3 * batch * (g + 2 * d) + k * (3 if double else 1) * update)


@pytest.mark.parametrize(("k", "order"), [(0, "second"), (5, "second"), (5, "first")])
def test_operations_are_those_counted_by_hand(k, order):
    experiment = COLLAPSE.replace(unroll=k, unroll_order=order, batch_size=100)
    assert step_cost(experiment).operations == by_hand(100, k, order == "second")
    assert step_cost(experiment, 4).operations == 4 * by_hand(100, k, order == "second")


def test_packs_are_passed_in_the_place_of_samples_and_every_two_are_compared_by_discrimination():
    packs = COLLAPSE.replace(batch_size=100, **{"critic.pack": 2})
    g, d = 2 * packs.game.generator.size, 2 * packs.game.critic.size
    assert step_cost(packs).operations == 100 * g + 2 * 3 * 50 * d + 3 * (100 * g + 2 * 50 * d)
    near = COLLAPSE.replace(batch_size=100, **{"critic.minibatch": "discrimination"})
    g, d = 2 * near.game.generator.size, 2 * near.game.critic.size
    apart = 100 * g + 2 * 3 * 100 * d + 3 * 100 * (g + 2 * d)
    assert step_cost(near).operations == apart + 2 * 3 * 2 * 100 * 100 * KERNELS * DIMENSIONS


def test_the_page_can_show_all_its_presets():
    for name in listed_presets():
        check_affordable(PRESETS[name])


def test_what_stopped_everybody_is_refused_in_a_line_before_anything_is_made():
    query = "unroll=100&batch_size=65536&generator.widths=512,512,512&critic.widths=512,512,512"
    arguments = {name: [value.encode()] for name, value in (pair.split("=") for pair in query.split("&"))}
    read = link.read(arguments, listed_presets())
    assert read.experiment == COLLAPSE
    assert "million operations" in read.notice and "\n" not in read.notice


def test_a_slow_step_is_told_beforehand_once():
    assert all(slow(PRESETS[name]) is None for name in listed_presets()), "a preset says itself what it is"
    heavy = {"batch_size": 32768, "unroll": 5}
    line = slow(COLLAPSE.replace(**heavy))
    operations = step_cost(COLLAPSE.replace(**heavy)).operations
    assert f"{operations / 1e6:,.0f} million operations" in line and "\n" not in line
    assert slow(COLLAPSE, 16) is None
    session = Session(COLLAPSE, playing=False)
    bar = Transport(session)
    session.watch(bar.refresh)
    assert bar.notice is None
    session.change(**heavy)
    notice = bar.notice
    assert notice["text"] == line
    session.change(lr_d=0.002)
    assert bar.notice == notice, "not again with every slider"


@pytest.mark.parametrize("field", ["max_operations", "max_step_memory", "max_lanes", "max_batch"])
def test_every_limit_names_itself(field, monkeypatch):
    small = replace(limits(), **{field: 1})
    monkeypatch.setattr("gandyn.ui.session.choices.limits", lambda: small)
    with pytest.raises(ValueError, match="this server"):
        check_affordable(COLLAPSE, 4)
