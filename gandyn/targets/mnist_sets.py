"""The sets of digits whose files a folder may hold, and under which names: MNIST, and its relatives in MNIST's form.

Where several lie in one folder, the first of SETS is taken, in the first of its places that holds both files. A file is
plain or .gz, and its name may have a point where LeCun's has a hyphen: train-images-idx3-ubyte(.gz), then
train-images.idx3-ubyte(.gz).
"""

from pathlib import Path
from typing import NamedTuple

KINDS = ("images-idx3-ubyte", "labels-idx1-ubyte")


class Set(NamedTuple):
    """One of them."""

    name: str
    places: tuple[str, ...]  # where its files lie in a folder: themselves, or as torchvision leaves them
    prefix: str = ""
    test: str = "t10k"  # what the files of the split `test` are called
    transposed: bool = False  # columns come before rows: they are put upright

    def files(self, split: str) -> list[str]:
        """The names of images and labels, as its makers spell them."""
        return [f"{self.prefix}{self.test if split == 'test' else split}-{kind}" for kind in KINDS]


# Cohen et al. 2017 (1702.05373): EMNIST's digits, and its own making of MNIST; transposed, as its Readme says.
_EMNIST = (".", "EMNIST/raw", "raw", "gzip")
SETS = (
    Set("MNIST", (".", "MNIST/raw", "raw")),
    Set("EMNIST's digits", _EMNIST, "emnist-digits-", test="test", transposed=True),
    Set("EMNIST's MNIST", _EMNIST, "emnist-mnist-", test="test", transposed=True),
    Set("Fashion-MNIST", ("FashionMNIST/raw",)),
)


class SetFiles(NamedTuple):
    """A set in a folder."""

    set: Set
    paths: tuple[Path, Path]  # of images and labels


def search(folder: Path, split: str) -> list[SetFiles]:
    """All sets that the folder holds, in the order of SETS: the first one is taken."""
    return [SetFiles(one, paths) for one in SETS if (paths := _paths(folder, one, split)) is not None]


def _paths(folder: Path, one: Set, split: str) -> tuple[Path, Path] | None:
    for place in one.places:
        images, labels = (_file(folder / place, name) for name in one.files(split))
        if images is not None and labels is not None:
            return images, labels
    return None


def _file(folder: Path, name: str) -> Path | None:
    names = (name, name.replace("-idx", ".idx"))
    paths = (folder / f"{spelt}{packed}" for spelt in names for packed in ("", ".gz"))
    return next((path for path in paths if path.is_file()), None)
