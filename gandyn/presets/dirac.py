"""The smallest GAN: one number against one number, whose orbit has a closed form."""

from gandyn.core.experiment import Experiment
from gandyn.core.nets import mlp
from gandyn.core.optimizers.sgd import sgd
from gandyn.core.types import Game, Knobs, Latent, Rule
from gandyn.presets import PRESETS
from gandyn.targets.dirac import Dirac

PRESETS.add(
    Experiment(
        Dirac(at=0.0),
        Game(
            generator=mlp([0, 1], init="constant", gain=1.0),  # G = theta: its bias alone, no latent
            critic=mlp([1, 1], init="constant", gain=1.0, bias=False),  # d(x) = psi x
            optimizer_g=sgd(),
            optimizer_d=sgd(),
            latent=Latent(0),
        ),
        Rule(objective="wasserstein", order="simultaneous", batch_size=16),
        Knobs(lr_g=0.02, lr_d=0.02, beta1=0.0),
        steps=3_600,
        name="dirac",
        summary="one number against one number: an orbit that never arrives",
        note=(
            "All samples are theta, the critic is d(x) = psi x, the data are 0. Both move at right angles to the way "
            "home: they circle it, once in 2 pi / 0.02 = 314 steps, and the radius grows by sqrt(1 + 0.02^2) a step, "
            "which is Euler's error. order = alternating keeps the orbit closed; penalty r1 with weight 1, or k = 5, "
            "leads into the middle."
        ),
        cite="Mescheder et al. 2018 (1801.04406), section 2",
        steps_per_second=60.0,
    ),
    rank=4,
)
