"""All measures of a headless run and of a sweep: on a grid of steps, beside the training."""

import json
from concurrent.futures import Future

import pytest
import torch

import gandyn
from gandyn.core.types import Metrics
from gandyn.probes.inputs import generate
from gandyn.probes.sample_measures import MEASURES
from gandyn.probes.scorecard import N
from gandyn.records import log, plan
from gandyn.records.log import MetricsLog
from gandyn.sweep.grid import grid
from gandyn.sweep.groups import Task
from gandyn.sweep.work import carry_out
from gandyn.training.begin import begin
from gandyn.training.train import Training

SMALL = {"generator.widths": "8,8", "critic.widths": "8", "batch_size": 16, "latent_size": 4}


def metrics(*values: float) -> Metrics:
    return Metrics(*[torch.tensor(values)] * len(Metrics._fields))


def at(experiment: gandyn.Experiment, steps: int) -> dict[str, float]:
    """All measures after so many steps."""
    run = gandyn.Run(experiment)
    run.advance(steps)
    samples = generate(run.experiment, run.state, N, gandyn.Rng(experiment.seed))
    values = gandyn.measure(experiment.target, samples, full=True)
    return {name: values[name] for name in MEASURES}


def test_a_run_has_all_measures_on_their_grid_and_at_its_end(tmp_path, monkeypatch):
    monkeypatch.setattr(plan, "POINTS", 4)
    experiment = gandyn.preset("collapse", **SMALL, steps=90)
    training = Training(begin(tmp_path / "run", experiment))
    training.start()
    summary = training.run().summary
    rows = log.read(tmp_path / "run" / "metrics.jsonl")
    assert [row["step"] for row in rows if "w1" in row] == [40, 80]
    assert [row["step"] for row in rows] == list(range(1, 91)), "in their order, whatever was waited for"
    for row in rows:
        if "w1" in row:
            assert {name: row[name] for name in MEASURES} == pytest.approx(at(experiment, row["step"]), rel=1e-5)
    assert summary["measures"] == pytest.approx(at(experiment, 90), rel=1e-5)
    assert json.loads((tmp_path / "run" / "summary.json").read_text())["measures"].keys() == set(MEASURES)


def test_a_row_of_a_sweep_has_all_measures_at_its_last_step():
    wanted = grid("collapse", "3:5", ["latent_size=4", "batch_size=16", "critic.widths=8"], 30)
    for job, row in zip(wanted.jobs, carry_out(Task(wanted.jobs, "auto")), strict=True):
        experiment = gandyn.preset("collapse", batch_size=16, latent_size=4, **{"critic.widths": "8"}, seed=job.seed)
        assert {name: row[name] for name in MEASURES} == pytest.approx(at(experiment, 30), rel=1e-3, abs=1e-4)


def test_rows_wait_for_what_is_still_computed_and_those_before_it_do_not(tmp_path):
    written = MetricsLog(tmp_path / "metrics.jsonl")
    later: Future[dict[str, float]] = Future()
    written.extend(3, metrics(1.0, 2.0, 3.0), 0.0, 0.3)
    written.add_later(later)
    written.extend(5, metrics(4.0, 5.0), 0.3, 0.5)
    assert [row["step"] for row in written.flush(wait=False)] == [1, 2]
    assert written.flush(wait=False) == []
    written.extend(6, metrics(6.0), 0.5, 0.6)
    later.set_result({"w1": 0.25})
    rows = written.flush(wait=False)
    assert [(row["step"], row["f"], row.get("w1")) for row in rows] == [
        (3, 3.0, 0.25), (4, 4.0, None), (5, 5.0, None), (6, 6.0, None),
    ]  # fmt: skip
    assert written.flush() == []
    assert [row["f"] for row in log.read(tmp_path / "metrics.jsonl")] == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]


def test_a_checkpoint_waits_for_all_of_them(tmp_path):
    written = MetricsLog(tmp_path / "metrics.jsonl")
    later: Future[dict[str, float]] = Future()
    written.extend(1, metrics(1.0), 0.0, 0.1)
    written.add_later(later)
    later.set_result({"w1": 1.5})
    assert [row["w1"] for row in written.flush()] == [1.5]
