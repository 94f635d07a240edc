"""The toy experiments of WGAN-GP: 8 Gaussians, 25 Gaussians, a swiss roll, each scaled to about unit variance.

Ref: Gulrajani, Ahmed, Arjovsky, Dumoulin, Courville 2017, "Improved Training of Wasserstein GANs" (1704.00028) and the
program gan_toy.py published with it.
"""

from gandyn.core.experiment import Experiment
from gandyn.core.nets import mlp
from gandyn.core.optimizers.adam import adam_tf
from gandyn.core.target import Target
from gandyn.core.types import Game, Knobs, Latent, Rule
from gandyn.presets import PRESETS
from gandyn.targets.grid import Grid
from gandyn.targets.ring import Ring
from gandyn.targets.swiss_roll import SwissRoll

GAME = Game(
    generator=mlp([2, 512, 512, 512, 2], "relu", "he"),
    critic=mlp([2, 512, 512, 512, 1], "relu", "he"),
    optimizer_g=adam_tf(),
    optimizer_d=adam_tf(),
    latent=Latent(2),
)
RULE = Rule(objective="wasserstein", penalty="gradient-penalty", critic_steps=5, order="alternating", batch_size=256)
KNOBS = Knobs(lr_g=1e-4, lr_d=1e-4, beta1=0.5, beta2=0.9, eps=1e-8, penalty_weight=0.1)
NOTE = (
    "{what} What differs from the source: it draws He's variance from a uniform law and starts the last layer with "
    "Glorot's, here every layer is He's normal; its first step moves the critic alone{data}. A step costs about a "
    "quarter of a second of one core: ring-wgan-gp shows the same within seconds."
)


def add(name: str, target: Target, summary: str, what: str, data: str, rank: int) -> None:
    """One of the three: they differ in the data alone."""
    PRESETS.add(
        Experiment(
            target,
            GAME,
            RULE,
            KNOBS,
            steps=100_000,
            name=name,
            summary=summary,
            note=NOTE.format(what=what, data=data),
            cite="Gulrajani et al. 2017 (1704.00028), gan_toy.py",
        ),
        rank=rank,
    )


add(
    "wgan-gp-toy",
    Ring(modes=8, radius=2 / 1.414, sigma=0.02 / 1.414),
    "the published WGAN-GP on 8 Gaussians",
    "The figure to compare: contours of the critic, whose slopes stay near 1 and surround all 8 modes.",
    "",
    rank=30,
)
add(
    "wgan-gp-toy-25",
    Grid(side=5, extent=4 / 2.828, sigma=0.05 / 2.828),
    "the published WGAN-GP on 25 Gaussians",
    "The figure to compare: contours of the critic around all 25 modes.",
    "; it walks through 100,000 samples drawn once, here each batch is fresh",
    rank=31,
)
add(
    "wgan-gp-toy-swiss-roll",
    SwissRoll(noise=0.25, turns=1.5, divisor=7.5),
    "the published WGAN-GP on a swiss roll",
    "The figure to compare: contours of the critic that follow the curve. It has no modes to count.",
    "",
    rank=32,
)
