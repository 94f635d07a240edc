"""The step as a CUDA graph holds it: everything that changes is a tensor in fixed memory. Here without the graph."""

import random

import pytest
import torch
from torch import Tensor

import gandyn
from gandyn.core import cuda_graphs
from gandyn.core.cuda_graphs import MOST, graph_step
from gandyn.core.lanes import batch_at, knobs_of, lane
from gandyn.core.moving import rates_of
from gandyn.core.play import init_lanes
from gandyn.core.regularising import remembering
from gandyn.core.state import on
from gandyn.core.trees import tensors, tree_map
from gandyn.core.types import Knobs, Rule
from tests.contracts.small import same
from tests.contracts.test_lanes_together import (
    IMAGES,
    OWN,
    PERCEPTRONS,
    N,
    assert_close,
    batches_of,
    random_case,
)

DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("lanes", [False, True], ids=["one", "lanes"])
@pytest.mark.parametrize("game", [PERCEPTRONS, IMAGES, OWN], ids=["perceptrons", "images", "own"])
@pytest.mark.parametrize("device", DEVICES)
def test_it_is_the_step(device, game, lanes, seed):
    """Over three steps with rates that change between them; nothing that was returned is written into."""
    the_game, rule, knobs = random_case(random.Random(seed), game)
    state, count = init_lanes(the_game, 3, N, dtype=torch.float64), rule.critic_steps + rule.generator_steps
    assert the_game.critic.inputs is not None
    batches = batches_of(count, the_game.critic.inputs, seed)
    if not lanes:
        state, batches, knobs = lane(state, 1), [batch_at(batch, 1) for batch in batches], knobs_of(knobs, 1)
    fixed, there = on(state, device), [tree_map(lambda x: x.to(device), batch) for batch in batches]
    returned = []
    for i in range(3):
        knobs = knobs._replace(lr_d=knobs.lr_d * (1 + i), ema=0.3 * i)
        state, metrics = gandyn.step_reference(the_game, rule, state, batches, knobs)
        fixed, its_metrics = graph_step(the_game, rule, fixed, there, knobs)
        assert_close(on(fixed, "cpu"), state)
        assert_close(tree_map(lambda x: x.cpu(), its_metrics), metrics)
        returned.append((fixed, tree_map(torch.clone, fixed)))
    assert all(same(kept, copy) for kept, copy in returned)


def test_another_start_is_taken_and_the_same_start_gives_the_same_bits():
    state, batches = lane(init_lanes(PERCEPTRONS, 3, N), 0), batches_of(1, (2,), 0)
    batches = [tree_map(lambda x: x[0].float(), batch) for batch in batches]
    first, _ = graph_step(PERCEPTRONS, Rule(), state, batches, Knobs())
    second, _ = graph_step(PERCEPTRONS, Rule(), first, batches, Knobs())
    again, _ = graph_step(PERCEPTRONS, Rule(), state, batches, Knobs())
    assert same(again, first) and not same(second, first)
    assert same(graph_step(PERCEPTRONS, Rule(), again, batches, Knobs())[0], second)


def test_rates_are_in_no_key_and_the_graphs_are_few():
    """A moved slider captures nothing anew; another rule does, and the one used longest ago makes room."""
    cuda_graphs._graphs.kept.clear()
    state = lane(init_lanes(PERCEPTRONS, 3, N, dtype=torch.float64), 0)
    batches = [tree_map(lambda x: x[0], batch) for batch in batches_of(1, (2,), 0)]
    for lr in (1e-3, 2e-3):
        state, _ = graph_step(PERCEPTRONS, Rule(), state, batches, Knobs(lr_g=lr, clip=lr, ema=lr, penalty_weight=lr))
    assert len(cuda_graphs._graphs.kept) == 1
    for k in range(1, MOST + 3):
        graph_step(PERCEPTRONS, Rule(unroll=k, unroll_order="first"), state, batches, Knobs())
    assert len(cuda_graphs._graphs.kept) == MOST


def test_no_number_is_read_back(monkeypatch):
    """Nothing of the step asks for the value of a tensor: on a GPU that would end the capture."""
    state = lane(init_lanes(PERCEPTRONS, 3, N, dtype=torch.float64), 0)
    batches = [tree_map(lambda x: x[0], batch) for batch in batches_of(2, (2,), 0)]
    numbers = Knobs(*(torch.tensor(float(x), dtype=torch.float64) for x in Knobs(clip=0.1, ema=0.1).numbers().values()))
    assert rates_of(numbers, numbers.lr_g).lr is numbers.lr_g

    def read(self: Tensor, *_: object) -> None:
        raise AssertionError("a tensor is read back")

    for name in ("item", "tolist", "__float__", "__int__", "__bool__", "__index__"):
        monkeypatch.setattr(Tensor, name, read)
    for optimizer in gandyn.optimizers().values():
        game = PERCEPTRONS._replace(optimizer_g=optimizer, optimizer_d=optimizer)
        start = state._replace(opt_g=optimizer.init(state.g), opt_d=optimizer.init(state.d))
        for penalty in (name for name, one in gandyn.penalties().items() if one.captured):
            for objective in gandyn.objectives():
                rule = Rule(objective, penalty, 1, order="alternating")
                new, _ = gandyn.step_reference(game, rule, start, batches, numbers)
                assert len(tensors(new)) == len(tensors(remembering(rule, start, (2,))))
