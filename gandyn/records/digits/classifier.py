"""A small digit classifier that never changes: Frechet distances compare only under the same weights.

LeNet-like: convolution 5x5 to 8 channels, halving by the largest, convolution 5x5 to 16, halving, 128 features, 10
classes; relu after each layer but the last, 105,194 parameters. `scripts/train_classifier.py` made it from the 60,000
training images of MNIST, and from noise, of which it is not sure. The file holds the weights in float16, computed with
in float32, and the accuracy on the 10,000 test images. Its SHA-256 stands here: another classifier is another line.
"""

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor
from torch.nn import functional as F

PATH = Path(__file__).parents[1] / "data" / "digit-classifier.safetensors"
SHA256 = "5ecd7803290171b5ec47cb0ec00fe20d5604c5f970da862e5f3e3e2ebd9c2654"
SHAPES = {
    "conv1.weight": (8, 1, 5, 5),
    "conv1.bias": (8,),
    "conv2.weight": (16, 8, 5, 5),
    "conv2.bias": (16,),
    "features.weight": (128, 16 * 7 * 7),
    "features.bias": (128,),
    "classes.weight": (10, 128),
    "classes.bias": (10,),
}
PIECE = 500  # images at a time: 12.5 MB after the first convolution

Weights = Mapping[str, Tensor]


class Classifier(NamedTuple):
    """A classifier read from a file."""

    weights: Weights  # float32, of SHAPES
    accuracy: float  # share of the 10,000 test images of MNIST that it gets right
    sha256: str  # of the file


def forward(weights: Weights, images: Tensor) -> tuple[Tensor, Tensor]:
    """Features [n, 128], none below 0, and logits [n, 10] of images [n, 1, 28, 28] in [0, 1]."""
    x = F.max_pool2d(F.conv2d(images, weights["conv1.weight"], weights["conv1.bias"], padding=2).relu(), 2)
    x = F.max_pool2d(F.conv2d(x, weights["conv2.weight"], weights["conv2.bias"], padding=2).relu(), 2)
    features = F.linear(x.flatten(1), weights["features.weight"], weights["features.bias"]).relu()
    return features, F.linear(features, weights["classes.weight"], weights["classes.bias"])


def load(path: Path = PATH, sha256: str = SHA256) -> Classifier:
    """The classifier of this file. Raises ValueError with one line if it is not the file with this SHA-256."""
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise ValueError(f"{path} cannot be read ({error.strerror}); install gandyn again") from None
    if digest != sha256:
        raise ValueError(f"{path} is damaged or another classifier: its SHA-256 is not {sha256}; install gandyn again")
    return read(path)


def read(path: Path) -> Classifier:
    """The classifier of a file as it is, whatever its SHA-256."""
    try:
        with safe_open(path, "pt") as file:
            weights = {name: file.get_tensor(name).float() for name in SHAPES}
            accuracy = float(file.metadata()["accuracy"])
    except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path} is no digit classifier ({' '.join(str(error).split())})") from None
    return Classifier(weights, accuracy, hashlib.sha256(path.read_bytes()).hexdigest())


@lru_cache(maxsize=1)
def classifier() -> Classifier:
    """The classifier that comes with gandyn, read once in a process."""
    return load()


@torch.no_grad()
def classify(images: Tensor, weights: Weights | None = None) -> tuple[Tensor, Tensor]:
    """Features [n, 128] and probabilities [n, 10] of images [n, 1, 28, 28] in [0, 1], white on black.

    In float32 on the CPU, with the weights that come with gandyn unless others are given.
    """
    weights = classifier().weights if weights is None else weights
    pieces = [forward(weights, piece) for piece in images.to("cpu", torch.float32).split(PIECE)]
    return torch.cat([features for features, _ in pieces]), torch.cat([logits.softmax(1) for _, logits in pieces])
