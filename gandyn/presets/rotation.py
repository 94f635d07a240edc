"""A rotating generator: the two players circle each other, and on a ring one can see it."""

from gandyn.core.experiment import Experiment
from gandyn.core.types import Knobs, Rule
from gandyn.presets import PRESETS
from gandyn.presets.collapse import COLLAPSE

PRESETS.add(
    Experiment(
        COLLAPSE.target,
        COLLAPSE.game,
        Rule(objective="non-saturating", order="simultaneous", batch_size=256),
        Knobs(lr_g=3e-4, lr_d=3e-4, beta1=0.5, beta2=0.999),
        steps=3_600,
        name="rotation",
        summary="the two players circle each other: the samples visit one mode after the other",
        note=(
            "One blob travels round the ring, about 5 seconds a turn, from each mode to the next: the critic learns "
            "where the samples are, they move on to where they were least expected, and so on. Which way round is a "
            "matter of the seed; some turn back. The losses do not show it: they stay near 2 ln 2 = 1.386 and ln 2 = "
            "0.693, their values at the equilibrium."
        ),
        cite="the cycling of Metz et al. 2017 (1611.02163), figure 2; Mescheder et al. 2018 (1801.04406) say why",
        steps_per_second=60.0,
    ),
    rank=3,
)
