"""States, archives of tensors and engines in files that once ended in a traceback, or in many lines."""

import json

import pytest
import torch

import gandyn
from gandyn.records import checkpoint
from gandyn.records.engine import Engine, warn_of_differences

SMALL = {"generator.widths": 8, "critic.widths": 8, "batch_size": 8, "latent_size": 2}

STATES = {
    "no state": lambda s: s.pop("state"),
    "a number": lambda s: s.update(state=5),
    "a name too few": lambda s: s["state"].pop("opt_g"),
    "a name too many": lambda s: s["state"].update(more=torch.zeros(1)),
    "a name of two lines": lambda s: s["state"].update({"a\nb": torch.zeros(1)}),
    "a number for a name": lambda s: s["state"].update({5: torch.zeros(1)}),
    "another name within": lambda s: s["state"]["opt_d"].update(more=torch.zeros(1)),
    "another size": lambda s: s["state"].update(g=torch.zeros(3)),
    "another size of an average": lambda s: s["state"].update(ema_g=torch.zeros(3)),
    "an axis more": lambda s: s["state"].update(d=s["state"]["d"][None]),
    "another type": lambda s: s["state"].update(g=s["state"]["g"].double()),
    "no tensor": lambda s: s["state"].update(g="text"),
    "step 10^12": lambda s: s["state"].update(step=10**12),
    "step -1": lambda s: s["state"].update(step=-1),
    "step 2.5": lambda s: s["state"].update(step=2.5),
    "another step": lambda s: s["state"].update(step=3),
    "rows of another form": lambda s: s.update(rows=torch.zeros(7, 7), steps=torch.arange(3)),
    "steps of floats": lambda s: s.update(steps=torch.zeros(3)),
}


@pytest.mark.parametrize("name", STATES)
def test_a_state_that_is_another_runs_is_one_line(tmp_path, name):
    run = gandyn.Run(gandyn.preset("collapse", **SMALL))
    run.advance(4)
    run.save(tmp_path / "saved")
    stored = torch.load(tmp_path / "saved" / "state.pt", weights_only=True)
    STATES[name](stored)
    torch.save(stored, tmp_path / "saved" / "state.pt")
    vouch_again(tmp_path / "saved")
    with pytest.raises(ValueError, match="state.pt does not fit its configuration") as error:
        gandyn.Run.load(tmp_path / "saved")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("raw", [b"", b"PK", b"\x80\x04K\x05.", b"x" * 1000])
def test_what_is_no_archive_of_tensors_is_one_line(tmp_path, raw):
    run = gandyn.Run(gandyn.preset("collapse", **SMALL))
    run.save(tmp_path / "saved")
    (tmp_path / "saved" / "state.pt").write_bytes(raw)
    vouch_again(tmp_path / "saved")
    with pytest.raises(ValueError, match="state.pt does not fit") as error:
        gandyn.Run.load(tmp_path / "saved")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("instruction", [b"\x80\x50}", b"\x80\x02R", b"\x80\x020", b"\x80\x02h"])
def test_an_archive_whose_instructions_are_damaged_is_one_line(tmp_path, instruction):
    run = gandyn.Run(gandyn.preset("collapse", **SMALL))
    run.save(tmp_path / "saved")
    path = tmp_path / "saved" / "state.pt"
    assert b"\x80\x02}" in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(b"\x80\x02}", instruction, 1))
    vouch_again(tmp_path / "saved")
    with pytest.raises(ValueError, match="it holds no tensors") as error:
        gandyn.Run.load(tmp_path / "saved")
    assert "\n" not in str(error.value)


def test_what_differs_between_engines_is_told_in_a_line_however_much_it_is(caplog):
    here = Engine("autograd", 1, {"versions": {}})
    strange = {f"name\n{i}": "9" * 5000 for i in range(1000)}
    warn_of_differences(Engine("autograd", 1, {"versions": strange}), here)
    (line,) = caplog.messages
    assert "\n" not in line and len(line) < 2000 and "and 992 more: the last bits may differ" in line
    with pytest.raises(ValueError, match="the stored engine must hold a name and threads") as error:
        Engine.from_dict("9" * 5000)
    assert len(str(error.value)) < 200


def vouch_again(saved):
    """The checksums of what is there now: an attacker's, not an accident's."""
    head = json.loads((saved / "run.json").read_text())
    for name in ("state.pt", "trace.json"):
        head["sha256"][name] = checkpoint.sha256((saved / name).read_bytes())
    (saved / "run.json").write_text(json.dumps(head))
