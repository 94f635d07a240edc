"""The two test problems of min-max optimisation as GANs of one number each: the bilinear and the quadratic game.

x = theta is the generator, d(x) = c psi x - a/2 x^2 the critic with y = -psi, the data are 0. Under the Wasserstein
loss and R1 of weight g the field is that of min_x max_y a/2 x^2 + c x y - b/2 y^2 with b = g c^2.
"""

from gandyn.core.experiment import Experiment
from gandyn.core.nets import mlp
from gandyn.core.optimizers.sgd import sgd
from gandyn.core.types import Game, Knobs, Latent, Rule
from gandyn.presets import PRESETS
from gandyn.targets.dirac import Dirac


def _game(c: float, a: float) -> Game:
    return Game(
        generator=mlp([0, 1], init="constant", gain=1.0),
        critic=mlp([1, 1], init="constant", gain=1.0, bias=False, input_scale=c, curvature=a),
        optimizer_g=sgd(),
        optimizer_d=sgd(),
        latent=Latent(0),
    )


PRESETS.add(
    Experiment(
        Dirac(at=0.0),
        _game(c=1.0, a=0.0),
        Rule(objective="wasserstein", order="simultaneous", batch_size=1),
        Knobs(lr_g=0.05, lr_d=0.05, beta1=0.0),
        steps=1_200,
        name="bilinear",
        summary="min max x y: the game whose gradient only rotates; try the update rules on it",
        note=(
            "x is the generator's number, y minus the critic's, f(x, y) = x y. The field (y, -x) has the eigenvalues i "
            "and -i: gradient descent moves outwards by sqrt(1 + 0.05^2) a step, whatever the rates. Every update rule "
            "that arrives here does so by what it adds to the gradient; docs/rules.md has the factor of each."
        ),
        cite="Daskalakis et al. 2018 (1711.00141), section 3; Gidel et al. 2019 (1802.10551), section 3",
        steps_per_second=60.0,
        alternatives=(
            ("extragradient", "update_rule=extragradient"),
            ("optimistic", "update_rule=optimistic"),
            ("consensus", "update_rule=consensus"),
        ),
    ),
    rank=5,
)
PRESETS.add(
    Experiment(
        Dirac(at=0.0),
        _game(c=2.0, a=-1.0),
        Rule(objective="wasserstein", penalty="r1", order="simultaneous", batch_size=1),
        Knobs(lr_g=0.05, lr_d=0.05, beta1=0.0, penalty_weight=0.5),
        steps=1_200,
        name="quadratic",
        summary="min max -x^2/2 + 2 x y - y^2: stable, a local minimax point, and yet no Nash equilibrium",
        note=(
            "f(x, y) = a/2 x^2 + c x y - b/2 y^2 with a = critic.curvature = -1, c = critic.input_scale = 2, b = "
            "penalty_weight c^2 = 2. The Jacobian's eigenvalues are 0.5 +- 1.32 i, so the flow arrives at 0. But there "
            "x is at a maximum of its own loss, a < 0: freeze the critic and the generator runs away. a + c^2 / b > 0 "
            "makes it a local minimax point."
        ),
        cite="Jin et al. 2020 (1902.00618), section 3, for local minimax points; Berard et al. 2020 (1906.04848)",
        steps_per_second=60.0,
        alternatives=(("a = 1: a Nash equilibrium", "critic.curvature=1"),),
    ),
    rank=5,
)
