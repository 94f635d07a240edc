"""The compiled engine is the one in autograd: new states and metrics in float64, to a relative error of 1e-10.

Every combination that it computes, from a state with non-zero moments, over two steps. Nine pseudo-random slices of the
product run by default; the whole of it is `slow`.
"""

import itertools
import random

import pytest
import torch
from torch import Tensor

import gandyn
from gandyn.core import dynamics, engine, native
from gandyn.core.lanes import by_lane, stack
from gandyn.core.objectives import OBJECTIVES
from gandyn.core.optimizers import OPTIMIZERS
from gandyn.core.penalties import PENALTIES
from tests.contracts import small

RELATIVE = 1e-10
ROWS = 9
DEPTHS = {"tanh": (7, 5), "relu": (7, 5), "leaky-relu": (6,), "linear": ()}
AHEAD = ((0, "second"), (1, "second"), (3, "second"), (2, "first"))
ORDERS = ("simultaneous", "alternating", "generator-first")
FIELDS = ("objective", "penalty", "clip", "ahead", "order", "counts", "freeze")
PRODUCT = [
    dict(zip(FIELDS, values, strict=True))
    for values in itertools.product(
        OBJECTIVES, PENALTIES, (0.0, 0.3), AHEAD, ORDERS, ((1, 1), (2, 3)), ("none", "critic", "generator")
    )
]


def game(optimizer: str, activation: str, output: str = "linear") -> gandyn.Game:
    rule, kind = OPTIMIZERS[optimizer], "tanh" if activation == "linear" else activation
    generator = gandyn.mlp([3, 6, 2], kind, gain=1.2, output=output)
    critic = gandyn.mlp([2, *DEPTHS[activation], 1], kind, gain=1.4, input_scale=0.5, bias=activation != "leaky-relu")
    return gandyn.Game(generator, critic, rule, rule, gandyn.Latent(3))


def batch(index: int) -> gandyn.Batch:
    draw = torch.Generator().manual_seed(index)
    real = torch.randn(ROWS, 2, generator=draw, dtype=torch.float64) + 1
    z = torch.randn(ROWS, 3, generator=draw, dtype=torch.float64)
    mix, noise = torch.rand(ROWS, generator=draw).double(), torch.rand(ROWS, 2, generator=draw).double()
    return gandyn.Batch(real, z, mix, noise)


def warm(the_game: gandyn.Game, seed: int = 1) -> gandyn.State:
    """A state ten steps from the start."""
    state, knobs = gandyn.init(the_game, seed, dtype=torch.float64), gandyn.Knobs(lr_g=0.01, lr_d=0.01)
    for i in range(10):
        state, _ = dynamics.step(the_game, gandyn.Rule(), state, [batch(10 * seed + i)], knobs)
    return state


def rule_of(row: dict) -> gandyn.Rule:
    (k, order), (critic, generator) = row["ahead"], row["counts"]
    named = {name: row[name] for name in ("objective", "penalty", "order", "freeze")}
    return gandyn.Rule(**named, unroll=k, unroll_order=order, critic_steps=critic, generator_steps=generator)


def knobs_of(row: dict) -> gandyn.Knobs:
    return gandyn.Knobs(2e-3, 3e-3, beta1=0.6, beta2=0.95, eps=1e-2, penalty_weight=0.7, clip=row["clip"], ema=0.5)


def batches_of(rule: gandyn.Rule, index: int) -> list[gandyn.Batch]:
    shared = rule.order == "simultaneous" and rule.critic_steps == rule.generator_steps == 1
    count = 1 if shared else rule.critic_steps + rule.generator_steps
    return [batch(1000 * index + i) for i in range(count)]


def error(found: Tensor, expected: Tensor) -> float:
    scale = float(expected.norm())
    return float((found - expected).norm()) / (scale if scale > 1e-9 else 1.0)


def values(state: gandyn.State, metrics: gandyn.Metrics) -> dict[str, Tensor]:
    return {**small.tensors(state), **metrics._asdict()}


def compare(the_game: gandyn.Game, start: gandyn.State, row: dict) -> None:
    rule, knobs, mine, theirs = rule_of(row), knobs_of(row), start, start
    for i in range(2):
        batches = batches_of(rule, i)
        kept = {name: tensor.clone() for name, tensor in small.tensors(mine).items()}
        before = mine
        theirs, expected = dynamics.step(the_game, rule, theirs, batches, knobs)
        mine, found = engine.step(the_game, rule._replace(engine="native"), mine, batches, knobs)
        assert all(torch.equal(kept[name], tensor) for name, tensor in small.tensors(before).items()), "a state moved"
        assert (mine.step, mine.opt_g.t, mine.opt_d.t) == (theirs.step, theirs.opt_g.t, theirs.opt_d.t)
        wanted = values(theirs, expected)
        for name, value in values(mine, found).items():
            exact = wanted[name]
            difference = float(expected.f.abs()) / max(float(exact.abs()), 1e-300) if name == "gap" else 1.0
            assert error(value, exact) <= RELATIVE * max(1.0, difference), (name, row)  # the gap is f - f_k


def taken(the_game: gandyn.Game) -> list[dict]:
    """The combinations that are computed by the compiled engine."""
    return [row for row in PRODUCT if native.unsupported_reason(the_game, rule_of(row)) is None]


compiled = pytest.mark.skipif(not taken(game("adam", "tanh")), reason="no compiled engine here")
CASES = [(optimizer, activation) for optimizer in OPTIMIZERS for activation in DEPTHS]


@compiled
@pytest.mark.parametrize(("optimizer", "activation"), CASES)
def test_a_sample_of_the_product(optimizer: str, activation: str) -> None:
    the_game = game(optimizer, activation)
    rows = taken(the_game)
    start = warm(the_game)
    for row in random.Random(f"{optimizer}/{activation}").sample(rows, 40):
        compare(the_game, start, row)


@compiled
@pytest.mark.slow
@pytest.mark.parametrize(("optimizer", "activation"), CASES)
def test_the_whole_product(optimizer: str, activation: str) -> None:
    the_game = game(optimizer, activation)
    start = warm(the_game)
    for row in taken(the_game):
        compare(the_game, start, row)


@compiled
@pytest.mark.parametrize("output", ["tanh", "sigmoid"])
def test_outputs_of_the_generator(output: str) -> None:
    the_game = game("adam", "tanh", output)
    rows = taken(the_game)
    start = warm(the_game)
    for row in random.Random(output).sample(rows, 20):
        compare(the_game, start, row)


def test_the_compiled_engine_refuses_with_one_line_and_auto_does_not(monkeypatch) -> None:
    monkeypatch.setattr(native, "unsupported_reason", lambda game, rule: "this test has none")
    the_game, rule = game("adam", "tanh"), gandyn.Rule(unroll=2, engine="native")
    with pytest.raises(ValueError, match="^engine 'native' cannot .*: this test has none; use engine 'auto'$"):
        gandyn.step(the_game, rule, warm(the_game), [batch(0)], gandyn.Knobs())
    automatic, _ = gandyn.step(the_game, rule._replace(engine="auto"), warm(the_game), [batch(0)], gandyn.Knobs())
    reference, _ = gandyn.step_reference(the_game, rule, warm(the_game), [batch(0)], gandyn.Knobs())
    assert small.same(automatic, reference)


@compiled
def test_dead_units_stay_finite_through_the_look_ahead() -> None:
    """A relu unit that never fires has v = 0: the root's derivative there must not be multiplied."""
    the_game = game("adam", "relu")
    start = gandyn.init(the_game, 0, dtype=torch.float64)
    d = start.d.clone()
    d[2 * 7 : 3 * 7] = -100.0  # the biases of the first layer: all of it is dead
    start = start._replace(d=d)
    new, metrics = gandyn.step(the_game, gandyn.Rule(unroll=3, engine="native"), start, [batch(0)], gandyn.Knobs())
    reference, _ = gandyn.step_reference(the_game, gandyn.Rule(unroll=3), start, [batch(0)], gandyn.Knobs())
    assert all(bool(torch.isfinite(value).all()) for value in values(new, metrics).values())
    assert error(new.g, reference.g) <= RELATIVE and error(new.d, reference.d) <= RELATIVE


def lanes_of(batches: list[list[gandyn.Batch]]) -> list[gandyn.Batch]:
    """One list of batches a lane -> one list of batches with lanes."""
    return [gandyn.Batch(*(torch.stack(parts) for parts in zip(*of, strict=True))) for of in zip(*batches, strict=True)]


@pytest.mark.parametrize("activation", DEPTHS)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("name", [pytest.param("native", marks=compiled), "autograd"])
def test_lanes_are_the_runs_of_their_own(name: str, optimizer: str, activation: str) -> None:
    """Three lanes with rates, betas, weights, clips and averages of their own, over the product's sample."""
    the_game = game(optimizer, activation)
    rows = taken(the_game) if name == "native" else PRODUCT
    singles = [warm(the_game, seed) for seed in (1, 2, 3)]
    lr, beta1, beta2, weight = [2e-3, 1e-3, 3e-3], [0.6, 0.5, 0.0], [0.95, 0.9, 0.99], [0.7, 0.1, 2.0]
    clips, averages = [0.3, 0.0, 0.2], [0.5, 0.9, 0.0]
    each = [
        gandyn.Knobs(lr[i], lr[-1 - i], beta1[i], beta2[i], 1e-2, weight[i], clips[i], averages[i]) for i in range(3)
    ]
    lists = {"lr_g": lr, "lr_d": lr[::-1], "beta1": beta1, "beta2": beta2}
    lists |= {"penalty_weight": weight, "clip": clips, "ema": averages}
    together = gandyn.Knobs(**by_lane(lists), eps=1e-2)
    for row in random.Random(f"lanes {optimizer}/{activation}").sample(rows, 12):
        rule = rule_of(row)
        own = [batches_of(rule, 50 + i) for i in range(3)]
        found, metrics = engine.step(the_game, rule._replace(engine=name), stack(singles), lanes_of(own), together)
        for i in range(3):
            expected, told = dynamics.step(the_game, rule, singles[i], own[i], each[i])
            wanted = values(expected, told)
            for part, value in values(found, metrics).items():
                assert error(value[i], wanted[part]) <= RELATIVE, (part, i, row)
