"""Pictures, trace, summary and weights follow from the facts: lost or damaged, they are made again as they were."""

import json
import shutil

import pytest

from gandyn.cli import main
from gandyn.presets import preset
from gandyn.records.config import to_config

pytestmark = pytest.mark.usefixtures("elsewhere")

SMALL = {"generator.widths": 8, "critic.widths": 8, "batch_size": 8, "latent_size": 2, "steps": 30}
MADE_AGAIN = ("*.png", "*.webp", "*.safetensors", "samples/*.png", "trace.json", "summary.json")
OF_THE_SITTING = {"seconds", "steps_per_second", "directory"}  # of a summary


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A finished run whose target was changed on the way, so that its pictures show different real points."""
    path = tmp_path_factory.mktemp("run")
    event = {"step": 14, "controls": {"target.radius": 1.2}}
    (path / "config.json").write_text(json.dumps(to_config(preset("collapse", **SMALL)) | {"events": [event]}))
    assert main(["train", "--config", str(path / "config.json"), "--out", str(path / "run"), "--quiet"]) == 0
    return path / "run"


def files(run):
    """What follows from the facts, by name."""
    return {str(path.relative_to(run)): path for pattern in MADE_AGAIN for path in run.glob(pattern)}


def contents(run):
    read = {name: path.read_bytes() for name, path in files(run).items()}
    summary = json.loads(read.pop("summary.json"))
    return read, {name: value for name, value in summary.items() if name not in OF_THE_SITTING}


@pytest.mark.parametrize("how", ["removed", "emptied", "truncated", "flipped", "swapped"])
def test_what_follows_from_the_facts_is_made_again(whole, tmp_path, caplog, how):
    run = shutil.copytree(whole, tmp_path / "copy")
    assert len(list(run.glob("samples/*.png"))) == 11
    for path in files(run).values():
        data = bytearray(path.read_bytes())
        data[len(data) // 3] ^= 1
        damaged = {"emptied": b"", "truncated": data[: len(data) // 2], "flipped": data, "swapped": b"another file"}
        path.unlink() if how == "removed" else path.write_bytes(damaged[how])
    assert main(["train", "--resume", str(run), "--quiet"]) == 0
    assert caplog.messages == [f"{run}/samples: missing or not as they were written, drawn again: 11"]
    assert contents(run) == contents(whole)


def test_a_folder_of_pictures_that_is_removed_is_made_again_and_no_others_are_touched(whole, tmp_path):
    run = shutil.copytree(whole, tmp_path / "copy")
    shutil.rmtree(run / "samples")
    assert main(["train", "--resume", str(run), "--quiet"]) == 0
    assert contents(run) == contents(whole)
    (run / "samples" / "000012.png").unlink()
    before = {path: path.stat().st_mtime_ns for path in run.glob("samples/*.png")}
    assert main(["train", "--resume", str(run), "--quiet"]) == 0
    assert {path: path.stat().st_mtime_ns for path in run.glob("samples/*.png") if path.name != "000012.png"} == before
    assert contents(run) == contents(whole)
