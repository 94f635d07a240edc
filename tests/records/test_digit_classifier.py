"""The classifier that comes with gandyn: whole, as good as it says, and refused when it is another."""

import hashlib

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from gandyn.records.digits import classifier
from gandyn.records.digits.classifier import PATH, PIECE, SHA256, SHAPES, classify, load, read
from gandyn.targets import mnist_files


def test_the_file_is_the_one_whose_hash_stands_in_the_code():
    assert hashlib.sha256(PATH.read_bytes()).hexdigest() == SHA256
    assert load().sha256 == SHA256
    assert PATH.stat().st_size < 215_000


def test_shapes():
    digits = load().weights
    assert {name: tuple(weight.shape) for name, weight in digits.items()} == SHAPES
    assert sum(weight.numel() for weight in digits.values()) == 105_194
    assert all(torch.equal(weight, weight.half().float()) for weight in digits.values())


def test_it_says_what_a_torch_module_with_these_weights_says():
    weights = load().weights
    module = nn.Sequential(
        *(nn.Conv2d(1, 8, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(8, 16, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10)),
    )
    module.load_state_dict(dict(zip(module.state_dict(), (weights[name] for name in SHAPES), strict=True)))
    images = mnist_files.digits().images[: PIECE + 7, None] / 255  # more than a piece
    features, probabilities = classify(images)
    torch.testing.assert_close(features, module[:-1](images).detach(), atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(probabilities, module(images).softmax(1).detach(), atol=1e-5, rtol=1e-5)
    assert not features.requires_grad


def test_embedded_digits_are_known_and_noise_is_not():
    digits = mnist_files.digits()
    probabilities = classify(digits.images[:2000, None] / 255)[1]
    assert (probabilities.argmax(1) == digits.labels[:2000]).double().mean() > 0.985
    noise = torch.rand(500, 1, 28, 28, generator=torch.Generator().manual_seed(3))
    assert classify(noise)[1].max() < 0.5


@pytest.mark.mnist_full
def test_its_accuracy_on_the_test_images_is_the_one_it_states():
    digits = mnist_files.digits("test")
    right = classify(digits.images[:, None] / 255)[1].argmax(1) == digits.labels
    assert len(right) == 10_000
    assert float(right.double().mean()) == pytest.approx(load().accuracy, abs=2e-4)  # 2 images, for other processors
    assert load().accuracy >= 0.985


def test_other_files_are_refused_in_one_line(tmp_path):
    def refused(path, said):
        with pytest.raises(ValueError, match=said) as error:
            load(path)
        assert str(path) in str(error.value)
        assert "\n" not in str(error.value)

    path = tmp_path / "own.safetensors"
    refused(path, "cannot be read")
    raw = bytearray(PATH.read_bytes())
    raw[-1000] ^= 1  # one bit of one weight
    path.write_bytes(raw)
    refused(path, f"is damaged or another classifier: its SHA-256 is not {SHA256}; install gandyn again")
    path.write_bytes(raw[:-5])
    refused(path, "is damaged")


def test_a_file_with_the_right_hash_but_other_content_is_none(tmp_path):
    path = tmp_path / "own.safetensors"
    for content in (b"", b"<html>", PATH.read_bytes()[:5000]):
        path.write_bytes(content)
        with pytest.raises(ValueError, match="is no digit classifier") as error:
            load(path, hashlib.sha256(content).hexdigest())
        assert "\n" not in str(error.value)
    weights = {name: weight.half() for name, weight in load().weights.items()}
    save_file(weights, path)  # no accuracy
    with pytest.raises(ValueError, match="is no digit classifier"):
        read(path)
    save_file(weights, path, metadata={"accuracy": "0.5"})
    assert read(path).accuracy == 0.5
    del weights["conv1.bias"]
    save_file(weights, path, metadata={"accuracy": "0.5"})
    with pytest.raises(ValueError, match=r"is no digit classifier .*conv1\.bias"):
        read(path)


def test_it_is_read_once():
    classifier.classifier.cache_clear()
    assert classifier.classifier() is classifier.classifier()
