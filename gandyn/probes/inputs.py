"""What probes feed the players with: latents and real samples that are the same in every frame. Registers nothing."""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

import torch
from torch import Tensor

from gandyn.core.experiment import Experiment
from gandyn.core.idle import no_critic
from gandyn.core.lanes import sampling_params
from gandyn.core.penalty import Critic
from gandyn.core.play import draw_latents
from gandyn.core.reference import PLACE, generator_at
from gandyn.core.rng import Rng
from gandyn.core.single import single_critic
from gandyn.core.target import Target
from gandyn.core.types import Latent, State

ROWS = 2048  # rows that a network is given at a time: larger pieces leave the cache and are slower
ASIDE = 2**20  # added to the rng's index, so that what is measured was in no update's batch


def aside(rng: Rng) -> Rng:
    """The place of a probe's own random numbers beside those of the run."""
    return rng.at(rng.index + ASIDE)


@lru_cache(maxsize=16)
def _latents(latent: Latent, n: int, rng: Rng) -> Tensor:
    return draw_latents(latent, n, aside(rng))


@lru_cache(maxsize=16)
def _reals(target: Target, n: int, rng: Rng) -> Tensor:
    return target.draw(n, aside(rng))


def latents(experiment: Experiment, state: State, n: int, rng: Rng) -> Tensor:
    """z [n, nz], a function of rng alone, in the state's dtype and device."""
    return _latents(experiment.game.latent, n, rng).to(state.g)


def reals(experiment: Experiment, n: int, rng: Rng) -> Tensor:
    """Real samples [n, *x] in float32 on the CPU, a function of rng and the target alone."""
    return _reals(experiment.target, n, rng)


def in_pieces(apply: Callable[[Tensor], Tensor], rows: Tensor) -> Tensor:
    """apply(rows), ROWS rows at a time."""
    return apply(rows) if len(rows) <= ROWS else torch.cat([apply(piece) for piece in rows.split(ROWS)])


def sampled_generator(experiment: Experiment, state: State) -> Tensor:
    """The generator's parameters that are sampled and judged: its moving average where the experiment keeps one."""
    return sampling_params(state, experiment.knobs)


@torch.no_grad()
def generate(experiment: Experiment, state: State, n: int, rng: Rng) -> Tensor:
    """n generated samples [n, *x] of the shown generator at the latents of rng."""
    theta = sampled_generator(experiment, state)
    z = latents(experiment, state, n, rng)
    return in_pieces(generator_at(experiment.game, theta), z)


def critic_of(experiment: Experiment, state: State) -> Critic:
    """The critic as a function of single samples [n, *x] -> [n], differentiable in them: what every probe reads.

    One that judges several samples together does so beside fixed ones (see `single_critic`): a minibatch of the
    target's, and one of the generator's own at fixed latents, as large as those of training.
    """
    game, rule, d, n = experiment.game, experiment.rule, state.d.detach(), experiment.rule.batch_size
    if game.critic.pack == 1 and game.critic.given is None:
        return single_critic(game, rule, d, d, d)  # which are not looked at
    with torch.no_grad():
        real = _reals(experiment.target, n, PLACE).to(d)
        fake = game.generator.at(state.g)(_latents(game.latent, n, PLACE).to(d))
    return single_critic(game, rule, d, real, fake)


@torch.no_grad()
def judge(experiment: Experiment, state: State, x: Tensor) -> Tensor:
    """The critic's raw values [n] at x [n, *x]: of `critic_of`."""
    return in_pieces(critic_of(experiment, state), x.to(state.d))


def sized(experiment: Experiment, n: int) -> Experiment:
    """The experiment with minibatches of n samples, for a probe; of whole packs, so a few more where n is none.

    Minibatch discrimination adds up over the minibatch, so of it a probe sees as many samples as training does.
    """
    critic = experiment.game.critic
    if critic.layout is not None and critic.layout.minibatch == "discrimination":
        return experiment
    return replace(experiment, rule=experiment.rule._replace(batch_size=n + -n % critic.pack))


def critic_unread(experiment: Experiment) -> str:
    """Why a view of the critic shows nothing, in a line, where the objective reads none; "" where it does."""
    why = no_critic(experiment)
    return f"{why}: nothing follows from what it says" if why else ""


def only_where_read(experiment: Experiment) -> None:
    """ValueError where the objective has no critic."""
    if why := critic_unread(experiment):
        raise ValueError(why)
