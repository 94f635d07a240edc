"""The same training in plain PyTorch: modules, torch.optim and autograd, as a careful user would write it.

Careful means: nothing is computed twice, gradients go only to the player that moves, real and generated samples pass
the critic together where that is faster, and torch.optim runs in its fastest form on a CPU. `baseline` covers every
preset of gandyn.
"""

from __future__ import annotations

import warnings

import torch
from torch import Tensor, nn
from torch.nn.functional import elu, leaky_relu, linear, relu, softplus

from benchmarks.plain import LOSSES, NEED_REAL, data, latents, optimizer
from gandyn.core.experiment import Experiment
from gandyn.core.types import Batch, State

Losses = tuple[Tensor, Tensor]  # of the critic and of the generator, before their updates
NOTHING = torch.empty(0)
ACTIVATIONS = {
    "relu": relu,
    "tanh": torch.tanh,
    "leaky-relu": lambda x: leaky_relu(x, 0.2),
    "elu": elu,
    "softplus": softplus,
}


class Plain:
    """Two modules and two optimisers, from the weights of a gandyn state."""

    def __init__(self, experiment: Experiment, state: State) -> None:
        game, rule, knobs = experiment.game, experiment.rule, experiment.knobs
        if rule.penalty not in ("none", "gradient-penalty") or rule.freeze != "none" or knobs.ema:
            raise ValueError("no baseline with another penalty, a frozen player or an average")
        self.rule, self.knobs = rule, knobs
        self.d_loss, self.g_loss = LOSSES[rule.objective]
        with warnings.catch_warnings():  # torch warns of a generator without latents, that of dirac
            warnings.filterwarnings("ignore", "Initializing zero-element tensors")
            self.g: nn.Module = game.generator.module(state.g)
            self.d: nn.Module = game.critic.module(state.d)
        self.g_parameters, self.d_parameters = list(self.g.parameters()), list(self.d.parameters())
        self.opt_g = optimizer(game.optimizer_g.name, self.g_parameters, knobs.lr_g, knobs)
        self.opt_d = optimizer(game.optimizer_d.name, self.d_parameters, knobs.lr_d, knobs)
        self.latent, self.data = game.latent, data(experiment)
        self.penalised = rule.penalty == "gradient-penalty"

    def draw(self, real: bool = True) -> Batch:
        """One batch from torch's default generator; what no update of this rule reads is empty."""
        n = self.rule.batch_size
        mix = torch.rand(n) if self.penalised and real else NOTHING
        return Batch(self.data() if real else NOTHING, latents(self.latent, n), mix)

    def draw_batches(self) -> list[Batch]:
        """The batches of one step."""
        return [self.draw()]

    def critic(self, x: Tensor) -> Tensor:
        return self.d(x).squeeze(-1)

    def penalty(self, real: Tensor, fake: Tensor, mix: Tensor) -> Tensor:
        mix = mix.view(-1, *[1] * (real.dim() - 1))
        x = (mix * real + (1 - mix) * fake).requires_grad_()
        (slope,) = torch.autograd.grad(self.d(x).sum(), x, create_graph=True)
        return self.knobs.penalty_weight * (slope.flatten(1).norm(dim=1) - 1).square().mean()

    def move_critic(self) -> None:
        """By the gradients that its parameters hold."""
        self.opt_d.step()
        if self.knobs.clip:
            with torch.no_grad():
                for parameter in self.d_parameters:
                    parameter.clamp_(-self.knobs.clip, self.knobs.clip)

    def step(self, batches: list[Batch]) -> Losses:
        """One step: all updates of both players."""
        raise NotImplementedError

    def parameters(self) -> tuple[list[Tensor], list[Tensor]]:
        """Of the generator and of the critic, as torch.nn lays them out."""
        return self.g_parameters, self.d_parameters


class Together(Plain):
    """Both players at once on one batch: one forward pass serves both."""

    def step(self, batches: list[Batch]) -> Losses:
        (batch,) = batches
        generated = self.g(batch.z)
        real, fake = self.critic(torch.cat([batch.real, generated])).chunk(2)
        d_loss, g_loss = self.d_loss(real, fake), self.g_loss(real, fake)
        if self.penalised:
            d_loss = d_loss + self.penalty(batch.real, generated.detach(), batch.mix)
        d_grads = torch.autograd.grad(d_loss, self.d_parameters, retain_graph=True)
        g_grads = torch.autograd.grad(g_loss, self.g_parameters)
        for parameter, grad in zip([*self.d_parameters, *self.g_parameters], [*d_grads, *g_grads], strict=True):
            parameter.grad = grad
        self.move_critic()
        self.opt_g.step()
        return d_loss.detach(), g_loss.detach()


class InTurn(Plain):
    """Any number of updates of both, in any order; every update on a batch of its own."""

    def __init__(self, experiment: Experiment, state: State) -> None:
        super().__init__(experiment, state)
        if self.rule.objective in NEED_REAL:
            raise ValueError(f"no baseline with {self.rule.objective!r} where the players do not share a batch")

    def draw_batches(self) -> list[Batch]:
        critic, generator = self.rule.critic_steps, self.rule.generator_steps
        return [*(self.draw() for _ in range(critic)), *(self.draw(real=False) for _ in range(generator))]

    def generated(self, batch: Batch) -> Tensor:
        with torch.no_grad():
            return self.g(batch.z)

    def update_critic(self, batch: Batch, generated: Tensor) -> Tensor:
        real, fake = self.critic(torch.cat([batch.real, generated])).chunk(2)
        loss = self.d_loss(real, fake)
        if self.penalised:
            loss = loss + self.penalty(batch.real, generated, batch.mix)
        self.opt_d.zero_grad()
        loss.backward(inputs=self.d_parameters)
        self.move_critic()
        return loss.detach()

    def update_generator(self, batch: Batch) -> Tensor:
        loss = self.g_loss(NOTHING, self.critic(self.g(batch.z)))
        self.opt_g.zero_grad()
        loss.backward(inputs=self.g_parameters)
        self.opt_g.step()
        return loss.detach()

    def step(self, batches: list[Batch]) -> Losses:
        order, steps = self.rule.order, self.rule.critic_steps
        for_critic, for_generator = batches[:steps], batches[steps:]
        if order == "alternating":
            d_losses = [self.update_critic(batch, self.generated(batch)) for batch in for_critic]
            g_losses = [self.update_generator(batch) for batch in for_generator]
        elif order == "generator-first":
            g_losses = [self.update_generator(batch) for batch in for_generator]
            d_losses = [self.update_critic(batch, self.generated(batch)) for batch in for_critic]
        else:  # each faces the other as it stood
            generated = [self.generated(batch) for batch in for_critic]
            g_losses = [self.update_generator(batch) for batch in for_generator]
            d_losses = [self.update_critic(*pair) for pair in zip(for_critic, generated, strict=True)]
        return d_losses[-1], g_losses[-1]


class LookAhead(Plain):
    """k exact look-ahead steps through Adam: the critic is a function of a list of tensors.

    Where both players move at once on one batch, the critic's own update is the first of the steps ahead.
    """

    def __init__(self, experiment: Experiment, state: State) -> None:
        super().__init__(experiment, state)
        game, rule = experiment.game, experiment.rule
        plain = self.penalised or self.knobs.clip or rule.critic_steps > 1 or rule.generator_steps > 1
        if plain or rule.order == "generator-first" or not game.optimizer_d.name.startswith("adam"):
            raise ValueError("no baseline for this look-ahead")
        self.activation = ACTIVATIONS[game.critic.spec["activation"]]
        self.scale, self.tf = game.critic.spec["input_scale"], game.optimizer_d.name == "adam-tf"
        self.theta = [parameter.detach().clone() for parameter in self.d_parameters]
        self.m = [torch.zeros_like(tensor) for tensor in self.theta]
        self.v = [torch.zeros_like(tensor) for tensor in self.theta]
        self.t = 0

    def draw_batches(self) -> list[Batch]:
        return [self.draw() for _ in range(1 if self.rule.order == "simultaneous" else 2)]

    def logits(self, theta: list[Tensor], x: Tensor) -> tuple[Tensor, Tensor]:
        """The critic with parameters theta at real samples, and at as many generated ones below them."""
        layers = list(zip(theta[::2], theta[1::2], strict=True))
        x = x if self.scale == 1 else x * self.scale
        for weight, bias in layers[:-1]:
            x = self.activation(linear(x, weight, bias))
        real, fake = linear(x, *layers[-1]).squeeze(-1).chunk(2)
        return real, fake

    def ahead(self, grads, theta, m, v, t):
        """One update by Adam as differentiable functions of everything."""
        knobs = self.knobs
        scale = (1 - knobs.beta2**t) ** 0.5
        rate, eps = knobs.lr_d * scale / (1 - knobs.beta1**t), knobs.eps * (1 if self.tf else scale)
        m = [knobs.beta1 * a + (1 - knobs.beta1) * g for a, g in zip(m, grads, strict=True)]
        v = [knobs.beta2 * a + (1 - knobs.beta2) * g * g for a, g in zip(v, grads, strict=True)]
        # 1e-30 keeps the root's derivative finite where a relu unit is dead and v = 0; it changes nothing else.
        moved = zip(theta, m, v, strict=True)
        return [p - rate * a / ((b + 1e-30).sqrt() + eps) for p, a, b in moved], m, v

    def update(self, x: Tensor, theta, m, v, t, graph: bool):
        loss = self.d_loss(*self.logits(theta, x))
        grads = torch.autograd.grad(loss, theta, create_graph=graph)
        with torch.set_grad_enabled(graph):
            return loss.detach(), *self.ahead(grads, theta, m, v, t)

    def move_alone(self, batch: Batch) -> Tensor:
        """The critic's own update before the generator's."""
        with torch.no_grad():
            x = torch.cat([batch.real, self.g(batch.z)])
        theta = [p.requires_grad_() for p in self.theta]
        loss, theta, self.m, self.v = self.update(x, theta, self.m, self.v, self.t + 1, graph=False)
        self.theta = theta
        self.t += 1
        return loss

    def step(self, batches: list[Batch]) -> Losses:
        d_loss = self.move_alone(batches[0]) if len(batches) == 2 else None
        batch = batches[-1]
        x = torch.cat([batch.real, self.g(batch.z)])
        theta, m, v, first = [p.requires_grad_() for p in self.theta], self.m, self.v, None
        for k in range(1, self.rule.unroll + 1):
            loss, theta, m, v = self.update(x, theta, m, v, self.t + k, graph=True)
            first = first or (loss, *([p.detach() for p in part] for part in (theta, m, v)))
        g_loss = self.g_loss(*self.logits(theta, x))
        grads = torch.autograd.grad(g_loss, self.g_parameters)
        for parameter, grad in zip(self.g_parameters, grads, strict=True):
            parameter.grad = grad
        self.opt_g.step()
        if d_loss is None:
            assert first is not None
            d_loss, self.theta, self.m, self.v = first
            self.t += 1
        return d_loss, g_loss.detach()

    def parameters(self) -> tuple[list[Tensor], list[Tensor]]:
        return self.g_parameters, self.theta


def baseline(experiment: Experiment, state: State) -> Plain:
    """The loop that fits the experiment's rule; ValueError where there is none."""
    rule = experiment.rule
    if rule.unroll:
        return LookAhead(experiment, state)
    shared = rule.order == "simultaneous" and rule.critic_steps == rule.generator_steps == 1
    return (Together if shared else InTurn)(experiment, state)
