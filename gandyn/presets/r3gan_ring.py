"""The ring of `collapse` under R3GAN's recipe: a relativistic loss with R1 and R2 at once."""

from gandyn.core.experiment import Experiment
from gandyn.core.optimizers.adam import adam
from gandyn.core.types import Game, Knobs, Latent, Rule
from gandyn.presets import PRESETS
from gandyn.presets.wasserstein_ring import CRITIC, GENERATOR, TARGET

PRESETS.add(
    Experiment(
        TARGET,
        Game(GENERATOR, CRITIC, adam(), adam(), Latent(64)),
        Rule("relativistic", "r1+r2", batch_size=256),
        Knobs(lr_g=1e-3, lr_d=1e-3, beta1=0.0, beta2=0.99, weights={"r1": 1.0, "r2": 1.0}),
        steps=4_000,
        name="ring-r3gan",
        summary="a relativistic loss with R1 and R2 at once: all 8 modes with one critic step",
        note=(
            "One cloud for some hundred steps, then all 8 modes for good: after 2,000 steps on 32 of 32 seeds. The "
            "penalties do it together: after 4,000 steps all 8 are covered on 26 seeds under R1 alone, on 29 under R2 "
            "alone, and on 8 without a penalty. Take one out while it runs, and put it back."
        ),
        cite="after Huang et al. 2024 (2501.05441), with perceptrons on a ring for their networks and images",
        alternatives=(("R1 alone", "penalty=r1"), ("R2 alone", "penalty=r2"), ("no penalty", "penalty=none")),
        steps_per_second=200.0,
    ),
    rank=2,
)
