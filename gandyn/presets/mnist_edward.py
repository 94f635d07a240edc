"""A GAN of two perceptrons on binarised digits: the tutorial of the Edward library, and its twin on grey ones.

Ref: Tran et al. 2016, "Edward: A library for probabilistic modeling, inference, and criticism" (1610.09787).
"""

from gandyn.core.experiment import Experiment
from gandyn.core.nets import mlp
from gandyn.core.optimizers.adam import adam_tf
from gandyn.core.types import Game, Knobs, Latent, Rule, Schedule
from gandyn.presets import PRESETS
from gandyn.targets.mnist import Mnist

CITE = "the GAN tutorial of Edward (Tran et al. 2016, 1610.09787)"
DIGITS = Mnist(layout="vector", pixels="binary", sampling="ordered", first=0, last=59_999)
GAME = Game(
    generator=mlp([100, 128, 784], "relu", "glorot", output="sigmoid"),
    critic=mlp([784, 128, 1], "relu", "glorot"),
    optimizer_g=adam_tf(),
    optimizer_d=adam_tf(),
    latent=Latent(100, "uniform"),
)
RULE = Rule(objective="non-saturating", order="simultaneous", batch_size=128)
COLUMNS = ("progress", "generator_loss", "critic_loss")
SCHEDULE = Schedule(samples=1000, sheet=(4, 4), table=1000, columns=COLUMNS, counted_from=1)
KNOBS = Knobs(lr_g=1e-3, lr_d=1e-3, beta1=0.9, beta2=0.999, eps=1e-8)

PRESETS.add(
    Experiment(
        DIGITS,
        GAME,
        RULE,
        KNOBS,
        steps=15_000,
        name="mnist-edward",
        summary="two perceptrons on digits whose pixels are drawn black or white",
        note=(
            "The critic nearly wins at once (in its first 2,000 steps the loss is about 0.02, in the source 0.03), "
            "then the generator recovers. The source errs in its data: real pixels are drawn to be 0 "
            "or 1 while generated ones lie between, so the critic can win by asking whether a pixel is binary. "
            "mnist-edward-grey shows both in grey. The digits are walked in order, never shuffled, and all 60,000 of "
            "them: the source's text says 55,000, but its code walks the training images of a loader that returns "
            "60,000. The source fixes no order between the updates of its players: here both move from the same point."
        ),
        cite=CITE,
        schedule=SCHEDULE,
    ),
    rank=40,
)

PRESETS.add(
    Experiment(
        DIGITS.replace(pixels="grey"),
        GAME,
        RULE,
        KNOBS,
        steps=15_000,
        name="mnist-edward-grey",
        summary="the same two perceptrons on grey digits, which the critic cannot tell by their being binary",
        note=(
            "mnist-edward put right: real pixels are as grey as generated ones, so being binary tells the critic "
            "nothing. Everything else is the source's."
        ),
        cite=f"{CITE}, its data put right",
        schedule=SCHEDULE,
    ),
    rank=41,
)
