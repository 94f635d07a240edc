"""Games of two quadratic losses, whose field v(w) = J w is linear, and the matrix of one step of an update rule there.

What any game is near a point, to first order; and the test problems on which update rules are told apart.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor

from gandyn.core.field import Field
from gandyn.core.game_field import Derivatives, Evaluation, GameField
from gandyn.core.optimizers.sgd import sgd
from gandyn.core.trees import tensors
from gandyn.core.types import Game, Knobs, Metrics, Optimizer, Rule, State

LINEAR = 1e-9  # how far a step may be from what a matrix makes of the point, in units of the point
LONGEST_PERIOD = 1000  # steps after which a rule goes back, up to which its matrix is computed
SMALL = 1e-3  # of two points in one direction the length of the shorter one


class LinearGame(NamedTuple):
    """Q_G w and Q_D w, the derivatives of L_G and L_D by w = (theta_G, theta_D) [n]; Q is [n, n] or [N, n, n].

    L = w'Qw / 2 where Q is symmetric; it is not where a look-ahead counts as constant in a player's own derivative.
    """

    of_generator: Tensor
    of_critic: Tensor
    m: int  # how many of the n parameters are the generator's

    @property
    def jacobian(self) -> Tensor:
        """J = dv/dw: the generator's rows of Q_G over the critic's rows of Q_D."""
        return torch.cat([self.of_generator[..., : self.m, :], self.of_critic[..., self.m :, :]], -2)


def game_of(eigenvalues: Tensor) -> LinearGame:
    """min_x max_y a/2 x^2 + b x y - a/2 y^2 for each complex a + ib [N]: J = [[a, b], [-b, a]] has a +- ib.

    The scalar test equation of linear stability, as a game; b x y, the bilinear game, where a = 0.
    """
    a, b = eigenvalues.real.double(), eigenvalues.imag.double()
    q = torch.stack([torch.stack([a, b], -1), torch.stack([b, -a], -1)], -2)
    return LinearGame(q, -q, 1)


def second_derivatives(field: GameField, w: State) -> LinearGame:
    """The derivatives [n, n] of `field.derivatives` by all parameters at w: the game near w. Exact, n^2 numbers."""
    m = w.g.shape[-1]
    here = torch.cat([w.g, w.d]).detach().requires_grad_()
    v, others = field.derivatives(w, here[:m], here[m:])
    others = others(create_graph=True)
    matrices = []
    for slope in (torch.cat([v.g, others.d]), torch.cat([others.g, v.d])):
        slope = slope + 0.0 * here  # it may be constant
        rows = [torch.autograd.grad(one, here, retain_graph=True)[0] for one in slope]
        matrices.append(torch.stack(rows).detach())
    return LinearGame(matrices[0], matrices[1], m)


class LinearField(GameField):
    """The field of a game of quadratic losses, or of one for each lane of the state."""

    def __init__(self, linear: LinearGame, rule: Rule, knobs: Knobs, optimizers: tuple[Optimizer, Optimizer]) -> None:
        nothing: Any = None  # no networks and no minibatch: the losses are below
        super().__init__(Game(nothing, nothing, *optimizers, nothing), rule, nothing, knobs)
        self._linear = linear

    def derivatives(self, w: State, g: Tensor, d: Tensor) -> Derivatives:
        """Q_G w and Q_D w of w = (g, d), by rows."""
        both, m = torch.cat([g, d], -1), self._linear.m
        of_generator, of_critic = (_times(q, both) for q in self._linear[:2])
        own = (of_generator[..., :m], of_critic[..., m:])
        v = Field(*(0.0 * theta if rests else theta for theta, rests in zip(own, self.frozen, strict=True)))
        return Derivatives(v, lambda create_graph=False: Field(of_critic[..., :m], of_generator[..., m:]))

    def at(self, w: State) -> Evaluation:
        """J w, that of a frozen player being 0; without losses."""
        v = _times(self._linear.jacobian, torch.cat([w.g, w.d], -1))
        parts = (v[..., : self._linear.m], v[..., self._linear.m :])
        still = (torch.zeros_like(a) if rests else a for a, rests in zip(parts, self.frozen, strict=True))
        return Evaluation(Field(*still), Metrics(*(v.new_full(v.shape[:-1], torch.nan) for _ in Metrics._fields)))


def _times(q: Tensor, w: Tensor) -> Tensor:
    return (q @ w[..., None])[..., 0]


def transition(
    linear: LinearGame, rule: Rule, knobs: Knobs, optimizers: tuple[Optimizer, Optimizer] | None = None
) -> Tensor | None:
    """The matrix [(N,) s, s] of one period of the rule: (w, memory) -> (w, memory), in float64.

    s counts both players' parameters, the rule's memory and the optimisers' (SGD unless others are given). A period is
    one step but for rules that go back now and then (`UpdateRule.period`). None where the step is no linear function of
    these, the same at every step: under Adam, say; among many games those where it is none have NaN. None of a period
    beyond LONGEST_PERIOD. The clip rests.
    """
    if rule.update_rule.period > LONGEST_PERIOD:
        return None
    optimizers, knobs, m = optimizers or (sgd(), sgd()), knobs._replace(clip=0.0), linear.m
    single = linear.of_generator.ndim == 2
    pair = [q.double()[None] if single else q.double() for q in linear[:2]]

    def period(games: LinearGame, w: State) -> State:
        field = LinearField(games, rule, knobs, optimizers)
        for _ in range(rule.update_rule.period):
            w = _by_turns(rule, field, w) if rule.by_turns else rule.update_rule.step(field, w)[0]
        return w

    count, n = pair[0].shape[:2]
    first, still = LinearGame(pair[0][0], pair[1][0], m), pair[0].new_zeros(n)
    settled = period(first, _begin(rule, optimizers, still[:m], still[m:]))
    if not all(map(torch.equal, _counts(settled.rule), _counts(period(first, settled).rule))):
        return None
    size = sum(part.numel() for part in _vectors(settled))
    mixed = (0.3 + torch.arange(1, 1 + size).sin())[None]  # two lengths of one that mixes all: is it linear?
    points = torch.cat([torch.eye(size), mixed, SMALL * mixed]).double()
    each = LinearGame(pair[0].repeat_interleave(len(points), 0), pair[1].repeat_interleave(len(points), 0), m)
    moved = torch.cat(_vectors(period(each, _as_state(points.repeat(count, 1), settled))), -1)
    moved = moved.reshape(count, len(points), size)
    matrix = moved[:, :size].transpose(1, 2)
    off = (points @ matrix.transpose(1, 2) - moved).norm(dim=-1) / points.norm(dim=-1)
    linear_there = (off <= LINEAR * (1 + matrix.flatten(1).norm(dim=-1))[:, None]).all(1)
    matrix = torch.where(linear_there[:, None, None], matrix, torch.nan)
    if not single:
        return matrix
    return matrix[0] if linear_there else None


def contraction(
    linear: LinearGame, rule: Rule, knobs: Knobs, optimizers: tuple[Optimizer, Optimizer] | None = None
) -> Tensor | None:
    """By how much one step makes the distance to the equilibrium change in the long run: 0-d or [N].

    The spectral radius of `transition`, by step, of the rule that this one settles to; None, and NaN of a single game,
    as there.
    """
    rule = settled(linear, rule, knobs, optimizers)
    matrix = transition(linear, rule, knobs, optimizers)
    if matrix is None:
        return None
    bad = matrix.isnan().flatten(-2).any(-1)
    radius = torch.linalg.eigvals(torch.where(bad[..., None, None], 0.0, matrix)).abs().amax(-1)
    return torch.where(bad, torch.nan, radius ** (1 / rule.update_rule.period))


def settled(
    linear: LinearGame, rule: Rule, knobs: Knobs, optimizers: tuple[Optimizer, Optimizer] | None = None
) -> Rule:
    """With what the update rule comes to be on this game (`UpdateRule.settles`); as it is on many, or with momentum."""
    plain = optimizers is None or all(one.name == "sgd" for one in optimizers)
    if linear.of_generator.ndim > 2 or not plain or knobs.beta1:
        return rule
    hj, m = linear.jacobian.double(), linear.m
    lr_g = 0.0 if rule.freeze == "generator" else float(knobs.lr_g)
    lr_d = 0.0 if rule.freeze == "critic" else float(knobs.lr_d)
    hj = torch.cat([lr_g * hj[:m], lr_d * hj[m:]])
    if not hj.isfinite().all():
        return rule
    return rule._replace(update_rule=rule.update_rule.settles(torch.eye(len(hj), dtype=hj.dtype) - hj))


def _begin(rule: Rule, optimizers: tuple[Optimizer, Optimizer], g: Tensor, d: Tensor) -> State:
    state = State(g, d, optimizers[0].init(g), optimizers[1].init(d), g)
    return state._replace(rule=rule.update_rule.memory(state))


def _by_turns(rule: Rule, field: LinearField, w: State) -> State:
    """A step of gradient descent in the rule's order, each player as often as it says."""

    def critic(w: State) -> State:
        for _ in range(rule.critic_steps):
            moved = field.move(w, field.at(w).v)
            w = w._replace(d=moved.d, opt_d=moved.opt_d)
        return w

    def generator(w: State) -> State:
        for _ in range(rule.generator_steps):
            moved = field.move(w, field.at(w).v)
            w = w._replace(g=moved.g, opt_g=moved.opt_g)
        return w

    if rule.order == "alternating":
        return generator(critic(w))
    if rule.order == "generator-first":
        return critic(generator(w))
    g, d = generator(w), critic(w)
    return w._replace(g=g.g, opt_g=g.opt_g, d=d.d, opt_d=d.opt_d)


def _vectors(w: State) -> list[Tensor]:
    """What a step carries on beside counts: parameters and memories. The average of the generator follows from them."""
    carried = (w.g, w.d, w.opt_g, w.opt_d, w.rule)
    return [part for tree in carried for part in tensors(tree) if part.is_floating_point()]


def _counts(tree: Any) -> list[Tensor]:
    return [part for part in tensors(tree) if not part.is_floating_point()]


def _as_state(lanes: Tensor, like: State) -> State:
    """Vectors [L, s] as states, with the counts of `like`."""
    pieces = iter(lanes.split([part.numel() for part in _vectors(like)], -1))

    def filled(tree: Any) -> Any:
        if isinstance(tree, tuple):
            return tree._make(map(filled, tree))  # type: ignore[attr-defined]
        if not isinstance(tree, Tensor):
            return tree
        if not tree.is_floating_point():
            return tree.expand(len(lanes), *tree.shape) if tree.ndim else tree
        return next(pieces)

    g, d, opt_g, opt_d, memory = map(filled, (like.g, like.d, like.opt_g, like.opt_d, like.rule))
    return State(g, d, opt_g, opt_d, g, memory)
