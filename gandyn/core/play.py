"""The loop around the step: initial state, the batches of a step, and play(), a generator of (State, Metrics)."""

from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Generator, Tensor

from gandyn.core.engine import step
from gandyn.core.experiment import Experiment
from gandyn.core.fused.backend import Backend
from gandyn.core.lanes import batch_at, stack
from gandyn.core.penalties import PENALTIES
from gandyn.core.rng import Rng, fill, generator_of
from gandyn.core.state import initial
from gandyn.core.types import Batch, Game, Latent, Metrics, Rule, State

Where = torch.device | str


def init(game: Game, seed: int, dtype: torch.dtype = torch.float32, device: Where = "cpu") -> State:
    """The State at step 0: both networks drawn on the CPU in float64 from `seed`, then cast to dtype and device."""
    rng = Rng(seed)
    g = game.generator.init(rng.generator("generator")).to(device, dtype)
    d = game.critic.init(rng.generator("critic")).to(device, dtype)
    return initial(game, g, d)


def init_lanes(
    game: Game, seed: int, lanes: int | None, dtype: torch.dtype = torch.float32, device: Where = "cpu"
) -> State:
    """The State at step 0 of `lanes` GANs, of the seeds seed, seed + 1, ...; None: of one, without an axis for it."""
    if lanes is None:
        return init(game, seed, dtype, device)
    return stack([init(game, seed + i, dtype, device) for i in range(lanes)])


def draw_latents(latent: Latent, n: int, rng: Rng | Generator) -> Tensor:
    """z [n, nz] in float32 on the CPU: standard normal, or uniform on [-1, 1)."""
    size, law = latent
    if not size:
        return torch.zeros(n, 0)
    generator = generator_of(rng, "z")
    if law == "normal":
        return torch.randn(n, size, generator=generator, dtype=torch.float32)
    return 2 * torch.rand(n, size, generator=generator, dtype=torch.float32) - 1


def draw_batch(
    experiment: Experiment, rng: Rng | Generator, dtype: torch.dtype = torch.float32, device: Where = "cpu"
) -> Batch:
    """All the random numbers of one update."""
    n = experiment.rule.batch_size
    real = experiment.target.draw(n, rng)
    z = draw_latents(experiment.game.latent, n, rng)
    penalty = PENALTIES[experiment.rule.penalty]
    mix = torch.rand(n, generator=generator_of(rng, "mix"), dtype=torch.float32)
    noise = None
    if penalty.noisy:
        noise = 2 * torch.rand(real.shape, generator=generator_of(rng, "noise"), dtype=torch.float32) - 1
        noise = noise.to(device, dtype)
    return Batch(real.to(device, dtype), z.to(device, dtype), mix.to(device, dtype), noise)


def draw_batches(
    experiment: Experiment, rng: Rng | Generator, dtype: torch.dtype = torch.float32, device: Where = "cpu"
) -> list[Batch]:
    """The batches of one step: critic_steps of them, then generator_steps, whatever the order.

    One batch, shared by both updates, when the order is simultaneous and both counts are 1. Drawn on the CPU in
    float32, so that every dtype and device sees the same numbers. With an Rng they depend on (seed, stream, step,
    index) alone; a torch.Generator is used up in order. The index counts the critic's updates first; a frozen critic's
    come last, so that what it would do leaves the generator's numbers alone.

    Data that are walked in order move on by the critic's batches alone, critic_steps * batch_size samples a step, as in
    a program whose generator's updates load no data; what these see of the data are the samples that come next.
    """
    return [draw_batch(experiment, place, dtype, device) for place in _places(experiment.rule, rng)]


def _places(rule: Rule, rng: Rng | Generator) -> list[Rng] | list[Generator]:
    """Where the numbers of each batch of a step come from."""
    shared = rule.order == "simultaneous" and rule.critic_steps == rule.generator_steps == 1
    count = 1 if shared else rule.critic_steps + rule.generator_steps
    first = rule.generator_steps if rule.freeze == "critic" and not shared else 0
    if isinstance(rng, Generator):
        return [rng] * count
    return [Rng(rng.seed, rng.step, (first + i) % count, rule.critic_steps) for i in range(count)]


def draw_lanes(
    experiment: Experiment, rngs: Sequence[Rng], dtype: torch.dtype = torch.float32, device: Where = "cpu"
) -> list[Batch]:
    """The batches of one step of N lanes: [N, B, ...], each lane's those of draw_batches with its own Rng.

    Lanes with the same Rng see the same numbers. A `mix` that the penalty does not read is left at 0.
    """
    distinct = list(dict.fromkeys(rngs))
    per_lane = [_places(experiment.rule, rng) for rng in distinct]
    made = [_batch_of_lanes(experiment, at, dtype, device) for at in zip(*per_lane, strict=True)]
    if len(distinct) == len(rngs):
        return made
    which = torch.tensor([distinct.index(rng) for rng in rngs], device=device)
    return [batch_at(batch, which) for batch in made]


def _batch_of_lanes(experiment: Experiment, at: Sequence[Rng], dtype: torch.dtype, device: Where) -> Batch:
    """What draw_batch gives at each place, stacked."""
    n, latent = experiment.rule.batch_size, experiment.game.latent
    real = experiment.target.draw_lanes(n, at)
    penalty, z, mix = PENALTIES[experiment.rule.penalty], torch.empty(len(at), n, latent.size), torch.zeros(len(at), n)
    fill(at, "z", [(z, latent.law)] if latent.size else [])
    z = 2 * z - 1 if latent.law == "uniform" else z
    if penalty.mixed:
        fill(at, "mix", [(mix, "uniform")])
    noise = None
    if penalty.noisy:
        noise = torch.empty(real.shape)
        fill(at, "noise", [(noise, "uniform")])
        noise = (2 * noise - 1).to(device, dtype)
    return Batch(real.to(device, dtype), z.to(device, dtype), mix.to(device, dtype), noise)


def batches_after(now: Experiment, seed: int, state: State) -> list[Batch]:
    """Of the step after `state`, and of every lane that it has: those of the seeds seed, seed + 1, ..."""
    where = (state.g.dtype, state.g.device)
    if state.g.ndim == 1:
        return draw_batches(now, Rng(seed, state.step), *where)
    return draw_lanes(now, [Rng(seed + i, state.step) for i in range(len(state.g))], *where)


def play(
    experiment: Experiment,
    controls: Callable[[], Experiment] | None = None,
    state: State | None = None,
    seed: int | None = None,
    backend: Backend | None = None,
) -> Iterator[tuple[State, Metrics]]:
    """Step for ever: yields (State, Metrics) after every step, from `state` (default: the initial one of `seed`).

    `controls` is asked before every step for the experiment as it is now, so whoever holds it steers the run; seed
    defaults to the experiment's own. A state with lanes goes on with them, of the seeds seed, seed + 1, ...
    `backend`: the libraries of the fused engine (default: the fastest here).
    """
    seed = experiment.seed if seed is None else seed
    state = init(experiment.game, seed) if state is None else state
    while True:
        now = experiment if controls is None else controls()
        # nobody holds the batches, so that the next ones lie in the same memory, which is still in the cache
        state, metrics = step(now.game, now.rule, state, batches_after(now, seed, state), now.knobs, backend)
        yield state, metrics
