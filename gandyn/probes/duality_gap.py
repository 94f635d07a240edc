"""What either player could still gain by answering the other for k steps: the duality gap."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from gandyn.core import checks
from gandyn.core.critic_update import critic_loss, update_critic
from gandyn.core.experiment import Experiment
from gandyn.core.field import generator_gradient, generator_loss
from gandyn.core.moving import PlayerState, move, rates_of
from gandyn.core.optimizers import OPTIMIZERS
from gandyn.core.play import draw_batch
from gandyn.core.regularising import recalling
from gandyn.core.rng import Rng
from gandyn.core.types import Batch, Game, Knobs, Rule, State
from gandyn.probes import PROBES, Arrays, Probe
from gandyn.probes.inputs import aside, sized

BETA2, EPS = 0.999, 1e-8  # of the answering optimiser, which is the same for every experiment


def duality_gap(
    experiment: Experiment,
    state: State,
    rng: Rng,
    *,
    k: int = 50,
    rate: float = 1e-3,
    optimizer: str = "adam",
    beta1: float = 0.0,
    n: int = 512,
) -> Arrays:
    """max_D V(G, D) - min_G V(G, D) of a zero-sum game with value V, either optimum by k steps from a copy.

    gain_critic      0-d: L_D(G, D) - L_D(G, D_k): what the critic gains by k updates while the generator rests
    gain_generator   0-d: L_G(G, D) - L_G(G_k, D), the critic resting
    gap              0-d: their sum. In a game that is not zero-sum it is that of Nikaido and Isoda: 0 at a Nash
                     equilibrium, and else no less but for what k steps and n samples cannot show
    k, rate, n, optimizer   as asked for: compare only gaps of the same ones
    Both learn by the same optimiser, from rest, at the same rate, whatever those of the run are, on k minibatches of n
    samples; all losses are taken on one more, which neither has seen, so that a gain that is no more than a memory of
    the samples does not count. Losses are the game's own, penalties included, with what the state remembers
    of them; the critic is clipped as in the run, and nobody looks ahead. In the state's precision.
    Ref: Grnarova et al. 2019 (1811.05512), section 4; Nikaido & Isoda 1955, Pacific J. Math. 5.
    """
    checks.integer("k", k, 1, 10_000)
    answering = OPTIMIZERS[checks.choice("optimizer", optimizer, list(OPTIMIZERS))]
    game = experiment.game._replace(optimizer_g=answering, optimizer_d=answering)
    sampled = sized(experiment, n)
    rule = sampled.rule._replace(unroll=0, freeze="none")
    n = rule.batch_size
    knobs = experiment.knobs._replace(lr_g=rate, lr_d=rate, beta1=beta1, beta2=BETA2, eps=EPS)
    sampled = replace(sampled, rule=rule)

    def batch(i: int) -> Batch:
        at = aside(rng)
        drawn = draw_batch(sampled, at.at(at.index + i), state.g.dtype, state.g.device)
        return recalling(rule, state, [drawn])[0]

    g, d = _responses(game, rule, knobs, state, (batch(i) for i in range(1, k + 1)))
    held = batch(0)
    critic = [_critic_loss(game, rule, knobs, state.g, theta, held) for theta in (state.d, d)]
    generator = [_generator_loss(game, rule, knobs, theta, state.d, held) for theta in (state.g, g)]
    gains = {"gain_critic": critic[0] - critic[1], "gain_generator": generator[0] - generator[1]}
    settings = {"k": k, "rate": rate, "n": n, "optimizer": answering.name}
    values = {**gains, "gap": sum(gains.values()), **settings}
    return {name: np.array(value) for name, value in values.items()}


def _responses(game: Game, rule: Rule, knobs: Knobs, state: State, batches: Iterable[Batch]) -> tuple[Tensor, Tensor]:
    """(g, d): either player's parameters after an update on each batch, the other one resting at `state`."""
    g, d = (PlayerState(theta, game.optimizer_g.init(theta)) for theta in (state.g, state.d))
    resting = PlayerState(state.d, None)
    for batch in batches:
        with torch.no_grad():
            fake = game.generator.at(state.g)(batch.z)
        d = update_critic(game, rule, d, fake, batch, knobs).after
        slope, _ = generator_gradient(game, rule, g.theta, resting, batch, knobs, need_metrics=False)
        g = move(game.optimizer_g, g, slope, rates_of(knobs, knobs.lr_g))
    return g.theta, d.theta


@torch.no_grad()
def _critic_loss(game: Game, rule: Rule, knobs: Knobs, g: Tensor, d: Tensor, batch: Batch) -> float:
    return float(critic_loss(game, rule, d, game.generator.at(g)(batch.z), batch, knobs).loss.detach())


@torch.no_grad()
def _generator_loss(game: Game, rule: Rule, knobs: Knobs, g: Tensor, d: Tensor, batch: Batch) -> float:
    return float(generator_loss(game, rule, g, PlayerState(d, None), batch, knobs).loss)


PROBES.add(Probe("duality_gap", "what either player could still gain by k steps", duality_gap), rank=8)
