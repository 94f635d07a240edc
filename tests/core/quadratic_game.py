"""A game of two quadratic losses, whose field v(w) = J w is linear: what update rules are held against.

L_G = w'Q_G w / 2 and L_D = w'Q_D w / 2, w = (x, y), x the generator's parameters. No GAN: rules see a field alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from gandyn.core.linear_game import LinearField, LinearGame
from gandyn.core.optimizers.sgd import sgd
from gandyn.core.types import Knobs, Rule, State
from gandyn.core.update_rule import UpdateRule, remembering


class QuadraticGame:
    """The two losses by their symmetric matrices, with m parameters of the generator."""

    def __init__(self, of_generator: np.ndarray, of_critic: np.ndarray, m: int) -> None:
        self.q_g, self.q_d, self.m = of_generator, of_critic, m

    @property
    def jacobian(self) -> np.ndarray:
        """J = dv/dw: the generator's rows of Q_G over the critic's rows of Q_D."""
        return np.concatenate([self.q_g[: self.m], self.q_d[self.m :]])

    @property
    def interaction(self) -> np.ndarray:
        """J without its diagonal blocks."""
        off = self.jacobian.copy()
        off[: self.m, : self.m] = off[self.m :, self.m :] = 0
        return off

    def rates(self, lr_g: float, lr_d: float) -> np.ndarray:
        """The learning rate of each parameter, as a diagonal matrix."""
        return np.diag([lr_g] * self.m + [lr_d] * (len(self.q_g) - self.m))


BILINEAR = QuadraticGame(np.array([[0.0, 1.0], [1.0, 0.0]]), -np.array([[0.0, 1.0], [1.0, 0.0]]), 1)


def random_game(seed: int, m: int = 2, n: int = 5) -> QuadraticGame:
    """Two unrelated losses of n parameters, m of them the generator's."""
    rng = np.random.default_rng(seed)
    halves = rng.normal(size=(2, n, n))
    return QuadraticGame(*(halves + halves.transpose(0, 2, 1)) / 2, m)


def iterates(
    rule: UpdateRule, game: QuadraticGame, start: np.ndarray, steps: int, knobs: Knobs, optimizer: Any = None
) -> np.ndarray:
    """The points [steps + 1, n] of the rule in float64, from `start` on."""
    w = torch.from_numpy(start)
    g, d = w[: game.m], w[game.m :]
    one = optimizer or sgd()
    linear = LinearGame(torch.from_numpy(game.q_g), torch.from_numpy(game.q_d), game.m)
    field = LinearField(linear, Rule(), knobs, (one, one))
    state = remembering(rule, State(g, d, one.init(g), one.init(d), g))
    points = [start]
    for _ in range(steps):
        state, _ = rule.step(field, state)
        points.append(torch.cat([state.g, state.d]).numpy())
    return np.array(points)
