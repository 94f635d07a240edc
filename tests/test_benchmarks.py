"""The benchmark of the laboratory counts what it says."""

import pytest

from benchmarks import parts
from gandyn.benchmarks import report


def test_a_delay_counts_from_the_move_to_a_step_and_a_frame_with_the_new_value():
    moved = [1000.0, 2000.0, 3000.0]
    notes = [  # seconds; the first is from before the first move, the third move never reaches a step
        {"began": 0.990, "step": 10, "controls": {"lr_d": 5e-4}},
        {"began": 1.030, "step": 12, "controls": {"lr_d": 6e-4}},
        {"began": 2.040, "step": 70, "controls": {"lr_d": 5e-4}},
    ]
    seen = [
        {"step": 12, "value": 6e-4, "at": 1040.0, "done": 1045.0},  # the new value, but no step with it yet
        {"step": 15, "value": 6e-4, "at": 1080.0, "done": 1090.0},
        {"step": 72, "value": 5e-4, "at": 2100.0, "done": None},
    ]
    used, visible = parts.delays(moved, seen, notes)
    assert used == pytest.approx([30, 40])
    assert visible == pytest.approx([90, 100])


def test_quantiles():
    values = [float(i) for i in range(1, 41)]
    assert parts.quantile(values, 50) == 20
    assert parts.quantile(values, 95) == 38
    assert parts.quantile([7.0], 95) == 7


def test_tables_go_between_their_marks(tmp_path, monkeypatch):
    page = tmp_path / "performance.md"
    page.write_text("# Title\n<!-- app: begin -->\nold\n<!-- app: end -->\nthe end\n")
    monkeypatch.setattr(report, "PAGE", page)
    report.write("app", report.table(["a", "b"], [[1, 2]]))
    wanted = "# Title\n<!-- app: begin -->\n\n| a | b |\n| --- | ---: |\n| 1 | 2 |\n\n<!-- app: end -->\nthe end\n"
    assert page.read_text() == wanted
