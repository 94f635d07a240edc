"""The command line as a person uses it: what it prints where, its exit status, its one-line answers to mistakes."""

import json
import signal
import subprocess
import sys
import time
import tomllib
import types
from functools import partial
from pathlib import Path

import pytest
import torch

import gandyn
from gandyn.cli import main
from gandyn.cli.progress import Progress
from gandyn.presets import PRESETS, describe
from gandyn.records import log
from gandyn.records.evaluate import evaluate
from gandyn.records.rundir import RunDirectory
from gandyn.records.signals import STOPS
from gandyn.training import train

TINY = ["--set", "generator.widths=8", "critic.widths=8", "batch_size=8", "latent_size=2"]
SLIGHT = ["--threads", "1", "--set", "batch_size=2"]  # of convolutions: threads of two tests would wait for each other
COMMAND = "import sys; from gandyn.cli import main; sys.exit(main())"  # what the script `gandyn` is


def test_list_json_has_everything_of_every_preset(capsys):
    assert main(["list", "--json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)["presets"]}
    assert rows.keys() == set(PRESETS)
    for name, row in rows.items():
        assert row.keys() == {"name", "summary", "kind", "generator", "critic", "steps", "minutes", "cite"}
        assert row["minutes"] > 0, f"{name} was not measured: python -m scripts.minutes"
        assert row == describe(PRESETS[name])


def test_list_names_every_preset_with_its_networks_and_citation(capsys):
    assert main(["list"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    for experiment in PRESETS.values():
        assert f"{experiment.name}: {experiment.summary}" in text
        assert experiment.cite in text
    assert "G linear · D linear" in text


def test_train_leaves_a_run_and_says_where(capsys):
    assert main(["train", "collapse", "--steps", "12", *TINY]) == 0
    printed = capsys.readouterr()
    assert (
        printed.out == ""
        and "runs/0000-collapse" in printed.err
        and "gandyn evaluate runs/0000-collapse" in printed.err
    )
    directory = RunDirectory.existing(Path("runs/0000-collapse"))
    for name in ("config.json", "metrics.jsonl", "trace.json", "summary.json", "curves.png", "filmstrip.png"):
        assert (directory.path / name).stat().st_size > 0
    for name in ("movie.webp", "generator.safetensors", "critic.safetensors", "samples/000012.png"):
        assert (directory.path / name).stat().st_size > 0
    assert main(["train", "collapse", "--steps", "2", "--quiet", *TINY]) == 0
    printed = capsys.readouterr()
    assert printed.out == printed.err == ""
    assert RunDirectory.existing(directory.path.with_name("0001-collapse")).last().state.step == 2


@pytest.mark.usefixtures("no_pictures")
def test_train_json_prints_the_summary_and_nothing_else_on_stdout(capsys, tmp_path):
    assert main(["train", "mnist-dcgan-lab", "--steps", "1", "--out", "run", *SLIGHT, "--json"]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out) == json.loads((tmp_path / "run" / "summary.json").read_text())


@pytest.mark.usefixtures("no_pictures")
def test_train_prints_the_table_of_its_source(capsys):
    """The lab's, which counts its updates from 0: row 0 is after the first, row 10 after the eleventh."""
    assert main(["train", "mnist-dcgan-lab", "--steps", "12", *SLIGHT]) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    assert [part.strip() for part in head.split("  ") if part.strip()] == [
        "step", "D loss", "G loss", "D accuracy",
    ]  # fmt: skip
    rows = log.read(RunDirectory.existing(Path("runs/0000-mnist-dcgan-lab")).metrics)
    assert [row["step"] for row in rows if "accuracy" in row] == [1, 11]
    for text, number, row in zip(lines, ("0", "10"), (rows[0], rows[10]), strict=True):
        step, *values = text.split()
        assert step == number and 0 <= row["accuracy"] <= 1
        assert values == [f"{row[name]:.4f}" for name in ("critic_loss", "generator_loss", "accuracy")]


def test_dry_run_prints_a_file_that_gives_the_same_experiment(capsys, tmp_path):
    changes = ["--set", "lr_d=2e-4", "unroll=3", "target.radius=1.5", "--set", "generator.widths=16,8"]
    assert main(["train", "unrolled-ring", "--steps", "77", "--seed", "5", *changes, "--dry-run"]) == 0
    text = capsys.readouterr().out
    config = tomllib.loads(text)
    assert (config["lr_d"], config["unroll"], config["target.radius"], config["seed"]) == (2e-4, 3, 1.5, 5)
    assert not (tmp_path / "runs").exists()
    (tmp_path / "mine.toml").write_text(text)
    assert main(["train", "--config", "mine.toml", "--dry-run"]) == 0
    assert capsys.readouterr().out == text


def test_a_setting_wins_over_the_file_and_the_file_over_the_preset(capsys, tmp_path):
    (tmp_path / "mine.toml").write_text("lr_d = 0.5\nunroll = 2\n[target]\nmodes = 6\n")
    assert main(["train", "collapse", "--config", "mine.toml", "--set", "unroll=4", "--dry-run", "--json"]) == 0
    controls = json.loads(capsys.readouterr().out)["controls"]
    assert (controls["lr_d"], controls["unroll"], controls["target.modes"]) == (0.5, 4, 6)


def test_a_whole_number_may_be_written_as_any_decimal(capsys):
    for steps, seed in (("1000", "5"), ("1e3", "5.0"), ("1000.0", "0.5e1")):
        assert main(["train", "collapse", "--steps", steps, "--seed", seed, "--dry-run", "--json"]) == 0
        config = json.loads(capsys.readouterr().out)
        assert (config["steps"], config["controls"]["seed"]) == (1000, 5)


def test_python_m_is_the_command():
    for arguments in (["--version"], ["train", "collapse", "--seed", "1.5"]):
        runs = [
            subprocess.run([*program, *arguments], capture_output=True, text=True, check=False)
            for program in ([sys.executable, "-m", "gandyn"], [sys.executable, "-c", COMMAND])
        ]
        assert runs[0].stdout == runs[1].stdout and runs[0].stderr == runs[1].stderr
        assert runs[0].returncode == runs[1].returncode == (0 if arguments == ["--version"] else 2)


@pytest.mark.usefixtures("no_pictures")
def test_the_config_of_a_run_does_it_again(capsys):
    assert main(["train", "collapse", "--steps", "6", "--seed", "3", "--out", "first", "--json", *TINY]) == 0
    first = json.loads(capsys.readouterr().out)
    assert main(["train", "--config", "first/config.json", "--out", "again", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["sha256"] == first["sha256"]


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (["train", "colapse"], "collapse"),
        (["train", "collapse", "--set", "lr_e=1"], "lr_"),
        (["train", "collapse", "--set", "lr_d"], "--set takes name=value, not 'lr_d'"),
        (["train", "collapse", "--set", "lr_d=-1"], "lr_d must be"),
        (["train", "collapse", "--steps", "0"], "steps must be"),
        (["train", "collapse", "--step", "5"], "--steps"),
        (["train", "collapse", "--steps", "many"], "--steps"),
        (["train", "collapse", "--steps", "10.7"], "Invalid value for --steps: a whole number is wanted"),
        (["train", "collapse", "--seed", "1.5"], "Invalid value for --seed: a whole number is wanted"),
        (["train", "collapse", "--seed", "0x10"], "--seed"),
        (["train", "collapse", "--seed", "nan"], "--seed"),
        (["train", "collapse", "--set", "seed=1.5"], "seed must be a whole number"),
        (["train", "collapse", "--set", "unroll=2.5"], "unroll must be a whole number"),
        (["train", "collapse", "--threads", "0"], "--threads must be"),
        (["train", "collapse", "--threads", "1.5"], "--threads: a whole number"),
        (["sweep", "collapse", "--lanes", "1.5"], "--lanes: a whole number"),
        (["sweep", "collapse", "--workers", "2.5"], "--workers: a whole number"),
        (["sweep", "collapse", "--every", "0.5"], "--every: a whole number"),
        (["sweep", "collapse", "--warmup", "1.5"], "--warmup: a whole number"),
        (["sweep", "collapse", "--seeds", "0:1.5"], "--seeds takes A:B"),
        (["serve", "--port", "80.5"], "--port: a whole number"),
        (["train"], "which preset?"),
        (["trian", "collapse"], "train"),
        (["train", "collapse", "--config", "none.toml"], "none.toml cannot be read: No such file"),
        (["train", "--resume", "nowhere"], "nowhere holds no run"),
        (["train", "--resume", "nowhere", "--seed", "1"], "leave out --seed"),
        (["train", "mnist-mlp", "--data-dir", "nowhere"], "nowhere does not hold"),
        (["train", "collapse", "more", "words"], "train does not take 'more words': see `gandyn train --help`"),
        (["train", "collapse", "--set"], "--set requires at least 1 element"),
        (["sweep", "collapse", "--set", "--seeds", "0:2"], "--set requires at least 1 element"),
        (["bench", "--only"], "--only requires at least 1 element"),
        (["evaluate", "nowhere"], "nowhere holds no run"),
        (["replay", "nowhere.json"], "nowhere.json cannot be read"),
    ],
)
def test_a_mistake_is_answered_in_one_line(capsys, tmp_path, arguments, answer):
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == "" and len(printed.err.splitlines()) == 1 and printed.err.startswith("gandyn: ")
    assert answer in printed.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("lr_d = ", "mine.toml is no configuration in TOML"),
        ("lr_e = 1", "mine.toml: control 'lr_e' is unknown"),
        ('preset = "dirac"', "mine.toml: it is of preset 'dirac', not 'collapse'"),
    ],
)
def test_a_mistake_in_a_file_names_the_file(capsys, tmp_path, text, answer):
    (tmp_path / "mine.toml").write_text(text)
    assert main(["train", "collapse", "--config", "mine.toml"]) == 2
    assert answer in capsys.readouterr().err


def test_a_folder_that_is_in_use_is_left_alone(capsys, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes").write_text("x")
    assert main(["train", "collapse", "--steps", "2", "--out", "mine", *TINY]) == 2
    assert "mine is not empty" in capsys.readouterr().err
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["notes"]


def test_a_run_that_breaks_is_status_1_and_one_line(capsys):
    broken = ["optimizer_d=sgd", "lr_d=100", "objective=least-squares", "optimizer_g=sgd", "lr_g=100"]
    assert main(["train", "collapse", "--steps", "3000", "--quiet", *TINY, *broken]) == 1
    assert "stopped being finite" in capsys.readouterr().err


def test_tensorboard_that_is_not_there_is_one_line_and_nothing_begun(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr("gandyn.records.tensorboard.find_spec", lambda name: None)
    assert main(["train", "collapse", "--tensorboard"]) == 2
    assert "pip install 'gandyn[tensorboard]'" in capsys.readouterr().err and list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("no_pictures")
def test_tensorboard_is_given_every_number_of_every_row(tmp_path, monkeypatch):
    given = []

    class SummaryWriter:
        def __init__(self, folder, purge_step):
            given.append((folder, purge_step))

        def add_scalar(self, name, value, step):
            given.append((name, value, step))

        def flush(self):
            pass

    module = types.ModuleType("torch.utils.tensorboard")
    module.SummaryWriter = SummaryWriter
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", module)
    monkeypatch.setattr("gandyn.records.tensorboard.find_spec", lambda name: module)
    assert main(["train", "collapse", "--steps", "3", "--out", "run", "--quiet", "--tensorboard", *TINY]) == 0
    rows = log.read(tmp_path / "run" / "metrics.jsonl")
    wanted = [(name, value, row["step"]) for row in rows for name, value in row.items() if name != "step"]
    assert given == [(str(Path("run") / "tensorboard"), None), *wanted]


def goes_on(step):
    assert main(["train", "--resume", "run", "--steps", str(step + 2), "--quiet"]) == 0
    rows = log.read(Path("run/metrics.jsonl"))
    assert [row["step"] for row in rows] == list(range(1, step + 3))


LONG = ["train", "collapse", "--steps", "1000000", "--out", "run", *TINY]


@pytest.mark.usefixtures("no_pictures")
@pytest.mark.parametrize("number", STOPS)
def test_a_signal_leaves_a_checkpoint_and_says_how_to_go_on(capsys, monkeypatch, number):
    with monkeypatch.context() as patch:
        patch.setattr(train, "TELL_EVERY", 0.0)
        patch.setattr(Progress, "__call__", lambda progress, rows: signal.raise_signal(number))
        assert main(LONG) == 130
    step = RunDirectory.existing(Path("run")).last().state.step
    assert step > 0
    assert f"stopped at step {step:,}; go on: gandyn train --resume run" in capsys.readouterr().err
    goes_on(step)


@pytest.mark.usefixtures("no_pictures")
def test_a_signal_to_a_process_leaves_a_checkpoint(tmp_path):
    process = subprocess.Popen([sys.executable, "-m", "gandyn", *LONG], stderr=subprocess.PIPE, text=True)
    metrics = tmp_path / "run" / "metrics.jsonl"
    while not (metrics.exists() and metrics.stat().st_size):
        time.sleep(0.1)
        assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    _, stderr = process.communicate(timeout=60)
    step = RunDirectory.existing(tmp_path / "run").last().state.step
    assert process.returncode == 130 and step > 0 and f"stopped at step {step:,}; go on: " in stderr
    goes_on(step)


def test_replay_does_a_session_again_and_says_so(capsys, tmp_path):
    from gandyn import Run, preset

    live = Run(preset("collapse", **{"generator.widths": 8, "critic.widths": 8, "batch_size": 8}))
    live.advance(5)
    live.set(unroll=1)
    live.advance(5)
    (tmp_path / "trace.json").write_text(json.dumps(live.trace()))
    assert main(["replay", "trace.json", "--out", "again", "--movie", "film.gif"]) == 0
    assert "the last state is the recorded one, bit for bit" in capsys.readouterr().err
    assert (tmp_path / "film.gif").stat().st_size > 0 and (tmp_path / "again" / "filmstrip.png").exists()
    assert main(["replay", "trace.json", "--out", "none", "--movie", "film.avi"]) == 2
    assert "the suffix of a movie '.avi' is unknown" in capsys.readouterr().err and not (tmp_path / "none").exists()
    assert main(["replay", "trace.json", "--out", "once", "--report", "report.html"]) == 0
    assert "it plays back in report.html" in capsys.readouterr().err
    report = (tmp_path / "report.html").read_text()
    assert (
        '"steps": [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]' in report and '{"step": 5, "controls": {"unroll": 1}}' in report
    )
    assert main(["replay", "trace.json", "--out", "none", "--report", "report.pdf"]) == 2
    assert "the suffix of a report '.pdf' is unknown" in capsys.readouterr().err and not (tmp_path / "none").exists()
    changed = live.trace() | {"sha256": "0"}
    (tmp_path / "other.json").write_text(json.dumps(changed))
    assert main(["replay", "other.json", "--out", "other", "--quiet"]) == 0
    assert "is not the recorded one" in capsys.readouterr().err


@pytest.mark.usefixtures("no_pictures")
def test_evaluate_writes_and_prints_the_measures(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr("gandyn.cli.evaluating.score", partial(evaluate, n=300))
    assert main(["train", "collapse", "--steps", "3", "--out", "run", "--quiet", *TINY]) == 0
    assert main(["evaluate", "run", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == json.loads((tmp_path / "run" / "evaluation.json").read_text())
    wanted = {"modes", "covered", "hq", "reverse_kl", "reverse_kl_all", "sw2", "w1", "w2", "energy"}
    assert wanted <= printed.keys() and printed["step"] == 3
    assert main(["evaluate", "run"]) == 0
    assert "modes covered" in capsys.readouterr().out
    assert main(["evaluate", "run", "--offline", "--data-dir", "nowhere"]) == 0
    unused = "gandyn: without effect: --data-dir, --offline (target 'ring' reads no files)"
    assert unused in capsys.readouterr().err.splitlines()
    assert main(["train", "collapse", "--steps", "1", "--data-dir", "nowhere", "--quiet", *TINY]) == 0
    assert "gandyn: without effect: --data-dir (" in capsys.readouterr().err


def test_a_run_that_diverged_says_so(capsys, caplog):
    rates = ["optimizer_d=sgd", "optimizer_g=sgd", "lr_d=100", "lr_g=100"]
    assert main(["train", "collapse", "--steps", "60", "--out", "run", "--json", "--quiet", *TINY, *rates]) == 0
    assert "outside of the picture" in json.loads(capsys.readouterr().out)["diverged"]
    [line] = [record.getMessage() for record in caplog.records if "diverged" in record.getMessage()]
    assert line.startswith("diverged by step 60: all samples") and "begin it anew with smaller rates" in line
    caplog.clear()
    assert main(["train", "collapse", "--steps", "6", "--out", "good", "--json", "--quiet", *TINY]) == 0
    assert json.loads(capsys.readouterr().out)["diverged"] is None and "diverged" not in caplog.text


def test_the_weights_load_into_ordinary_modules(tmp_path):
    from safetensors.torch import load_file

    assert main(["train", "mnist-wgan-gp", "--steps", "1", "--out", "run", "--quiet", *SLIGHT]) == 0
    saved = RunDirectory.existing(tmp_path / "run").last()
    for part, net, theta in (
        ("generator", saved.experiment.game.generator, saved.state.g),
        ("critic", saved.experiment.game.critic, saved.state.d),
    ):
        module = net.module(torch.zeros_like(theta))
        module.load_state_dict(load_file(tmp_path / "run" / f"{part}.safetensors"))
        x = torch.rand(2, *net.inputs)
        torch.testing.assert_close(module(x), net.apply(theta, x))


def test_help_needs_neither_torch_nor_half_a_second():
    """CPU time of the whole process, the least of three."""
    code = "import resource, sys; from gandyn.cli import main; main(['--help']); main(['train', '--help'])\n"
    code += "assert not {'torch', 'panel', 'numpy'} & set(sys.modules)\n"
    code += "used = resource.getrusage(resource.RUSAGE_SELF)\nprint(used.ru_utime + used.ru_stime, file=sys.stderr)"
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True) for _ in range(3)]
    assert min(float(run.stderr) for run in runs) < 0.5
    assert "--resume" in runs[0].stdout


@pytest.mark.usefixtures("no_pictures")
def test_the_config_of_a_replayed_session_gives_the_same_run_with_its_lanes_and_engine(tmp_path, capsys):
    run = gandyn.Run(gandyn.preset("collapse", batch_size=8), lanes=2)
    run.advance(3)
    run.set(lr_d=[1e-3, 2e-3])
    run.advance(3)
    (tmp_path / "session.json").write_text(json.dumps(run.trace()))
    assert main(["replay", "session.json", "--out", "first", "--quiet"]) == 0
    assert main(["train", "--config", "first/config.json", "--out", "again", "--quiet"]) == 0
    first, again = (json.loads((tmp_path / name / "summary.json").read_text()) for name in ("first", "again"))
    assert first["sha256"] == again["sha256"] == run.trace()["sha256"]
    assert again["engine"] == first["engine"] == run.trace()["engine"]
    assert main(["train", "--config", "first/config.json", "--out", "two", "--threads", "2", "--quiet"]) == 0
    assert json.loads((tmp_path / "two" / "summary.json").read_text())["threads"] == 2
    config = json.loads((tmp_path / "first" / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps({**config, "lanes": 0}))
    assert main(["train", "--config", "config.json"]) == 2
    assert "lanes: expected int >= 1" in capsys.readouterr().err and not (tmp_path / "runs").exists()


def test_settings_without_effect_are_said_and_the_run_goes_on(tmp_path, capsys):
    how = ["--steps", "3", "--set", "penalty=r1", "penalty.r2=5", "update_rule=heun", "critic_steps=3", "lr_d=1e-3"]
    assert main(["train", "collapse", *how, "--out", str(tmp_path / "run")]) == 0
    said = [line for line in capsys.readouterr().err.splitlines() if "without effect" in line]
    assert said == [
        "gandyn: without effect: penalty.r2 (penalty r2 is not chosen)",
        "gandyn: without effect: critic_steps (heun moves both players at once)",
    ]
