"""The same training in plain PyTorch: modules, torch.optim and autograd, as a careful user would write it.

Careful means: nothing is computed twice, gradients go only to the player that moves, real and generated samples pass
the critic together where that is faster, and torch.optim runs in its fastest form on a CPU.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import linear, relu, softplus

from gandyn.core.experiment import Experiment
from gandyn.core.types import Batch, State

Losses = tuple[Tensor, Tensor]  # of the critic and of the generator, before their updates


def optimizer(kind: str, parameters: list[Tensor], lr: float, knobs) -> torch.optim.Optimizer:
    if kind == "adam":
        return torch.optim.Adam(parameters, lr=lr, betas=(knobs.beta1, knobs.beta2), eps=knobs.eps, fused=True)
    if kind == "rmsprop":
        return torch.optim.RMSprop(
            parameters, lr=lr, alpha=knobs.beta2, eps=knobs.eps, momentum=knobs.beta1, foreach=True
        )
    raise ValueError(f"no baseline with {kind!r}")


class Plain:
    """Two modules and two optimisers, from the weights of a gandyn state."""

    def __init__(self, experiment: Experiment, state: State) -> None:
        game, knobs = experiment.game, experiment.knobs
        self.rule, self.knobs = experiment.rule, knobs
        self.g: nn.Module = game.generator.module(state.g)
        self.d: nn.Module = game.critic.module(state.d)
        self.g_parameters, self.d_parameters = list(self.g.parameters()), list(self.d.parameters())
        self.opt_g = optimizer(game.optimizer_g.name, self.g_parameters, knobs.lr_g, knobs)
        self.opt_d = optimizer(game.optimizer_d.name, self.d_parameters, knobs.lr_d, knobs)
        self.latent = game.latent.size
        mixture = experiment.target.mixture()
        self.centres, self.sigma = mixture.centres.to(state.g), mixture.sigma

    def draw(self, mix: bool = False) -> Batch:
        """One batch from torch's default generator."""
        n = self.rule.batch_size
        real = self.centres[torch.randint(len(self.centres), (n,))] + self.sigma * torch.randn(n, 2)
        return Batch(real, torch.randn(n, self.latent), torch.rand(n) if mix else torch.empty(0))

    def critic(self, x: Tensor) -> Tensor:
        return self.d(x).squeeze(-1)

    def draw_batches(self) -> list[Batch]:
        """The batches of one step."""
        raise NotImplementedError

    def step(self, batches: list[Batch]) -> Losses:
        """One step: all updates of both players."""
        raise NotImplementedError

    def parameters(self) -> tuple[list[Tensor], list[Tensor]]:
        """Of the generator and of the critic, as torch.nn lays them out."""
        return self.g_parameters, self.d_parameters


class CrossEntropy(Plain):
    """Minimax and non-saturating, both players at once on one batch: one forward pass serves both."""

    def draw_batches(self) -> list[Batch]:
        return [self.draw()]

    def step(self, batches: list[Batch]) -> Losses:
        (batch,) = batches
        real, fake = self.critic(torch.cat([batch.real, self.g(batch.z)])).chunk(2)
        d_loss = softplus(-real).mean() + softplus(fake).mean()
        g_loss = -d_loss if self.rule.objective == "minimax" else softplus(-fake).mean()
        d_grads = torch.autograd.grad(d_loss, self.d_parameters, retain_graph=True)
        g_grads = torch.autograd.grad(g_loss, self.g_parameters)
        for parameter, grad in zip([*self.d_parameters, *self.g_parameters], [*d_grads, *g_grads], strict=True):
            parameter.grad = grad
        self.opt_d.step()
        self.opt_g.step()
        return d_loss.detach(), g_loss.detach()


class Wasserstein(Plain):
    """WGAN: several critic steps, each with a clip or a gradient penalty, then one of the generator."""

    def draw_batches(self) -> list[Batch]:
        penalised = self.rule.penalty == "gradient-penalty"
        return [*(self.draw(mix=penalised) for _ in range(self.rule.critic_steps)), self.draw()]

    def penalty(self, real: Tensor, fake: Tensor, mix: Tensor) -> Tensor:
        mix = mix.unsqueeze(1)
        x = (mix * real + (1 - mix) * fake).requires_grad_()
        (slope,) = torch.autograd.grad(self.d(x).sum(), x, create_graph=True)
        return self.knobs.penalty_weight * (slope.norm(dim=1) - 1).square().mean()

    def step(self, batches: list[Batch]) -> Losses:
        *for_critic, for_generator = batches
        for batch in for_critic:
            with torch.no_grad():
                fake = self.g(batch.z)
            on_real, on_fake = self.critic(torch.cat([batch.real, fake])).chunk(2)
            d_loss = on_fake.mean() - on_real.mean()
            if self.rule.penalty == "gradient-penalty":
                d_loss = d_loss + self.penalty(batch.real, fake, batch.mix)
            self.opt_d.zero_grad()
            d_loss.backward(inputs=self.d_parameters)
            self.opt_d.step()
            if self.knobs.clip:
                with torch.no_grad():
                    for parameter in self.d_parameters:
                        parameter.clamp_(-self.knobs.clip, self.knobs.clip)
        g_loss = -self.critic(self.g(for_generator.z)).mean()
        self.opt_g.zero_grad()
        g_loss.backward(inputs=self.g_parameters)
        self.opt_g.step()
        return d_loss.detach(), g_loss.detach()


class LookAhead(Plain):
    """Minimax with k exact look-ahead steps through Adam: the critic is a function of a list of tensors.

    Both players move at once on one batch, so the critic's own update is the first of the steps ahead.
    """

    def __init__(self, experiment: Experiment, state: State) -> None:
        super().__init__(experiment, state)
        self.activation = {"relu": relu, "tanh": torch.tanh}[experiment.game.critic.spec["activation"]]
        self.theta = [parameter.detach().clone() for parameter in self.d_parameters]
        self.m = [torch.zeros_like(tensor) for tensor in self.theta]
        self.v = [torch.zeros_like(tensor) for tensor in self.theta]
        self.t = 0

    def draw_batches(self) -> list[Batch]:
        return [self.draw()]

    def f(self, theta: list[Tensor], x: Tensor) -> Tensor:
        """The critic's loss with parameters theta on real samples and as many generated ones below them."""
        layers = list(zip(theta[::2], theta[1::2], strict=True))
        for weight, bias in layers[:-1]:
            x = self.activation(linear(x, weight, bias))
        real, fake = linear(x, *layers[-1]).squeeze(-1).chunk(2)
        return softplus(-real).mean() + softplus(fake).mean()

    def ahead(self, grads, theta, m, v, t):
        """One update by Adam as differentiable functions of everything."""
        knobs = self.knobs
        rate, scale = knobs.lr_d / (1 - knobs.beta1**t), (1 - knobs.beta2**t) ** 0.5
        m = [knobs.beta1 * a + (1 - knobs.beta1) * g for a, g in zip(m, grads, strict=True)]
        v = [knobs.beta2 * a + (1 - knobs.beta2) * g * g for a, g in zip(v, grads, strict=True)]
        # 1e-30 keeps the root's derivative finite where a relu unit is dead and v = 0; it changes nothing else.
        moved = zip(theta, m, v, strict=True)
        return [p - rate * a / ((b + 1e-30).sqrt() / scale + knobs.eps) for p, a, b in moved], m, v

    def step(self, batches: list[Batch]) -> Losses:
        (batch,) = batches
        x = torch.cat([batch.real, self.g(batch.z)])
        theta, m, v, first = [p.requires_grad_() for p in self.theta], self.m, self.v, None
        for k in range(1, self.rule.unroll + 1):
            loss = self.f(theta, x)
            grads = torch.autograd.grad(loss, theta, create_graph=True)
            theta, m, v = self.ahead(grads, theta, m, v, self.t + k)
            first = first or (loss.detach(), *([p.detach() for p in part] for part in (theta, m, v)))
        g_loss = -self.f(theta, x)
        grads = torch.autograd.grad(g_loss, self.g_parameters)
        for parameter, grad in zip(self.g_parameters, grads, strict=True):
            parameter.grad = grad
        self.opt_g.step()
        d_loss, self.theta, self.m, self.v = first
        self.t += 1
        return d_loss, g_loss.detach()

    def parameters(self) -> tuple[list[Tensor], list[Tensor]]:
        return self.g_parameters, self.theta


def baseline(experiment: Experiment, state: State) -> Plain:
    """The loop that fits the experiment's rule."""
    if experiment.rule.unroll:
        return LookAhead(experiment, state)
    return (Wasserstein if experiment.rule.objective == "wasserstein" else CrossEntropy)(experiment, state)
