"""What is printed where nobody takes it: a pipe whose reader has ended, a terminal that was closed, a full disk."""

import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from gandyn.records.rundir import RunDirectory

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pipes and terminals of Unix")

TINY = ["--set", "generator.widths=8", "critic.widths=8", "batch_size=8", "latent_size=2"]
LONG = ["--steps", "10000000", "--out", "run", *TINY]
SWEEP = ["sweep", "collapse", "--seeds", "0:2", "--workers", "1", "--every", "1000", *LONG]
SECONDS = 60  # of a process, at most


def command(arguments):
    return [sys.executable, "-m", "gandyn", *arguments]


@pytest.mark.parametrize("arguments", [["list"], ["list", "--json"], ["train", "collapse", "--dry-run"], ["--help"]])
def test_a_command_ends_silently_when_its_reader_has(arguments):
    reader, writer = os.pipe()
    os.close(reader)
    ended = subprocess.run(command(arguments), stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    assert ended.stderr == "" and ended.returncode == (1 if arguments == ["--help"] else 141)


def test_nothing_is_said_into_two_closed_pipes():
    reader, writer = os.pipe()
    os.close(reader)
    for arguments, status in ((["list"], 141), (["train", "colapse"], 2)):
        assert subprocess.run(command(arguments), stdout=writer, stderr=writer, check=False).returncode == status
    os.close(writer)


@pytest.mark.parametrize("arguments", [["train", "collapse", *LONG], SWEEP])
def test_the_work_stops_so_that_it_can_go_on_when_its_reader_has_ended(arguments):
    """`gandyn train collapse 2>&1 | head -2`."""
    reader, writer = os.pipe()
    process = subprocess.Popen(command(arguments), stdout=writer, stderr=writer)
    os.close(writer)
    with os.fdopen(reader) as lines:
        while "of the steps" not in (line := lines.readline()) and not line.startswith("step "):
            assert line, "it ended before it had worked"
            if line.startswith(("begins", "run: 2 GANs")):
                break
    assert process.wait(SECONDS) == 130
    if arguments is not SWEEP:
        assert RunDirectory.existing(Path("run")).last().state.step > 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full is Linux's")
@pytest.mark.parametrize("arguments", [["list"], ["list", "--json"]])
def test_an_output_on_a_full_disk_is_said_in_a_line(arguments):
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(command(arguments), stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert ended.stderr == "gandyn: the output: No space left on device; free some space\n"
    assert ended.returncode == 1


def read_until(terminal, word):
    """What is printed there until it says this word."""
    text, until = "", time.monotonic() + SECONDS
    while word not in text:
        assert select.select([terminal], [], [], until - time.monotonic())[0], text
        text += os.read(terminal, 1024).decode()


@pytest.fixture
def in_a_terminal():
    """Begin a command in a terminal of its own, wait until it works, and close that."""
    import pty
    import termios

    begun = []

    def run(arguments, hangup):
        pid, terminal = pty.fork()
        if pid == 0:
            signal.signal(signal.SIGHUP, hangup)
            os.execv(sys.executable, command(arguments))
        begun.append(pid)
        termios.tcsetwinsize(terminal, (24, 120))
        read_until(terminal, "step/s")
        time.sleep(2)
        os.close(terminal)  # the system sends SIGHUP, and all that is printed from now on fails
        return pid

    yield run
    for pid in begun:
        with suppress(ProcessLookupError, ChildProcessError):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def status_of(pid):
    """Its exit status, within some seconds; None while it runs."""
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.1)
    return None


@pytest.mark.parametrize("arguments", [["train", "collapse", *LONG], SWEEP])
def test_a_terminal_that_is_closed_stops_the_work_so_that_it_can_go_on(in_a_terminal, arguments):
    assert status_of(in_a_terminal(arguments, signal.SIG_DFL)) == 130
    if arguments is not SWEEP:
        assert RunDirectory.existing(Path("run")).last().state.step > 0


def test_where_hangups_are_ignored_the_work_goes_on_without_its_terminal(in_a_terminal):
    pid = in_a_terminal(["train", "collapse", *LONG], signal.SIG_IGN)
    size = Path("run/metrics.jsonl").stat().st_size
    time.sleep(3)
    assert os.waitpid(pid, os.WNOHANG) == (0, 0) and Path("run/metrics.jsonl").stat().st_size > size
    os.kill(pid, signal.SIGTERM)
    assert status_of(pid) == 130
