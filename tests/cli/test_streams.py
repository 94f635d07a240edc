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
LONG = ["--steps", "100000", "--out", "run", *TINY]
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


@pytest.mark.parametrize("arguments", [["train", "collapse", *LONG], SWEEP])
def test_a_terminal_that_is_closed_stops_the_work_so_that_it_can_go_on(arguments):
    import pty
    import termios

    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(sys.executable, command(arguments))
    try:
        termios.tcsetwinsize(terminal, (24, 120))
        read_until(terminal, "step/s")
        time.sleep(2)
        os.close(terminal)  # the system sends SIGHUP, and all that is printed from now on fails
        until = time.monotonic() + SECONDS
        while (ended := os.waitpid(pid, os.WNOHANG))[0] == 0 and time.monotonic() < until:
            time.sleep(0.1)
        assert os.waitstatus_to_exitcode(ended[1]) == 130 and ended[0] == pid
        pid = 0
    finally:
        if pid:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
    if arguments is not SWEEP:
        assert RunDirectory.existing(Path("run")).last().state.step > 0
