"""A critic that judges several samples together, as a function of single ones: the definition that all probes share."""

from __future__ import annotations

import torch
from torch import Tensor

from gandyn.core.penalty import Critic
from gandyn.core.regularising import critic_at, packs
from gandyn.core.types import Game, Rule

PACKS = 4  # at least, in which a sample stands beside real samples, and as many beside generated ones


def single_critic(game: Game, rule: Rule, d: Tensor, real: Tensor, fake: Tensor) -> Critic:
    """The critic as a function of samples [..., n, *x] -> [..., n], each by itself: x beside a reference minibatch.

    real, fake: the two reference minibatches [..., B, *x], held fast; the value at x is the mean of that beside either,
    since a real sample is judged among real ones in training and a generated one among its like. Of a critic of packs
    of m it is further the mean over packs, in which x takes each place as often as any other and samples of the
    reference, one after the other, the rest (see `number_of_packs`). A layer that looks at the whole minibatch sees the
    reference in its place. Of a critic that judges each sample by itself it is the critic.
    """
    net = game.critic
    if net.pack == 1 and net.given is None:
        return critic_at(game, rule, d)
    axis = d.ndim - 1
    if net.given is None:
        beside = [(critic_at(game, rule, d), one) for one in (real, fake)]
    else:
        beside = [(critic_at(game, rule, d, packs(net, one, axis)), one) for one in (real, fake)]

    def critic(x: Tensor) -> Tensor:
        values = [_in_packs(judge, one, x, net.pack, axis) for judge, one in beside]
        return (values[0] + values[1]) / 2

    return critic


def number_of_packs(m: int) -> int:
    """In which a sample is judged beside either reference, in packs of m: the first multiple of m from PACKS on."""
    return m * -(-PACKS // m)


def _in_packs(critic: Critic, others: Tensor, x: Tensor, m: int, axis: int) -> Tensor:
    """The critic's mean value of packs of m with x [..., n, *x] in them, filled up with rows of `others`."""
    if m == 1:
        return critic(x)
    row, n = torch.arange(m - 1, device=x.device), x.shape[axis]
    packs = []
    for i in range(number_of_packs(m)):
        chosen = others.index_select(axis, (i * (m - 1) + row) % others.shape[axis]).unsqueeze(axis)
        rest = chosen.expand(*x.shape[:axis], n, m - 1, x.shape[-1])  # the same beside every x
        place = i % m
        packs.append(torch.cat([rest.narrow(-2, 0, place), x.unsqueeze(-2), rest.narrow(-2, place, m - 1 - place)], -2))
    values = critic(torch.cat(packs, axis).flatten(-2))
    return values.unflatten(-1, (len(packs), n)).mean(-2)
