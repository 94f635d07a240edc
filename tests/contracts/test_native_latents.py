"""Latents that the compiled engine draws itself: bit for bit those that are drawn for every other engine."""

import pytest
import torch

from gandyn.core import native
from gandyn.core.experiment import Experiment
from gandyn.core.nets import mlp
from gandyn.core.optimizers.adam import adam
from gandyn.core.play import draw_steps, init_lanes, latent_places
from gandyn.core.types import Game, Latent, Rule
from gandyn.targets.ring import Ring
from tests.contracts.small import same

RULES = {
    "one batch": Rule(batch_size=100),
    "a batch an update": Rule(batch_size=1, order="alternating", critic_steps=3, generator_steps=2),
    "frozen critic": Rule(batch_size=65, order="generator-first", critic_steps=2, freeze="critic"),
    "look-ahead": Rule(batch_size=64, unroll=2),
}


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("lanes", [None, 3])
@pytest.mark.parametrize("latent", [Latent(5, "normal"), Latent(2, "uniform"), Latent(70, "normal")])
@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_drawn_within_and_without_the_kernel(rule, latent, lanes, dtype):
    game = Game(mlp([latent.size, 6, 2]), mlp([2, 5, 1]), adam(), adam(), latent)
    experiment = Experiment(Ring(), game, rule)
    state = init_lanes(game, 0, lanes, dtype)
    seeds = [2**53 - 1 - i for i in range(lanes or 1)]
    state = state._replace(step=2**31)

    def batches(latents: bool):
        return draw_steps(experiment, seeds, state.step, 3, dtype, "cpu", lanes is not None, latents=latents)

    places = latent_places(experiment, seeds, state.step)
    handed, metrics = native.advance(game, rule, state, batches(True), experiment.knobs)
    drawn, others = native.advance(game, rule, state, batches(False), experiment.knobs, latents=places)
    assert same(handed, drawn)
    assert all(torch.equal(a, b) for a, b in zip(metrics, others, strict=True))
