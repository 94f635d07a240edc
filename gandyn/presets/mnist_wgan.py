"""A convolutional Wasserstein GAN of digits with clipped weights, after a tutorial on the paper.

Ref: Arjovsky, Chintala, Bottou 2017, "Wasserstein GAN" (1701.07875), algorithm 1.
"""

from gandyn.core.conv import conv_critic, conv_generator
from gandyn.core.conv_layers import GLOROT
from gandyn.core.experiment import Experiment
from gandyn.core.optimizers.rmsprop import rmsprop_tf
from gandyn.core.types import Game, Knobs, Latent, Rule, Schedule
from gandyn.presets import PRESETS
from gandyn.targets.mnist import Mnist

PRESETS.add(
    Experiment(
        Mnist(scale="signed", pad=2, sampling="shuffled", walk="all", first=5_000, last=59_999),
        Game(
            generator=conv_generator(
                128, (512, 4, 4), (256, 128, 64), kernel=3, last=(1,), bias=GLOROT, conv_bias=None
            ),
            critic=conv_critic((1, 32, 32), (64, 128, 256, 512), kernel=3, activation="relu", bias=GLOROT),
            optimizer_g=rmsprop_tf(),
            optimizer_d=rmsprop_tf(),
            latent=Latent(128),
        ),
        Rule(objective="wasserstein", critic_steps=5, order="alternating", batch_size=64),
        Knobs(lr_g=5e-5, lr_d=5e-5, beta1=0.0, beta2=0.9, eps=1e-10, clip=0.01),
        steps=20_000,
        name="mnist-wgan",
        summary="a convolutional Wasserstein GAN of digits, every weight of the critic clipped to 0.01",
        note=(
            "The critic's loss is minus an estimate of the distance, up to a constant factor: it shrinks towards 0 as "
            "the digits get better, from about 3,000 steps on; before it is no guide. Never compare it across clips. "
            "The source leaves the learning rate, the batch and the number of critic steps undefined: they are the "
            "paper's; the length is ours. All variables start from Glorot's uniform law, biases included, and there is "
            "no batch normalisation; its author notes that it would help. In the source the clip has no order against "
            "the critic's update: they race, and what is clipped may be the weights from before it. Here it follows "
            "each update. The generator's updates take a batch of the data too, though they read none of it: a step "
            "walks on by 6 x 64 of the 55,000 images. Another way to bound the slope is mnist-wgan-gp's."
        ),
        cite="a tutorial on Arjovsky et al. 2017 (1701.07875)",
        schedule=Schedule(samples=1000),
    ),
    rank=44,
)
