"""The ring of `collapse` under Wasserstein's loss: with a gradient penalty, and with clipped weights."""

from gandyn.core.experiment import Experiment
from gandyn.core.nets import mlp
from gandyn.core.optimizers.adam import adam
from gandyn.core.optimizers.rmsprop import rmsprop
from gandyn.core.types import Game, Knobs, Latent, Rule
from gandyn.presets import PRESETS
from gandyn.targets.ring import Ring

TARGET = Ring(modes=8, radius=2.0, sigma=0.15)
GENERATOR = mlp([64, 64, 64, 2], "relu", "orthogonal", gain=1.0)
CRITIC = mlp([2, 64, 64, 1], "relu", "orthogonal", gain=1.0, input_scale=0.25)

PRESETS.add(
    Experiment(
        TARGET,
        Game(GENERATOR, CRITIC, adam(), adam(), Latent(64)),
        Rule("wasserstein", "gradient-penalty", critic_steps=5, order="alternating", batch_size=256),
        Knobs(lr_g=1e-3, lr_d=1e-3, beta1=0.5, beta2=0.9, penalty_weight=0.1),
        steps=2_400,
        name="ring-wgan-gp",
        summary="Wasserstein's loss with a gradient penalty: no collapse, all 8 modes",
        note=(
            "The samples wander as one cloud for the first 500 steps, then spread over all 8 modes, and stay. The "
            "order is critic first, so the generator faces a critic that has just had 5 updates. From a reset with "
            "critic steps = 1 the critic is never near its best, and one cloud travels as it does in collapse."
        ),
        cite="after Gulrajani et al. 2017 (1704.00028), with smaller networks and wider modes",
        steps_per_second=80.0,
    ),
    rank=1,
)

PRESETS.add(
    Experiment(
        TARGET,
        Game(GENERATOR, CRITIC, rmsprop(), rmsprop(), Latent(64)),
        Rule("wasserstein", critic_steps=5, order="alternating", batch_size=256),
        Knobs(lr_g=1e-3, lr_d=1e-3, beta1=0.0, beta2=0.99, clip=0.1),
        steps=3_000,
        name="ring-wgan-clip",
        summary="Wasserstein's loss with clipped weights: all 8 modes, if the clip fits",
        note=(
            "Half of the last layer's weights end at plus or minus the clip. From a reset, set the clip to 0.01, the "
            "paper's: three such layers leave the critic nearly flat, and no mode is covered. Set it to 0: nothing "
            "bounds the critic any more, yet in this small game the modes come sooner. What the bound gives is a "
            "loss that reads as a distance."
        ),
        cite="after Arjovsky et al. 2017 (1701.07875), with a wider clip and a higher rate",
        steps_per_second=100.0,
    ),
    rank=2,
)
