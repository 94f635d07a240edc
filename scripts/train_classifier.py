"""Make the digit classifier that comes with gandyn: `python scripts/train_classifier.py [DIR]`, minutes on one core.

DIR (or GANDYN_DATA) holds the four files of MNIST. Its 60,000 training images, each shifted by up to 2 pixels, anew in
every epoch, are what it learns from, under AdamW (Loshchilov and Hutter 2017, 1711.05101) and one cycle of the learning
rate (Smith and Topin 2017, 1708.07120). Noise comes along, which it is to call any digit with the same probability, so
that it is not sure of what is no digit (outlier exposure: Hendrycks et al. 2018, 1812.04606; weight 0.5 as there).

Settings were not tuned on the test images. The accuracy printed, and written into the file, is that of the rounded
weights on the 10,000 test images. A new file counts once its SHA-256 stands in gandyn/records/digits/classifier.py; no
distance compares with one from before.
"""

import hashlib
import sys
import time

import torch
from safetensors.torch import save_file
from torch import Generator, Tensor
from torch.nn import functional as F

from gandyn.records.digits.classifier import PATH, SHA256, SHAPES, classify, forward, read
from gandyn.targets import mnist_files

SEED = 0
EPOCHS = 12
BATCH = 128
RATE = 4e-3  # at the top of the cycle
DECAY = 0.01
SHIFT = 2  # pixels
NOISE, NOISE_WEIGHT = 16, 0.5  # images of noise in a batch, and what their loss weighs
RAMP = torch.arange(28)


def initial(generator: Generator) -> dict[str, Tensor]:
    """He et al. 2015 (1502.01852): weights N(0, 2 / inputs), biases 0."""
    weights = {}
    for name, shape in SHAPES.items():
        inputs = torch.Size(shape[1:]).numel()
        scale = (2 / inputs) ** 0.5 if name.endswith("weight") else 0.0
        weights[name] = (scale * torch.randn(shape, generator=generator)).requires_grad_()
    return weights


def shifted(images: Tensor, generator: Generator) -> Tensor:
    """Images [n, 28, 28], each moved by -2 to 2 pixels on either axis, black where nothing was."""
    n = len(images)
    down, right = torch.randint(2 * SHIFT + 1, (2, n, 1), generator=generator)
    rows, columns = (down + RAMP)[:, :, None], (right + RAMP)[:, None, :]
    return F.pad(images, (SHIFT,) * 4)[torch.arange(n)[:, None, None], rows, columns]


def noise(generator: Generator) -> Tensor:
    """Images [NOISE, 1, 28, 28] of independent uniform pixels, each image between a darkest and a brightest grey."""
    low, high = torch.rand(2, NOISE, 1, 1, 1, generator=generator)
    return low + (high - low) * torch.rand(NOISE, 1, 28, 28, generator=generator)


def train(images: Tensor, labels: Tensor) -> dict[str, Tensor]:
    """Weights by name in float32, learned from uint8 images [n, 28, 28] and labels [n]."""
    generator = Generator().manual_seed(SEED)
    weights = initial(generator)
    optimizer = torch.optim.AdamW(weights.values(), lr=RATE, weight_decay=DECAY)
    steps = len(images) // BATCH
    cycle = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=EPOCHS * steps)
    start = time.monotonic()
    for epoch in range(EPOCHS):
        total = 0.0
        for at in torch.randperm(len(images), generator=generator)[: steps * BATCH].split(BATCH):
            x = shifted(images[at], generator)[:, None] / 255
            logits = forward(weights, torch.cat([x, noise(generator)]))[1]
            unsure = -logits[len(x) :].log_softmax(1).mean()  # cross-entropy with the uniform law
            loss = F.cross_entropy(logits[: len(x)], labels[at].long()) + NOISE_WEIGHT * unsure
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            cycle.step()
            total += float(loss.detach())
        print(f"epoch {epoch + 1} of {EPOCHS}: loss {total / steps:.4f}, {time.monotonic() - start:.0f} s", flush=True)
    return {name: weight.detach() for name, weight in weights.items()}


def accuracy(weights: dict[str, Tensor], images: Tensor, labels: Tensor) -> float:
    """The share of images that get their label."""
    return float((classify(images[:, None] / 255, weights)[1].argmax(1) == labels).double().mean())


if __name__ == "__main__":
    torch.set_num_threads(1)
    mnist_files.use(*sys.argv[1:2], offline=True)
    learned, unseen = mnist_files.digits(), mnist_files.digits("test")
    rounded = {name: weight.half() for name, weight in train(learned.images, learned.labels).items()}
    share = accuracy({name: weight.float() for name, weight in rounded.items()}, unseen.images, unseen.labels)
    PATH.parent.mkdir(exist_ok=True)
    save_file(rounded, PATH, metadata={"accuracy": f"{share:.4f}"})
    sha256 = hashlib.sha256(PATH.read_bytes()).hexdigest()
    again = accuracy(dict(read(PATH).weights), unseen.images, unseen.labels)
    print(f"{PATH}: {PATH.stat().st_size:,} bytes, {again:.2%} of {unseen.source}")
    print("it is the one in use" if sha256 == SHA256 else f'now set SHA256 = "{sha256}" in classifier.py')
