"""The signals that stop: the first lets the work end where it may, the second ends it; nobody is left behind."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from gandyn.cli import main
from gandyn.records.rundir import RunDirectory
from gandyn.records.signals import STOPS, Interrupt, stoppable

TINY = ["--set", "generator.widths=8", "critic.widths=8", "batch_size=8", "latent_size=2"]
LONG = ["sweep", "collapse", "--seeds", "0:4", "--steps", "100000000", "--every", "100000000"]
LONG += [*TINY, "--lanes", "1", "--out"]
SECONDS = 60  # of a process, at most


@pytest.fixture
def begin():
    """Start a command in a process group of its own, as a terminal or a scheduler does."""
    processes = []

    def start(arguments):
        command = [sys.executable, "-m", "gandyn", *arguments]
        processes.append(subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True))
        return processes[-1]

    yield start
    for process in processes:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def first_line(process):
    """What it says first of its work; a machine without numba is told so before."""
    while (line := process.stderr.readline()).startswith("gandyn: numba is not installed"):
        pass
    return line


def catches(pid, number):
    """Whether that process has a handler of its own for the signal; elsewhere than on Linux after half a second."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        time.sleep(0.5)
        return True
    caught = next(line for line in status.read_text().splitlines() if line.startswith("SigCgt:"))
    return bool(int(caught.split()[1], 16) >> (number - 1) & 1)


def gone(group):
    """Whether no process of the group is left, within some seconds."""
    for _ in range(100):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize("number", STOPS)
def test_the_first_is_noted_and_the_second_raises(number):
    before = signal.getsignal(number)
    with stoppable(), Interrupt("the same command") as stopped:
        assert not stopped()
        signal.raise_signal(number)
        assert stopped()
        with pytest.raises(KeyboardInterrupt, match="^go on: the same command$"):
            signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(number) is before


@pytest.mark.parametrize("number", STOPS)
def test_where_nothing_is_to_be_saved_the_first_raises(number):
    before = signal.getsignal(number)
    with pytest.raises(KeyboardInterrupt), stoppable():
        signal.raise_signal(number)
    assert signal.getsignal(number) is before


def test_a_hangup_that_was_ignored_stays_ignored():
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with stoppable(), Interrupt("the same command") as stopped:
        signal.raise_signal(signal.SIGHUP)
        assert not stopped() and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        signal.raise_signal(signal.SIGTERM)
        assert stopped()
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN


def test_a_signal_to_all_processes_of_a_sweep_stops_it(begin):
    after = {signal.SIGINT: (0.3, "2"), signal.SIGTERM: (3, "2"), signal.SIGUSR1: (3, "1")}  # workers start, or work
    after |= {signal.SIGHUP: (3, "1")}
    sweeps = {}
    for number, (_, workers) in after.items():  # all at once: they mostly wait
        sweeps[number] = begin([*LONG, f"s{number:d}", "--workers", workers])
    for number, (seconds, _) in after.items():
        assert first_line(sweeps[number]) == f"s{number:d}: 4 GANs\n"
        time.sleep(seconds)
        os.killpg(sweeps[number].pid, number)
    for number, process in sweeps.items():
        _, stderr = process.communicate(timeout=SECONDS)
        assert process.returncode == 130
        assert stderr == f"gandyn: stopped with 0 of 4 rows; go on: the same command with --out s{number:d}\n"
        assert gone(process.pid)


TRAIN = ["train", "collapse", "--steps", "100000000", "--out", "s", *TINY]


@pytest.mark.parametrize("command", [[*LONG, "s", "--workers", "1"], TRAIN])
def test_under_nohup_a_hangup_stops_nothing_and_another_signal_does(begin, command):
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # a process inherits it, as from nohup
    process = begin(command)
    assert first_line(process).startswith(("s: 4 GANs", "begins: s"))
    time.sleep(3)
    os.killpg(process.pid, signal.SIGHUP)
    time.sleep(1)
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    _, stderr = process.communicate(timeout=SECONDS)
    assert process.returncode == 130 and "; go on: " in stderr.splitlines()[-1]
    assert gone(process.pid)


def test_a_hangup_leaves_a_checkpoint(begin):
    process = begin(TRAIN)
    assert first_line(process).startswith("begins: s")
    time.sleep(1)
    process.send_signal(signal.SIGHUP)
    _, stderr = process.communicate(timeout=SECONDS)
    step = RunDirectory.existing(Path("s")).last().state.step
    assert process.returncode == 130 and f"stopped at step {step:,}; go on: gandyn train --resume s" in stderr


@pytest.mark.parametrize("command", [[*LONG, "s", "--workers", "1"], TRAIN])
def test_two_signals_stop_at_once_and_leave_nobody(begin, command):
    process = begin(command)
    assert first_line(process).startswith(("s: 4 GANs", "begins: s"))
    time.sleep(1)
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=SECONDS)
    assert process.returncode == 130
    line = stderr.splitlines()[-1]
    assert line.startswith("gandyn: stopped ") and "; go on: " in line and "Traceback" not in stderr
    assert gone(process.pid)


def test_a_signal_before_the_work_begins_stops_in_one_line(begin):
    process = begin(["train", "mnist-dcgan-lab", "--out", "s", "--dry-run", "--set", "note=x"])
    while not catches(process.pid, signal.SIGUSR1):  # then it imports torch
        time.sleep(0.001)
    process.send_signal(signal.SIGUSR1)
    _, stderr = process.communicate(timeout=SECONDS)
    assert (process.returncode, stderr) == (130, "gandyn: stopped at once\n")


def rows_of(folder):
    """What the rows say but for the time that they took, by key."""
    rows = [json.loads(line) for line in Path(folder, "rows.jsonl").read_text().splitlines()]
    assert len({row["key"] for row in rows}) == len(rows)
    return {row["key"]: {name: row[name] for name in row if name != "seconds"} for row in rows}


def test_the_same_command_goes_on_after_a_sweep_was_killed(begin, one_process):
    sweep = ["sweep", "collapse", "--seeds", "0:6", "--steps", "400", *TINY, "--lanes", "1", "--workers", "1", "--out"]
    assert main([*sweep, "whole", "--quiet"]) == 0
    process, rows = begin([*sweep, "s"]), Path("s/rows.jsonl")
    until = time.monotonic() + SECONDS
    while not rows.exists() or not rows.read_bytes():
        assert time.monotonic() < until and process.poll() is None
        time.sleep(0.002)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    kept = rows_of("s")
    assert 1 <= len(kept) < 6
    assert main([*sweep, "s", "--quiet"]) == 0
    assert rows_of("s") == rows_of("whole") and list(rows_of("s"))[: len(kept)] == list(kept)


def test_workers_end_with_a_command_that_is_killed(begin, tmp_path):
    """A task of theirs may take hours, and nobody is left to tell them."""
    process = begin([*LONG, str(tmp_path / "sweep"), "--workers", "2"])
    assert first_line(process)
    command = psutil.Process(process.pid)
    until = time.monotonic() + SECONDS
    while len(workers := [one for one in command.children() if "spawn_main" in " ".join(one.cmdline())]) < 2:
        assert time.monotonic() < until and process.poll() is None
        time.sleep(0.1)
    time.sleep(1)  # they are at work
    process.kill()
    _, alive = psutil.wait_procs(workers, timeout=20)
    assert not alive
