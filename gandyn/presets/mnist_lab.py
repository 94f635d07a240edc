"""A convolutional GAN of digits from a university lab: what its numbers come from, and what its title asks for.

Ref: Gulrajani et al. 2017, "Improved Training of Wasserstein GANs" (1704.00028), algorithm 1.
"""

from gandyn.core.conv import conv_critic, conv_generator
from gandyn.core.conv_layers import Law
from gandyn.core.experiment import Experiment
from gandyn.core.optimizers.adam import adam, adam_tf
from gandyn.core.types import Game, Knobs, Latent, Optimizer, Rule, Schedule
from gandyn.presets import PRESETS
from gandyn.targets.mnist import Mnist

PAPER = "Gulrajani et al. 2017 (1704.00028)"
DIGITS = Mnist(sampling="shuffled", first=5_000, last=59_999)
LINEAR, CONV = Law("normal", 0.02), Law("truncated-normal", 0.02)


def _game(optimizer: Optimizer) -> Game:
    return Game(
        generator=conv_generator(100, (128, 7, 7), (128, 1), kernel=5, output="sigmoid", linear=LINEAR, conv=CONV),
        critic=conv_critic((1, 28, 28), (32, 64), kernel=5, hidden=(1024,), linear=LINEAR, conv=CONV),
        optimizer_g=optimizer,
        optimizer_d=optimizer,
        latent=Latent(100, "uniform"),
    )


PRESETS.add(
    Experiment(
        DIGITS,
        _game(adam_tf()),
        Rule(objective="non-saturating", critic_steps=1, generator_steps=3, order="alternating", batch_size=128),
        Knobs(lr_g=2e-4, lr_d=2e-4, beta1=0.5, beta2=0.999, eps=1e-8),
        steps=500,
        name="mnist-dcgan-lab",
        summary="a convolutional GAN of digits: three generator updates to one of the critic",
        note=(
            "500 steps as in the lab; 5,000 give good images. Its table counts updates from 0: row 10 is after 11 of "
            "them. Losses are those before an update; the accuracy, the mean of the shares of real and of generated "
            "images that the critic gets right, is that after it. Kernel 5, stride 2, slope 0.2, both standard "
            "deviations 0.02, batch 128 and z ~ U(-1, 1) are not in the lab's text: they are those of its scaffold as "
            "commonly given. The source errs against its title: it announces the improved Wasserstein GAN, but its "
            "numbers come from cross-entropy losses, an accuracy and three generator updates to one of the critic. "
            "mnist-wgan-gp is what the title asks for."
        ),
        cite=f"a university lab on {PAPER}",
        schedule=Schedule(table=10, columns=("critic_loss", "generator_loss", "accuracy"), counted_from=0),
    ),
    rank=45,
)

PRESETS.add(
    Experiment(
        DIGITS,
        _game(adam()),
        Rule(
            objective="wasserstein",
            penalty="gradient-penalty",
            critic_steps=5,
            generator_steps=1,
            order="alternating",
            batch_size=64,
        ),
        Knobs(lr_g=1e-4, lr_d=1e-4, beta1=0.0, beta2=0.9, eps=1e-8, penalty_weight=10.0),
        steps=20_000,
        name="mnist-wgan-gp",
        summary="a convolutional Wasserstein GAN of digits under a gradient penalty",
        note=(
            "mnist-dcgan-lab as its title means it: the same networks, data, initial weights and law of z under the "
            "paper's losses, penalty, rates, batch and five critic updates to one of the generator. The critic's loss "
            "falls as the digits get better. The length is ours."
        ),
        cite=f"{PAPER}, algorithm 1, on the networks of a university lab",
        schedule=Schedule(samples=1000),
    ),
    rank=46,
)
