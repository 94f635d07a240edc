"""The engine of a recorded run: stored, never resolved again, refused where it is not available, unless --anyway."""

import json

import pytest
import torch

import gandyn
from gandyn.cli import main
from gandyn.core import native
from gandyn.core.rng import NAME
from gandyn.records.again import again, as_before
from gandyn.records.cores import cores
from gandyn.records.engine import Engine, description, engine_of, engine_of_all, threads_of
from gandyn.records.rundir import RunDirectory
from tests.contracts.small import experiment, same

NATIVE = Engine("native", 1, {"native": {"instructions": "avx512"}}).as_dict()


@pytest.fixture(autouse=True)
def without(monkeypatch):
    """A machine whose compiled engine is missing."""
    monkeypatch.setattr(native, "unsupported_reason", lambda game, rule: "it is not installed")
    monkeypatch.setattr(native, "description", lambda: {"instructions": "avx2"})


def test_threads_follow_from_the_configuration():
    perceptrons, convolutions = gandyn.preset("collapse"), gandyn.preset("mnist-dcgan-lab")
    assert threads_of(perceptrons) == 1 and threads_of(convolutions) == cores()
    assert engine_of(perceptrons).threads == 1 and engine_of(convolutions, 3).threads == 3


def test_an_engine_is_stored_and_read():
    engine = engine_of(experiment())
    assert json.loads(json.dumps(engine.as_dict())) == engine.as_dict() and Engine.from_dict(engine.as_dict()) == engine
    assert engine.as_dict()["versions"]["torch"] == torch.__version__ and engine.name == "autograd"
    wrong = ({}, "native", {"name": "native"}, {"name": "auto", "threads": 1}, {"name": "native", "threads": 0})
    for stored in wrong:
        with pytest.raises(ValueError) as refused:
            Engine.from_dict(stored)
        assert "\n" not in str(refused.value)


def test_many_runs_have_the_engine_that_one_of_them_can_have(monkeypatch):
    several = [experiment(engine="native"), experiment(), experiment(penalty="r1")]
    assert engine_of_all(several).name == "autograd"
    monkeypatch.setattr(native, "unsupported_reason", lambda game, rule: None if rule.penalty == "r1" else "no")
    assert engine_of_all(several).name == "native"


def test_it_is_never_resolved_again(monkeypatch):
    run = gandyn.Run(experiment())
    run.advance(3)
    monkeypatch.setattr(native, "unsupported_reason", lambda game, rule: None)  # installed since
    other = gandyn.replay(run.trace())
    assert same(other.state, run.state) and other.trace()["engine"]["name"] == "autograd"
    assert gandyn.Run(experiment()).trace()["engine"]["name"] == "native"


@pytest.mark.parametrize(
    "altered",
    [
        {"engine": NATIVE},
        {"engine": None},
        {"events": [{"step": 1, "controls": {"engine": "native"}}]},
    ],
    ids=["native", "nothing", "on the way"],
)
def test_an_engine_that_is_not_available_is_refused_unless_anyway(altered, tmp_path, capsys, caplog):
    run = gandyn.Run(experiment())
    run.advance(3)
    trace = run.trace() | altered
    with pytest.raises(ValueError, match="--anyway") as refused:
        gandyn.replay(trace)
    assert "\n" not in str(refused.value)
    other = gandyn.replay(trace, anyway=True)
    assert "the last bits may differ" in caplog.text
    assert same(other.state, run.state) and other.trace()["engine"]["name"] == "autograd"


def test_the_commands_refuse_it_and_do_it_anyway(tmp_path, capsys):
    run = gandyn.Run(gandyn.preset("collapse", batch_size=8, seed=3))
    run.advance(4)
    file, out = tmp_path / "trace.json", str(tmp_path / "run")
    file.write_text(json.dumps(run.trace() | {"engine": NATIVE}))
    assert main(["replay", str(file), "--out", out, "--quiet"]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "engine 'native' computed it, but it is not installed" in said
    assert main(["replay", str(file), "--out", out, "--anyway", "--quiet"]) == 0
    directory = RunDirectory.existing(tmp_path / "run")
    assert directory.read("trace.json")["sha256"] == run.trace()["sha256"]
    assert directory.engine().name == "autograd"

    directory.write("config.json", directory.config() | {"engine": NATIVE})
    assert main(["train", "--resume", out, "--steps", "8", "--quiet"]) == 2
    assert "--anyway" in capsys.readouterr().err
    assert main(["train", "--resume", out, "--steps", "8", "--anyway", "--quiet"]) == 0
    assert directory.engine().name == "autograd" and directory.read("summary.json")["step"] == 8
    assert main(["train", "--resume", out, "--steps", "9", "--quiet"]) == 0


def test_a_saved_run_goes_on_anyway(tmp_path):
    run = gandyn.Run(experiment())
    run.advance(3)
    run.save(tmp_path)
    assert gandyn.Run.load(tmp_path).trace()["engine"] == run.trace()["engine"]


def test_other_versions_and_another_vector_width_are_said(caplog):
    stored = engine_of(experiment()).as_dict() | {"torch": "AVX512_OTHER"}
    _, engine = again({"random": NAME, "engine": stored}, experiment())
    assert "torch was AVX512_OTHER, here it is" in caplog.text and "the last bits may differ" in caplog.text
    assert engine == engine_of(experiment()) and len(caplog.records) == 1
    again({"random": NAME, "engine": engine.as_dict()}, experiment())
    assert len(caplog.records) == 1


def test_a_config_gives_a_new_run_with_the_engine_of_the_old_one(monkeypatch, caplog):
    stored = Engine("autograd", 2, description("autograd", "cpu"))
    assert as_before(stored, experiment()) == stored and as_before(stored, experiment(), 3).threads == 3
    monkeypatch.setattr(native, "unsupported_reason", lambda game, rule: None)
    assert as_before(stored, experiment()) == stored and not caplog.records
    assert as_before(None, experiment()).name == "native"
    monkeypatch.setattr(native, "unsupported_reason", lambda game, rule: "it is not installed")
    assert as_before(Engine.from_dict(NATIVE), experiment()).name == "autograd"
    assert "the last bits may differ" in caplog.text
