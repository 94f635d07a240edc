"""The field of the game during one step, as update rules see it: evaluated, moved along, and differentiated.

The minibatch, the look-ahead and the knobs are those of the step; a point is a State. With lanes everything has a
leading axis, and a number that differs by lane is [N, 1].
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from gandyn.core.critic_update import gradient
from gandyn.core.field import Field, critic_loss_at, generator_loss, simultaneous
from gandyn.core.moving import PlayerState, clip, column, move, rates_of
from gandyn.core.regularising import recalling
from gandyn.core.types import Batch, Game, Knobs, Metrics, Rule, State

Number = float | Tensor
ROWS = 64  # of a Jacobian at a time: as many products share one pass


class Derivatives(NamedTuple):
    """First derivatives of both losses, differentiable ones."""

    v: Field  # of each player's loss by its own parameters
    others: Callable[..., Field]  # others(create_graph): of the other player's loss by one's own parameters


class Evaluation(NamedTuple):
    """The field at a point, and what is reported of it."""

    v: Field
    metrics: Metrics


def plus(a: Field, b: Field, c: Number = 1.0) -> Field:
    """a + c b."""
    return Field(a.g + c * b.g, a.d + c * b.d)


def dot(a: Field, b: Field) -> Tensor:
    """The inner product over both players' parameters: [...], [N] with lanes."""
    return (a.g * b.g).sum(-1) + (a.d * b.d).sum(-1)


def place(w: State) -> Field:
    """The parameters of both players as one vector."""
    return Field(w.g, w.d)


def put(w: State, at: Field) -> State:
    """w with these parameters."""
    return w._replace(g=at.g, d=at.d)


class GameField:
    """The vector field of one step."""

    def __init__(self, game: Game, rule: Rule, batch: Batch, knobs: Knobs) -> None:
        self._game, self._rule, self._batch, self._knobs = game, rule, batch, knobs

    def at(self, w: State) -> Evaluation:
        """v(w), that of a frozen player being 0."""
        v, loss, update = simultaneous(self._game, self._rule, w, self._seen(w), self._knobs)
        metrics = Metrics(update.before.loss, loss.loss, loss.f, loss.f_k, loss.f - loss.f_k)
        rests = self.frozen
        return Evaluation(Field(*(torch.zeros_like(a) if b else a for a, b in zip(v, rests, strict=True))), metrics)

    def _seen(self, w: State) -> Batch:
        """The minibatch, with what penalties remember at w."""
        return recalling(self._rule, w, [self._batch])[0]

    @property
    def frozen(self) -> tuple[bool, bool]:
        """Whether the generator rests, and whether the critic does."""
        return self._rule.freeze == "generator", self._rule.freeze == "critic"

    def differentiate(self, w: State) -> Linearisation:
        """The field and its Jacobian at w."""
        return Linearisation(self, w)

    def losses(self, w: State, g: Tensor, d: Tensor, through: Field | None = None) -> tuple[Tensor, Tensor]:
        """(L_G, L_D) as differentiable functions of the parameters g and d; the optimisers are those of w.

        `through`: the parameters of both from which each looks ahead, see `field.generator_loss`; g and d without.
        """
        game, rule, batch, knobs = self._game, self._rule, self._seen(w), self._knobs
        at, (through_g, through_d) = through or Field(g, d), through or (None, None)
        critic, generator = PlayerState(at.d, w.opt_d), PlayerState(at.g, w.opt_g)
        of_generator = generator_loss(game, rule, g, critic, batch, knobs, through=through_g).loss
        return of_generator, critic_loss_at(game, rule, generator, d, batch, knobs, through=through_d).loss

    def derivatives(self, w: State, g: Tensor, d: Tensor) -> Derivatives:
        """The field at (g, d), and the other derivatives of the losses, as differentiable functions of g and d."""
        own, through = (g, d), None
        if self._rule.unroll and self._rule.unroll_order == "first":
            # v counts the look-ahead as constant; how v changes from place to place does not.
            own, through = (g.view_as(g), d.view_as(d)), Field(g, d)
        losses = self.losses(w, *own, through=through)
        v = [
            # It may be constant, and that of a frozen player is 0.
            0.0 * theta if rests else gradient(loss, theta, create_graph=True, materialize_grads=True) + 0.0 * theta
            for loss, theta, rests in zip(losses, own, self.frozen, strict=True)
        ]

        def others(create_graph: bool = False) -> Field:
            how = {"retain_graph": True, "materialize_grads": True, "create_graph": create_graph}
            return Field(gradient(losses[1], g, **how), gradient(losses[0], d, **how))

        return Derivatives(Field(*v), others)

    def move(self, w: State, v: Field) -> State:
        """w after both optimisers' updates along v, the critic's clipped; a frozen player and its optimiser rest."""
        game, knobs, (generator_rests, critic_rests) = self._game, self._knobs, self.frozen
        g, d = PlayerState(w.g, w.opt_g), PlayerState(w.d, w.opt_d)
        if not generator_rests:
            g = move(game.optimizer_g, g, v.g, rates_of(knobs, knobs.lr_g))
        if not critic_rests:
            d = move(game.optimizer_d, d, v.d, rates_of(knobs, knobs.lr_d))
            d = d._replace(theta=clip(d.theta, knobs.clip))
        return w._replace(g=g.theta, d=d.theta, opt_g=g.opt, opt_d=d.opt)

    def rates(self, v: Field) -> Field:
        """h v, each player's part with its own learning rate."""
        return Field(self._rate(self._knobs.lr_g, v.g) * v.g, self._rate(self._knobs.lr_d, v.d) * v.d)

    @property
    def ratio(self) -> Number:
        """The generator's learning rate over the critic's; 0 where the critic's is 0."""
        g, d = self._knobs.lr_g, self._knobs.lr_d
        if isinstance(g, Tensor) or isinstance(d, Tensor):
            g, d = torch.as_tensor(g), torch.as_tensor(d)
            return column(torch.where(d > 0, g / d.clamp(min=torch.finfo(d.dtype).tiny), 0.0))
        return g / d if d > 0 else 0.0

    def trial(self, w: State, v: Field, c: Number = 1.0) -> State:
        """w - c h v: where the field is looked at, whatever the optimisers are."""
        return self.shift(w, self.rates(v), -c)

    def shift(self, w: State, x: Field, c: Number = 1.0) -> State:
        """w + c x; a frozen player stays."""
        at, (generator_rests, critic_rests) = plus(place(w), x, c), self.frozen
        return w._replace(g=w.g if generator_rests else at.g, d=w.d if critic_rests else at.d)

    @staticmethod
    def _rate(rate: Number, like: Tensor) -> Number:
        return column(rate).to(like) if isinstance(rate, Tensor) else rate


class Linearisation:
    """The field at a point, and products with its Jacobian J = dv/dw there: exact, by automatic differentiation."""

    def __init__(self, field: GameField, w: State) -> None:
        self._field = field
        self._w = tuple(theta.detach().requires_grad_() for theta in (w.g, w.d))
        self._v, self._others = field.derivatives(w, *self._w)
        self._dual: tuple[Field, tuple[Tensor, ...]] | None = None

    @property
    def v(self) -> Field:
        """The field at that point."""
        return Field(self._v.g.detach(), self._v.d.detach())

    def transposed(self, u: Field) -> Field:
        """The vector-Jacobian product J'u."""
        return Field(*torch.autograd.grad(self._v, self._w, u, retain_graph=True, materialize_grads=True))

    def times(self, x: Field) -> Field:
        """The product of J with x: the derivative of J'u, which is linear in u, along x."""
        if self._dual is None:
            u = Field(*(torch.zeros_like(part, requires_grad=True) for part in self._v))
            product = torch.autograd.grad(self._v, self._w, u, create_graph=True, materialize_grads=True)
            self._dual = u, product
        u, product = self._dual
        return Field(*torch.autograd.grad(product, u, x, retain_graph=True, materialize_grads=True))

    def dense(self) -> Tensor:
        """J itself [n, n] of one GAN, n its parameters, the generator's first: n products, ROWS of them at a time."""
        m = self._w[0].shape[-1]
        rows = []
        for u in torch.eye(m + self._w[1].shape[-1], dtype=self._w[0].dtype, device=self._w[0].device).split(ROWS):
            how = {"retain_graph": True, "is_grads_batched": True, "materialize_grads": True}
            rows.append(torch.cat(torch.autograd.grad(self._v, self._w, (u[:, :m], u[:, m:]), **how), -1))
        return torch.cat(rows)

    def interaction(self, x: Field) -> Field:
        """J_o x, J_o being J without its diagonal blocks: how each player's gradient moves with the other player."""
        g, d = torch.zeros_like(x.g), torch.zeros_like(x.d)
        return Field(self.times(Field(g, x.d)).g, self.times(Field(x.g, d)).d)

    def others(self) -> Field:
        """(dL_D/dtheta_G, dL_G/dtheta_D): the other player's loss by one's own parameters."""
        return self._others()

    def shaping(self) -> Field:
        """diag(J_o' (dL_G/dw, dL_D/dw)): of each player, how the other's gradient moves, times what that does to it.

        chi_G = (dv_D/dtheta_G)' dL_G/dtheta_D, and chi_D likewise (Letcher et al. 2019, 1811.08469, section 3).
        """
        cross = self.others()
        g, d = torch.zeros_like(cross.g), torch.zeros_like(cross.d)
        return Field(self.transposed(Field(g, cross.d)).g, self.transposed(Field(cross.g, d)).d)
