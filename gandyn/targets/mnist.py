"""Handwritten digits: the images of MNIST, or the 10,000 of them that come with gandyn."""

import hashlib
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Generator, Tensor
from torch.nn import functional

from gandyn.core.rng import Places, Rng, as_rng, permutation
from gandyn.targets import TARGETS, Target, mnist_files, parameter

SIDE = 28
LAST = 59_999


@dataclass(frozen=True)
class Mnist(Target):
    """Images of handwritten digits, white on black: [1, s, s] with s = 28 + 2 pad, or vectors of s^2 numbers.

    Which files are used, and where they are looked for: `gandyn.targets.mnist_files`. They are read at the first draw.

    pixels: grey, k / 255 for k = 0..255; binary, 1 with probability k / 255, drawn anew each time.
    sampling: random, independently with replacement; ordered, one after another and from the start again; shuffled,
      every image once an epoch, each epoch in an order of its own, a function of (seed, epoch). The last two are walks:
      they begin at (samples taken before this update, at the present rule) mod their number, so they go on where a run
      resumes. A torch.Generator knows no step, so it always draws at random.
    walk: critic, its updates alone take a batch of a walk, and what the generator's see of the data comes next; all,
      the generator's updates take one, too.
    first, last: only the images with these numbers and those between, counted from 0. Numbers beyond the last image
      that is there are none, so a smaller set serves too.

    Ref: LeCun, Bottou, Bengio and Haffner 1998, Proceedings of the IEEE 86(11), section III.A.
    """

    name = "mnist"
    summary = "handwritten digits"

    layout: str = parameter(
        "image", choices=("image", "vector"), meaning="the shape of a sample; another needs other networks"
    )
    pixels: str = parameter(
        "grey",
        choices=("grey", "binary"),
        meaning="binary: black or white at random, white as likely as grey is bright",
    )
    scale: str = parameter("unit", choices=("unit", "signed"), meaning="unit: black is 0, white 1; signed: -1 and 1")
    pad: int = parameter(0, 0, 18, meaning="width of a black border; another needs other networks", unit="pixels")
    sampling: str = parameter(
        "random",
        choices=("random", "ordered", "shuffled"),
        meaning="random: with replacement; ordered: round and round; shuffled: each once an epoch, in a new order",
    )
    walk: str = parameter(
        "critic", choices=("critic", "all"), meaning="whose updates take a batch of data that are not drawn at random"
    )
    first: int = parameter(0, 0, LAST, meaning="number of the first image, counted from 0")
    last: int = parameter(LAST, 0, LAST, meaning="number of the last image")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.first > self.last:
            raise ValueError(f"target.first must be at most {self.last} (target.last), not {self.first}")

    @property
    def shape(self) -> tuple[int, ...]:
        side = SIDE + 2 * self.pad
        return (1, side, side) if self.layout == "image" else (side * side,)

    def batches_walked(self, of_critic: int, of_step: int) -> int:
        return of_step if self.walk == "all" else of_critic

    def draw_at(self, n: int, places: Places, device: torch.device | str = "cpu") -> Tensor:
        images = _on(mnist_files.digits().images, torch.device(device))
        x = images[self._numbers(n, places, len(images), device)].to(torch.float32).div_(255)
        if self.pixels == "binary":
            x = (places.uniform("pixels", (n, SIDE, SIDE), device) < x).float()
        x = functional.pad(x, (self.pad,) * 4) if self.pad else x
        return (x.mul_(2).sub_(1) if self.scale == "signed" else x).reshape(*places.shape, n, *self.shape)

    def provenance(self) -> dict[str, str]:
        digits = mnist_files.digits()
        return {"digits": digits.source, "sha256": hashlib.sha256(digits.images.numpy().tobytes()).hexdigest()}

    def as_images(self, x: Tensor) -> Tensor:
        """Samples x [n, *shape] as images [n, 1, 28, 28] in [0, 1], white on black; others are cut off."""
        side = SIDE + 2 * self.pad
        x = x.reshape(-1, 1, side, side)[:, :, self.pad : side - self.pad, self.pad : side - self.pad]
        return ((x + 1) / 2 if self.scale == "signed" else x).clamp(0, 1)

    def labels(self, n: int, rng: Rng | Generator) -> Tensor:
        """The classes 0 to 9, uint8 [n], of the n images that `draw` returns for the same Rng."""
        labels = mnist_files.digits().labels
        return labels[self._numbers(n, as_rng(rng).places, len(labels))]

    def _numbers(self, n: int, places: Places, there: int, device: torch.device | str = "cpu") -> Tensor:
        """The numbers [*places, n] of the images of the batches, of `there` that are there."""
        if self.first >= there:
            raise ValueError(f"target.first must be below {there}, the number of images, not {self.first}")
        size = min(self.last + 1, there) - self.first
        if self.sampling == "random" or not places.stride:
            return self.first + places.integers("real-index", (n,), size, device)
        starts = n * places.batches_before
        if self.sampling == "ordered":
            walked = (torch.as_tensor(starts)[..., None] % size + torch.arange(n)) % size
        else:
            each = [_walked(*at, n, size) for at in zip(places.host()[0].flat, starts.flat, strict=True)]
            walked = torch.stack(each).reshape(*places.shape, n)
        return self.first + walked.to(device)


@lru_cache(maxsize=2)
def _on(images: Tensor, device: torch.device) -> Tensor:
    """All images that are there, on the device."""
    return images.to(device)


def _walked(seed: int, start: int, n: int, size: int) -> Tensor:
    """The n places after the first `start` of a walk through epochs of `size` places, each in an order of its own."""
    epoch, at = divmod(int(start), size)
    orders = [_order(int(seed), epoch + i, size) for i in range((at + n - 1) // size + 1)]
    return torch.cat(orders)[at : at + n]


@lru_cache(maxsize=8)
def _order(seed: int, epoch: int, size: int) -> Tensor:
    """A permutation of `size` places, a function of (seed, epoch)."""
    return permutation(seed, "epoch", epoch, size)


TARGETS.add(Mnist, rank=8)
