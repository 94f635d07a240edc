"""Lanes are computed together: every one is the GAN of its own, to 1e-10 in float64, whatever is combined."""

import random

import pytest
import torch
from torch import Tensor

import gandyn
from gandyn.core import drawing, engine
from gandyn.core import lanes as of_lanes
from gandyn.core.lanes import batch_at, knobs_of, lane, stack
from gandyn.core.objectives import OBJECTIVES
from gandyn.core.optimizers import OPTIMIZERS
from gandyn.core.penalties import PENALTIES
from gandyn.core.penalty_set import members
from gandyn.core.play import init, init_lanes
from gandyn.core.trees import leaves, tensors, tree_map
from gandyn.core.types import FREEZES, ORDERS, UNROLL_ORDERS, Batch, Game, Knobs, Latent, Rule
from gandyn.presets import PRESETS
from tests.own_numbers import own_numbers

N, ROWS, F64 = 3, 6, torch.float64
PERCEPTRONS = Game(
    gandyn.mlp([3, 5, 2], "tanh", gain=1.2, input_scale=0.5),
    gandyn.mlp([2, 6, 4, 1], "elu", gain=2.0, bias=False),
    gandyn.adam(),
    gandyn.adam(),
    Latent(3),
)
IMAGES = PERCEPTRONS._replace(
    generator=gandyn.conv_generator(3, (2, 2, 2), [3, 1], kernel=3),
    critic=gandyn.conv_critic((1, 8, 8), [2, 3], kernel=3, hidden=(4,)),
)
OWN = PERCEPTRONS._replace(critic=PERCEPTRONS.critic._replace(bind=None))  # a function of one theta [P] alone


def batches_of(count: int, shape: tuple[int, ...], seed: int) -> list[Batch]:
    draw = torch.Generator().manual_seed(seed)
    sizes = ((ROWS, *shape), (ROWS, 3), (ROWS,), (ROWS, *shape))
    return [
        Batch(
            *(torch.rand(N, *size, generator=draw, dtype=F64) for size in sizes), own_numbers(draw, (N, ROWS), shape, 3)
        )
        for _ in range(count)
    ]


def some_penalties(draw: random.Random) -> str:
    """None to three of them, as one set."""
    names = [name for name in PENALTIES if name != "none"]
    return "+".join(draw.sample(names, draw.choice([0, 1, 1, 2, 3]))) or "none"


def random_case(draw: random.Random, game: Game) -> tuple[Game, Rule, Knobs]:
    rule = Rule(
        draw.choice(list(OBJECTIVES)),
        some_penalties(draw),
        draw.choice([0, 0, 1, 3]),
        draw.choice(UNROLL_ORDERS),
        draw.choice([1, 1, 2]),
        draw.choice([1, 1, 2]),
        draw.choice(ORDERS),
        freeze=draw.choice([*FREEZES, "none", "none"]),
    )

    def number(low: float, high: float) -> float | Tensor:
        each = [draw.uniform(low, high) for _ in range(N)]
        return torch.tensor(each, dtype=F64) if draw.random() < 0.5 else each[0]

    knobs = Knobs(
        lr_g=number(1e-3, 1e-2), lr_d=number(1e-3, 1e-2), beta1=number(0.1, 0.9), beta2=number(0.5, 0.99),
        eps=number(1e-6, 1e-3), penalty_weight=number(0.1, 1), ema=draw.choice([0.0, number(0.1, 0.9)]),
        clip=draw.choice([0.0, 0.3, torch.tensor([0.0, 0.1, 0.3])]),
        weights={one.name: number(0.05, 0.4) for one in members(rule.penalty) if one.numbered and draw.random() < 0.5},
    )  # fmt: skip
    smooth = [name for name in OPTIMIZERS if name not in ("lion", "sign-sgd")]  # a sign may turn on the last bit
    optimizers = {name: OPTIMIZERS[draw.choice(smooth)] for name in ("optimizer_g", "optimizer_d")}
    return game._replace(**optimizers), rule, knobs


def assert_close(together, apart) -> None:
    for (name, a), (_, b) in zip(leaves(together), leaves(apart), strict=True):
        if isinstance(a, Tensor) and a.is_floating_point():
            error = float((a - b).masked_fill(a == b, 0.0).abs().max())  # a loss may overflow, in both
            size = float(b.masked_fill(~b.isfinite(), 0.0).abs().max())
            if name == "gap":  # a difference of two numbers near 1
                size = max(size, 1.0)
            assert error <= 1e-10 * max(size, 1e-6), name
        else:
            assert a == b, name


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("game", [PERCEPTRONS, IMAGES, OWN], ids=["perceptrons", "images", "own"])
def test_a_lane_is_the_gan_of_its_own(game, seed):
    the_game, rule, knobs = random_case(random.Random(seed), game)
    assert the_game.critic.inputs is not None
    state = init_lanes(the_game, 3, N, dtype=F64)
    shared = rule.order == "simultaneous" and rule.critic_steps == rule.generator_steps == 1
    batches = batches_of(1 if shared else rule.critic_steps + rule.generator_steps, the_game.critic.inputs, seed)
    for _ in range(2):
        new, metrics = gandyn.step_reference(the_game, rule, state, batches, knobs)
        each = [
            gandyn.step_reference(
                the_game, rule, lane(state, i), [batch_at(batch, i) for batch in batches], knobs_of(knobs, i)
            )
            for i in range(N)
        ]
        assert_close(new, stack([own for own, _ in each]))
        assert_close(metrics, tree_map(lambda *parts: torch.stack(parts), *(own for _, own in each)))
        state = new


def test_chunks_change_no_more_than_last_bits(monkeypatch):
    """In chunks of one lane, of two and altogether; nothing is written into."""
    state, batches = init_lanes(PERCEPTRONS, 3, N, dtype=F64), batches_of(1, (2,), 0)
    before = tree_map(torch.clone, state)
    knobs, ends = Knobs(lr_g=torch.tensor([0.01, 0.02, 0.03])), []
    lane_bytes = of_lanes.CHUNK_BYTES["cpu"] // of_lanes.chunk_size(PERCEPTRONS, state, batches)
    for lanes in (1, 2, N):
        monkeypatch.setitem(of_lanes.CHUNK_BYTES, "cpu", lanes * (lane_bytes + 1))
        assert of_lanes.chunk_size(PERCEPTRONS, state, batches) == lanes
        ends.append(gandyn.step_reference(PERCEPTRONS, Rule(unroll=1), state, batches, knobs))
    for end in ends[1:]:
        assert_close(end[0], ends[0][0])
        assert_close(end[1], ends[0][1])
    assert_close(state, before)


def test_lanes_that_differ_in_their_count_do_not_stack():
    state = init(PERCEPTRONS, 0)
    other = state._replace(opt_g=state.opt_g._replace(t=state.opt_g.t + 1))
    with pytest.raises(ValueError, match="number of updates in common, but these states differ"):
        stack([state, other])


def test_the_state_that_a_call_begins_with_stays(monkeypatch):
    """Also where the numbers are drawn piece by piece, and the States between the pieces are written over."""
    at = PRESETS["collapse"].replace(batch_size=16)
    start = init_lanes(at.game, 3, 2)
    before = tree_map(torch.clone, start)
    whole, _ = engine.advance(at, start, [3, 4], 4, engine.resolve(at))
    monkeypatch.setitem(drawing.CHUNK, "cpu", 1.0)
    pieces, _ = engine.advance(at, start, [3, 4], 4, engine.resolve(at))
    assert all(map(torch.equal, tensors(before), tensors(start)))
    assert all(map(torch.equal, tensors(whole), tensors(pieces)))
