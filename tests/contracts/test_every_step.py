"""What holds for a step whatever is combined: every objective x penalty x k x order x optimiser of the registries."""

from functools import cache

import pytest
import torch

import gandyn
from gandyn.core.objectives import OBJECTIVES
from gandyn.core.optimizers import OPTIMIZERS
from gandyn.core.penalties import PENALTIES
from gandyn.core.regularising import remembering
from gandyn.core.types import ORDERS
from tests.contracts.small import experiment, run, same, tensors


@cache
def start(optimizer: str, penalty: str, order: str) -> tuple[gandyn.Experiment, gandyn.State, list[gandyn.Batch]]:
    """A state with moments that are not zero, and the batches of its next step."""
    at = experiment(optimizer_g=optimizer, optimizer_d=optimizer, penalty=penalty, order=order, ema=0.9)
    warm = remembering(at.rule, run(at.replace(penalty="none"), 2), at.target.shape)
    return at, warm, gandyn.draw_batches(at, gandyn.Rng(at.seed, 2))


@pytest.mark.parametrize("unroll", [0, 1, 3])
@pytest.mark.parametrize("penalty", PENALTIES)
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_a_step_is_a_finite_pure_function(objective, penalty, unroll):
    """Finite; the structure, shapes and dtypes of the state kept; nothing written into; the same bits again; moving."""
    # those that autograd alone computes meet all optimisers in test_penalty_sets.py
    compiled = penalty == "none" or PENALTIES[penalty].gradient_of is not None
    for optimizer in OPTIMIZERS if compiled else ("adam",):
        for order in ORDERS:
            at, state, batches = start(optimizer, penalty, order)
            rule, label = at.rule._replace(objective=objective, unroll=unroll), f"{optimizer}, {order}"
            before = {name: tensor.clone() for name, tensor in tensors(state).items()}
            new, metrics = gandyn.step(at.game, rule, state, batches, at.knobs)
            again, metrics_again = gandyn.step(at.game, rule, state, batches, at.knobs)

            assert isinstance(new, gandyn.State) and isinstance(metrics, gandyn.Metrics), label
            for name, tensor in tensors(new).items():
                assert bool(torch.isfinite(tensor).all()), f"{label}: {name}"
                assert (tensor.shape, tensor.dtype) == (before[name].shape, before[name].dtype), f"{label}: {name}"
                assert not tensor.requires_grad, f"{label}: {name}"
            for name, value in metrics._asdict().items():
                assert value.shape == () and bool(torch.isfinite(value)) and not value.requires_grad, f"{label}: {name}"
            assert all(torch.equal(tensor, before[name]) for name, tensor in tensors(state).items()), label
            assert same(new, again) and all(map(torch.equal, metrics, metrics_again)), label
            alone = rule.losses.of_samples is not None  # the generator, without a critic
            assert not torch.equal(new.g, state.g) and (alone or not torch.equal(new.d, state.d)), label
            assert (new.step, new.opt_g.t, new.opt_d.t) == (3, 3, 3), label
            assert (float(metrics.gap) == 0) == (unroll == 0 or alone), label


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_both_precisions_see_the_same_numbers(dtype):
    """All tensors have the dtype of the state; float32 follows float64 to its precision."""
    at = experiment(penalty="dragan", unroll=2, objective="hinge")
    states = [gandyn.init(at.game, 0, dtype=kind) for kind in (dtype, torch.float64)]
    new, exact = (run(at, 3, state) for state in states)
    assert {tensor.dtype for tensor in tensors(new).values()} == {dtype}
    for name, tensor in tensors(new).items():
        torch.testing.assert_close(tensor.double(), tensors(exact)[name], rtol=1e-3, atol=1e-5)


def test_engines_agree():
    """The engine says how a step is computed, not what it is."""
    at = experiment(unroll=3, penalty="r1").replace(engine="auto")
    state = gandyn.init(at.game, 0, dtype=torch.float64)
    fast, reference = run(at, 3, state), run(at.replace(engine="reference"), 3, state)
    for name, tensor in tensors(fast).items():
        torch.testing.assert_close(tensor, tensors(reference)[name], rtol=1e-9, atol=1e-12)
