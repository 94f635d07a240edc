"""IDX files: read as they are, and refused in one line that names the file and the remedy."""

import gzip
import lzma
import struct

import numpy as np
import pytest
import torch

from gandyn.targets import idx

PIXELS = np.arange(3 * 4 * 5, dtype=np.uint8).reshape(3, 4, 5)
IMAGES = struct.pack(">iiii", 0x803, 3, 4, 5) + PIXELS.tobytes()
LABELS = struct.pack(">ii", 0x801, 3) + bytes([7, 0, 9])
PACK = {"plain": bytes, "gz": gzip.compress, "xz": lzma.compress}


def file(tmp_path, content, name="some-file"):
    path = tmp_path / name
    path.write_bytes(content)
    return path


def refused(call, *words):
    with pytest.raises(ValueError) as error:
        call()
    line = str(error.value)
    assert "\n" not in line
    for word in ("; ", *map(str, words)):
        assert word in line, line


@pytest.mark.parametrize("pack", PACK)
def test_numbers_in_c_order_whatever_the_file_is_called(tmp_path, pack):
    images, labels = idx.read_pair(file(tmp_path, PACK[pack](IMAGES), "a.gz"), file(tmp_path, PACK[pack](LABELS), "b"))
    assert images.dtype == labels.dtype == torch.uint8
    assert np.array_equal(images.numpy(), PIXELS)
    assert labels.tolist() == [7, 0, 9]


def test_the_tensor_may_be_written_to_and_keeps_nothing_of_the_file(tmp_path):
    path = file(tmp_path, LABELS)
    tensor = idx.read(path, 1)
    path.unlink()
    tensor[0] = 1
    assert tensor.tolist() == [1, 0, 9]


WRONG = {
    "empty": (b"", 3, "is empty"),
    "empty, packed": (gzip.compress(b""), 3, "is empty"),
    "web page": (b"<!DOCTYPE html><html>no</html>", 3, "is a web page"),
    "web page, indented": (b"\n  <html>", 1, "is a web page"),
    "web page, packed": (gzip.compress(b"<html>"), 3, "is a web page"),
    "zip": (b"PK\x03\x04 some zip", 3, "is not an IDX file of images: it begins with 50 4b 03 04"),
    "two bytes": (b"\0\0", 3, "is not an IDX file of images"),
    "no such type": (b"\0\0\x07\x03" + IMAGES[4:], 3, "is not an IDX file of images"),
    "labels for images": (LABELS, 3, "is not an IDX file of images: it holds labels; give the files their right names"),
    "images for labels": (IMAGES, 1, "is not an IDX file of labels: it holds images; give the files their right names"),
    "a matrix": (struct.pack(">iii", 0x802, 1, 1) + b"1", 3, "it holds numbers in 2 dimensions"),
    "floats": (b"\0\0\x0d\x01" + LABELS[4:], 1, "holds numbers of type 0x0d, not unsigned bytes"),
    "half a header": (IMAGES[:10], 3, "is cut short: 10 of 16 bytes"),
    "a byte less": (IMAGES[:-1], 3, "is cut short: 75 of 76 bytes"),
    "two bytes more": (IMAGES + b"12", 3, "is 2 bytes longer"),
    "no labels": (struct.pack(">ii", 0x801, 0), 1, "holds no labels"),
    "no images": (struct.pack(">iiii", 0x803, 0, 28, 28), 3, "holds no images"),
    "gz cut short": (gzip.compress(IMAGES)[:-9], 3, "is damaged or cut short"),
    "xz cut short": (lzma.compress(IMAGES)[:-9], 3, "is damaged or cut short"),
    "gz damaged": (gzip.compress(IMAGES)[:30] + b"?" + gzip.compress(IMAGES)[31:], 3, "is damaged or cut short"),
    "gz in name only": (b"\x1f\x8b<html>", 3, "is damaged or cut short"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said_in_one_line(tmp_path, name):
    content, ndim, words = WRONG[name]
    path = file(tmp_path, content)
    refused(lambda: idx.read(path, ndim), path, words)


def test_a_file_that_cannot_be_read(tmp_path):
    refused(lambda: idx.read(tmp_path / "none", 3), tmp_path / "none", "No such file", "check its name")
    refused(lambda: idx.read(tmp_path, 3), tmp_path, "Is a directory")


def test_as_many_labels_as_images(tmp_path):
    images, labels = file(tmp_path, IMAGES, "i"), file(tmp_path, struct.pack(">ii", 0x801, 2) + b"12", "l")
    refused(
        lambda: idx.read_pair(images, labels), f"{labels} holds 2 labels for the 3 images of {images}", "same source"
    )
