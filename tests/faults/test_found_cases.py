"""Files and arguments that once ended in a traceback, hung, or passed: each ends in a value or in one line."""

import gzip
import json
import time
from pathlib import Path

import numpy as np
import pytest

import gandyn
from gandyn.cli import main
from gandyn.core import checks
from gandyn.records.config import to_config
from gandyn.records.reading import content, parsed, parsed_toml
from gandyn.records.rundir import RunDirectory
from gandyn.targets import idx
from gandyn.training.begin import begin

pytestmark = pytest.mark.usefixtures("elsewhere")

SMALL = {"generator.widths": 8, "critic.widths": 8, "batch_size": 8, "latent_size": 2}
TINY = ["--set", *(f"{name}={value}" for name, value in SMALL.items())]
NAN, DEEP = float("nan"), 100_000


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A run of five steps, to be copied."""
    path = tmp_path_factory.mktemp("trained") / "run"
    assert main(["train", "collapse", "--steps", "5", "--out", str(path), "--quiet", *TINY]) == 0
    return path


@pytest.fixture(scope="module")
def trace():
    run = gandyn.Run(gandyn.preset("collapse", **SMALL))
    run.advance(4)
    run.set(unroll=1)
    run.advance(4)
    return run.trace()


def refused(capsys, arguments):
    """The one line with which a command refuses."""
    assert main(arguments) in (1, 2)
    printed = capsys.readouterr()
    lines = [line for line in printed.err.splitlines() if line.startswith("gandyn: ")]
    assert "Traceback" not in printed.err and len(printed.err.splitlines()) == len(lines) and printed.out == ""
    return lines[-1]


CONFIGS = {
    "null": None,
    "a list": [1],
    "text": "x",
    "no plan": {"plan": {}},
    "a plan of zeros": {"plan": {"samples": 0, "frames": 0, "measures": 0, "sheet": [0, 0], "table": 0, "columns": []}},
    "float16": {"dtype": "float16"},
    "controls 5": {"controls": 5},
    "controls null": {"controls": None},
    "events NaN": {"events": [{"step": NAN, "controls": {}}]},
    "events 1e9": {"events": [{"step": 1e9, "controls": {}}]},
    "events -1": {"events": [{"step": -1, "controls": {}}]},
    "events text": {"events": "abc"},
    "events {}": {"events": [{}]},
    "lanes 2.0": {"lanes": 2.0},
    "lanes true": {"lanes": True},
    "lanes 10^9": {"lanes": 10**9},
    "preset list": {"preset": ["l"]},
    "steps text": {"steps": "many"},
    "steps 10^12": {"steps": 10**12},
    "engine 3": {"engine": 3},
    "networks 3": {"networks": {"generator": 3}},
    "networks with a name of two lines": {
        "networks": {"generator": {"sizes": [2, 8, 2], "activation": "relu", "init": "default", "a\nb": 1}}
    },
    "data 3": {"data": 3},
}


@pytest.mark.parametrize("name", CONFIGS)
def test_a_config_that_is_none_is_one_line_in_every_command(capsys, trained, tmp_path, name):
    import shutil

    run = shutil.copytree(trained, tmp_path / "copy")
    wrong, config = CONFIGS[name], json.loads((run / "config.json").read_text())
    text = json.dumps(config | wrong if isinstance(wrong, dict) else wrong)
    (run / "config.json").write_text(text)
    assert "copy" in refused(capsys, ["train", "--resume", str(run), "--quiet"])
    (tmp_path / "alone.json").write_text(text)
    if set(wrong or ()) & {"dtype", "plan", "data"}:
        return  # of a run, not of an experiment
    assert "alone.json" in refused(capsys, ["train", "--config", "alone.json", "--out", "new", "--quiet"])
    assert not Path("new").exists()


TRACES = {
    "config null": {"config": None},
    "config 5": {"config": {"preset": "collapse", "steps": 5, "controls": 5}},
    "float16": {"dtype": "float16"},
    "start list": {"start": []},
    "start NaN": {"start": {"step": NAN, "sha256": ""}},
    "stop 1e9": {"stop": 1e9},
    "stop negative": {"stop": -1},
    "events 5": {"events": 5},
    "events of 5": {"events": [5]},
    "events NaN": {"events": [{"step": NAN, "controls": {}}]},
    "events deep": {"events": [{"step": 1, "controls": {"lr_d": [[[[1]]]]}}]},
    "events list for a name": {"events": [{"step": 1, "controls": {"objective": ["l"]}}]},
    "lines 5": {"lines": 5},
    "lines {}": {"lines": [{}]},
    "line 10^12": {"line": 10**12, "lines": [{"parent": None, "events": [], "stop": 8}]},
    "lanes 2.0": {"lanes": 2.0},
    "lanes 10^9": {"lanes": 10**9},
    "engine text": {"engine": "native"},
    "preset list": {"config": {"preset": ["l"], "steps": 5, "controls": {}}},
    "too many events": {"events": [{"step": 1, "controls": {}}] * 50_001},
}


@pytest.mark.parametrize("name", TRACES)
def test_a_trace_that_is_none_is_one_line(capsys, trace, name):
    wrong = trace | TRACES[name]
    with pytest.raises(ValueError) as error:
        gandyn.replay(wrong)
    assert "\n" not in str(error.value)
    Path("trace.json").write_text(json.dumps(wrong))
    assert "trace.json" in refused(capsys, ["replay", "trace.json"])
    assert not Path("runs").exists()


@pytest.mark.parametrize("text", ["[" * DEEP, '{"a":' * DEEP, '{"a": ' + "9" * 5000 + "}", "\xff", "", "NaN", "\0"])
def test_a_text_that_is_no_trace_is_refused_before_it_is_parsed(capsys, text):
    Path("trace.json").write_bytes(text.encode("latin-1"))
    assert "trace.json" in refused(capsys, ["replay", "trace.json"])


def test_a_trace_of_100_megabytes_is_refused_at_once(capsys):
    with Path("trace.json").open("wb") as file:
        file.truncate(100 * 2**20)
    began = time.monotonic()
    assert "more than 16 MB" in refused(capsys, ["replay", "trace.json"])
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "text", ["a=" + "[" * DEEP, "a=" + "{a=" * DEEP, ".".join("a" * DEEP) + "=1", "a=" + "9" * 5000, "preset=[1]", "x"]
)
def test_toml_that_does_not_fit_is_one_line(capsys, text):
    Path("a.toml").write_text(text)
    assert "a.toml" in refused(capsys, ["train", "--config", "a.toml"])


def test_brackets_in_texts_are_not_nesting():
    assert parsed(json.dumps({"a": "[" * 100 + '\\"'})) == {"a": "[" * 100 + '\\"'}
    assert parsed_toml(f"a = \"{'[' * 100}\"\nb = '{'{' * 100}'")["b"] == "{" * 100
    assert parsed("[" * 64 + "]" * 64)
    with pytest.raises(ValueError, match="nests deeper than 64"):
        parsed("[" * 65 + "]" * 65)
    with pytest.raises(ValueError, match="no name of a file"):
        content(Path("a\0b"))


@pytest.mark.parametrize("value", ["１０", "1_0", "٣", "0x10", "10L", "1e", "--1"])  # noqa: RUF001
def test_digits_are_those_that_people_write(capsys, value):
    assert "batch_size" in refused(capsys, ["train", "collapse", "--set", f"batch_size={value}", "--dry-run"])


@pytest.mark.parametrize("preset", ["/abs", "../../../x", "a/b/c", ".."])
def test_a_preset_that_reads_as_a_path_stays_a_name(capsys, tmp_path, preset):
    here = tmp_path / "here" / "deep"
    here.mkdir(parents=True)
    config = to_config(gandyn.preset("collapse", steps=2, **SMALL)) | {"preset": preset}
    (here / "c.json").write_text(json.dumps(config))
    import os

    os.chdir(here)
    assert main(["train", "--config", "c.json", "--quiet"]) == 0, capsys.readouterr().err
    trace = next((here / "runs").iterdir()) / "trace.json"
    assert main(["replay", str(trace), "--quiet"]) == 0, capsys.readouterr().err
    folders = list((here / "runs").iterdir())
    assert len(folders) == 2 and all((folder / "config.json").is_file() for folder in folders)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["here"] and not Path("/abs").exists()


def test_an_idx_bomb_is_refused_before_it_is_unpacked(tmp_path):
    path = tmp_path / "bomb.gz"
    head = bytes([0, 0, 8, 3]) + b"".join(n.to_bytes(4, "big") for n in (10, 28, 28))
    with gzip.open(path, "wb", compresslevel=9) as file:
        file.write(head)
        for _ in range(512):
            file.write(bytes(2**20))
    began = time.monotonic()
    with pytest.raises(ValueError, match="longer than its header says"):
        idx.read(path, 3)
    assert time.monotonic() - began < 0.5
    huge = bytes([0, 0, 8, 3]) + b"\xff" * 12
    path.write_bytes(gzip.compress(huge))
    with pytest.raises(ValueError, match="at most"):
        idx.read(path, 3)


def test_an_empty_npy_is_one_line(capsys):
    np.save("a.npy", np.zeros((0, 2)))
    assert "holds no points" in refused(capsys, ["train", "collapse", "--set", "target=points", "target.file=a.npy"])
    Path("a.npy").write_bytes(b"")
    assert "a.npy" in refused(capsys, ["train", "collapse", "--set", "target=points", "target.file=a.npy"])
    Path("a.npy").write_bytes(b"\x93NUMPY")
    assert "a.npy" in refused(capsys, ["train", "collapse", "--set", "target=points", "target.file=a.npy"])


def test_two_runs_leave_the_same_bytes(trained, tmp_path):
    assert main(["train", "collapse", "--steps", "5", "--out", "again", "--quiet", *TINY]) == 0
    for name in ("generator.safetensors", "critic.safetensors", "config.json"):
        assert Path("again", name).read_bytes() == (trained / name).read_bytes()


def test_events_of_a_run_that_begins_are_checked():
    with pytest.raises(ValueError, match="events"):
        begin(Path("new"), gandyn.preset("collapse", **SMALL), events=[{"step": NAN, "controls": {}}])
    assert not Path("new").exists()
    with pytest.raises(ValueError):
        checks.integer("lanes", 10**400, 1, 2)
    with pytest.raises(ValueError, match="holds no run"):
        RunDirectory.existing(Path("new"))
