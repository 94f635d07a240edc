"""An entry declares the numbers that it reads: each declared one acts, and no other does."""

import pytest
import torch
from torch import Tensor

import gandyn
from gandyn.core.optimizers import OPTIMIZERS
from gandyn.core.penalties import PENALTIES
from gandyn.core.types import Batch, Knobs, Optimizer, Penalty, Rates
from tests.own_numbers import own_numbers

RATES = Rates(0.1, 0.5, 0.9, 1e-2)
OTHER = Rates(0.2, 0.3, 0.7, 1e-1)
draw = torch.Generator().manual_seed(0)
START, *GRADIENTS = torch.randn(33, 5, generator=draw, dtype=torch.float64)
GAME = gandyn.Game(
    gandyn.mlp([1, 4, 2], "tanh"), gandyn.mlp([2, 6, 1], "tanh", gain=2.0), gandyn.sgd(), gandyn.sgd(), gandyn.Latent(1)
)
BATCH = Batch(
    *(torch.rand(*shape, generator=draw, dtype=torch.float64) for shape in ((7, 2), (7, 1), (7,), (7, 2))),
    own_numbers(draw, (7,), (2,), 1),
)


def rates_read(optimizer: Optimizer) -> set[str]:
    """The rates that change where it leads: enough updates for a sign to depend on them, too."""

    def end(rates: Rates) -> Tensor:
        theta, state = START, optimizer.init(START)
        for grad in GRADIENTS:
            theta, state = optimizer.update(theta, grad, state, rates)
        return theta

    plain = end(RATES)
    return {
        name for name in Rates._fields if not torch.equal(plain, end(RATES._replace(**{name: getattr(OTHER, name)})))
    }


def knobs_read(penalty: Penalty) -> set[str]:
    """The knobs that change where a step leads: a penalty may read one, the weight that penalties have in common."""

    def end(weight: float) -> Tensor:
        rule = gandyn.Rule("non-saturating", penalty.name, engine="autograd")
        state = gandyn.init(GAME, 0, dtype=torch.float64)
        return torch.cat(gandyn.step(GAME, rule, state, [BATCH], Knobs(penalty_weight=weight))[0][:2])

    return set() if torch.equal(end(0.5), end(0.7)) else {"penalty_weight"}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer_reads_the_rates_that_it_declares(name):
    assert rates_read(OPTIMIZERS[name]) == set(OPTIMIZERS[name].knobs)


@pytest.mark.parametrize("name", PENALTIES)
def test_a_penalty_reads_the_knobs_that_it_declares(name):
    assert knobs_read(PENALTIES[name]) == set(PENALTIES[name].knobs) <= set(Knobs._fields)


def test_a_wrong_declaration_is_found():
    """A declared number that does nothing, and an undeclared one that acts."""
    sgd = OPTIMIZERS["sgd"]
    assert rates_read(sgd) != set(sgd._replace(knobs=("lr", "beta1", "eps")).knobs)
    assert rates_read(sgd) != set(sgd._replace(knobs=("lr",)).knobs)
    assert knobs_read(PENALTIES["r1"]) != set(PENALTIES["r1"]._replace(knobs=()).knobs)
    assert knobs_read(PENALTIES["none"]) != {"penalty_weight"}
