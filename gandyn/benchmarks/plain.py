"""What a plain training loop needs beside its networks: losses, optimisers and data, as a careful user writes them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import pad, relu, softplus

from gandyn.core.experiment import Experiment
from gandyn.core.types import Knobs, Latent
from gandyn.targets.dirac import Dirac
from gandyn.targets.mnist import Mnist
from gandyn.targets.mnist_files import digits
from gandyn.targets.swiss_roll import SwissRoll

LISTS: Any = torch  # whose functions of lists of tensors, which torch.optim uses, are missing in its types
Loss = Callable[[Tensor, Tensor], Tensor]  # of the critic's values on real and on generated samples


def cross_entropy(real: Tensor, fake: Tensor) -> Tensor:
    """E softplus(-d_r) + E softplus(d_f): the cross entropy of logits [B]."""
    return softplus(-real).mean() + softplus(fake).mean()


def log_sigmoids(real: Tensor, fake: Tensor) -> Tensor:
    """-E log sigma(d_r) - E log(1 - sigma(d_f)), written out as in the first notebooks."""
    return -(torch.sigmoid(real).log() + (1 - torch.sigmoid(fake)).log()).mean()


LOSSES: dict[str, tuple[Loss, Loss]] = {  # the critic's and the generator's
    "minimax": (cross_entropy, lambda real, fake: -cross_entropy(real, fake)),
    "non-saturating": (cross_entropy, lambda real, fake: softplus(-fake).mean()),
    "log-sigmoid": (log_sigmoids, lambda real, fake: -torch.sigmoid(fake).log().mean()),
    "wasserstein": (lambda real, fake: fake.mean() - real.mean(), lambda real, fake: -fake.mean()),
    "hinge": (lambda real, fake: relu(1 - real).mean() + relu(1 + fake).mean(), lambda real, fake: -fake.mean()),
    "least-squares": (
        lambda real, fake: 0.5 * ((real - 1).square().mean() + fake.square().mean()),
        lambda real, fake: 0.5 * (fake - 1).square().mean(),
    ),
}
NEED_REAL = {"minimax"}  # whose generator's loss has the real samples in it


class AdamTF(torch.optim.Adam):
    """Adam in TensorFlow 1's form, by torch's fused kernel.

    There eps stands beside sqrt(v), in torch's form beside sqrt(v / (1 - beta2^t)): torch's with eps over
    sqrt(1 - beta2^t) is the same.
    """

    def __init__(self, parameters: Iterable[Tensor], lr: float, betas: tuple[float, float], eps: float) -> None:
        super().__init__(parameters, lr=lr, betas=betas, eps=eps, fused=True)
        self.eps, self.t = eps, 0

    def step(self, closure: Any = None) -> Any:
        """One update, with the eps that this step's bias correction asks for."""
        self.t += 1
        for group in self.param_groups:
            group["eps"] = self.eps / math.sqrt(1 - group["betas"][1] ** self.t)
        return super().step(closure)


class RMSPropTF(torch.optim.Optimizer):
    """RMSProp in TensorFlow 1's form: v from one, eps under the root, the rate inside the momentum."""

    def __init__(self, parameters: Iterable[Tensor], lr: float, decay: float, eps: float, momentum: float) -> None:
        super().__init__(parameters, {"lr": lr})
        self.decay, self.eps, self.momentum = decay, eps, momentum
        for group in self.param_groups:
            group["v"] = [torch.ones_like(p) for p in group["params"]]
            group["m"] = [torch.zeros_like(p) for p in group["params"]] if momentum else []

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:
        """v <- decay v + (1 - decay) g^2, m <- momentum m + lr g / sqrt(v + eps), theta <- theta - m."""
        for group in self.param_groups:
            parameters, v, m, lr = group["params"], group["v"], group["m"], group["lr"]
            grads = [p.grad for p in parameters]
            LISTS._foreach_mul_(v, self.decay)
            LISTS._foreach_addcmul_(v, grads, grads, 1 - self.decay)
            roots = LISTS._foreach_add(v, self.eps)
            LISTS._foreach_sqrt_(roots)
            if m:
                LISTS._foreach_mul_(m, self.momentum)
                LISTS._foreach_addcdiv_(m, grads, roots, lr)
                LISTS._foreach_sub_(parameters, m)
            else:
                LISTS._foreach_addcdiv_(parameters, grads, roots, -lr)


def optimizer(kind: str, parameters: Sequence[Tensor], lr: float | Tensor, knobs: Knobs) -> torch.optim.Optimizer:
    """In torch.optim's fastest form on a CPU. The knobs are those of a single run: one number each."""
    lr, beta1, beta2, eps = float(lr), float(knobs.beta1), float(knobs.beta2), float(knobs.eps)
    if kind == "sgd":
        return torch.optim.SGD(parameters, lr=lr, momentum=beta1, fused=True)
    if kind == "adam":
        return torch.optim.Adam(parameters, lr=lr, betas=(beta1, beta2), eps=eps, fused=True)
    if kind == "adam-tf":
        return AdamTF(parameters, lr, (beta1, beta2), eps)
    if kind == "rmsprop":
        return torch.optim.RMSprop(parameters, lr=lr, alpha=beta2, eps=eps, momentum=beta1, foreach=True)
    if kind == "rmsprop-tf":
        return RMSPropTF(parameters, lr, beta2, eps, beta1)
    raise ValueError(f"no baseline with {kind!r}")


def latents(latent: Latent, n: int) -> Tensor:
    """n latents [n, size] of the game's law, by torch's default generator."""
    if latent.law == "normal":
        return torch.randn(n, latent.size)
    return torch.empty(n, latent.size).uniform_(-1, 1)


def data(experiment: Experiment) -> Callable[[], Tensor]:
    """What draws a batch of real samples, by torch's default generator."""
    target, n = experiment.target, experiment.rule.batch_size
    mixture = target.mixture()
    if mixture is not None:
        centres, weights, sigma = mixture.centres.float(), mixture.weights, mixture.sigma
        even = bool(weights.allclose(weights[0]))

        def draw() -> Tensor:
            at = torch.randint(len(centres), (n,)) if even else torch.multinomial(weights, n, replacement=True)
            spread = sigma[at, None].float() if isinstance(sigma, Tensor) else sigma
            return centres[at] + spread * torch.randn(n, 2)

        return draw
    if isinstance(target, Dirac):
        constant = torch.full((n, 1), target.at)
        return lambda: constant
    if isinstance(target, SwissRoll):
        first, width = 1.5 * math.pi, 2 * math.pi * target.turns

        def draw_roll() -> Tensor:
            t = first + width * torch.rand(n, 1)
            curve = t * torch.cat([t.cos(), t.sin()], 1)
            return (curve + target.noise * torch.randn(n, 2)) / target.divisor

        return draw_roll
    if isinstance(target, Mnist):
        return Images(target, n)
    raise ValueError(f"no baseline with {target.name!r}")


class Images:
    """Batches of MNIST, from all of its images in memory as bytes, with their border."""

    def __init__(self, target: Mnist, n: int) -> None:
        images = digits().images[target.first : target.last + 1]
        self.images = pad(images, (target.pad,) * 4).reshape(len(images), *target.shape)
        self.target, self.n, self.at = target, n, 0
        self.order = torch.randperm(len(images))

    def __call__(self) -> Tensor:
        x = self.images[self.places()].float()
        if self.target.pixels == "binary":
            x = torch.rand_like(x).mul_(255).lt(x).float()
            return x.mul_(2).sub_(1) if self.target.scale == "signed" else x
        return x.mul_(2 / 255).sub_(1) if self.target.scale == "signed" else x.mul_(1 / 255)

    def places(self) -> Tensor:
        """Which images [n] the next batch has, by the target's way of sampling."""
        if self.target.sampling == "random":
            return torch.randint(len(self.images), (self.n,))
        places = torch.arange(self.at, self.at + self.n) % len(self.images)
        self.at += self.n
        if self.target.sampling == "ordered":
            return places
        if self.at >= len(self.images):  # a new epoch
            rest = self.order[places[places >= self.n]]
            self.order = torch.randperm(len(self.images))
            self.at = self.n - len(rest)
            return torch.cat([rest, self.order[: self.at]])
        return self.order[places]
