"""rows.jsonl of a sweep damaged, emptied, swapped or removed: what is lost is told in a line and computed again."""

import json
import shutil
from pathlib import Path

import pytest

from gandyn.cli import main

pytestmark = pytest.mark.usefixtures("one_process")

TINY = ["--set", "generator.widths=8", "critic.widths=8", "batch_size=8", "latent_size=2"]
SWEEP = ["sweep", "collapse", "--seeds", "0:4", "--steps", "4", "--lanes", "1", "--quiet", *TINY]
ROWS, SUMS = Path("s/rows.jsonl"), Path("s/rows.sha256")


@pytest.fixture
def swept():
    """The lines of a finished sweep."""
    assert main([*SWEEP, "--out", "s"]) == 0
    return ROWS.read_bytes().splitlines(keepends=True)


def results():
    """What the rows say, but for the time that they took."""
    rows = [json.loads(line) for line in ROWS.read_text().splitlines()]
    return sorted((json.dumps({name: row[name] for name in row if name != "seconds"}) for row in rows), key=str)


def changed(line, **entries):
    return json.dumps(json.loads(line) | entries).encode() + b"\n"


DAMAGES = {
    "removed": lambda lines: None,
    "emptied": lambda lines: [],
    "two lines deleted": lambda lines: [lines[0], lines[3]],
    "truncated": lambda lines: [lines[0], lines[1][:100]],
    "a bit of a value flipped": lambda lines: [changed(lines[0], hq=0.25), *lines[1:]],
    "a bit of a bracket flipped": lambda lines: [b"z" + lines[0][1:], *lines[1:]],
    "a bit of a key flipped": lambda lines: [changed(lines[0], key="0" * 16), *lines[1:]],
    "another seed": lambda lines: [changed(lines[0], seed=3), *lines[1:]],
    "bytes that are no text": lambda lines: [lines[0], b"\xff\xfe\0" * 20 + b"\n", *lines[2:]],
}


@pytest.mark.parametrize("how", DAMAGES)
def test_rows_that_are_lost_are_told_and_computed_again(swept, caplog, how):
    before, left = results(), DAMAGES[how](swept)
    ROWS.unlink() if left is None else ROWS.write_bytes(b"".join(left))
    whole = [line for line in left or [] if line in swept]
    lost = 4 - len(whole)
    assert main([*SWEEP, "--out", "s"]) == 0
    subject = "1 row is" if lost == 1 else f"{lost} rows are"
    assert caplog.messages == [f"s/rows.jsonl: {subject} missing or not as written: computed again"]
    assert results() == before and ROWS.read_bytes().splitlines(keepends=True)[: len(whole)] == whole
    caplog.clear()
    assert main([*SWEEP, "--out", "s"]) == 0 and caplog.messages == []


def test_a_row_of_another_seed_is_not_believed_where_nothing_vouches_for_it(swept, caplog):
    """As in a folder of before there were checksums."""
    before = results()
    SUMS.unlink()
    ROWS.write_bytes(b"".join([changed(swept[0], seed=3), *swept[1:]]))
    assert main([*SWEEP, "--out", "s"]) == 0
    assert caplog.messages == ["s/rows.jsonl: 1 row is missing or not as written: computed again"]
    assert results() == before


@pytest.mark.parametrize("sums", [None, b"", b"x" * 100])
def test_without_their_checksums_whole_rows_stay(swept, caplog, sums):
    SUMS.unlink() if sums is None else SUMS.write_bytes(sums)
    assert main([*SWEEP, "--out", "s"]) == 0
    assert caplog.messages == [] and ROWS.read_bytes() == b"".join(swept)
    assert len(SUMS.read_text().splitlines()) == 4


def test_the_rows_of_another_sweep_are_refused_and_left_as_they_are(swept, capsys):
    shutil.copytree("s", "other")
    other = [*SWEEP, "--out", "t"]
    other[other.index("4")] = "5"  # steps
    assert main(other) == 0
    strange = Path("t/rows.jsonl").read_bytes()
    ROWS.write_bytes(strange)
    capsys.readouterr()
    assert main([*SWEEP, "--out", "s"]) == 2
    stderr = capsys.readouterr().err
    assert "s holds 4 rows of another sweep" in stderr and len(stderr.splitlines()) == 1
    assert ROWS.read_bytes() == strange
