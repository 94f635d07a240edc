"""When a run shows what: the steps of the sources' own tables and figures."""

import pytest

from gandyn.presets import PRESETS, preset
from gandyn.records.plan import Plan, plan


def rows(name: str, **changes) -> list[tuple[int, int]]:
    """(steps made, the number that stands in the table) of every row."""
    experiment = preset(name, **changes)
    of = plan(experiment)
    return [(step, of.row(step)) for step in range(experiment.steps + 1) if of.has_row(step)]


def panels(name: str) -> list[tuple[int, int]]:
    """(steps made, the label) of every picture of samples."""
    experiment = preset(name)
    of = plan(experiment)
    return [(step, of.panel(step)) for step in range(experiment.steps + 1) if of.pictured(step)]


def test_edward_prints_and_draws_iteration_1_and_every_thousandth():
    """The library prints at iteration t where t == 1 or t % n_print == 0."""
    wanted = [(step, step) for step in (1, *range(1000, 15_001, 1000))]
    assert rows("mnist-edward") == panels("mnist-edward") == wanted


def test_the_lab_s_rows_are_after_updates_1_11_21():
    """for i in range(500): train; if i % 10 == 0: print(i, ...)."""
    assert rows("mnist-dcgan-lab") == [(i + 1, i) for i in range(500) if i % 10 == 0]


@pytest.mark.parametrize("name", ["unrolled-notebook", "unrolled-ring"])
def test_the_notebook_s_panels_are_after_updates_1_5001_and_so_on(name):
    assert panels(name) == [(1, 0), (5001, 5000), (10_001, 10_000), (15_001, 15_000), (20_001, 20_000)]


def test_where_the_source_does_not_count_ours_are_multiples():
    assert panels("unrolled-paper") == [(step, step) for step in range(0, 25_001, 5000)]
    assert panels("mnist-dcgan-lab") == [(step, step) for step in range(0, 501, 50)]
    assert rows("unrolled-notebook") == []


PLANS = {name: plan(experiment) for name, experiment in PRESETS.items()}
PLANS["odd"] = Plan(7, 11, 5, (1, 1), 3, (), samples_from=0, table_from=1)
PLANS["odder"] = Plan(6, 4, 9, (1, 1), 7, (), samples_from=1, table_from=0)


@pytest.mark.parametrize("name", list(PLANS))
def test_going_from_one_to_the_next_meets_all_that_is_due(name):
    schedule, step, met = PLANS[name], 0, []
    while step < 12_000:
        step += schedule.until(step)
        met.append(step)
    due = {
        step
        for step in range(1, met[-1] + 1)
        if schedule.kept(step) or schedule.measured(step) or schedule.has_row(step)
    }
    assert due == set(met)
