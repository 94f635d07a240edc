"""The series of runs as a table and as files: every step, every digit."""

import csv
import io
import json
import sys

import numpy as np
import pytest

import gandyn
from gandyn.live.series_table import kept, table
from gandyn.records.series_file import as_csv, as_parquet
from tests.live.test_run import small


def measured(steps: int, lanes: int | None = None, **controls) -> gandyn.Run:
    run = gandyn.Run(small(**controls), lanes=lanes, measured=True)
    run.advance(steps)
    return run


def read_csv(content: bytes) -> dict[str, np.ndarray]:
    rows = list(csv.DictReader(io.StringIO(content.decode(), newline="")))
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def numbers(column: np.ndarray) -> np.ndarray:
    return np.array([float(text) if text else np.nan for text in column])


def test_a_row_for_every_step_with_the_run_s_own_numbers():
    run = measured(40)
    run.set(unroll=2)
    run.advance(300)
    columns = read_csv(as_csv(table([kept(run)])))
    assert numbers(columns["step"]).tolist() == list(range(1, 341))
    for name in ("critic_loss", "generator_loss", "gap", "unroll", "f", "f_k"):
        steps, values = run.series(name)
        assert np.array_equal(numbers(columns[name]), values), name
    for name in ("covered", "hq"):
        steps, values = run.series(name)
        known = ~np.isnan(numbers(columns[name]))
        assert np.array_equal(numbers(columns["step"])[known], steps[~np.isnan(values)])
        assert np.array_equal(numbers(columns[name])[known], values[~np.isnan(values)])
    probe = numbers(columns["probe_f"]) - numbers(columns["probe_f_k"])
    assert np.array_equal(numbers(columns["probe_gap"]), probe, equal_nan=True)
    assert not np.isnan(probe[:40]).any() and np.isnan(probe[40:]).all(), "the rule looks ahead itself"
    by_hand = np.concatenate([np.arange(1, 41), 40 + 2 * np.arange(1, 301)])  # from step 40 on (1 + 1 + 2) / 2 each
    assert np.array_equal(numbers(columns["gradients"]), by_hand)
    assert "run" not in columns and "seed" not in columns and "sw2" not in columns


def test_several_runs_one_after_another_each_with_its_name():
    runs = [measured(20), measured(30, lr_d=2e-3)]
    columns = read_csv(
        as_csv(table([kept(run, label) for run, label in zip(runs, ("A: x", 'B: "y", z'), strict=True)]))
    )
    assert list(columns)[:2] == ["run", "step"]
    for run, label in zip(runs, ("A: x", 'B: "y", z'), strict=True):
        own = columns["run"] == label
        assert np.array_equal(numbers(columns["critic_loss"][own]), run.series("critic_loss")[1])


def test_many_gans_have_their_seeds():
    run = measured(25, lanes=3, seed=5)
    columns = read_csv(as_csv(table([kept(run)])))
    for i, seed in enumerate((5, 6, 7)):
        own = columns["seed"] == str(seed)
        assert np.array_equal(numbers(columns["generator_loss"][own]), run.series("generator_loss")[1][:, i])


def test_a_run_that_stands_at_step_0_has_the_columns_alone():
    assert as_csv(table([kept(gandyn.Run(small()))])).startswith(b"step,gradients,critic_loss,generator_loss,f,f_k,gap")


def test_parquet_holds_the_same_and_what_it_is_of():
    parquet = pytest.importorskip("pyarrow.parquet")
    run = measured(600)  # from step 512 on every second one is read
    columns = table([kept(run, "A")])
    file = parquet.read_table(io.BytesIO(as_parquet(columns, {"configs": json.dumps([1])})))
    assert file.column_names == list(columns)
    assert file.schema.metadata[b"gandyn.configs"] == b"[1]"
    for name, column in columns.items():
        assert np.array_equal(file[name].to_numpy(), column, equal_nan=True), name
    assert file["covered"].null_count == int(np.isnan(columns["covered"]).sum()) > 0


def test_without_pyarrow_the_line_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ValueError, match=r"pip install 'gandyn\[sweep\]'") as error:
        as_parquet(table([kept(measured(3))]), {})
    assert "\n" not in str(error.value)
