"""Past samples: the memory beside plain lists, and the losses with a look-ahead written out in float64."""

import pytest
import torch
from torch.nn import functional as F

import gandyn
from gandyn.core.penalties.past_samples import NEW, ROOM, History, after, rehearse, start
from gandyn.core.penalty import Seen
from gandyn.core.trees import named
from tests.contracts.small import experiment

F64 = torch.float64


def numbered(uniform: torch.Tensor, **parts) -> gandyn.Batch:
    """A minibatch with these numbers of the penalty; all else is nothing."""
    nothing = uniform[..., 0]
    return gandyn.Batch(nothing, nothing, nothing, own=named({"past_samples": uniform}), **parts)


@pytest.mark.parametrize("b", [NEW, 40, 5])
def test_the_memory_is_filled_place_by_place_and_then_renewed_from_random_places_on(b):
    """Of 420 steps, with a minibatch smaller than NEW, too: against a list."""
    draw, listed = torch.Generator().manual_seed(b), []
    memory = start(torch.zeros(3, dtype=F64), (2,))
    for _ in range(420):
        fake, uniform = (torch.rand(b, 2, generator=draw, dtype=F64) for _ in range(2))
        new = fake.tolist()[:NEW]
        if len(listed) + len(new) <= ROOM:
            listed += new
        else:
            first = int(len(listed) * float(uniform[0, 1]))
            for i, one in enumerate(new):
                listed[(first + i) % len(listed)] = one
        memory = after(memory, Seen(numbered(uniform), fake, fake[:, 0], fake[:, 0]))
    assert int(memory.kept) == len(listed)
    assert memory.samples[: len(listed)].tolist() == listed


def test_each_lane_recalls_its_own_samples_and_as_many_as_its_own_number_says():
    draw = torch.Generator().manual_seed(0)
    samples = torch.rand(3, ROOM, 2, generator=draw, dtype=F64)
    memory, b = History(samples, torch.tensor(100)), 8
    uniform, fake = torch.rand(3, b, 2, generator=draw, dtype=F64), -torch.ones(3, b, 2, dtype=F64)
    shares, counts = torch.tensor([0.0, 0.3, 1.0], dtype=F64), [0, 3, 8]
    mixed = rehearse(fake, numbered(uniform, memory=named({"past_samples": memory})), shares)
    for i, count in enumerate(counts):
        for j in range(b):
            expected = samples[i, int(100 * float(uniform[i, j, 0]))] if j < count else fake[i, j]
            assert torch.equal(mixed[i, j], expected)


@pytest.mark.parametrize("order", ["second", "first"])
def test_a_look_ahead_learns_from_old_samples_and_the_generator_is_judged_by_its_own(order):
    """Both gradients, and f before and after, of one step with k = 1 from a state that remembers, by hand."""
    at = experiment(
        penalty="past-samples", objective="non-saturating", optimizer_g="sgd", optimizer_d="sgd", unroll=1, lr_g=1.0,
        lr_d=0.5, beta1=0.0, unroll_order=order, engine="autograd",
    )  # fmt: skip
    state = gandyn.init(at.game, 0, dtype=F64)
    for step in range(4):
        batches = gandyn.draw_batches(at, gandyn.Rng(0, step), dtype=F64)
        state, _ = gandyn.step(at.game, at.rule, state, batches, at.knobs)
    (batch,) = gandyn.draw_batches(at, gandyn.Rng(0, 4), dtype=F64)
    new, metrics = gandyn.step(at.game, at.rule, state, [batch], at.knobs)

    g, d = (theta.clone().requires_grad_() for theta in (state.g, state.d))
    net_g, net_d = at.game.generator.apply, at.game.critic.apply
    fake = net_g(g, batch.z)
    kept = torch.cat([state.aux.past_samples.samples[:32], fake.detach()])  # four steps of 8 samples, and this one
    old = torch.stack([kept[int(40 * float(u))] for u in batch.own.past_samples[:, 0]])

    def f(theta, generated):
        return (F.softplus(-net_d(theta, batch.real)) + F.softplus(net_d(theta, generated))).mean()

    rehearsing = torch.cat([old[:4], (fake if order == "second" else fake.detach())[4:]])
    (slope_d,) = torch.autograd.grad(f(d, rehearsing), d, create_graph=order == "second")
    ahead = d - 0.5 * slope_d
    ahead = ahead if order == "second" else ahead.detach()
    (slope_g,) = torch.autograd.grad(F.softplus(-net_d(ahead, fake)).mean(), g)
    torch.testing.assert_close(state.g - new.g, slope_g, rtol=1e-9, atol=1e-12)
    torch.testing.assert_close(state.d - new.d, 0.5 * slope_d.detach(), rtol=1e-9, atol=1e-12)
    assert float(metrics.f) == pytest.approx(f(d, fake).item(), rel=1e-12)
    assert float(metrics.f_k) == pytest.approx(f(ahead, fake).item(), rel=1e-12)
    assert float(metrics.critic_loss) == pytest.approx(f(d, rehearsing).item(), rel=1e-12)
