"""The lesson of `collapse` on two seeds of docs/classroom.md: it lasts, k ends it, the critic's rate alone does not."""

import pytest

from gandyn.core.engine import play
from gandyn.core.play import draw_latents
from gandyn.core.rng import Rng
from gandyn.presets import preset
from gandyn.probes.measures import measure


def covered(experiment, state):
    z = draw_latents(experiment.game.latent, 2_500, Rng(0).generator("measure"))
    return measure(experiment.target, experiment.game.generator.apply(state.g, z), projections=1)["covered"]


def run(experiment, seed, until, start=None):
    return next(state for state, _ in play(experiment, state=start, seed=seed) if state.step >= until)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_it_collapses_and_looking_ahead_heals_it(seed):
    sick = preset("collapse")
    state, at_15_s = None, None
    for second in (5, 15, 25, 40, 60):
        state = run(sick, seed, second * int(sick.steps_per_second), state)
        at_15_s = state if second == 15 else at_15_s
        assert covered(sick, state) <= 2
    healed, only_the_rate = preset("collapse", unroll=5, lr_d=1e-3), preset("collapse", lr_d=1e-3)
    assert covered(healed, run(healed, seed, at_15_s.step + 3_000, at_15_s)) >= 7
    assert covered(only_the_rate, run(only_the_rate, seed, at_15_s.step + 3_000, at_15_s)) <= 4
