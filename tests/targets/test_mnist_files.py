"""Where the digits come from: folders as others leave them, the cache, a server of our own, and the embedded ones."""

import gzip
import hashlib
import logging
import struct
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import torch
from requests import HTTPError

from gandyn.targets import idx, mnist_files
from gandyn.targets.mnist_files import load
from gandyn.targets.mnist_sets import search

IMAGES, LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"

pytestmark = pytest.mark.usefixtures("digits_as_if_new")


def contents(classes: bytes, side: int = 28) -> dict[str, bytes]:
    """The plain files of images that hold nothing but their own class."""
    n = len(classes)
    pixels = b"".join(bytes([c]) * side**2 for c in classes)
    return {
        IMAGES: struct.pack(">iiii", 0x803, n, side, side) + pixels,
        LABELS: struct.pack(">ii", 0x801, n) + classes,
    }


def put(folder: Path, classes: bytes, packed: bool = False, side: int = 28) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents(classes, side).items():
        (folder / (f"{name}.gz" if packed else name)).write_bytes(gzip.compress(content) if packed else content)
    return folder


class Server:
    """A mirror on this machine: `files` by path, `first` answers that come before them, and what was asked for."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.first: list[int] = []
        self.asked: list[str] = []
        mirror = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                mirror.asked.append(self.path)
                status = mirror.first.pop(0) if mirror.first else 200 if self.path in mirror.files else 404
                body = mirror.files[self.path] if status == 200 else b"<html>no</html>"
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_port}/"
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


@pytest.fixture
def server(monkeypatch):
    """A mirror at /good/ of three small digits whose checksums are taken for MNIST's; pauses are left out."""
    running = Server()
    for name, content in contents(b"\1\2\3").items():
        packed = gzip.compress(content, mtime=0)
        running.files[f"/good/{name}.gz"] = packed
        running.files[f"/html/{name}.gz"] = b"<html>no</html>"
        monkeypatch.setitem(mnist_files.SHA256, f"{name}.gz", hashlib.sha256(packed).hexdigest())
    monkeypatch.setattr("pooch.core.time.sleep", lambda seconds: None)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield running
    running.close()


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("place", [".", "MNIST/raw", "raw"])
def test_folders_as_others_leave_them(tmp_path, place, packed):
    put(tmp_path / place, b"\4\5", packed)
    digits = load("train", str(tmp_path))
    assert digits.labels.tolist() == [4, 5]
    assert digits.images.shape == (2, 28, 28)
    assert digits.images.unique().tolist() == [4, 5]
    assert str(tmp_path) in digits.source
    assert not digits.embedded


def test_the_first_layout_counts_and_plain_files_before_packed_ones(tmp_path):
    put(tmp_path / "raw", b"\1")
    put(tmp_path / "MNIST/raw", b"\2", packed=True)
    assert load("train", str(tmp_path)).labels.tolist() == [2]
    put(tmp_path / "MNIST/raw", b"\3")
    assert load("train", str(tmp_path)).labels.tolist() == [3]
    (tmp_path / LABELS).write_bytes(b"half a layout is none")
    assert load("train", str(tmp_path)).labels.tolist() == [3]


def test_a_named_folder_without_the_files_is_an_error(tmp_path, monkeypatch):
    with pytest.raises(ValueError, match=f"^data folder {tmp_path} does not hold {IMAGES} and {LABELS} .*: put them"):
        load("train", str(tmp_path))
    monkeypatch.setenv("GANDYN_DATA", str(tmp_path))
    with pytest.raises(ValueError, match=f"^GANDYN_DATA={tmp_path} does not hold"):
        mnist_files.digits()
    put(tmp_path, b"\1")
    with pytest.raises(ValueError, match="does not hold t10k-images"):
        load("test", str(tmp_path))


def test_files_that_are_not_mnist(tmp_path):
    with pytest.raises(ValueError, match="holds images of 32x32 pixels, not 28x28"):
        load("train", str(put(tmp_path / "large", b"\1", side=32)))
    with pytest.raises(ValueError, match="holds the label 10, not 0 to 9"):
        load("train", str(put(tmp_path / "letters", b"\x0a")))


def test_the_folder_given_comes_before_the_variable(tmp_path, monkeypatch):
    monkeypatch.setenv("GANDYN_DATA", str(put(tmp_path / "variable", b"\1")))
    assert mnist_files.digits().labels.tolist() == [1]
    mnist_files.use(put(tmp_path / "given", b"\2"))
    assert mnist_files.digits().labels.tolist() == [2]
    assert mnist_files.digits().images is mnist_files.digits().images
    mnist_files.use()
    assert mnist_files.digits().labels.tolist() == [1]


def test_a_download_is_kept_and_not_repeated(tmp_path, server):
    digits = load("train", cache=tmp_path, mirrors=[server.url + "good/"])
    assert digits.labels.tolist() == [1, 2, 3]
    assert f"downloaded from {server.url}good/" in digits.source
    assert server.asked == [f"/good/{IMAGES}.gz", f"/good/{LABELS}.gz"]
    for offline in (False, True):
        again = load("train", cache=tmp_path, offline=offline, mirrors=[server.url + "good/"])
        assert again.labels.tolist() == [1, 2, 3]
        assert f"the cache {tmp_path}" in again.source
    assert len(server.asked) == 2


def test_a_damaged_cache_is_fetched_again(tmp_path, server):
    load("train", cache=tmp_path, mirrors=[server.url + "good/"])
    (tmp_path / f"{LABELS}.gz").write_bytes(b"damaged")
    assert load("train", cache=tmp_path, mirrors=[server.url + "good/"]).labels.tolist() == [1, 2, 3]
    assert server.asked[2:] == [f"/good/{LABELS}.gz"]


def test_a_failure_is_tried_again(tmp_path, server):
    server.first = [503, 503]
    assert not load("train", cache=tmp_path, mirrors=[server.url + "good/"]).embedded
    assert len(server.asked) == 4


def test_the_next_mirror_where_one_has_nothing_or_web_pages(tmp_path, server):
    digits = load("train", cache=tmp_path, mirrors=[server.url + place for place in ("none/", "html/", "good/")])
    assert f"downloaded from {server.url}good/" in digits.source
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([f"{IMAGES}.gz", f"{LABELS}.gz"])


def test_no_mirror_works(tmp_path, server):
    server.files[f"/half/{IMAGES}.gz"] = server.files[f"/good/{IMAGES}.gz"][:-1]
    digits = load("train", cache=tmp_path, mirrors=[server.url + "none/", server.url + "half/", "http://127.0.0.1:9/"])
    assert digits.embedded
    assert digits.source == (
        "10,000 digits (train): those that come with gandyn, not all of MNIST (no download worked: "
        f"{server.url}none/ answered 404, {server.url}half/ sent something else (wrong SHA-256), "
        "http://127.0.0.1:9/ did not answer; put its files into a folder and name that with GANDYN_DATA)"
    )
    assert list(tmp_path.iterdir()) == []


def test_an_http_error_without_an_answer_is_told_too(tmp_path, monkeypatch):
    def refuse(*_):
        raise HTTPError("too many redirects")

    monkeypatch.setattr(mnist_files, "_download", refuse)
    source = load("train", cache=tmp_path, mirrors=["http://127.0.0.1:9/"]).source
    assert "no download worked: http://127.0.0.1:9/ failed (too many redirects); put its files" in source


def test_offline_nothing_is_asked_for(tmp_path, server):
    digits = load("train", cache=tmp_path, offline=True, mirrors=[server.url + "good/"])
    assert digits.embedded
    assert "offline" in digits.source
    assert server.asked == []


@pytest.mark.parametrize("way", ["argument", "variable"])
def test_falling_back_is_a_warning_in_one_line(tmp_path, server, monkeypatch, caplog, way):
    monkeypatch.delenv("GANDYN_DATA")
    monkeypatch.setattr(mnist_files, "_cache", lambda: tmp_path)
    if way == "argument":
        mnist_files.use(offline=True)
    else:
        monkeypatch.setenv("GANDYN_OFFLINE", "1")
    for _ in range(3):
        assert mnist_files.digits().embedded
    (record,) = [r for r in caplog.records if r.name == "gandyn.targets.mnist_files"]
    assert record.levelno == logging.WARNING
    assert record.getMessage().startswith(
        "10,000 digits (train): those that come with gandyn, not all of MNIST (offline"
    )


def test_the_embedded_digits_by_name(caplog):
    mnist_files.use("embedded")
    embedded = mnist_files.digits()
    assert embedded.embedded
    assert [r for r in caplog.records if r.levelno >= logging.WARNING] == []
    # The counts of the classes among the first 10,000 training images.
    assert embedded.labels.bincount().tolist() == [1001, 1127, 991, 1032, 980, 863, 1014, 1070, 944, 978]
    assert len(embedded.images.reshape(-1, 784).unique(dim=0)) == 10_000
    assert bool((embedded.labels[:1000].bincount() > 70).all())  # mixed, not class by class
    with pytest.raises(ValueError, match="training images, there is no split 'test'"):
        mnist_files.digits("test")


def test_the_notice_lies_beside_the_digits():
    notice = (mnist_files.DATA / "LICENSE-MNIST").read_text(encoding="utf-8")
    for word in ("CC BY-SA 3.0", "LeCun", "Cortes", "What was changed", "Copyright (c) 2015 Juan Cazala"):
        assert word in notice


@pytest.mark.mnist_full
def test_the_embedded_digits_are_the_first_10_000_of_the_training_set():
    full, few = mnist_files.digits(), load("train", "embedded")
    assert len(full.images) == 60_000

    def counted(digits: mnist_files.Digits) -> Counter:
        return Counter((i.numpy().tobytes(), int(c)) for i, c in zip(digits.images, digits.labels, strict=True))

    first = full._replace(images=full.images[:10_000], labels=full.labels[:10_000])
    assert counted(first) == counted(few)


@pytest.mark.mnist_full
def test_the_canonical_files_have_the_stated_checksums(monkeypatch):
    import os

    folder = Path(os.environ["GANDYN_DATA"])
    paths = [path for split in ("train", "test") for path in search(folder, split)[0].paths]
    if all(path.suffix == ".gz" for path in paths):
        assert all(map(mnist_files._intact, paths))
    test = mnist_files.digits("test")
    assert test.labels[:5].tolist() == [7, 2, 1, 0, 4]
    assert test.labels.bincount().tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert idx.read(paths[0], 3).float().mean() / 255 == pytest.approx(0.1307, abs=1e-4)
    assert torch.equal(mnist_files.digits().labels[:5], torch.tensor([5, 0, 4, 1, 9], dtype=torch.uint8))


def rename(folder: Path, change) -> Path:
    for path in list(folder.iterdir()):
        path.rename(path.with_name(change(path.name)))
    return folder


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("split", ["train", "test"])
def test_other_usual_names_of_the_same_files(tmp_path, packed, split):
    def change(name):
        return name.replace("-idx", ".idx").replace("train", "t10k" if split == "test" else "train")

    rename(put(tmp_path / "MNIST/raw", b"\4\5", packed), change)
    assert load(split, str(tmp_path)).labels.tolist() == [4, 5]
    assert load(split, str(tmp_path)).source == f"2 digits ({split}): the files in {tmp_path / 'MNIST/raw'}"


def test_the_makers_spelling_comes_before_the_other(tmp_path):
    rename(put(tmp_path, b"\1"), lambda name: name.replace("-idx", ".idx"))
    put(tmp_path, b"\2", packed=True)
    assert load("train", str(tmp_path)).labels.tolist() == [2]


@pytest.mark.parametrize("split", ["train", "test"])
@pytest.mark.parametrize("place", [".", "EMNIST/raw", "raw", "gzip"])
def test_emnist_is_put_upright(tmp_path, place, split):
    """Its files hold columns before rows: an image whose first row is white has a white first column there."""
    folder = put(tmp_path / place, b"\3")
    stored = torch.zeros(28, 28, dtype=torch.uint8)
    stored[:, 0] = 255
    (folder / IMAGES).write_bytes(struct.pack(">iiii", 0x803, 1, 28, 28) + stored.numpy().tobytes())
    rename(folder, lambda name: "emnist-digits-" + name.replace("train", split))
    digits = load(split, str(tmp_path))
    assert (
        digits.images[0, 0].tolist() == [255] * 28 and not digits.images[0, 1:].any() and digits.labels.tolist() == [3]
    )
    assert digits.images.is_contiguous() and f"EMNIST's digits, the files in {folder}" in digits.source


def test_of_several_sets_the_first_is_taken_and_the_others_are_named(tmp_path):
    put(tmp_path / "FashionMNIST/raw", b"\4")
    assert (
        load("train", str(tmp_path)).source
        == f"1 digits (train): Fashion-MNIST, the files in {tmp_path / 'FashionMNIST/raw'}"
    )
    for classes, prefix in ((b"\3", "emnist-mnist-"), (b"\2", "emnist-digits-"), (b"\x10", "emnist-letters-")):
        put(tmp_path / prefix, classes)
        for path in (tmp_path / prefix).iterdir():
            (tmp_path / "EMNIST/raw").mkdir(parents=True, exist_ok=True)
            path.rename(tmp_path / "EMNIST/raw" / (prefix + path.name))
    digits = load("train", str(tmp_path))
    assert digits.labels.tolist() == [2]
    assert digits.source.endswith("(EMNIST's MNIST and Fashion-MNIST beside it not taken)")
    put(tmp_path / "MNIST/raw", b"\1")
    digits = load("train", str(tmp_path))
    assert digits.labels.tolist() == [1]
    assert digits.source.startswith(
        f"1 digits (train): MNIST, the files in {tmp_path / 'MNIST/raw'} (EMNIST's digits and "
    )
    assert load("train", str(tmp_path / "FashionMNIST" / "raw")).labels.tolist() == [4]


def test_letters_are_no_digits(tmp_path):
    rename(put(tmp_path, b"\x10"), lambda name: f"emnist-letters-{name}")
    with pytest.raises(ValueError, match="does not hold"):
        load("train", str(tmp_path))


def test_the_checksum_of_the_digits_that_come_with_gandyn_is_known():
    images = load("train", "embedded").images
    assert hashlib.sha256(images.numpy().tobytes()).hexdigest() == mnist_files.MNIST_SHA256[1]


@pytest.mark.mnist_full
def test_the_checksum_of_mnist_is_known():
    assert hashlib.sha256(mnist_files.digits().images.numpy().tobytes()).hexdigest() == mnist_files.MNIST_SHA256[0]
