"""What a command says while it goes on."""

import re

import pytest

from gandyn.cli import main

TINY = ["--set", "generator.widths=8", "critic.widths=8", "batch_size=8", "latent_size=2"]


@pytest.mark.usefixtures("no_pictures")
def test_a_line_names_the_gap_where_there_is_a_look_ahead(capsys):
    for k in (0, 2):
        assert main(["train", "collapse", "--steps", "40", *TINY, f"unroll={k}"]) == 0
        lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("step ")]
        assert lines and all(re.match(r"step \d+ of 40  D \S+  G \S+( |$)", line) for line in lines)
        gaps = [match.group(1) for line in lines if (match := re.search(r"gap (\S+)", line))]
        assert len(gaps) == (len(lines) if k else 0) and "0" not in gaps
