"""`gandyn train --resume` of a run that has all its steps."""

import pytest

from gandyn.cli import main
from gandyn.records import log
from tests.cli.test_cli import TINY


@pytest.mark.usefixtures("no_pictures")
def test_it_says_that_there_are_no_more_and_how_to_ask_for_some(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["train", "collapse", "--steps", "3", "--out", "run", *TINY]) == 0
    capsys.readouterr()
    before = (tmp_path / "run/metrics.jsonl").read_bytes()
    assert main(["train", "--resume", "run"]) == 0
    said = "".join(capsys.readouterr())
    assert "run has all of its 3 steps: gandyn train --resume run --steps N, with a larger N, makes more" in said
    assert "goes on" not in said and (tmp_path / "run/metrics.jsonl").read_bytes() == before
    assert main(["train", "--resume", "run", "--steps", "5"]) == 0
    assert "goes on: run, step 3 of 5" in "".join(capsys.readouterr())
    assert [row["step"] for row in log.read(tmp_path / "run/metrics.jsonl")] == [1, 2, 3, 4, 5]
