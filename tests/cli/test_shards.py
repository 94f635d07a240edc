"""gandyn sweep --shard and --merge: the parts, put together, are the whole."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gandyn.cli import main
from gandyn.sweep.description import grid_of

SWEEP = ["sweep", "collapse", "--seeds", "0:3", "--steps", "20", "--workers", "1", "--lanes", "1", "--quiet"]
SWEEP += ["--set", "lr_d=1e-3,1e-2", "generator.widths=8;8,8", "critic.widths=8", "batch_size=8", "latent_size=2"]

pytestmark = pytest.mark.usefixtures("one_process")


def read(path):
    """The rows of a sweep."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def contents(folder):
    return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


def untimed(rows):
    return [{name: value for name, value in row.items() if name != "seconds"} for row in rows]


def summary_of(folder):
    apart = {"directory", "seconds"}
    stored = json.loads(Path(folder, "summary.json").read_text())
    return {name: value for name, value in stored.items() if name not in apart}


def test_the_merged_shards_are_the_whole_sweep_to_the_bit(capsys):
    assert main([*SWEEP, "--out", "whole"]) == 0
    folders = [f"s{i}" for i in (1, 2, 3)]
    for i, folder in enumerate(folders, 1):
        assert main([*SWEEP, "--shard", f"{i}/3", "--out", folder]) == 0
        assert {path.name for path in Path(folder).iterdir()} == {
            "sweep.json", "rows.jsonl", "rows.sha256", "summary.json",
        }  # fmt: skip
        assert json.loads(Path(folder, "sweep.json").read_text())["shard"] == f"{i}/3"
    assert sum(len(read(Path(folder, "rows.jsonl"))) for folder in folders) == 12
    before = [contents(folder) for folder in folders]
    capsys.readouterr()
    assert main(["sweep", "--merge", *reversed(folders), "--out", "merged", "--json"]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out) == json.loads(Path("merged/summary.json").read_text())
    assert "done: 12 GANs; sweep.json, rows.jsonl, summary.json" in printed.err
    assert [contents(folder) for folder in folders] == before

    merged, whole = (read(Path(folder, "rows.jsonl")) for folder in ("merged", "whole"))
    by_key = sorted(untimed(whole), key=lambda row: row["key"])
    assert sorted(untimed(merged), key=lambda row: row["key"]) == by_key
    jobs = grid_of(json.loads(Path("whole/sweep.json").read_text())).jobs
    assert [row["key"] for row in merged] == [job.key for job in jobs]
    assert Path("merged/sweep.json").read_bytes() == Path("whole/sweep.json").read_bytes()
    assert summary_of("merged") == summary_of("whole") and summary_of("merged")["finished"]
    pictures = [np.asarray(Image.open(Path(folder, "sweep.png"))) for folder in ("merged", "whole")]
    np.testing.assert_array_equal(*pictures)
    capsys.readouterr()
    assert main([*SWEEP, "--out", "merged"]) == 0  # a whole sweep, of which no row is missing
    assert read(Path("merged/rows.jsonl")) == merged


def test_a_shard_goes_on_and_its_folder_is_its_own(capsys):
    shard = [*SWEEP, "--shard", "1/2", "--out", "s1"]
    assert main(shard) == 0
    rows = Path("s1/rows.jsonl")
    lines = rows.read_text().splitlines(keepends=True)
    rows.write_text("".join(lines[:-1]))
    capsys.readouterr()
    assert main(["sweep", "--merge", "s1", "--out", "m"]) == 2
    assert f"1 of shard 1/2 (s1), {12 - len(lines)} of shard 2/2 (not among the folders)" in capsys.readouterr().err
    assert not Path("m").exists()
    assert main(shard) == 0
    assert untimed(read(rows)) == untimed(map(json.loads, lines))
    for other in (["--shard", "2/2"], ["--shard", "1/3"], []):
        assert main([*SWEEP, *other, "--out", "s1"]) == 2
        assert "s1 holds shard 1/2: go on with it with --shard 1/2" in capsys.readouterr().err


def test_a_shard_without_rows_is_done(capsys):
    one = [*SWEEP, "--json"]
    one[3] = "0:1"
    shards = [f"{i}/40" for i in range(1, 41)]
    from gandyn.sweep.grid import grid
    from gandyn.sweep.shard import Shard, jobs_of

    whole = grid("collapse", "0:1", SWEEP[SWEEP.index("--set") + 1 :], 20)
    empty = next(text for text in shards if not jobs_of(whole, Shard.parse(text)))
    assert main([*one, "--shard", empty, "--out", "s"]) == 0
    stored = json.loads(capsys.readouterr().out)
    assert (stored["gans"], stored["rows"], stored["finished"], stored["shard"]) == (0, 0, True, empty)


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (["collapse", "--shard", "0/3", "--out", "x"], "--shard takes I/N, the shards are 1/N to N/N"),
        (["collapse", "--shard", "4/3", "--out", "x"], "not '4/3'"),
        (["collapse", "--shard", "2", "--out", "x"], "not '2'"),
        (["collapse", "--shard", "1/3"], "--shard needs --out"),
        (["--merge", "a", "b"], "--merge needs --out"),
        (["--merge", "--out", "x"], "--merge needs folders"),
        (["--merge", "a", "b", "--out", "x"], "a holds no sweep: sweep.json cannot be read"),
        (["--merge", "a", "--out", "a/x"], "a/x lies in a, which a merge leaves as it is"),
        (["collapse", "--merge", "a", "--seeds", "0:2", "--out", "x"], "leave out PRESETS, --seeds"),
    ],
)
def test_a_mistake_is_answered_in_one_line(capsys, arguments, answer):
    assert main(["sweep", *arguments]) == 2
    printed = capsys.readouterr()
    assert printed.out == "" and len(printed.err.splitlines()) == 1 and printed.err.startswith("gandyn: ")
    assert answer in printed.err and not any(Path().iterdir())
