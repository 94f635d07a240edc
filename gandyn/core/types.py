"""What the game is made of: data without behaviour.

Shapes: B batch, P parameters of a network, *x the shape of one sample, nz the latent size.
Parameters are one flat vector a network; a State is never written into, a step returns a new one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, Self

import torch
from torch import Tensor

from gandyn.core import checks
from gandyn.core.bounds import BOUNDS
from gandyn.core.net import Net
from gandyn.core.objective import Objective, VectorForm  # noqa: F401
from gandyn.core.penalty import Penalty  # noqa: F401
from gandyn.core.trees import Empty
from gandyn.core.update_rule import UpdateRule

ORDERS = ("simultaneous", "alternating", "generator-first")
UNROLL_ORDERS = ("second", "first")
FREEZES = ("none", "critic", "generator")
LOOKING = ("generator", "critic", "both")  # who looks ahead
AVERAGES = ("ema", "uniform")
ENGINES = ("auto", "native", "autograd")
ENGINES_BEFORE = {"fused": "native", "reference": "autograd"}  # as links and files of before name them
LATENT_LAWS = ("normal", "uniform")
DEVICES = ("auto", "cpu", "cuda")
OWN_WEIGHT = "penalty."  # and a penalty's name: the control that is its weight, in Knobs.weights
MAX_LANES = 4096
MOST_IN_PAIRS = 8192  # samples of a minibatch of which every two are compared


OptState = Any  # a named tuple of tensors of the optimiser's own, its number of updates `t` among them


class Rates(NamedTuple):
    """An optimiser's numbers, handed over at every update so that all of them are live."""

    lr: float | Tensor
    beta1: float | Tensor
    beta2: float | Tensor
    eps: float | Tensor


class Optimizer(NamedTuple):
    """A pure, differentiable update rule of one player.

    Its state is a named tuple of tensors. What has an axis belongs to one GAN: lanes add an axis in front, so a number
    is [1], and reductions are over the last axis. A 0-d tensor, as the number of updates, is common to all lanes.
    """

    name: str
    init: Callable[[Tensor], OptState]  # theta [P] -> the state before the first update
    update: Callable[[Tensor, Tensor, OptState, Rates], tuple[Tensor, OptState]]  # (theta, grad, state, rates)
    summary: str
    formula: str
    cite: str
    knobs: tuple[str, ...]  # the Rates that it reads


class Batch(NamedTuple):
    """All the random numbers of one update, and what penalties remember."""

    real: Tensor  # [B, *x] samples of the target
    z: Tensor  # [B, nz] latents
    mix: Tensor  # [B] in [0, 1): the place of the interpolates of the gradient penalty
    noise: Tensor | None = None  # [B, *x] in [-1, 1): the perturbation of DRAGAN
    own: Any = None  # of penalties by name: random numbers [B, ...] of their own
    memory: Any = None  # of penalties by name: what they remember, held fast during a step


class Schedule(NamedTuple):
    """What a headless run writes down and when, as its source does; in steps, 0 where the source does not say."""

    samples: int = 0  # between two pictures of samples
    sheet: tuple[int, int] = (8, 8)  # rows and columns of a picture of images
    table: int = 0  # between two rows of the table that the source prints
    columns: tuple[str, ...] = ()  # of that table: names of metrics
    # the source's number of the first update, 0 or 1, where it shows that one, too; None: it does not
    counted_from: int | None = None


class _Checked:
    """A named tuple that refuses bad values, whichever way it is made: by name, by _make, by _replace."""

    __slots__ = ()

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        given = super().__new__(cls, *args, **kwargs)
        return tuple.__new__(cls, given._checked())  # type: ignore[type-var]

    @classmethod
    def _make(cls, iterable: Iterable[Any]) -> Self:
        return cls(*iterable)

    def _checked(self) -> Iterable[Any]:
        raise NotImplementedError


class _Rule(NamedTuple):
    objective: str = "minimax"
    penalty: str = "none"  # a set: names with + between
    unroll: int = 0
    unroll_order: str = "second"
    critic_steps: int = 1
    generator_steps: int = 1
    order: str = "simultaneous"
    batch_size: int = 256
    freeze: str = "none"
    engine: str = "auto"
    update_rule: UpdateRule = "gradient"  # type: ignore[assignment]  its name is taken, too
    averaging: str = "ema"
    objective_numbers: Any = ()  # the objective's own parameters by name: a mapping, kept as pairs of all of them
    unroll_player: str = "generator"


class Rule(_Checked, _Rule):
    """The static part of a step: which losses, how many updates, in which order. Live. Refuses bad values."""

    __slots__ = ()

    def _checked(self) -> Iterable[Any]:
        from gandyn.core.objectives import OBJECTIVES
        from gandyn.core.penalty_set import canonical
        from gandyn.core.update_rules import UPDATE_RULES

        words = {
            "objective": list(OBJECTIVES), "unroll_order": UNROLL_ORDERS, "order": ORDERS, "freeze": FREEZES,
            "engine": ENGINES, "averaging": AVERAGES, "unroll_player": LOOKING,
        }  # fmt: skip
        for name, value in self._asdict().items():
            if name == "batch_size" and OBJECTIVES[self.objective].of_samples is not None:
                yield checks.integer(name, value, 1, MOST_IN_PAIRS)
                continue
            if name in BOUNDS:
                yield checks.integer(name, value, *BOUNDS[name])
                continue
            if name == "engine" and isinstance(value, str):
                value = ENGINES_BEFORE.get(value, value)
            if name == "objective_numbers":
                yield tuple(OBJECTIVES[self.objective].replace(**dict(self.objective_numbers)).parameters().items())
                continue
            if name == "penalty":
                yield canonical(value)
                continue
            if name == "update_rule":
                known = list(UPDATE_RULES)
                yield value if isinstance(value, UpdateRule) else UPDATE_RULES[checks.choice(name, value, known)]()
                continue
            yield checks.choice(name, value, words[name])

    def _replace(self, /, **changes: Any) -> Self:  # type: ignore[override]
        """Another objective has parameters of its own, the default ones where none are given."""
        if changes.get("objective", self.objective) != self.objective:
            changes = {"objective_numbers": ()} | changes
        return super()._replace(**changes)

    @property
    def losses(self) -> Objective:
        """The objective at its present parameters."""
        from gandyn.core.objectives import OBJECTIVES

        chosen = OBJECTIVES[self.objective]
        return chosen.replace(**dict(self.objective_numbers)) if self.objective_numbers else chosen

    @property
    def by_turns(self) -> bool:
        """Whether the players move as `order` and the step counts say; under other update rules both move at once."""
        return self.update_rule.name == "gradient"

    @property
    def unroll_g(self) -> int:
        """How many updates of the critic the generator looks ahead."""
        return 0 if self.unroll_player == "critic" else self.unroll

    @property
    def unroll_d(self) -> int:
        """How many updates of the generator the critic looks ahead."""
        return 0 if self.unroll_player == "generator" else self.unroll

    @property
    def updates(self) -> tuple[int, int]:
        """How often the critic and the generator move in a step; once each under a rule that moves both at once."""
        return (self.critic_steps, self.generator_steps) if self.by_turns else (1, 1)

    @property
    def gradients(self) -> float:
        """The cost of a step in evaluations of the field: both players' gradients on one minibatch, each a half.

        An update that is looked ahead counts as one of that player, whether the derivative goes through it or not.
        """
        critics, generators = self.updates
        return self.update_rule.gradients * (critics * (1 + self.unroll_d) + generators * (1 + self.unroll_g)) / 2

    @property
    def at_once(self) -> bool:
        """Whether both players move once a step, from the same point, on one batch."""
        return not self.by_turns or (self.order == "simultaneous" and self.updates == (1, 1))


class _Knobs(NamedTuple):
    lr_g: float | Tensor = 1e-3
    lr_d: float | Tensor = 1e-3
    beta1: float | Tensor = 0.5
    beta2: float | Tensor = 0.999
    eps: float | Tensor = 1e-8
    penalty_weight: float | Tensor = 0.1
    clip: float | Tensor = 0.0
    ema: float | Tensor = 0.0
    decay_g: float | Tensor = 0.0
    decay_d: float | Tensor = 0.0
    decay_steps: float | Tensor = 1000.0
    weights: Any = ()  # of penalties that have one of their own, by name: a mapping, kept as pairs


class Knobs(_Checked, _Knobs):
    """The numbers of a step. Live, and may differ per lane. Refuses bad values."""

    __slots__ = ()

    def _checked(self) -> Iterable[Any]:
        from gandyn.core.penalty_set import checked_weights

        *fixed, weights = self._asdict().items()
        yield from (checks.lanes(name, value, *BOUNDS[name]) for name, value in fixed)
        yield checked_weights(weights[1])

    def numbers(self) -> dict[str, float | Tensor]:
        """All of them by the names of their controls, a penalty's own weight as `penalty.NAME`."""
        *fixed, weights = self._asdict().items()
        return dict(fixed) | {OWN_WEIGHT + name: weight for name, weight in weights[1]}

    @classmethod
    def of(cls, numbers: Mapping[str, float | Tensor], *, checked: bool = True) -> Self:
        """Those of `numbers`, which are not looked at again where they were `checked` before: the inverse."""
        own, begins = [numbers[name] for name in cls._fields[:-1]], len(OWN_WEIGHT)
        weights = tuple((name[begins:], value) for name, value in numbers.items() if name.startswith(OWN_WEIGHT))
        return cls(*own, weights) if checked else tuple.__new__(cls, (*own, weights))


def is_knob(name: str) -> bool:
    """Whether a control of this name is one of the Knobs' numbers."""
    return name in _Knobs._fields[:-1] or name.startswith(OWN_WEIGHT)


class Latent(NamedTuple):
    """The law of z: `size` numbers, standard normal or uniform on [-1, 1)."""

    size: int
    law: str = "normal"


class Game(NamedTuple):
    """Two networks and their optimisers. What is in here changes the shape of State, so it needs a reset."""

    generator: Net
    critic: Net
    optimizer_g: Optimizer
    optimizer_d: Optimizer
    latent: Latent


class State(NamedTuple):
    """One point of the dynamical system: a tree of tensors, each with a leading axis of lanes where there are any."""

    g: Tensor  # [P_G]
    d: Tensor  # [P_D]
    opt_g: OptState
    opt_d: OptState
    ema_g: Tensor  # [P_G] the average; equal to g where none is asked for (it rests while the generator is frozen)
    rule: Any = Empty()  # noqa: RUF012  what the update rule remembers: a named tuple of tensors of its own
    aux: Any = Empty()  # noqa: RUF012  what regularisers remember: one, too
    averaged: Tensor = torch.zeros((), dtype=torch.int64)  # how many iterates ema_g is the mean of; 0: of none
    step: int = 0


class Metrics(NamedTuple):
    """What a step reports, as 0-d tensors; f is the critic's objective without penalty on the generator's batch."""

    critic_loss: Tensor  # objective + penalty on the last critic batch, before that update
    generator_loss: Tensor  # what the last generator update minimised, before it
    f: Tensor  # f(d) at the critic that the generator's update faces
    f_k: Tensor  # f(d_k) after the look-ahead; f itself when unroll = 0
    gap: Tensor  # f - f_k
