"""What is damaged, missing or asked in vain ends in one line: what is wrong, where, and what to do."""

import shutil
from pathlib import Path

import pytest

from gandyn.cli import main

pytestmark = pytest.mark.usefixtures("elsewhere")

TINY = ["--set", "generator.widths=8", "critic.widths=8", "batch_size=8", "latent_size=2"]
AGAIN = "; put it back as it was, or begin a run in another folder"
GIVE = "; give trace.json of a run, or a session that the laboratory has saved"


@pytest.fixture(scope="module")
def run_directories(tmp_path_factory):
    """Runs of three steps, `run` and, with another seed, `other`."""
    path = tmp_path_factory.mktemp("made")
    for name, seed in (("run", "0"), ("other", "7")):
        command = ["train", "collapse", "--steps", "3", "--seed", seed, "--out", str(path / name), "--quiet"]
        assert main([*command, *TINY]) == 0
    return path


@pytest.fixture
def runs(run_directories, elsewhere):
    shutil.copytree(run_directories, ".", dirs_exist_ok=True)


def line(capsys, *command):
    """The one line with which a command refuses, without its beginning."""
    assert main([str(word) for word in command]) == 2
    printed = capsys.readouterr()
    (last,) = printed.err.splitlines()
    assert printed.out == ""
    return last.removeprefix("gandyn: ")


@pytest.mark.usefixtures("runs")
def test_fewer_steps_than_are_made_are_refused_and_nothing_is_changed(capsys):
    before = {path: path.read_bytes() for path in Path("run").rglob("*") if path.is_file()}
    assert line(capsys, "train", "--resume", "run", "--steps", "2") == (
        "run has made 3 steps already, more than --steps 2: name more, or begin a run of 2 by gandyn train "
        "--config run/config.json --steps 2"
    )
    assert {path: path.read_bytes() for path in Path("run").rglob("*") if path.is_file()} == before
    assert main(["train", "--resume", "run", "--steps", "3", "--quiet"]) == 0
    assert main(["train", "--config", "run/config.json", "--steps", "2", "--out", "new", "--quiet"]) == 0


@pytest.mark.usefixtures("runs")
def test_a_replay_into_a_folder_that_is_not_empty_speaks_of_the_folder(capsys):
    there = "run is not empty: choose another --out, or go on with the run in it by gandyn train --resume run"
    assert line(capsys, "replay", "other/trace.json", "--out", "run") == there
    Path("mine").mkdir()
    Path("mine/notes").write_text("x")
    refusal = line(capsys, "replay", "other/trace.json", "--out", "mine")
    assert refusal == "mine is not empty: choose another --out"
    refusal = line(capsys, "replay", "other/trace.json", "--out", "mine/notes")
    assert refusal == "mine/notes is a file: choose another --out"


NOT_CONFIGURATIONS = {
    "": "it is empty",
    " \n": "it is empty",
    "null": "it holds null instead of an object, {...}",
    "[]": "it holds a list instead of an object, {...}",
    "5": "it holds a number instead of an object, {...}",
    "{": "it is not JSON: expecting property name enclosed in double quotes (line 1, column 2)",
    "{}": "object missing required field preset",
}


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize("text", NOT_CONFIGURATIONS)
@pytest.mark.parametrize("command", [["train", "--resume", "run"], ["evaluate", "run"]], ids=["resume", "evaluate"])
def test_a_run_whose_configuration_is_none(capsys, command, text):
    Path("run/config.json").write_text(text)
    assert line(capsys, *command) == f"run/config.json cannot be read: {NOT_CONFIGURATIONS[text]}{AGAIN}"


@pytest.mark.parametrize("text", [text for text in NOT_CONFIGURATIONS if text != "{}"])
def test_a_configuration_that_is_none(capsys, text):
    Path("c.json").write_text(text)
    said = f"c.json is no configuration in JSON: {NOT_CONFIGURATIONS[text]}; gandyn train PRESET --dry-run prints one"
    assert line(capsys, "train", "--config", "c.json") == said


NO_TRACE = "this is no trace of the format 'gandyn-trace-2': "
NOT_TRACES = {
    "": "it is empty",
    "null": f"{NO_TRACE}it holds null",
    "[]": f"{NO_TRACE}it holds a list",
    "{}": f"{NO_TRACE}it has no field format",
    '{"format": 3}': f"{NO_TRACE}its field format is 3",
    '{"format": "gandyn-trace-2"}': "this trace is not as gandyn writes it: object missing required field config",
}


@pytest.mark.parametrize("text", NOT_TRACES)
def test_a_trace_that_is_none(capsys, text):
    Path("t.json").write_text(text)
    assert line(capsys, "replay", "t.json") == f"t.json: {NOT_TRACES[text]}{GIVE}"


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize("how", ["removed", "emptied", "truncated", "flipped", "swapped"])
@pytest.mark.parametrize("name", ["state.pt", "trace.json", "run.json"])
def test_checkpoints_that_are_all_damaged_cannot_be_evaluated(capsys, caplog, name, how):
    for place in sorted(Path("run/checkpoints").iterdir()):
        path, other = place / name, Path("other/checkpoints", place.name, name)
        data = bytearray(path.read_bytes())
        data[len(data) // 3] ^= 1
        damaged = {"emptied": b"", "truncated": data[: len(data) // 2], "flipped": data, "swapped": other.read_bytes()}
        path.unlink() if how == "removed" else path.write_bytes(damaged[how])
    end = "run/checkpoints holds no whole checkpoint: gandyn train --resume run makes them"
    assert line(capsys, "evaluate", "run") == end
    culprit = "state.pt" if (name, how) == ("run.json", "swapped") else name
    for message, place in zip(caplog.messages, ("000000003", "000000000"), strict=True):
        assert place in message and culprit in message and message.endswith("; trying the checkpoint before it")


@pytest.mark.usefixtures("runs")
def test_a_damaged_newest_checkpoint_is_told_and_the_one_before_is_evaluated(capsys, caplog):
    Path("run/checkpoints/000000003/state.pt").write_bytes(b"PK")
    assert main(["evaluate", "run", "--json"]) == 0
    assert '"step": 0' in capsys.readouterr().out and len(caplog.messages) == 1


@pytest.mark.usefixtures("runs")
def test_checkpoints_of_another_run_are_not_evaluated(capsys):
    shutil.rmtree("run/checkpoints")
    shutil.copytree("other/checkpoints", "run/checkpoints")
    assert line(capsys, "evaluate", "run") == (
        "run/config.json is not the one of the checkpoints beside it: put its values (or the checkpoints) back, or "
        "begin a run with these values by gandyn train --config run/config.json"
    )
