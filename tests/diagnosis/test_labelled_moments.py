"""The signs against 336 moments that were labelled by hand, of seeds by which no bound was set: see moments.py."""

from collections import Counter
from pathlib import Path

import pytest

from gandyn.diagnosis import SIGNS, diagnose
from tests.diagnosis.moments import load

HERE = Path(__file__).parent
LETTERS = {
    "outside": "O", "rotating": "R", "collapsed": "C", "between": "B", "spreading": "S", "losing": "L", "healed": "H",
    "at-floor": "F", "coverage": "A", "distance": "D", "saturated": "s", "clipped": "c", "penalty-too-weak": "p",
    "wasserstein-sign": "w",
}  # fmt: skip
PLAIN = "AD-"  # facts, with which nothing is diagnosed


@pytest.fixture(scope="module")
def judged() -> list[tuple[str, str, str]]:
    """Of each moment and of samples and players in turn: (about what, the letter of the sign or -, the label)."""
    labels = [line.split() for line in (HERE / "labels.txt").read_text(encoding="utf-8").splitlines()]
    rows = []
    for evidence, (_, samples, players) in zip(load(HERE / "moments.npz"), labels, strict=True):
        said = {SIGNS[finding.name].about: LETTERS[finding.name] for finding in diagnose(evidence)}
        rows += [("samples", said.get("samples", "-"), samples), ("players", said.get("players", "-"), players)]
    return rows


@pytest.mark.parametrize("about", ["samples", "players"])
def test_what_is_diagnosed_is_right(judged, about):
    said = [(sign, label) for of, sign, label in judged if of == about and sign not in PLAIN]
    right = sum(sign in label for sign, label in said)
    wrong = Counter(pair for pair in said if pair[0] not in pair[1])
    assert right >= 0.9 * len(said) > 0, f"{right} of {len(said)}, {wrong}"


@pytest.mark.parametrize("about", ["samples", "players"])
def test_most_of_what_is_going_on_is_diagnosed(judged, about):
    labelled = [(sign, label) for of, sign, label in judged if of == about and not set(label) & set(PLAIN)]
    hits = sum(sign in label for sign, label in labelled)
    missed = Counter(pair for pair in labelled if pair[0] not in pair[1])
    assert hits >= 0.5 * len(labelled) > 0, f"{hits} of {len(labelled)}, {missed}"


def test_every_sign_has_a_letter():
    assert set(LETTERS) == set(SIGNS)
