"""The updates of both players from passes and seeds: what dynamics.py has in autograd, by hand.

A workshop holds the memory of every pass of one game at one batch size. Rows of `x` [.., 2B, n]: B real samples over B
generated ones, so that one pass of the critic serves both.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from gandyn.core.dynamics import Player, advance, clip, rates_of
from gandyn.core.fused.adjoints import ADJOINTS, Bars
from gandyn.core.fused.backend import Backend
from gandyn.core.fused.seeds import slopes_of
from gandyn.core.fused.tape import Layer, Parameters, Tape
from gandyn.core.objectives import OBJECTIVES
from gandyn.core.penalties import PENALTIES
from gandyn.core.types import Batch, Game, Knobs, Perceptron, Rule

aten = torch.ops.aten


class Ahead(NamedTuple):
    """One update of the critic, kept for the way back."""

    tape: Tape
    layers: list[Layer]  # before it
    logits: tuple[Tensor, Tensor]
    grad: Tensor
    player: Player  # after it
    free: Tensor  # its parameters before the clip
    f: Tensor  # of the first one
    loss: Tensor  # of the first one, with its penalty


class Workshop:
    """Everything that the steps of one game at one batch size write into."""

    def __init__(
        self, generator: Perceptron, critic: Perceptron, rows: int, g: Tensor, d: Tensor, backend: Backend
    ) -> None:
        lanes = g.shape[0] if g.ndim == 2 else None
        self.g_net, self.d_net, self.rows = generator, critic, rows
        self._like, self._lanes, self._backend = d, lanes, backend
        lead = () if lanes is None else (lanes,)
        self.x = d.new_empty((*lead, 2 * rows, critic.sizes[0]))
        self.real, self.fake = self.x[..., :rows, :], self.x[..., rows:, :]
        self.generator = Tape(generator, rows, lanes, g, backend)
        self.g_grad = Parameters(generator, g)
        self.g_theta, self.d_theta = Parameters(generator, g), Parameters(critic, d)
        self.d_grad, self.bent, self.along, self.bar = (Parameters(critic, d) for _ in range(4))
        self.bars = Bars(self.bar.flat, torch.empty_like(d), torch.empty_like(d))
        self._tapes: dict[tuple[str, int], Tape] = {}
        self._kept: dict[tuple[str, int], Parameters] = {}

    def tape(self, name: str, index: int = 0) -> Tape:
        """The critic's tape of that name; `both` has rows for real and generated samples, the others half as many."""
        found = self._tapes.get((name, index))
        if found is None:
            rows = 2 * self.rows if name == "both" else self.rows
            found = Tape(self.d_net, rows, self._lanes, self._like, self._backend)
            self._tapes[name, index] = found
        return found

    def kept(self, name: str, index: int) -> Parameters:
        """Memory for a vector of the critic's parameters of update number `index` ahead."""
        found = self._kept.get((name, index))
        if found is None:
            found = self._kept[name, index] = Parameters(self.d_net, self._like)
        return found

    # -- the generator

    def generate(self, layers: list[Layer], z: Tensor) -> None:
        """G(z) into the rows of generated samples."""
        y = self.generator.forward(layers, z)
        if self.g_net.output == "linear":
            self.fake.copy_(y)
        else:
            (torch.tanh if self.g_net.output == "tanh" else torch.sigmoid)(y, out=self.fake)

    def generator_gradient(self, layers: list[Layer], adjoint: Tensor) -> Tensor:
        """From the adjoint of G(z), just generated, to the gradient [.., P_G]."""
        seed, output = self.generator.seed, self.g_net.output
        if output == "linear":
            seed.copy_(adjoint)
        else:
            backward = aten.tanh_backward if output == "tanh" else aten.sigmoid_backward
            backward.grad_input(adjoint, self.fake, grad_input=seed)
        self.generator.backward(layers, self.g_grad.layers, inputs=False)
        return self.g_grad.flat

    # -- the critic

    def critic_gradient(
        self, rule: Rule, tape: Tape, layers: list[Layer], grad: Parameters, batch: Batch, knobs: Knobs
    ) -> tuple[tuple[Tensor, Tensor], Tensor | None]:
        """The gradient of objective and penalty at x: (the logits, the penalty if there is one)."""
        logits = tape.logits(layers, self.x)
        tape.plant(*slopes_of(rule.objective).critic(*logits))
        tape.backward(layers, grad.layers, inputs=False)
        penalty = None if rule.penalty == "none" else self._penalty(rule, layers, grad, batch, knobs)
        return logits, penalty

    def _penalty(self, rule: Rule, layers: list[Layer], grad: Parameters | None, batch: Batch, knobs: Knobs) -> Tensor:
        penalty, tape, weight = PENALTIES[rule.penalty], self.tape("penalty"), knobs.penalty_weight
        assert penalty.points is not None
        assert penalty.pull is not None
        tape.forward(layers, penalty.points(self.real, self.fake, batch))
        tape.seed.fill_(1)
        slopes = tape.backward(layers, None, inputs=True)
        assert slopes is not None
        loss, pulled = penalty.pull(slopes)
        if grad is not None:
            pulled = pulled * (weight.to(pulled.dtype).unsqueeze(-1) if isinstance(weight, Tensor) else weight)
            tape.slope_gradient(layers, pulled, grad.layers)
        return loss * (weight.to(loss.dtype).squeeze(-1) if isinstance(weight, Tensor) else weight)

    def critic_loss(self, rule: Rule, layers: list[Layer], batch: Batch, knobs: Knobs) -> Tensor:
        """What the critic would minimise at x, without moving it."""
        f = OBJECTIVES[rule.objective].critic_loss(*self.tape("both").logits(layers, self.x))
        return f if rule.penalty == "none" else f + self._penalty(rule, layers, None, batch, knobs)

    def move_critic(
        self, game: Game, rule: Rule, critic: Player, batch: Batch, knobs: Knobs, *, own: bool
    ) -> tuple[Player, tuple[Tensor, Tensor], Tensor | None]:
        """One update of the critic at x: (the new critic, the logits it saw, the penalty)."""
        layers = self.d_theta.load(critic.theta)
        logits, penalty = self.critic_gradient(rule, self.tape("both"), layers, self.d_grad, batch, knobs)
        update = advance(game.optimizer_d, own)
        theta, opt = update(critic.theta, self.d_grad.flat, critic.opt, rates_of(knobs, knobs.lr_d))
        return Player(clip(theta, knobs.clip), opt), logits, penalty

    # -- the look-ahead

    def look_ahead(self, game: Game, rule: Rule, critic: Player, batch: Batch, knobs: Knobs) -> list[Ahead]:
        """The next `rule.unroll` updates of the critic at x; each with memory of its own if the order is second."""
        exact, made, objective = rule.unroll_order == "second", [], OBJECTIVES[rule.objective]
        for j in range(rule.unroll):
            tape = self.tape("both", j if exact else 0)
            grad = self.kept("gradient", j) if exact else self.d_grad
            layers = (self.kept("theta", j) if exact else self.d_theta).load(critic.theta)
            logits, penalty = self.critic_gradient(rule, tape, layers, grad, batch, knobs)
            free, opt = game.optimizer_d.update(critic.theta, grad.flat, critic.opt, rates_of(knobs, knobs.lr_d))
            critic = Player(clip(free, knobs.clip), opt)
            f = made[0].f if made else objective.critic_loss(*logits)
            loss = made[0].loss if made else f if penalty is None else f + penalty
            made.append(Ahead(tape, layers, logits, grad.flat, critic, free, f, loss))
        return made

    def through(self, game: Game, rule: Rule, made: list[Ahead], adjoint: Tensor, knobs: Knobs) -> Tensor:
        """The whole adjoint of the generated samples: what comes back through every update ahead, added.

        bars.theta holds the gradient of the generator's loss with respect to the last critic's parameters.
        Reverse mode through equations 3 to 7 of Metz et al. 2017 (1611.02163), second derivatives by the R-operator.
        """
        bars, slopes, rates = self.bars, slopes_of(rule.objective), rates_of(knobs, knobs.lr_d)
        bars.m.zero_()
        bars.v.zero_()
        for one in reversed(made):
            if one.free is not one.player.theta:
                bars.theta.mul_(one.free == one.player.theta)
            back = ADJOINTS[game.optimizer_d.name](bars, one.grad, one.player.opt, rates)

            def curvature(motion: Tensor, one: Ahead = one) -> Tensor:
                real, fake = slopes.bend(*one.logits, *one.tape.pair(motion))
                return torch.cat([real, fake], -1).unsqueeze(-1).div_(self.rows)

            along = self.along.load(back)
            moved = one.tape.hessian_product(one.layers, along, curvature, self.bent.layers)
            bars.theta.add_(self.bent.flat)
            adjoint = adjoint + moved
        return adjoint
