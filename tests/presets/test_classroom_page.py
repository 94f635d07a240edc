"""The page of the classroom presets, and the script that writes its tables."""

from pathlib import Path

from gandyn.presets import PRESETS
from scripts import classroom, classroom_table

PAGE = Path(__file__).parents[2] / "docs" / "classroom.md"
RUN = {"since": 1, "most": 2, "covered": [1] * 60, "hq": 0.4, "ms": 1.0}
HEALED = {"before": 1, "reached": {"seconds": 7.0, "steps": 1_200}, "last": 8, "steps": 1_800, "hq": 0.9}
SICK = {"before": 1, "reached": None, "last": 1, "steps": 6_000, "hq": 0.3}


def test_it_tells_of_every_preset_that_has_a_speed():
    text = PAGE.read_text()
    assert all(f"**`{name}`**" in text for name, experiment in PRESETS.items() if experiment.steps_per_second)


def test_the_tables_stand_between_the_marks(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(f"before\n{classroom_table.BEGIN}\nold\n{classroom_table.END}\nafter\n")
    rows = {("collapse", 3): RUN, ("cure at 15 s", 3): {**HEALED, "covered": [1] * 19 + [7] * 2 + [8] * 9}}
    rows["control at 15 s", 3] = {**SICK, "covered": [1] * 49 + [2] + [3] * 50}
    classroom_table.write(page, rows, [3, 4])
    text = page.read_text()
    assert text.startswith(f"before\n{classroom_table.BEGIN}")
    assert text.endswith(f"{classroom_table.END}\nafter\n")
    assert "old" not in text
    assert "| 3 | 1 s | 2 | 7.0 s (1,200 steps), >= 7 after | not run | 3 | not run |" in text


def test_a_row_counts_until_its_preset_changes(tmp_path, monkeypatch):
    monkeypatch.setattr(classroom, "ROWS", tmp_path / "rows.jsonl")
    assert classroom.rows() == {}
    mark = classroom.fingerprint("rotation")
    (tmp_path / "rows.jsonl").write_text(
        f'{{"arm": "rotation", "seed": 1, "preset": "{mark}"}}\n{{"arm": "rotation", "seed": 2, "preset": "old"}}\n'
    )
    assert list(classroom.rows()) == [("rotation", 1)]
    assert classroom.fingerprint("collapse") == classroom.fingerprint("cure at 40 s") != mark
