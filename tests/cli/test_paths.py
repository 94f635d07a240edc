"""A path may begin with ~, whether or not the shell has put the home folder there."""

import json
from pathlib import Path

import pytest

import gandyn
from gandyn.cli import main
from gandyn.sweep.directory import SweepDirectory
from gandyn.targets import mnist_files

TINY = ["--set", "generator.widths=8", "critic.widths=8", "batch_size=8", "latent_size=2"]


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Another home folder than the present one."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("USERPROFILE", str(folder))
    return folder


@pytest.mark.usefixtures("no_pictures", "one_process")
def test_every_path_of_a_command_may_begin_with_it(home, capsys):
    live = gandyn.Run(gandyn.preset("collapse", **{"generator.widths": 8, "critic.widths": 8, "batch_size": 8}))
    live.advance(2)
    (home / "trace.json").write_text(json.dumps(live.trace()))
    train = ["train", "collapse", "--steps", "2", "--quiet", *TINY]
    sweep = ["sweep", "collapse", "--seeds", "0:2", "--steps", "2", "--every", "1", "--workers", "1", "--quiet", *TINY]
    for command in (
        [*train, "--out=~/run"],
        ["train", "--resume=~/run", "--steps", "4", "--quiet"],
        ["train", "--config=~/run/config.json", "--quiet", "--out", "~/again"],
        ["evaluate", "~/run"],
        ["replay", "~/trace.json", "--out=~/replayed", "--movie=~/film.gif", "--quiet"],
        [*sweep, "--shard", "1/1", "--out=~/part"],
        ["sweep", "--merge", "~/part", "--out=~/whole", "--quiet"],
    ):
        assert main(command) == 0, capsys.readouterr().err
    for name in ("run/evaluation.json", "again/summary.json", "replayed/summary.json", "film.gif", "whole/sweep.png"):
        assert (home / name).stat().st_size > 0
    assert json.loads((home / "run" / "summary.json").read_text())["step"] == 4
    assert len(SweepDirectory(home / "whole").rows()) == 2
    assert main(["bench", "--only", "dirac", "--jax=~/python"]) == 2
    assert f"--jax {home / 'python'}: No such file" in capsys.readouterr().err
    assert not Path("~").exists()


def test_data_are_looked_for_there(home, capsys, monkeypatch):
    assert main(["train", "mnist-mlp", "--data-dir=~/digits"]) == 2
    assert f"data folder {home / 'digits'} does not hold" in capsys.readouterr().err
    monkeypatch.setattr(mnist_files, "_given", (None, False))
    with pytest.raises(ValueError, match="does not hold"):
        mnist_files.load("train", "~nobody-of-this-name/digits")


def test_a_user_whom_nobody_knows_is_a_name(capsys):
    assert main(["evaluate", "~nobody-of-this-name/run"]) == 2
    assert "~nobody-of-this-name/run holds no run" in capsys.readouterr().err


@pytest.mark.usefixtures("no_pictures", "one_process")
@pytest.mark.parametrize("preset", ["../../../outside", "a/b", "..", "a\nb", "é" * 300, "\0", ""])
def test_what_a_trace_calls_itself_is_no_path(tmp_path, monkeypatch, preset):
    (tmp_path / "here" / "deep").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here" / "deep")
    live = gandyn.Run(gandyn.preset("collapse", **{"generator.widths": 8, "critic.widths": 8, "batch_size": 8}))
    live.advance(2)
    trace = live.trace()
    trace["config"]["preset"] = preset
    text = json.dumps(trace)
    Path("trace.json").write_text("\ufeff" + text, encoding="utf-8")  # as some editors save it
    assert main(["replay", "trace.json", "--quiet"]) == 0
    folder = [one.name for one in Path("runs").iterdir()]
    assert len(folder) == 1 and folder[0].startswith("0000-replay-")
    assert (Path("runs") / folder[0] / "summary.json").is_file()
    assert [one.name for one in tmp_path.iterdir()] == ["here"]
