"""The same training in plain PyTorch: modules, torch.optim and autograd, as a careful user would write it.

Careful means: no sample is generated twice, gradients go only to the player that moves, nothing is drawn that no update
reads, and torch.optim runs in its fastest form on a CPU. There are two of each loop:

- `plain`, as such code is usually written: the critic sees real and generated samples in a pass of each, and the
  generator's loss takes a pass of its own through the critic.
- `shared`: real and generated samples go through the critic as one batch, and where both players move at once on one
  batch, that one pass serves both losses. Fewer calls, the same numbers.

`baseline` covers every preset of gandyn.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence

import torch
from torch import Tensor, nn

from gandyn.benchmarks.plain import LOSSES, NEED_REAL, data, latents, optimizer
from gandyn.core.experiment import Experiment
from gandyn.core.types import Batch, State
from gandyn.core.whole import how_coupled

Losses = tuple[Tensor, Tensor]  # of the critic and of the generator, before their updates
NOTHING = torch.empty(0)


def set_gradients(parameters: Iterable[Tensor], grads: Iterable[Tensor]) -> None:
    """Where torch.optim looks for them."""
    for parameter, grad in zip(parameters, grads, strict=True):
        parameter.grad = grad


def has_baseline(experiment: Experiment) -> bool:
    """Whether the plain loops compute what it says."""
    game, rule = experiment.game, experiment.rule
    known = rule.objective in LOSSES and rule.penalty in ("none", "gradient-penalty")
    alone = game.critic.pack == 1 and how_coupled(game.generator) is None and how_coupled(game.critic) is None
    return known and alone and rule.freeze == "none" and not experiment.knobs.ema


class Plain:
    """Two modules and two optimisers, from the weights of a gandyn state."""

    def __init__(self, experiment: Experiment, state: State, shared: bool) -> None:
        game, rule, knobs = experiment.game, experiment.rule, experiment.knobs
        if not has_baseline(experiment):
            raise ValueError("no baseline with another objective or penalty, packs, a frozen player or an average")
        self.rule, self.knobs, self.shared = rule, knobs, shared
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
        """The critic's values [B] at x [B, *x]."""
        return self.d(x).squeeze(-1)

    def critic_at(self, real: Tensor, fake: Tensor) -> tuple[Tensor, Tensor]:
        """Its values at both."""
        if self.shared:
            both, same = self.critic(torch.cat([real, fake])).chunk(2)
            return both, same
        return self.critic(real), self.critic(fake)

    def penalty(self, real: Tensor, fake: Tensor, mix: Tensor) -> Tensor:
        """w E (|d'(x)| - 1)^2 at interpolates mix real + (1 - mix) fake: Gulrajani et al. 2017, eq. 3."""
        mix = mix.view(-1, *[1] * (real.dim() - 1))
        x = (mix * real + (1 - mix) * fake).requires_grad_()
        (slope,) = torch.autograd.grad(self.d(x).sum(), x, create_graph=True)
        return self.knobs.penalty_weight * (slope.flatten(1).norm(dim=1) - 1).square().mean()

    def move_critic(self) -> None:
        """By the gradients that its parameters hold."""
        self.opt_d.step()
        if self.knobs.clip:
            bound = float(self.knobs.clip)
            with torch.no_grad():
                for parameter in self.d_parameters:
                    parameter.clamp_(-bound, bound)

    def move_generator(self, loss: Tensor) -> None:
        """By the derivative of this loss, which its parameters then hold."""
        set_gradients(self.g_parameters, torch.autograd.grad(loss, self.g_parameters))
        self.opt_g.step()

    def step(self, batches: list[Batch]) -> Losses:
        """One step: all updates of both players."""
        raise NotImplementedError

    def parameters(self) -> tuple[Sequence[Tensor], Sequence[Tensor]]:
        """Of the generator and of the critic, as torch.nn lays them out."""
        return self.g_parameters, self.d_parameters


class AtOnce(Plain):
    """Both players at once on one batch, each by a loss and a pass of its own."""

    def step(self, batches: list[Batch]) -> Losses:
        """One backward pass for either player's loss, then both move."""
        (batch,) = batches
        generated = self.g(batch.z)
        real, fake = self.critic_at(batch.real, generated.detach())
        d_loss = self.d_loss(real, fake)
        if self.penalised:
            d_loss = d_loss + self.penalty(batch.real, generated.detach(), batch.mix)
        g_loss = self.g_loss(real.detach(), self.critic(generated))
        self.opt_d.zero_grad()
        d_loss.backward(inputs=self.d_parameters)
        self.opt_g.zero_grad()
        g_loss.backward(inputs=self.g_parameters)
        self.move_critic()
        self.opt_g.step()
        return d_loss.detach(), g_loss.detach()


class AtOnceShared(Plain):
    """Both players at once on one batch: one forward pass of the critic serves both losses."""

    def step(self, batches: list[Batch]) -> Losses:
        """Both losses from one forward pass, two derivatives of it, then both move."""
        (batch,) = batches
        generated = self.g(batch.z)
        real, fake = self.critic_at(batch.real, generated)
        d_loss, g_loss = self.d_loss(real, fake), self.g_loss(real, fake)
        if self.penalised:
            d_loss = d_loss + self.penalty(batch.real, generated.detach(), batch.mix)
        set_gradients(self.d_parameters, torch.autograd.grad(d_loss, self.d_parameters, retain_graph=True))
        set_gradients(self.g_parameters, torch.autograd.grad(g_loss, self.g_parameters))
        self.move_critic()
        self.opt_g.step()
        return d_loss.detach(), g_loss.detach()


class InTurn(Plain):
    """Any number of updates of both, in any order; every update on a batch of its own."""

    def __init__(self, experiment: Experiment, state: State, shared: bool) -> None:
        super().__init__(experiment, state, shared)
        if self.rule.objective in NEED_REAL:
            raise ValueError(f"no baseline with {self.rule.objective!r} where the players do not share a batch")

    def draw_batches(self) -> list[Batch]:
        """A batch for every update of the critic, then one of latents alone for every one of the generator."""
        critic, generator = self.rule.critic_steps, self.rule.generator_steps
        return [*(self.draw() for _ in range(critic)), *(self.draw(real=False) for _ in range(generator))]

    def generated(self, batch: Batch) -> Tensor:
        """The generator's samples [B, *x] at the batch's latents, without a graph."""
        with torch.no_grad():
            return self.g(batch.z)

    def update_critic(self, batch: Batch, generated: Tensor) -> Tensor:
        """One update of the critic on real and generated samples; its loss before it."""
        loss = self.d_loss(*self.critic_at(batch.real, generated))
        if self.penalised:
            loss = loss + self.penalty(batch.real, generated, batch.mix)
        self.opt_d.zero_grad()
        loss.backward(inputs=self.d_parameters)
        self.move_critic()
        return loss.detach()

    def update_generator(self, batch: Batch) -> Tensor:
        """One update of the generator on the batch's latents; its loss before it."""
        loss = self.g_loss(NOTHING, self.critic(self.g(batch.z)))
        self.opt_g.zero_grad()
        loss.backward(inputs=self.g_parameters)
        self.opt_g.step()
        return loss.detach()

    def step(self, batches: list[Batch]) -> Losses:
        """All updates in the rule's order; the losses are those of the last ones."""
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
