"""Mode collapse and its cure, within a minute of class."""

from gandyn.core.experiment import Experiment
from gandyn.core.nets import mlp
from gandyn.core.optimizers.adam import adam
from gandyn.core.types import Game, Knobs, Latent, Rule
from gandyn.presets import PRESETS
from gandyn.targets.ring import Ring

COLLAPSE = PRESETS.add(
    Experiment(
        Ring(modes=8, radius=2.0, sigma=0.15),
        Game(
            generator=mlp([64, 64, 64, 2], "relu", "orthogonal", gain=0.8),
            critic=mlp([2, 64, 1], "relu", "orthogonal", gain=0.8, input_scale=0.25),
            optimizer_g=adam(),
            optimizer_d=adam(),
            latent=Latent(64),
        ),
        Rule(objective="minimax", order="simultaneous", batch_size=256),
        Knobs(lr_g=1e-3, lr_d=5e-4, beta1=0.5, beta2=0.99),
        steps=3_600,
        name="collapse",
        summary="mode collapse: the generator chases the critic from mode to mode, until it looks ahead",
        note=(
            "All samples fall into one blob, which leaves a mode as soon as the critic has learned to reject it, and "
            "runs round the ring. The cure, at any moment: set k to 5 and the critic's rate to 1e-3. The blob breaks "
            "up and covers the ring within 800 to 1,600 steps. The rate alone does not do it. Take the limit off the "
            "speed to see it within seconds."
        ),
        cite="after Metz et al. 2017 (1611.02163), with smaller networks and wider modes",
        steps_per_second=60.0,
        alternatives=(("the cure: k = 5, the critic twice as fast", "unroll=5 lr_d=1e-3"),),
    ),
    rank=0,
)
