"""The plainest GAN of digits, after a public teaching notebook, with twins in which one thing of it is put right.

Ref: Goodfellow et al. 2014 (1406.2661) for the game; Glorot & Bengio 2010 for the weights that the notebook means.
"""

from gandyn.core.experiment import Experiment
from gandyn.core.nets import mlp
from gandyn.core.optimizers.adam import adam_tf
from gandyn.core.types import Game, Knobs, Latent, Rule
from gandyn.presets import PRESETS
from gandyn.targets.mnist import Mnist

CITE = "a public teaching notebook on Goodfellow et al. 2014 (1406.2661)"
DIGITS = Mnist(layout="vector", first=5_000, last=59_999)  # TensorFlow's mnist.train, drawn with replacement
RULE = Rule(objective="log-sigmoid", order="generator-first", batch_size=128)
KNOBS = Knobs(lr_g=1e-3, lr_d=1e-3, beta1=0.9, beta2=0.999, eps=1e-8)


def _game(init: str) -> Game:
    return Game(
        generator=mlp([100, 400, 784], "relu", init, output="sigmoid"),
        critic=mlp([784, 400, 1], "relu", init),
        optimizer_g=adam_tf(),
        optimizer_d=adam_tf(),
        latent=Latent(100),
    )


PRESETS.add(
    Experiment(
        DIGITS,
        _game("inverse"),
        RULE,
        KNOBS,
        steps=50_000,
        name="mnist-mlp",
        summary="the plainest GAN of digits: one hidden layer each, from weights that start far too small",
        note=(
            "The source errs in its initial weights: it calls N(0, 1/n) Xavier's but takes 1/n as the standard "
            "deviation, where Glorot's is about 1/sqrt(n), so weights on 784 inputs start 28 times too small; Adam's "
            "rescaling saves it. mnist-mlp-glorot has what was meant. Its losses are logarithms of float32 sigmoids: "
            "where the critic is certain and right about real digits their gradient is exactly 0, and where it is "
            "certain and wrong they are infinite and every weight becomes NaN, which ends the run: that of seed 0 at "
            "step 569, those of 2 of the seeds 0 to 7 within 1,200 steps. mnist-mlp-stable has the same "
            "losses in a form that is finite everywhere. The generator moves first, and each player draws a z "
            "of its own."
        ),
        cite=CITE,
    ),
    rank=42,
)

PRESETS.add(
    Experiment(
        DIGITS,
        _game("inverse"),
        RULE._replace(objective="non-saturating"),
        KNOBS,
        steps=50_000,
        name="mnist-mlp-stable",
        summary="the plainest GAN of digits, its losses computed from logits, finite whatever the critic says",
        note=(
            "mnist-mlp with softplus of the logits for logarithms of their rounded sigmoids: equal numbers but for "
            "rounding while the critic is in doubt, a gradient left where it is certain, and never NaN. Everything "
            "else is the source's, its initial weights too."
        ),
        cite=f"{CITE}, its losses computed stably",
    ),
    rank=42,
)

PRESETS.add(
    Experiment(
        DIGITS,
        _game("glorot"),
        RULE,
        KNOBS,
        steps=50_000,
        name="mnist-mlp-glorot",
        summary="the plainest GAN of digits from Glorot's weights",
        note=(
            "mnist-mlp put right in one thing: the weights start from Glorot's law, which its source names but does "
            "not compute. Everything else is the source's. It learns no digits: within 10,000 steps the critic is "
            "certain and the generator has lost, with these losses as with those of mnist-mlp-stable."
        ),
        cite=f"{CITE}, its initial weights put right",
    ),
    rank=43,
)
