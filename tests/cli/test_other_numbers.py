"""What was made with other random numbers: refused in one line, and run under this version's by --anyway."""

import json
from pathlib import Path

import pytest

import gandyn
from gandyn.cli import main
from gandyn.core.rng import NAME

pytestmark = pytest.mark.usefixtures("no_pictures", "one_process")
TINY = ["--set", "generator.widths=8", "critic.widths=8", "batch_size=8"]


def rewritten(path: Path, random: str | None) -> None:
    """The JSON file with another name of its random numbers, or with none, as an older version wrote it."""
    record = json.loads(path.read_text())
    assert record.pop("random") == NAME
    path.write_text(json.dumps(record if random is None else record | {"random": random}))


def session() -> gandyn.Run:
    run = gandyn.Run(gandyn.preset("collapse", **{"generator.widths": 8, "critic.widths": 8, "batch_size": 8}))
    run.advance(3)
    return run


@pytest.mark.parametrize("random", [None, "philox-0"])
def test_resume_refuses_and_goes_on_anyway(capsys, tmp_path, random):
    assert main(["train", "collapse", "--steps", "3", "--out", "run", "--quiet", *TINY]) == 0
    rewritten(tmp_path / "run" / "config.json", random)
    assert main(["train", "--resume", "run", "--steps", "5", "--quiet"]) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert "run was made with other random numbers" in line and NAME in line and "--anyway" in line
    assert main(["train", "--resume", "run", "--steps", "5", "--quiet", "--anyway"]) == 0
    assert json.loads((tmp_path / "run" / "config.json").read_text()).get("random") == random  # still not all its own
    assert main(["train", "--resume", "run", "--steps", "7", "--quiet"]) == 2


@pytest.mark.parametrize("random", [None, "philox-0"])
def test_replay_refuses_and_runs_anyway(capsys, tmp_path, random):
    (tmp_path / "trace.json").write_text(json.dumps(session().trace()))
    rewritten(tmp_path / "trace.json", random)
    assert main(["replay", "trace.json", "--out", "again", "--quiet"]) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert "trace.json: this run was made with other random numbers" in line and "--anyway" in line
    assert not (tmp_path / "again").exists()
    assert main(["replay", "trace.json", "--out", "again", "--quiet", "--anyway"]) == 0
    assert json.loads((tmp_path / "again" / "config.json").read_text())["random"] == NAME


def test_python_refuses_as_well(tmp_path):
    run = session()
    trace = {name: value for name, value in run.trace().items() if name != "random"}
    with pytest.raises(ValueError, match="^this run was made with other random numbers.*anyway=True"):
        gandyn.replay(trace)
    assert gandyn.replay(trace, anyway=True).state.step == 3
    run.save(tmp_path / "saved")
    assert gandyn.Run.load(tmp_path / "saved").trace()["random"] == NAME
    saved = gandyn.Run.load(tmp_path / "saved", anyway=True)
    assert saved.trace()["sha256"] == run.trace()["sha256"]


def test_anyway_needs_a_run(capsys):
    assert main(["train", "collapse", "--anyway"]) == 2
    assert "--resume" in capsys.readouterr().err


def test_a_sweep_does_not_mix_numbers(capsys, tmp_path):
    command = ["sweep", "collapse", "--seeds", "0:1", "--steps", "2", "--workers", "1", "--out", "swept", "--quiet"]
    assert main([*command, *TINY]) == 0
    rewritten(tmp_path / "swept" / "sweep.json", None)
    assert main([*command, *TINY]) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert "swept was made with other random numbers" in line and "--out" in line
