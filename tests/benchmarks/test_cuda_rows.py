"""The table of a CUDA device, on the CPU: that its contenders step."""

import pytest

import gandyn
from benchmarks.cuda import main, row
from gandyn.benchmarks.timing import Turns


@pytest.mark.parametrize("lanes", [None, 3])
def test_a_row(lanes):
    at = gandyn.preset("collapse").replace(batch_size=16)
    cells = [cell.strip() for cell in row("name", at, lanes, "cpu", Turns(1, 1e-3)).strip("|").split("|")]
    numbers = [float(cell.strip("x").replace(",", "")) for cell in cells[1:] if cell]
    assert len(numbers) == (4 if lanes is None else 2) and all(number > 0 for number in numbers)


def test_without_a_device_it_says_so(monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(SystemExit, match="^there is no CUDA device"):
        main()
