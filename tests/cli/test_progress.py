"""What a command says while it goes on."""

import io
import re
import sys

import pytest

from gandyn.cli import main
from gandyn.cli.progress import Tally

TINY = ["--set", "generator.widths=8", "critic.widths=8", "batch_size=8", "latent_size=2"]


@pytest.mark.usefixtures("no_pictures")
def test_a_line_names_the_gap_where_there_is_a_look_ahead(capsys):
    for k in (0, 2):
        assert main(["train", "collapse", "--steps", "40", *TINY, f"unroll={k}"]) == 0
        lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("step ")]
        assert lines and all(re.match(r"step \d+ of 40  D \S+  G \S+( |$)", line) for line in lines)
        gaps = [match.group(1) for line in lines if (match := re.search(r"gap (\S+)", line))]
        assert len(gaps) == (len(lines) if k else 0) and "0" not in gaps


class Terminal(io.StringIO):
    """stderr that is one."""

    def isatty(self):
        return True


BROKEN = ["objective=least-squares", "optimizer_d=sgd", "optimizer_g=sgd", "lr_d=1e-3,100"]


@pytest.mark.parametrize("is_terminal", [False, True])
def test_a_sweep_ends_with_all_gans_also_where_some_break_early(capsys, monkeypatch, is_terminal):
    if is_terminal:
        monkeypatch.setattr(sys, "stderr", Terminal())
    swept = ["sweep", "collapse", "--seeds", "0:2", "--steps", "150", "--workers", "1", "--lanes", "2", "--out", "s"]
    assert main([*swept, *TINY, *BROKEN]) == 0
    stderr = sys.stderr.getvalue().replace("\r", "\n") if is_terminal else capsys.readouterr().err
    last = [line for line in stderr.splitlines() if "GANs" in line and not line.startswith("done")][-1]
    assert "4 of 4 GANs, 2 with an error" in last and last.lstrip().startswith("100%")
    if is_terminal:
        assert "600/600" in last
    else:
        assert not any("100%" in line for line in stderr.splitlines() if "4 of 4 GANs" not in line)
    assert re.search(r"done: 4 GANs in \d+ s, 2 with an error; ", stderr)


def test_steps_of_a_lost_worker_are_taken_back(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    with Tally(2, 0, 40, quiet=False) as tally:
        for steps in (10, 10, -20, 10, 10, 20):
            tally.advance(steps)
        tally.add([{"error": None}])
        assert tally._bar.n == 40
        tally.add([{"error": None}])
    assert "40.0/40.0" in sys.stderr.getvalue().split("\r")[-1] and "2 of 2 GANs" in sys.stderr.getvalue()


def test_the_time_that_is_left_is_of_the_steps_not_of_the_start(capsys, monkeypatch):
    """An hour until the workers have started and compiled; then ten steps a second."""
    now = 0.0
    monkeypatch.setattr("gandyn.cli.progress.time.monotonic", lambda: now)
    with Tally(1, 0, 100, quiet=False) as tally:
        now = 3600.0
        tally.advance(10)
        now = 3601.0
        tally.advance(10)
    assert capsys.readouterr().err.splitlines()[-1] == " 20% of the steps, 0 of 1 GANs  8 s left"
