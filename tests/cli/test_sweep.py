"""gandyn sweep as a person uses it."""

import json
import re
import signal
import sys
from pathlib import Path

import pytest

from gandyn.cli import main
from gandyn.records.signals import STOPS
from gandyn.sweep.directory import SweepDirectory

TINY = ["--set", "generator.widths=8", "critic.widths=8", "batch_size=8", "latent_size=2"]


def read(path):
    """The rows of a sweep."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_sweep_leaves_rows_a_table_and_a_figure(capsys):
    swept = ["sweep", "collapse", "--seeds", "0:3", "--set", "lr_d=1e-3,1e-2", *TINY, "--steps", "20", "--workers", "1"]
    assert main(swept) == 0
    printed = capsys.readouterr()
    head, *lines = printed.out.splitlines()
    assert head.split()[:4] == ["lr_d", "seeds", "n", "errors"] and all(line.split()[1] == "0:3" for line in lines)
    assert re.search(r"done: 6 GANs in \d+ s; ", printed.err) and "runs/0000-sweep-collapse" in printed.err
    out = Path("runs/0000-sweep-collapse")
    rows = read(out / "rows.jsonl")
    assert sorted((row["lr_d"], row["seed"]) for row in rows) == [(r, s) for r in (1e-3, 1e-2) for s in range(3)]
    for name in ("sweep.json", "summary.json", "sweep.png"):
        assert (out / name).stat().st_size > 0
    assert main([*swept, "--out", str(out), "--json"]) == 0  # nothing is missing: nothing is trained
    printed = capsys.readouterr()
    assert json.loads(printed.out) == json.loads((out / "summary.json").read_text())
    assert "6 GANs, 6 of them there already" in printed.err and read(out / "rows.jsonl") == rows
    swept[3] = "0:4"
    assert main([*swept, "--out", str(out), "--json", "--quiet", "--lanes", "1"]) == 0  # two are
    printed = capsys.readouterr()
    assert json.loads(printed.out)["rows"] == 8 and printed.err == ""
    more = read(out / "rows.jsonl")
    assert more[:6] == rows and sorted((row["seed"], row["lanes"]) for row in more[6:]) == [(3, 1), (3, 1)]


@pytest.mark.parametrize("number", STOPS)
def test_a_signal_stops_it_and_the_same_command_goes_on(number, capsys, monkeypatch, one_process):
    swept = ["sweep", "collapse", "--seeds", "0:2", "--set", "steps=40,80", *TINY, "--every", "40"]
    swept += ["--out", "s", "--workers", "1", "--lanes", "1"]
    append = SweepDirectory.append

    def interrupted(directory, new):
        append(directory, new)
        signal.raise_signal(number)

    with monkeypatch.context() as patch:
        patch.setattr(SweepDirectory, "append", interrupted)
        assert main(swept) == 130
    line = "gandyn: stopped with 1 of 4 rows; go on: the same command with --out s\n"
    assert capsys.readouterr().err.endswith(line)
    rows = Path("s/rows.jsonl")
    before = read(rows)
    assert len(before) == 1
    with rows.open("a") as file:
        file.write('{"key": "torn')  # as a loss of power leaves it
    assert main([*swept, "--quiet", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["finished"]
    after = read(rows)
    assert after[:1] == before and len({row["key"] for row in after}) == len(after) == 4


@pytest.mark.usefixtures("one_process")
def test_an_error_is_a_row_and_the_rest_goes_on(capsys):
    broken = ["--set", "objective=least-squares", "optimizer_d=sgd", "optimizer_g=sgd", "lr_d=1e-3,100"]
    assert main(["sweep", "collapse", "--steps", "150", "--workers", "1", "--out", "s", *broken, *TINY]) == 0
    assert re.search(r"done: 2 GANs in \d+ s, 1 with an error; ", capsys.readouterr().err)
    good, bad = sorted(read(Path("s/rows.jsonl")), key=lambda row: row["lr_d"])
    assert good["error"] is None and "stopped being finite" in bad["error"]


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        ([], "which preset?"),
        (["colapse"], "did you mean 'collapse'?"),
        (["collapse", "--set", "lr_e=1,2"], "control 'lr_e' is unknown; did you mean 'lr_"),
        (["collapse", "--seeds", "3"], "--seeds takes A:B"),
        (["collapse", "--lanes", "0"], "--lanes must be a whole number in [1, 4096], not 0"),
        (["collapse", "--workers", "0"], "--workers must be a whole number in [1, 1024], not 0"),
        (["collapse", "--scheduler", "tcp://x:1", "--workers", "2"], "leave out --workers"),
        (["collapse", "--lane", "2"], "--lanes"),
        (["collapse", "--gradients", "0"], "--gradients must be a whole number in [1,"),
        (["collapse", "--gradients", "9", "--steps", "9"], "leave out --steps"),
        (["collapse", "--out", "taken"], "taken is not empty and holds no sweep"),
    ],
)
def test_a_mistake_is_answered_in_one_line(capsys, tmp_path, arguments, answer):
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "notes").write_text("x")
    assert main(["sweep", *arguments]) == 2
    printed = capsys.readouterr()
    assert printed.out == "" and len(printed.err.splitlines()) == 1 and printed.err.startswith("gandyn: ")
    assert answer in printed.err and [path.name for path in tmp_path.iterdir()] == ["taken"]


def test_dask_that_is_not_there_is_one_line(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert main(["sweep", "collapse", "--dask", "--quiet"]) == 2
    assert "pip install 'gandyn[sweep]'" in capsys.readouterr().err
