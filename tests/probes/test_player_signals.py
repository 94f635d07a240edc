"""The players' signals: against derivatives through torch modules and a double loop, and where all is known."""

import math

import numpy as np
import pytest
import torch

import gandyn
from gandyn.core.lanes import lane
from gandyn.core.play import draw_batches
from gandyn.core.rng import Rng
from gandyn.probes.signals import SIGNALS, signals_of

WGAN = {"objective": "wasserstein", "clip": 0.05, "unroll": 2}


def run_of(**controls):
    run = gandyn.Run(gandyn.preset("collapse").replace(batch_size=32, **controls), dtype=torch.float64)
    run.advance(20)
    return run


@pytest.mark.parametrize("controls", [{}, WGAN, {"objective": "hinge"}], ids=("minimax", "wasserstein", "hinge"))
def test_signals_are_those_of_the_modules(controls):
    run = run_of(**controls)
    e, state = run.experiment, run.state
    values = dict(zip(SIGNALS, signals_of(e, state, [Rng(3, 7)]).tolist(), strict=True))
    batch = draw_batches(e, Rng(3, 7), torch.float64)[-1]
    generator, critic = e.game.generator.module(state.g), e.game.critic.module(state.d)
    fake = generator(batch.z)
    real_logits, fake_logits = critic(batch.real)[:, 0], critic(fake)[:, 0]
    loss = gandyn.objectives()[e.rule.objective].generator_loss(real_logits, fake_logits)
    grads = torch.autograd.grad(loss, list(generator.parameters()))
    assert values["grad_norm_g"] == pytest.approx(math.sqrt(sum(float(g.square().sum()) for g in grads)), rel=1e-9)
    points = (batch.mix[:, None] * batch.real + (1 - batch.mix[:, None]) * fake).detach()
    slopes = []
    for point in points:
        x = point.clone().requires_grad_()
        slopes.append(float(torch.autograd.grad(critic(x[None])[0, 0], x)[0].norm()))
    assert values["slope"] == pytest.approx(np.mean(slopes), rel=1e-9)
    above = [1.0 if a > b else 0.5 if a == b else 0.0 for a in real_logits for b in fake_logits]
    assert values["auc"] == pytest.approx(np.mean(above), abs=1e-12)
    clip = controls.get("clip", 0)
    share = np.mean([abs(float(w)) >= clip * (1 - 1e-6) for w in state.d])
    assert values["at_clip"] == pytest.approx(share) if clip else math.isnan(values["at_clip"])


def test_lanes_have_their_own_signals():
    run = gandyn.Run(gandyn.preset("collapse").replace(batch_size=32, clip=0.1), lanes=3, dtype=torch.float64)
    run.advance(10)
    rngs = [Rng(seed, 10) for seed in run.seeds]
    together = signals_of(run.experiment, run.state, rngs)
    for i in range(3):
        alone = signals_of(run.experiment, lane(run.state, i), [rngs[i]])
        assert together[:, i].tolist() == pytest.approx(alone.tolist(), rel=1e-9)


def test_of_a_critic_that_is_the_same_everywhere_the_auc_is_half():
    run = run_of()
    values = dict(
        zip(SIGNALS, signals_of(run.experiment, run.state._replace(d=0 * run.state.d), [Rng(0)]), strict=True)
    )
    assert (float(values["auc"]), float(values["slope"]), float(values["grad_norm_g"])) == (0.5, 0.0, 0.0)


def test_they_are_a_probe():
    run = run_of()
    values = gandyn.probes()["signals"](run.experiment, run.state, Rng(0))
    assert list(values) == list(SIGNALS) and all(value.shape == () for value in values.values())


def test_the_critic_is_the_one_that_trains():
    """Under spectral normalisation its slope is bounded by 1, however large its parameters are."""
    run = run_of(penalty="spectral-normalisation")
    large = run.state._replace(d=50 * run.state.d)
    (_, slope, *_) = signals_of(run.experiment, large, [Rng(0)]).tolist()
    assert 0 < slope < 1.05 * run.experiment.game.critic.layout.input_scale
