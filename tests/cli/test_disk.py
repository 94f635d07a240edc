"""A disk that does not take or give a file: one line that names the file, what is wrong, and the way on."""

import errno
import io
import os
from pathlib import Path

import pytest

from gandyn.cli import main
from gandyn.records import disk, log
from gandyn.records.disk import going_on, naming, trouble, write, write_picture
from gandyn.records.rundir import RunDirectory

TINY = ["--set", "generator.widths=8", "critic.widths=8", "batch_size=8", "latent_size=2"]
FULL = "No space left on device; free some space"


class Full(io.FileIO):
    """A file on a disk that is full, or takes no files for another reason."""

    number = errno.ENOSPC

    def write(self, data):
        raise OSError(self.number, os.strerror(self.number))


@pytest.fixture
def fill(monkeypatch):
    """Let the disk be full for files whose path holds this text."""
    opened = Path.open

    def fill(part):
        def instead(path, mode="r", *rest, **how):
            if part not in str(path) or mode[0] not in "wa":
                return opened(path, mode, *rest, **how)
            raw = Full(path, mode[0])
            return raw if "b" in mode else io.TextIOWrapper(raw, write_through=True)

        monkeypatch.setattr(Path, "open", instead)
        return lambda: monkeypatch.setattr(Path, "open", opened)

    return fill


def one_line(capsys):
    printed = capsys.readouterr()
    assert "Errno" not in printed.err and "Traceback" not in printed.err and printed.out == ""
    return printed.err.splitlines()[-1]


@pytest.mark.parametrize(
    "part", ["metrics.jsonl", "checkpoints/000000005", "frames/000005", "summary.json", "movie.webp"]
)
def test_a_full_disk_names_the_file_and_the_way_on_which_works(capsys, fill, part):
    empty = fill(part)
    assert main(["train", "collapse", "--steps", "5", "--out", "run", "--quiet", *TINY]) == 1
    line = one_line(capsys)
    assert line.startswith(f"gandyn: run/{part}") and line.endswith(f": {FULL}, then gandyn train --resume run")
    empty()
    assert main(["train", "--resume", "run", "--quiet"]) == 0
    rows = log.read(Path("run/metrics.jsonl"))
    assert [row["step"] for row in rows] == [1, 2, 3, 4, 5] and Path("run/movie.webp").stat().st_size > 0
    assert not list(Path("run").rglob("*.part"))


NUMBERS = {
    errno.EROFS: disk.PLACE,
    errno.EDQUOT: "free some space",
    errno.EACCES: disk.PLACE,
    errno.EIO: disk.OTHERWISE,
}
NUMBERS[errno.EMFILE] = "raise the number of open files (ulimit -n)"


@pytest.mark.parametrize("number", NUMBERS, ids=[errno.errorcode[number] for number in NUMBERS])
def test_a_disk_that_takes_no_files_is_said_in_a_line_and_the_run_goes_on_where_it_does(
    capsys, fill, monkeypatch, number, no_pictures
):
    monkeypatch.setattr(Full, "number", number)
    empty = fill("checkpoints/000000005")
    assert main(["train", "collapse", "--steps", "5", "--out", "run", "--quiet", *TINY]) == 1
    file = "run/checkpoints/000000005.part/state.pt"
    said = f"gandyn: {file}: {os.strerror(number)}; {NUMBERS[number]}, then gandyn train --resume run"
    assert one_line(capsys) == said
    empty()
    assert main(["train", "--resume", "run", "--quiet"]) == 0
    assert RunDirectory.existing(Path("run")).last().state.step == 5


def test_a_run_without_a_checkpoint_is_gone_on_with_from_its_first_step(capsys, fill):
    empty = fill("checkpoints/000000000")
    assert main(["train", "collapse", "--steps", "5", "--out", "run", "--quiet", *TINY]) == 1
    assert one_line(capsys).endswith(f": {FULL}, then gandyn train --resume run")
    empty()
    assert main(["train", "--resume", "run", "--quiet"]) == 0
    assert RunDirectory.existing(Path("run")).last().state.step == 5


def test_a_folder_that_a_failure_left_without_a_configuration_is_begun_again(capsys, fill):
    empty = fill("config.json")
    command = ["train", "collapse", "--steps", "5", "--out", "run", "--quiet", *TINY]
    assert main(command) == 1
    assert FULL in one_line(capsys)
    empty()
    assert main(command) == 0


@pytest.mark.usefixtures("one_process")
@pytest.mark.parametrize("name", ["rows.jsonl", "summary.json", "sweep.png"])
def test_a_full_disk_under_a_sweep(capsys, fill, name):
    swept = ["sweep", "collapse", "--seeds", "0:2", "--steps", "4", "--out", "s", "--quiet", *TINY]
    empty = fill(name)
    assert main(swept) == 1
    assert one_line(capsys) == f"gandyn: s/{name}: {FULL}, then the same command with --out s"
    empty()
    assert main(swept) == 0


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (
            ["train", "collapse", "--config", "folder"],
            "folder cannot be read: Is a directory; name a file, not a folder",
        ),
        (["train", "collapse", "--config", "none"], "none cannot be read: No such file or directory; check its name"),
        (["train", "collapse", "--out", "file"], "file is a file: choose another --out"),
        (["train", "collapse", "--out", "file/run"], "file/run/samples: Not a directory; check its name"),
        (["sweep", "collapse", "--out", "file/run"], "file/run: Not a directory; check its name"),
        (
            ["sweep", "--merge", "folder", "--out", "s"],
            "sweep.json cannot be read: No such file or directory; check its name",
        ),
        (["replay", "folder"], "folder cannot be read: Is a directory; name a file, not a folder"),
        (["evaluate", "file"], "file holds no run"),
    ],
)
def test_a_path_that_does_not_fit_is_said_in_a_line(capsys, tmp_path, arguments, answer):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("")
    assert main(arguments) in (1, 2)
    assert answer in one_line(capsys)


def test_a_movie_without_its_folder_is_refused_before_the_work(capsys, tmp_path):
    assert main(["replay", "trace.json", "--movie", "none/film.gif"]) == 2
    assert one_line(capsys).endswith(
        "none/film.gif cannot be written: there is no folder none; make it, or choose another"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full is Linux's")
def test_a_real_full_disk(tmp_path, monkeypatch):
    (tmp_path / "file.part").symlink_to("/dev/full")
    with pytest.raises(OSError) as error:
        write(tmp_path / "file", b"x" * 10)
    assert trouble(error.value) == f"{tmp_path / 'file'}: {FULL}" and list(tmp_path.iterdir()) == []


def test_every_number_has_words_and_something_to_do():
    for number in errno.errorcode:
        text = trouble(OSError(number, os.strerror(number), "place"))
        what, _, remedy = text.removeprefix("place: ").partition("; ")
        assert what == os.strerror(number) and remedy == disk.REMEDIES.get(number, disk.OTHERWISE)
    assert trouble(OSError("several\n words")) == "several words"


def test_errors_of_others_are_named(tmp_path):
    with pytest.raises(OSError, match=r"^f cannot be written \(encoder error -2\); check the disk$"), naming(Path("f")):
        raise OSError("encoder error -2")
    full = pytest.raises(OSError, match=f"^f: {FULL}, then x$")
    with full, going_on(lambda: "x"), naming(Path("f")):
        raise OSError(errno.ENOSPC, "")


def test_a_picture_is_written_by_its_suffix(tmp_path):
    from PIL import Image

    for name, form in (("a.png", "PNG"), ("a.webp", "WEBP"), ("a.gif", "GIF")):
        write_picture(tmp_path / name, Image.new("RGB", (4, 3), "white"))
        with Image.open(tmp_path / name) as picture:
            assert (picture.format, picture.size) == (form, (4, 3))
