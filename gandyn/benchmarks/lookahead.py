"""The look-ahead in plain PyTorch: second order, through Adam, by autograd with create_graph."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import elu, leaky_relu, linear, relu, softplus

from gandyn.benchmarks.baselines import AtOnce, AtOnceShared, InTurn, Losses, Plain
from gandyn.core.experiment import Experiment
from gandyn.core.types import Batch, State

ACTIVATIONS = {
    "relu": relu,
    "tanh": torch.tanh,
    "leaky-relu": lambda x: leaky_relu(x, 0.2),
    "elu": elu,
    "softplus": softplus,
}


class LookAhead(Plain):
    """k exact look-ahead steps through Adam: the critic is a function of a list of tensors.

    Where both players move at once on one batch, the critic's own update is the first of the steps ahead.
    """

    def __init__(self, experiment: Experiment, state: State, shared: bool) -> None:
        super().__init__(experiment, state, shared)
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
        """One batch for both players, or one each where the critic moves first."""
        return [self.draw() for _ in range(1 if self.rule.order == "simultaneous" else 2)]

    def at(self, theta: list[Tensor], x: Tensor) -> Tensor:
        """The critic with parameters theta."""
        layers = list(zip(theta[::2], theta[1::2], strict=True))
        x = x if self.scale == 1 else x * self.scale
        for weight, bias in layers[:-1]:
            x = self.activation(linear(x, weight, bias))
        return linear(x, *layers[-1]).squeeze(-1)

    def critic_inputs(self, real: Tensor, fake: Tensor) -> list[Tensor]:
        """What the critic is given at every step ahead: one batch, or one of each."""
        return [torch.cat([real, fake])] if self.shared else [real, fake]

    def logits(self, theta: list[Tensor], inputs: list[Tensor]) -> tuple[Tensor, Tensor]:
        """The critic with parameters theta at real and at generated samples."""
        if self.shared:
            real, fake = self.at(theta, *inputs).chunk(2)
            return real, fake
        real, fake = inputs
        return self.at(theta, real), self.at(theta, fake)

    def ahead(
        self, grads: Sequence[Tensor], theta: list[Tensor], m: list[Tensor], v: list[Tensor], t: int
    ) -> tuple[list[Tensor], list[Tensor], list[Tensor]]:
        """One update by Adam as differentiable functions of everything."""
        knobs = self.knobs
        scale = (1 - knobs.beta2**t) ** 0.5
        rate, eps = knobs.lr_d * scale / (1 - knobs.beta1**t), knobs.eps * (1 if self.tf else scale)
        m = [knobs.beta1 * a + (1 - knobs.beta1) * g for a, g in zip(m, grads, strict=True)]
        v = [knobs.beta2 * a + (1 - knobs.beta2) * g * g for a, g in zip(v, grads, strict=True)]
        # 1e-30 keeps the root's derivative finite where a relu unit is dead and v = 0; it changes nothing else.
        moved = zip(theta, m, v, strict=True)
        return [p - rate * a / ((b + 1e-30).sqrt() + eps) for p, a, b in moved], m, v

    def update(
        self, inputs: list[Tensor], theta: list[Tensor], m: list[Tensor], v: list[Tensor], t: int, graph: bool
    ) -> tuple[Tensor, list[Tensor], list[Tensor], list[Tensor]]:
        """(loss, theta, m, v): the critic's loss at theta and update t by Adam; `graph`: differentiable in all."""
        loss = self.d_loss(*self.logits(theta, inputs))
        grads = torch.autograd.grad(loss, theta, create_graph=graph)
        with torch.set_grad_enabled(graph):
            return loss.detach(), *self.ahead(grads, theta, m, v, t)

    def move_alone(self, batch: Batch) -> Tensor:
        """The critic's own update before the generator's."""
        with torch.no_grad():
            inputs = self.critic_inputs(batch.real, self.g(batch.z))
        theta = [p.requires_grad_() for p in self.theta]
        loss, theta, self.m, self.v = self.update(inputs, theta, self.m, self.v, self.t + 1, graph=False)
        self.theta = theta
        self.t += 1
        return loss

    def step(self, batches: list[Batch]) -> Losses:
        """The generator's update through `unroll` updates of the critic, of which the first is kept."""
        d_loss = self.move_alone(batches[0]) if len(batches) == 2 else None
        batch = batches[-1]
        inputs = self.critic_inputs(batch.real, self.g(batch.z))
        theta, m, v, first = [p.requires_grad_() for p in self.theta], self.m, self.v, None
        for k in range(1, self.rule.unroll + 1):
            loss, theta, m, v = self.update(inputs, theta, m, v, self.t + k, graph=True)
            first = first or (loss, *([p.detach() for p in part] for part in (theta, m, v)))
        g_loss = self.g_loss(*self.logits(theta, inputs))
        self.move_generator(g_loss)
        if d_loss is None:
            assert first is not None
            d_loss, self.theta, self.m, self.v = first
            self.t += 1
        return d_loss, g_loss.detach()

    def parameters(self) -> tuple[Sequence[Tensor], Sequence[Tensor]]:
        """Of the generator and of the critic, as torch.nn lays them out."""
        return self.g_parameters, self.theta


def baseline(experiment: Experiment, state: State, *, shared: bool = False) -> Plain:
    """The loop that fits the experiment's rule, `plain` or `shared`; ValueError where there is none."""
    rule = experiment.rule
    if rule.unroll:
        return LookAhead(experiment, state, shared)
    if rule.order == "simultaneous" and rule.critic_steps == rule.generator_steps == 1:
        return (AtOnceShared if shared else AtOnce)(experiment, state, shared)
    return InTurn(experiment, state, shared)
