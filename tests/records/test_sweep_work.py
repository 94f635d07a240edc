"""A row is a function of its configuration, however it was grouped."""

import json

import pytest
import torch

from gandyn.core import native
from gandyn.core.engine import play
from gandyn.core.play import init
from gandyn.core.rng import Rng
from gandyn.presets import preset
from gandyn.probes.measures import measure_state
from gandyn.sweep.grid import grid
from gandyn.sweep.groups import Task, tasks
from gandyn.sweep.lanes import most_lanes, walk
from gandyn.sweep.work import carry_out, first_at

TINY = ["generator.widths=8", "critic.widths=8", "batch_size=8", "latent_size=2"]
OF_THE_WORK = {"seconds", "lanes"}  # of the work, not of the GAN


def rows_of(settings, seeds="0:3", steps=40, presets="collapse", apart=False, engine="autograd"):
    jobs = grid(presets, seeds, [*settings, *TINY], steps).jobs
    groups = tasks(jobs, lambda kind: 1 if apart else 32, 1, engine)
    rows = {row["key"]: row for task in groups for row in carry_out(task)}
    return [rows[job.key] for job in jobs]


@pytest.mark.parametrize(
    "settings",
    [
        ["lr_d=1e-3,1e-2", "ema=0,0.9"],
        ["clip=0,0.1", "penalty=r1", "penalty_weight=0,1", "engine=autograd"],
        ["unroll=2", "lr_g=1e-3,2e-3", "beta1=0,0.5"],
    ],
)
def test_a_row_does_not_depend_on_its_company(settings):
    together, apart = rows_of(settings), rows_of(settings, apart=True)
    assert len(together) == len(apart) > 3 and {row["lanes"] for row in together} == {len(together)}
    for one, other in zip(together, apart, strict=True):
        assert one["error"] is None and one.keys() == other.keys()
        assert one["engine"] == "autograd"
        for name in one.keys() - OF_THE_WORK - {"measurements"}:
            close = pytest.approx(other[name], rel=1e-3, abs=1e-4) if type(one[name]) is float else other[name]
            assert one[name] == close, name
        for name in ("step", "covered", "hq"):
            assert one["measurements"][name] == pytest.approx(other["measurements"][name], abs=1e-3)


@pytest.mark.parametrize("engine", ["autograd", "native"])
def test_a_row_alone_is_the_single_run_to_the_bit(engine):
    experiment = preset("collapse", seed=2, steps=40, **dict(text.split("=") for text in TINY))
    steps = play(experiment, engine=engine)
    for _ in range(40):
        state, metrics = next(steps)
    (row,) = rows_of([], "2:3", engine=engine)
    assert row["critic_loss"] == float(metrics.critic_loss) and row["steps"] == 40 and row["seed"] == 2
    values = measure_state(experiment, state, Rng(2))
    assert {name: row[name] for name in values} == values
    assert row["measurements"]["step"] == list(range(2, 41, 2)) and row["measurements"]["covered"][-1] == row["covered"]
    assert row["measurements"]["hq"][-1] == pytest.approx(row["hq"], abs=1e-6)
    assert json.loads(json.dumps(row, allow_nan=False)) == row | {"generator.widths": [8], "critic.widths": [8]}


def test_lanes_are_the_runs_of_their_seeds():
    one = preset("collapse", **dict(text.split("=") for text in TINY))
    experiments = [one.replace(seed=seed, lr_d=rate) for seed, rate in ((0, 1e-3), (1, 1e-2), (1, 1e-3))]
    stops = (4, 10)
    *_, (state, metrics) = walk(experiments, stops, "autograd")
    singles = [list(walk([e], stops, "autograd"))[-1] for e in experiments]
    assert state.step == 10 and len(list(walk(experiments, stops, "autograd"))) == 2
    assert state.g.dtype == torch.float32
    torch.testing.assert_close(state.g, torch.cat([s.g for s, _ in singles]), rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(metrics.gap, torch.cat([m.gap for _, m in singles]), rtol=1e-4, atol=1e-5)


def test_what_breaks_has_an_error_and_the_others_go_on():
    wild = ["objective=least-squares", "optimizer_d=sgd", "optimizer_g=sgd", "lr_g=1e-3", "lr_d=100,1e-3"]
    rows, calm = rows_of(wild, steps=200), rows_of([*wild[:-1], "lr_d=1e-3"], steps=200)
    broken = [row for row in rows if row["lr_d"] == 100]
    assert len(broken) == 3 and all("stopped being finite by step" in row["error"] for row in broken)
    assert not any("hq" in row for row in broken)
    whole = [row for row in rows if row["lr_d"] == 1e-3]
    assert [row["hq"] for row in whole] == pytest.approx([row["hq"] for row in calm], abs=1e-3)
    assert [row["error"] for row in whole] == [None] * 3


def test_what_cannot_be_stepped_is_an_error_in_its_own_row(monkeypatch):
    monkeypatch.setattr(native, "unsupported_reason", lambda game, rule: "this test has none")
    rows = rows_of(["engine=native,autograd"], "0:2")
    assert [row["error"] is None for row in rows] == [False, False, True, True]
    assert "engine 'native' cannot compute this step: this test has none; use engine 'auto'" in rows[0]["error"]


def test_a_target_without_modes_has_no_cover():
    (row,) = rows_of(["target=spiral"], "0:1", steps=2)
    assert row["error"] is None and row["sw2"] > 0 and not {"covered", "measurements", "steps_to_cover"} & row.keys()


def test_the_first_look_that_covers():
    assert first_at(8, [5, 10, 15], [7, 8, 8]) == 10
    assert first_at(8, [5, 10], [7, 7]) is None


def test_progress_tells_every_step_once():
    steps = []
    jobs = grid("collapse", "0:2", TINY, 25, 10).jobs
    (row, _) = carry_out(Task(jobs, "autograd"), steps.append)
    assert steps == [20, 20, 10] and row["measurements"]["step"] == [10, 20, 25]


def test_the_number_of_lanes_follows_from_the_configuration():
    assert most_lanes(preset("collapse"), 32) == most_lanes(preset("collapse", engine="autograd"), 32) == 32
    assert most_lanes(preset("mnist-dcgan-lab"), 32) == 1


@pytest.mark.parametrize("apart", [False, True])
def test_a_warm_up_is_the_past_of_all(apart):
    """Until its end the controls with several values are the preset's; those with one value hold from the start."""
    settings = [*TINY, "unroll=0,2", "lr_d=1e-3,1e-2", "lr_g=2e-3"]
    jobs = grid("collapse", "4:5", settings, 30, every=10, warmup=10).jobs
    groups = tasks(jobs, lambda kind: 1 if apart else 32, 1, "autograd")
    rows = {row["key"]: row for task in groups for row in carry_out(task)}
    first = [[rows[job.key]["measurements"][name][0] for name in ("step", "covered", "hq")] for job in jobs]
    assert all(one == first[0] for one in first) and len({rows[job.key]["critic_loss"] for job in jobs}) == 4

    past = preset("collapse", seed=4, lr_g=2e-3, **dict(text.split("=") for text in TINY))
    then = past.replace(unroll=2, lr_d=1e-2)
    steps = play(past, lambda: past if state.step < 10 else then, state := init(past.game, 4))
    for _ in range(30):
        state, metrics = next(steps)
    (row,) = (rows[job.key] for job in jobs if job.point["unroll"] == 2 and job.point["lr_d"] == 1e-2)
    assert row["critic_loss"] == pytest.approx(float(metrics.critic_loss), rel=1e-3)
    assert len({job.key for job in (*jobs, *grid("collapse", "4:5", settings, 30, every=10).jobs)}) == 8
    with pytest.raises(ValueError, match="--warmup must be a whole number in"):
        grid("collapse", "4:5", settings, 30, warmup=30)
