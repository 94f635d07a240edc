"""Runs of digits that are not the MNIST of the classifier."""

import json
import struct
from pathlib import Path

import numpy as np
import pytest

from gandyn.cli import main

pytestmark = pytest.mark.usefixtures("digits_as_if_new")
MLP = ["train", "mnist-mlp", "--steps", "1", "--threads", "1", "--quiet", "--set", "batch_size=2", "target.first=0"]


@pytest.mark.usefixtures("no_pictures")
def test_an_evaluation_says_when_its_data_are_not_the_mnist_of_the_classifier(capsys):
    raw = Path("data/FashionMNIST/raw")
    raw.mkdir(parents=True)
    pixels = np.random.default_rng(0).integers(0, 256, (40, 28, 28), dtype=np.uint8)
    (raw / "train-images.idx3-ubyte").write_bytes(struct.pack(">iiii", 0x803, 40, 28, 28) + pixels.tobytes())
    (raw / "train-labels.idx1-ubyte").write_bytes(struct.pack(">ii", 0x801, 40) + bytes(i % 10 for i in range(40)))
    assert main([*MLP, "--data-dir", "data", "--out", "clothes"]) == 0
    assert main([*MLP, "--data-dir", "embedded", "--out", "digits"]) == 0
    capsys.readouterr()
    assert main(["evaluate", "clothes", "--data-dir", "data", "--json"]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)["frechet"] > 0
    (line,) = [line for line in printed.err.splitlines() if "classifier" in line]
    assert line == (
        "gandyn: the classifier knows another MNIST than 40 digits (train): Fashion-MNIST, the files in "
        f"{raw}: compare scores of these data alone"
    )
    assert main(["evaluate", "digits", "--data-dir", "embedded"]) == 0
    assert "another MNIST" not in capsys.readouterr().err
