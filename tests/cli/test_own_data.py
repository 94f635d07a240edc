"""One's own data on the command line: settings, configurations, replays and sweeps of points and Gaussians."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from gandyn.cli import main
from gandyn.records.strict_json import loads

QUIET = ["--steps", "3", "--threads", "1", "--quiet"]


@pytest.fixture(autouse=True)
def own_store(tmp_path, monkeypatch):
    monkeypatch.setenv("GANDYN_POINTS", str(tmp_path / "store"))
    Path("mine.csv").write_text("x,y\n1,1\n-1,1\n-1,-1\n1,-1\n")


def again(*arguments: str) -> subprocess.CompletedProcess:
    """In a process of its own: this one still holds the points."""
    return subprocess.run([sys.executable, "-m", "gandyn", *arguments], capture_output=True, text=True, check=False)


@pytest.mark.usefixtures("no_pictures")
def test_a_file_is_trained_on_and_replayed_and_another_one_is_refused(capsys):
    setting = ["--set", "target=points", "target.file=mine.csv", "target.sigma=0.05"]
    assert main(["train", "collapse", *QUIET, *setting, "--out", "one"]) == 0
    config = loads(Path("one/config.json").read_text())
    assert config["data"] == {"points": "mine.csv", "sha256": config["controls"]["target.sha256"]}
    assert again("replay", "one/trace.json", "--quiet", "--out", "two").returncode == 0
    digest = [json.loads(Path(name, "trace.json").read_text())["sha256"] for name in ("one", "two")]
    assert digest[0] == digest[1]
    Path("mine.csv").write_text("1,1\n")
    for command in (
        ["replay", "one/trace.json", "--out", "three"],
        ["train", "--resume", "one", "--steps", "9"],
        ["train", "--config", "one/config.json", "--out", "four"],
    ):
        refused = again(*command, "--quiet")
        assert refused.returncode == 2 and refused.stderr.count("\n") == 1
        assert "mine.csv is not the file of this run: its sha256 is" in refused.stderr
    assert not Path("three").exists()


@pytest.mark.usefixtures("no_pictures")
def test_gaussians_and_drawn_points_are_settings_like_any_other(capsys):
    gaussians = ["--set", "target=gaussians", "target.x=0,1", "target.y=1,0", "target.sigmas=0.1,0.2"]
    assert main(["train", "collapse", *QUIET, *gaussians, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["step"] == 3
    assert main(["train", "collapse", *QUIET, "--set", "target=points", "target.points=0,0,2~gg_P", "--dry-run"]) == 0
    assert '"target.points" = "0,0,2~gg_P"' in capsys.readouterr().out


@pytest.mark.usefixtures("one_process")
def test_a_sweep_over_targets_of_ones_own(capsys):
    values = ["target=gaussians", "target.sigmas=0.1;0.2", "batch_size=8"]
    assert main(["sweep", "collapse", "--steps", "3", "--seeds", "0:1", "--set", *values, "--out", "s", "--quiet"]) == 0
    rows = [json.loads(line) for line in Path("s/rows.jsonl").read_text().splitlines()]
    assert len(rows) == 2 and all(row["centres"] == 3 for row in rows)


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        (
            ["target.file=nowhere.csv"],
            "gandyn: nowhere.csv cannot be read (No such file or directory): check",
        ),
        (["target.points=x"], "gandyn: target.points must be a text as"),
        (["target.file=mine.csv", "target.points=0,0,2~A"], "gandyn: target.file and target.points are both given"),
        (["target.file=bad.csv"], "gandyn: bad.csv holds 'two' in line 2, which is no number"),
    ],
)
def test_what_a_person_does_wrong_is_one_line(capsys, settings, line):
    Path("bad.csv").write_text("1,2\n3,two\n")
    assert main(["train", "collapse", *QUIET, "--set", "target=points", *settings]) == 2
    stderr = capsys.readouterr().err
    assert stderr.startswith(line) and stderr.count("\n") == 1
