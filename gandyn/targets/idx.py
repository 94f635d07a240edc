"""The IDX files of MNIST and its relatives: plain, .gz or .xz, told apart by their content."""

import gzip
import io
import lzma
import zlib
from math import prod
from pathlib import Path

import torch
from torch import Tensor

UNSIGNED_BYTE = 0x08
BYTES = 2**28  # of a file, packed or not: five times the largest of MNIST's relatives, EMNIST by class
SURPLUS = 2**16  # bytes beyond its header that are looked for
KINDS = {1: "labels", 3: "images"}  # by number of dimensions
REMEDY = "delete it and get it again"


def read(path: Path, ndim: int) -> Tensor:
    """The numbers of an IDX file with `ndim` dimensions as a uint8 tensor.

    Raises ValueError with one line that names the file, what is wrong with it and what to do.

    Format (LeCun, Cortes and Burges): two zero bytes, one for the type of number, one for the number of dimensions,
    each dimension as a big-endian int32, then the numbers in C order.
    """
    raw = _unpacked(path, ndim)
    if not raw:
        raise _fault(path, "is empty")
    if raw.lstrip()[:1] == b"<":
        raise _fault(path, "is a web page, not data")
    wanted = f"an IDX file of {KINDS.get(ndim, f'{ndim} dimensions')}"
    if len(raw) < 4 or raw[:2] != b"\0\0" or raw[2] not in (0x08, 0x09, 0x0B, 0x0C, 0x0D, 0x0E):
        raise _fault(path, f"is not {wanted}: it begins with {raw[:4].hex(' ')}")
    if raw[3] != ndim:
        content = KINDS.get(raw[3], f"numbers in {raw[3]} dimensions")
        remedy = "give the files their right names" if raw[3] in KINDS else REMEDY
        raise _fault(path, f"is not {wanted}: it holds {content}", remedy)
    if raw[2] != UNSIGNED_BYTE:
        raise _fault(path, f"holds numbers of type 0x{raw[2]:02x}, not unsigned bytes (0x08)")
    start = 4 + 4 * ndim
    shape = [int.from_bytes(raw[i : i + 4], "big") for i in range(4, start, 4)]
    if len(raw) < start or len(raw) < start + prod(shape):
        raise _fault(path, f"is cut short: {len(raw)} of {max(start, start + prod(shape))} bytes are there")
    if len(raw) > start + prod(shape):
        raise _fault(path, f"is {len(raw) - start - prod(shape)} bytes longer than its header says")
    if not prod(shape):
        raise _fault(path, f"holds no {KINDS.get(ndim, 'numbers')}")
    return torch.frombuffer(bytearray(raw), dtype=torch.uint8, offset=start).reshape(shape)


def read_pair(images: Path, labels: Path) -> tuple[Tensor, Tensor]:
    """Images [N, height, width] and their labels [N]; ValueError if there are not as many of one as of the other."""
    pixels, classes = read(images, 3), read(labels, 1)
    if len(pixels) != len(classes):
        what = f"holds {len(classes)} labels for the {len(pixels)} images of {images}"
        raise _fault(labels, what, "take both files from the same source")
    return pixels, classes


def _unpacked(path: Path, ndim: int) -> bytes:
    """The content of a file, of a packed one no more than a byte beyond what its header says."""
    try:
        with path.open("rb") as file:
            raw = file.read(BYTES + 1)
    except OSError as error:
        raise _fault(path, f"cannot be read ({error.strerror})", "check its name and permissions") from None
    if len(raw) > BYTES:
        raise _fault(path, f"has more than {BYTES // 2**20} MB", "take the files of MNIST or one of its relatives")
    openers = {b"\x1f\x8b": gzip.open, b"\xfd7": lzma.open}
    opener = openers.get(raw[:2])
    if opener is None:
        return raw
    try:
        with opener(io.BytesIO(raw)) as stream:
            head = stream.read(4 + 4 * ndim)
            sizes = [int.from_bytes(head[i : i + 4], "big") for i in range(4, len(head), 4)]
            size = prod(sizes) if head[3:4] == bytes([ndim]) else 0
            if size > BYTES:
                raise _fault(path, f"says that it holds {size:,} bytes, and at most {BYTES:,} are read")
            return head + stream.read(size + SURPLUS)
    except (EOFError, OSError, zlib.error, lzma.LZMAError):
        raise _fault(path, "is damaged or cut short: it cannot be decompressed") from None


def _fault(path: Path, what: str, remedy: str = REMEDY) -> ValueError:
    return ValueError(f"{path} {what}; {remedy}")
