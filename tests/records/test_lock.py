"""One writer for a folder, also after a process that was killed."""

import shutil
import signal
import subprocess
import sys

import pytest

from gandyn.cli import main
from gandyn.records.lock import LOCK, exclusive, is_free

HOLDS = "import sys, time; from pathlib import Path; from gandyn.records.lock import exclusive\n"
HOLDS += "with exclusive(Path(sys.argv[1])): print('held', flush=True); time.sleep(600)"
TINY = ["--set", "generator.widths=8", "critic.widths=8", "batch_size=8", "latent_size=2"]


@pytest.fixture
def holder(tmp_path):
    """Another process that writes into tmp_path."""
    process = subprocess.Popen([sys.executable, "-c", HOLDS, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_a_second_writer_is_refused_until_the_first_is_gone(tmp_path, holder):
    with pytest.raises(ValueError, match="another gandyn writes into .*: wait for its end"), exclusive(tmp_path):
        pytest.fail("two at once")
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert (tmp_path / LOCK).exists() and is_free(tmp_path), "what a killed process leaves is in nobody's way"
    with exclusive(tmp_path):
        pass
    assert not any(tmp_path.iterdir())


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A run of two steps."""
    path = tmp_path_factory.mktemp("trained") / "run"
    assert main(["train", "collapse", "--steps", "2", "--out", str(path), "--quiet", *TINY]) == 0
    return path


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != LOCK}


COMMANDS = {
    "train": ["train", "collapse", "--steps", "2", *TINY, "--out"],
    "replay": ["replay", "trace.json", "--out"],
    "sweep": ["sweep", "collapse", "--seeds", "0:2", *TINY, "--out"],
    "resume": ["train", "--steps", "4", "--resume"],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_the_commands_say_so_in_one_line_and_leave_all_as_it_is(command, trained, tmp_path, capsys, holder):
    if command == "resume":
        shutil.copytree(trained, tmp_path, dirs_exist_ok=True)
    words = [str(trained / word) if word == "trace.json" else word for word in COMMANDS[command]]
    before = contents(tmp_path)
    assert main([*words, str(tmp_path)]) == 2
    stderr = capsys.readouterr().err.splitlines()
    assert len(stderr) == 1 and f"another gandyn writes into {tmp_path}: wait for its end" in stderr[0]
    assert contents(tmp_path) == before
