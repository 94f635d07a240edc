"""All that is said of generated digits: their scores beside those of real ones, and their nearest training digits."""

from functools import lru_cache
from typing import Any, NamedTuple

import torch
from PIL import Image
from torch import Tensor

from gandyn.core.experiment import Experiment
from gandyn.core.rng import Rng, permutation
from gandyn.core.types import State
from gandyn.probes.inputs import generate
from gandyn.probes.manifold import manifold
from gandyn.records.digits.classes import classes, confident, histogram, kl_to_uniform
from gandyn.records.digits.classifier import classifier, classify
from gandyn.records.digits.frechet import Moments, frechet, moments
from gandyn.records.digits.kid import kernel_distance
from gandyn.records.digits.neighbours import NEAREST, nearest, picture
from gandyn.targets import mnist_files
from gandyn.targets.mnist import Mnist

REFERENCE = 10_000  # real images that the generated ones are compared with
MANIFOLD = 5_000  # of either kind for precision, recall, density and coverage, whose cost is quadratic


class Reference(NamedTuple):
    """What generated digits are compared with: real ones, and what other real ones reach against them."""

    features: Tensor  # [m, 128]
    moments: Moments
    real: dict[str, Any]  # the scores of n others


def evaluate_digits(target: Mnist, experiment: Experiment, state: State, n: int, seed: int) -> dict[str, Any]:
    """The scores of n generated digits, see `gandyn.records.evaluate.evaluate`."""
    digits = mnist_files.digits()
    size = min(REFERENCE, len(digits.images) // 2)
    count = min(n, len(digits.images) - size)
    against = reference(digits.images, size, count)
    scored = scores(generated(target, experiment, state, count, seed), against.features, against.moments)
    fewer = f"; n is {count:,} instead of {n:,}, as many as are left for the floor" if count < n else ""
    return {
        "n": count,
        **scored,
        "frechet_floor": against.real["frechet"],
        "real": against.real,
        "reference": f"{size:,} images, drawn once and for all from {digits.source}{fewer}",
        "classifier": {"sha256": classifier().sha256, "accuracy": classifier().accuracy},
    }


def generated(target: Mnist, experiment: Experiment, state: State, n: int, seed: int) -> Tensor:
    """n generated digits [n, 1, 28, 28] in [0, 1], float32 on the CPU. ValueError if any is not finite."""
    x = generate(experiment, state, n, Rng(seed)).to("cpu", torch.float32)
    bad = int((~x.flatten(1).isfinite()).any(1).sum())
    if bad:
        raise ValueError(f"samples must be finite, but {bad} of {n} are not")
    return target.as_images(x)


def watch(target: Mnist, experiment: Experiment, state: State) -> dict[str, Any]:
    """What a run's curves show: `frechet`, `kl`, `classes`, `confident`, of as many samples as in an evaluation."""
    images = mnist_files.digits().images
    size = min(REFERENCE, len(images) // 2)
    _, gaussian = _against(images, size)
    features, probabilities = classify(generated(target, experiment, state, size, experiment.seed))
    scored = _by_class(features, probabilities, gaussian)
    return {name: scored[name] for name in ("frechet", "kl", "classes", "confident")}


@lru_cache(maxsize=2)
def reference(images: Tensor, size: int, n: int) -> Reference:
    """Of uint8 images [N, 28, 28]: `size` at random, always the same, and the scores of n others against them."""
    features, gaussian = _against(images, size)
    others = images[_order(len(images))[size : size + n]]
    return Reference(features, gaussian, scores(as_floats(others), features, gaussian))


def _order(n: int) -> Tensor:
    return permutation(0, "evaluation", 0, n)


@lru_cache(maxsize=2)
def _against(images: Tensor, size: int) -> tuple[Tensor, Moments]:
    """The features of the `size` images that samples are compared with, and their moments."""
    features = features_of(images[_order(len(images))[:size]])
    return features, moments(features)


def scores(images: Tensor, features: Tensor, gaussian: Moments) -> dict[str, Any]:
    """The scores of images [n, 1, 28, 28] in [0, 1] against real features [m, 128], whose moments are given."""
    of_images, probabilities = classify(images)
    return {
        **_by_class(of_images, probabilities, gaussian),
        "kid": kernel_distance(of_images, features),
        **manifold(features[:MANIFOLD], of_images[:MANIFOLD]),
    }


def _by_class(features: Tensor, probabilities: Tensor, gaussian: Moments) -> dict[str, Any]:
    counts = histogram(probabilities)
    return {
        "frechet": frechet(gaussian, moments(features)),
        "histogram": counts.tolist(),
        "kl": kl_to_uniform(counts),
        "classes": classes(counts),
        "confident": confident(probabilities),
    }


def as_floats(images: Tensor) -> Tensor:
    """uint8 images [n, 28, 28] as the classifier takes them: [n, 1, 28, 28] in [0, 1]."""
    return images[:, None] / 255


def features_of(images: Tensor) -> Tensor:
    """Features [n, 128] of uint8 images [n, 28, 28], without all of them as floats at a time."""
    return torch.cat([classify(as_floats(piece))[0] for piece in images.split(2_000)])


def neighbours_of_digits(target: Mnist, experiment: Experiment, state: State, rows: int, seed: int) -> Image.Image:
    """The picture of `gandyn.records.evaluate.neighbours`."""
    pool = mnist_files.digits().images[target.first : target.last + 1]
    samples = generated(target, experiment, state, rows, seed)
    k = min(NEAREST, len(pool))
    by_features = nearest(classify(samples)[0], features_of(pool), k)
    by_pixels = nearest(samples.flatten(1) * 255, pool.flatten(1), k)
    return picture(samples[:, 0], pool[by_features] / 255, pool[by_pixels] / 255)
