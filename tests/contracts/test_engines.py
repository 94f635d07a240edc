"""The engine by hand is the one in autograd: new states and metrics in float64, to a relative error of 1e-10.

Every combination that it takes, from a state with non-zero moments, over two steps. Nine pseudo-random slices of the
product run by default; the whole of it is `slow`.
"""

import itertools
import random
from collections.abc import Iterator

import pytest
import torch
from torch import Tensor

import gandyn
from gandyn.core import dynamics, engine
from gandyn.core.fused.backend import PORTABLE, Backend
from gandyn.core.fused.graphs import graph_step
from gandyn.core.fused.step import why_not
from gandyn.core.lanes import by_lane, stack
from gandyn.core.objectives import OBJECTIVES
from gandyn.core.optimizers import OPTIMIZERS
from gandyn.core.penalties import PENALTIES
from gandyn.core.types import Objective
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
#: what the engine leaves to autograd
LEFT = {
    "a penalty stands inside the look-ahead": lambda row: (
        row["penalty"] != "none" and row["ahead"][0] and row["ahead"][1] == "second"
    )
}


def game(optimizer: str, activation: str, output: str = "linear") -> gandyn.Game:
    make, kind = OPTIMIZERS[optimizer], "tanh" if activation == "linear" else activation
    generator = gandyn.mlp([3, 6, 2], kind, gain=1.2, output=output)
    critic = gandyn.mlp([2, *DEPTHS[activation], 1], kind, gain=1.4, input_scale=0.5, bias=activation != "leaky-relu")
    return gandyn.Game(generator, critic, make(), make(), gandyn.Latent(3))


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


def compare(the_game: gandyn.Game, start: gandyn.State, row: dict, backend: Backend = PORTABLE) -> None:
    rule, knobs, mine, theirs = rule_of(row), knobs_of(row), start, start
    for i in range(2):
        batches = batches_of(rule, i)
        assert why_not(the_game, rule, batches) is None
        kept = {name: tensor.clone() for name, tensor in small.tensors(mine).items()}
        before = mine
        theirs, expected = dynamics.step(the_game, rule, theirs, batches, knobs)
        mine, found = engine.step(the_game, rule._replace(engine="fused"), mine, batches, knobs, backend)
        assert all(torch.equal(kept[name], tensor) for name, tensor in small.tensors(before).items()), "a state moved"
        assert (mine.step, mine.opt_g.t, mine.opt_d.t) == (theirs.step, theirs.opt_g.t, theirs.opt_d.t)
        wanted = values(theirs, expected)
        for name, value in values(mine, found).items():
            exact = wanted[name]
            difference = float(expected.f.abs()) / max(float(exact.abs()), 1e-300) if name == "gap" else 1.0
            assert error(value, exact) <= RELATIVE * max(1.0, difference), (name, row)  # the gap is f - f_k


def taken() -> Iterator[dict]:
    return (row for row in PRODUCT if not any(left(row) for left in LEFT.values()))


CASES = [(optimizer, activation) for optimizer in OPTIMIZERS for activation in DEPTHS]


@pytest.mark.parametrize(("optimizer", "activation"), CASES)
def test_a_sample_of_the_product(optimizer: str, activation: str) -> None:
    the_game, rows = game(optimizer, activation), list(taken())
    start = warm(the_game)
    for row in random.Random(f"{optimizer}/{activation}").sample(rows, 40):
        compare(the_game, start, row)


@pytest.mark.slow
@pytest.mark.parametrize(("optimizer", "activation"), CASES)
def test_the_whole_product(optimizer: str, activation: str) -> None:
    the_game = game(optimizer, activation)
    start = warm(the_game)
    for row in taken():
        compare(the_game, start, row)


@pytest.mark.parametrize("output", ["tanh", "sigmoid"])
def test_outputs_of_the_generator(output: str) -> None:
    the_game, rows = game("adam", "tanh", output), list(taken())
    start = warm(the_game)
    for row in random.Random(output).sample(rows, 20):
        compare(the_game, start, row)


def test_every_back_end_gives_the_same_in_float64() -> None:
    row = {"objective": "minimax", "penalty": "none", "clip": 0.0, "ahead": (3, "second")}
    row |= {"order": "simultaneous", "counts": (1, 1), "freeze": "none"}
    the_game = game("adam", "tanh")
    for backend in (Backend(tanh="numpy"), Backend(1, "numpy"), Backend(1, "numpy", True)):
        compare(the_game, warm(the_game), row, backend)


def test_what_is_left_to_autograd(monkeypatch) -> None:
    the_game = game("adam", "tanh")
    for row in PRODUCT:
        rule = rule_of(row)
        expected = next((name for name, left in LEFT.items() if left(row)), None)
        assert why_not(the_game, rule, batches_of(rule, 0)) == expected
    elu = gandyn.mlp([2, 4, 1], "elu")
    assert why_not(the_game._replace(critic=elu), gandyn.Rule(), ()) == "the critic's activation is elu"
    other = the_game.critic._replace(apply=lambda theta, x: x[:, :1])
    assert why_not(the_game._replace(critic=other), gandyn.Rule(), ()) == "the critic is no multilayer perceptron"
    squashed = gandyn.mlp([2, 4, 1], output="sigmoid")
    assert why_not(the_game._replace(critic=squashed), gandyn.Rule(), ()) == "the critic's output is not linear"
    monkeypatch.setitem(PENALTIES._entries, "mine", (99, PENALTIES["r1"]._replace(name="mine", pull=None)))
    assert why_not(the_game, gandyn.Rule(penalty="mine"), ()) == "the penalty mine has no derivative by hand"
    odd = the_game._replace(optimizer_d=the_game.optimizer_d._replace(name="lion"))
    assert why_not(odd, gandyn.Rule(unroll=2), ()) == "the optimiser lion is not taken backwards"
    assert why_not(odd, gandyn.Rule(), ()) is None
    uneven = batch(0)._replace(z=torch.zeros(4, 3, dtype=torch.float64))
    assert why_not(the_game, gandyn.Rule(), [uneven]) == "the batches are not all of one size"


def test_the_fused_engine_refuses_with_one_line_and_auto_does_not() -> None:
    the_game, rule = game("adam", "tanh"), gandyn.Rule(penalty="gradient-penalty", unroll=2, engine="fused")
    with pytest.raises(
        ValueError, match="cannot take this step: a penalty stands inside .*use engine 'auto'"
    ) as caught:
        gandyn.step(the_game, rule, warm(the_game), [batch(0)], gandyn.Knobs())
    assert "\n" not in str(caught.value)
    automatic, _ = gandyn.step(the_game, rule._replace(engine="auto"), warm(the_game), [batch(0)], gandyn.Knobs())
    reference, _ = gandyn.step_reference(the_game, rule, warm(the_game), [batch(0)], gandyn.Knobs())
    assert small.same(automatic, reference)


@pytest.mark.parametrize("name", list(OBJECTIVES))
def test_an_objective_without_slopes_is_taken_by_autograd_over_its_logits(name: str, monkeypatch) -> None:
    from gandyn.core.fused import seeds

    plain: Objective = OBJECTIVES[name]._replace(slopes=None)
    monkeypatch.setattr(seeds, "slopes_of", lambda _: None)
    made, own = seeds.from_losses(plain), OBJECTIVES[name].slopes
    assert own is not None
    draw = torch.Generator().manual_seed(3)
    real, fake, a, b = (torch.randn(2, 5, generator=draw, dtype=torch.float64) for _ in range(4))
    for part in ("critic", "generator"):
        for one, other in zip(getattr(made, part)(real, fake), getattr(own, part)(real, fake), strict=True):
            assert torch.allclose(one, other, rtol=1e-12, atol=1e-14), part
    for one, other in zip(made.bend(real, fake, a, b), own.bend(real, fake, a, b), strict=True):
        assert torch.allclose(one, other, rtol=1e-12, atol=1e-14)


def test_dead_units_stay_finite_through_the_look_ahead() -> None:
    """A relu unit that never fires has v = 0: the root's derivative there must not be multiplied."""
    the_game = game("adam", "relu")
    start = gandyn.init(the_game, 0, dtype=torch.float64)
    d = start.d.clone()
    d[2 * 7 : 3 * 7] = -100.0  # the biases of the first layer: all of it is dead
    start = start._replace(d=d)
    new, metrics = gandyn.step(the_game, gandyn.Rule(unroll=3, engine="fused"), start, [batch(0)], gandyn.Knobs())
    reference, _ = gandyn.step_reference(the_game, gandyn.Rule(unroll=3), start, [batch(0)], gandyn.Knobs())
    assert all(bool(torch.isfinite(value).all()) for value in values(new, metrics).values())
    assert error(new.g, reference.g) <= RELATIVE and error(new.d, reference.d) <= RELATIVE


def lanes_of(batches: list[list[gandyn.Batch]]) -> list[gandyn.Batch]:
    """One list of batches a lane -> one list of batches with lanes."""
    return [gandyn.Batch(*(torch.stack(parts) for parts in zip(*of, strict=True))) for of in zip(*batches, strict=True)]


@pytest.mark.parametrize("activation", DEPTHS)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_lanes_are_the_runs_of_their_own(optimizer: str, activation: str) -> None:
    """Three lanes with rates, betas, weights, clips and averages of their own, over the product's sample."""
    the_game, rows = game(optimizer, activation), list(taken())
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
        found, metrics = engine.step(
            the_game, rule._replace(engine="fused"), stack(singles), lanes_of(own), together, PORTABLE
        )
        by_autograd, _ = engine.step(
            the_game, rule._replace(engine="reference"), stack(singles), lanes_of(own), together
        )
        for i in range(3):
            expected, told = dynamics.step(the_game, rule, singles[i], own[i], each[i])
            wanted = values(expected, told)
            for name, value in values(found, metrics).items():
                assert error(value[i], wanted[name]) <= RELATIVE, (name, i, row)
            assert error(by_autograd.g[i], expected.g) <= RELATIVE


@pytest.mark.parametrize("lanes", [False, True])
def test_the_step_in_fixed_memory_is_the_same(lanes: bool) -> None:
    """What a CUDA graph captures, run here without one: rates and counts as tensors on the device."""
    for optimizer in OPTIMIZERS:
        the_game = game(optimizer, "tanh")
        start = stack([warm(the_game), warm(the_game, 2)]) if lanes else warm(the_game)
        for row in random.Random(f"fixed {optimizer}").sample(list(taken()), 8):
            rule, knobs = rule_of(row), knobs_of(row)
            own = [batches_of(rule, 3), batches_of(rule, 4)]
            batches = lanes_of(own) if lanes else own[0]
            wanted, told = engine.step(the_game, rule._replace(engine="fused"), start, batches, knobs, PORTABLE)
            found, seen = graph_step(the_game, rule, start, batches, knobs, PORTABLE)
            again, _ = graph_step(the_game, rule, found, batches, knobs._replace(lr_d=0.5), PORTABLE)
            assert (found.opt_g.t, found.opt_d.t, found.step) == (wanted.opt_g.t, wanted.opt_d.t, wanted.step)
            assert again.step == wanted.step + 1
            expected = values(wanted, told)
            for name, value in values(found, seen).items():
                assert error(value, expected[name]) <= RELATIVE, (name, row)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA here")
@pytest.mark.parametrize("activation", DEPTHS)
def test_cuda_graphs_give_the_same(activation: str) -> None:
    the_game = game("adam", activation)
    start = warm(the_game)
    moved = gandyn.State(*(_moved(part) for part in start))
    for row in random.Random(f"cuda {activation}").sample(list(taken()), 12):
        rule, knobs = rule_of(row), knobs_of(row)
        batches = batches_of(rule, 3)
        expected, _ = dynamics.step(the_game, rule, start, batches, knobs)
        found, _ = gandyn.step(the_game, rule, moved, [gandyn.Batch(*map(_moved, b)) for b in batches], knobs)
        assert error(found.g.cpu(), expected.g) <= RELATIVE and error(found.d.cpu(), expected.d) <= RELATIVE


def _moved(part):
    if isinstance(part, Tensor):
        return part.cuda()
    return part._replace(m=part.m.cuda(), v=part.v.cuda()) if isinstance(part, tuple) else part
