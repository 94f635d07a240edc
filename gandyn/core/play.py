"""What a run begins with and draws: the initial state, and the batches of its steps."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Generator, Tensor

from gandyn.core import checks
from gandyn.core.experiment import Experiment
from gandyn.core.lanes import batch_at
from gandyn.core.penalty_set import is_noisy
from gandyn.core.regularising import own_numbers
from gandyn.core.rng import Places, Rng, as_rng
from gandyn.core.state import initial
from gandyn.core.trees import tree_map
from gandyn.core.types import Batch, Game, Latent, Rule, State

Where = torch.device | str


class LatentPlaces(NamedTuple):
    """Where the latents of many steps stand in the random numbers, for an engine that draws them itself."""

    law: str  # of Latent
    seeds: Sequence[int]  # one a lane
    first_step: int
    updates: Sequence[int]  # the numbers of a step's updates, in the order of its batches


def init(game: Game, seed: int, dtype: torch.dtype = torch.float32, device: Where = "cpu") -> State:
    """The State at step 0: both networks drawn on the CPU in float64 from `seed`, then cast to dtype and device."""
    checks.instance("game", game, Game, "gandyn.preset(NAME).game")
    g = game.generator.init(Rng(seed, index=0)).to(device, dtype)
    d = game.critic.init(Rng(seed, index=1)).to(device, dtype)
    return initial(game, g, d)


def init_lanes(
    game: Game, seed: int, lanes: int | None, dtype: torch.dtype = torch.float32, device: Where = "cpu"
) -> State:
    """The State at step 0 of `lanes` GANs, of the seeds seed, seed + 1, ...; None: of one, without an axis for it."""
    if lanes is None:
        return init(game, seed, dtype, device)
    first = init(game, seed, dtype, device)
    state = tree_map(lambda tensor: tensor.new_empty(lanes, *tensor.shape) if tensor.ndim else tensor, first)
    for i in range(lanes):  # one after another, so that no more than one lies in memory twice
        tree_map(
            lambda whole, own, i=i: whole[i].copy_(own) if own.ndim else own, state, init(game, seed + i, dtype, device)
        )
    return state


def draw_latents(latent: Latent, n: int, rng: Rng | Generator) -> Tensor:
    """z [n, nz] in float32 on the CPU: standard normal, or uniform on [-1, 1)."""
    return _latents(latent, n, as_rng(rng).places, "cpu")


def _latents(latent: Latent, n: int, places: Places, device: Where) -> Tensor:
    """z [*places, n, nz]."""
    shape = (n, latent.size)
    return places.normal("z", shape, device) if latent.law == "normal" else 2 * places.uniform("z", shape, device) - 1


def draw_batch(
    experiment: Experiment, rng: Rng | Generator, dtype: torch.dtype = torch.float32, device: Where = "cpu"
) -> Batch:
    """All the random numbers of one update."""
    return _batches(experiment, as_rng(rng).places, dtype, device)


def _batches(experiment: Experiment, places: Places, dtype: torch.dtype, device: Where, latents: bool = True) -> Batch:
    """All the random numbers of the update at each of many places: [*places, B, ...]; latents: see draw_steps."""
    n, target = experiment.rule.batch_size, experiment.target
    places = places.settled()
    real = target.draw_at(n, places, device).to(dtype)  # before they are on the device: a walk reads them on the host
    places = places.on(device)
    if latents:
        z = _latents(experiment.game.latent, n, places, device).to(dtype)
    else:
        z = torch.empty(*places.shape, n, 0, dtype=dtype, device=device)
    mixes = latents or experiment.rule.penalty != "none"
    mix = places.uniform("mix", (n,) if mixes else (0,), device).to(dtype)
    noise = None
    if is_noisy(experiment.rule.penalty):
        noise = (2 * places.uniform("noise", (n, *target.shape), device) - 1).to(dtype)
    own = own_numbers(experiment.rule, places, n, target.shape, experiment.game.latent.size, dtype, device)
    return Batch(real, z, mix, noise, own)


def draw_steps(
    experiment: Experiment,
    seeds: Sequence[int] | Tensor,
    first_step: int | Tensor,
    steps: int,
    dtype: torch.dtype = torch.float32,
    device: Where = "cpu",
    lanes: bool = False,
    latents: bool = True,
) -> Batch:
    """The batches of the `steps` steps after `first_step` of them: tensors [steps, updates, B, ...].

    With lanes [steps, updates, N, B, ...], lane i being the run of seeds[i]; without there is one seed. The updates of
    a step are those of draw_batches: critic_steps, then generator_steps; 1 where one batch is shared by all. Numbers
    are float32, drawn on the device, then cast, so every dtype and device sees the same. Data that are walked in order
    need `first_step` as an int; for others a CUDA graph can hold the draw, with `first_step` a 0-d and `seeds` a 1-d
    int64 tensor on the device, which it reads anew at every replay. Without `latents` z is [..., B, 0], for the
    compiled engine, which draws them itself; so is mix [..., 0] where no penalty reads it.
    """
    if lanes and not isinstance(seeds, Tensor) and len(set(seeds)) < len(seeds):
        distinct = list(dict.fromkeys(seeds))
        which = torch.tensor([distinct.index(seed) for seed in seeds], device=device)
        drawn = draw_steps(experiment, distinct, first_step, steps, dtype, device, True, latents)
        return tree_map(lambda part: part[:, :, which], drawn)
    offsets = torch.arange(steps, device=device if isinstance(first_step, Tensor) else "cpu")
    at = (first_step + offsets).reshape(steps, *(1,) * (1 + lanes))
    return _of_runs(experiment, seeds, at, dtype, device, lanes, latents=latents)


def latent_places(experiment: Experiment, seeds: Sequence[int], first_step: int) -> LatentPlaces:
    """Where the latents of draw_steps are."""
    return LatentPlaces(experiment.game.latent.law, seeds, first_step, update_numbers(experiment.rule))


def update_numbers(rule: Rule) -> list[int]:
    """Of a step's updates in the random numbers, in the order of its batches: one where one batch is shared."""
    if rule.at_once:
        return [0]
    count = sum(rule.updates)
    first = rule.generator_steps if rule.freeze == "critic" else 0
    return [(first + i) % count for i in range(count)]


def _of_runs(
    experiment: Experiment,
    seeds: Sequence[int] | Tensor,
    steps: int | Tensor,
    dtype: torch.dtype,
    device: Where,
    lanes: bool,
    walks: bool = True,
    latents: bool = True,
) -> Batch:
    """The batches [..., updates, (N,) B, ...] of the runs of these seeds at these steps [..., 1, (1)]."""
    numbers = update_numbers(experiment.rule)
    there = seeds.device if isinstance(seeds, Tensor) else "cpu"
    # made on the device: a CUDA graph cannot hold a copy from the host
    updates = (numbers[0] + torch.arange(len(numbers), device=there)) % len(numbers)
    own = torch.as_tensor(seeds) if lanes else seeds[0]
    stride = experiment.target.batches_walked(experiment.rule.updates[0], len(numbers))
    return _batches(
        experiment,
        Places(own, steps, updates.reshape(-1, *(1,) * lanes), stride if walks else 0),
        dtype,
        device,
        latents,
    )


def draw_batches(
    experiment: Experiment, rng: Rng | Generator, dtype: torch.dtype = torch.float32, device: Where = "cpu"
) -> list[Batch]:
    """The batches of one step: critic_steps of them, then generator_steps, whatever the order.

    One batch, shared by both updates, when the order is simultaneous and both counts are 1. Drawn in float32, so that
    every dtype and device sees the same numbers. They depend on (seed, stream, step, index) alone; a torch.Generator
    supplies a seed, another one at every call. The index counts the critic's updates first; a frozen critic's
    come last, so that what it would do leaves the generator's numbers alone.

    Data that are walked in order move on by what the target says, by default by the critic's batches alone, as in a
    program whose generator's updates load no data; what these see of the data are the samples that come next.
    """
    checks.instance("experiment", experiment, Experiment, "gandyn.preset(NAME)")
    at = as_rng(rng)
    drawn = _of_runs(experiment, [at.seed], at.step, dtype, device, lanes=False, walks=at.stride > 0)
    return _by_update(drawn)


def draw_lanes(
    experiment: Experiment, rngs: Sequence[Rng], dtype: torch.dtype = torch.float32, device: Where = "cpu"
) -> list[Batch]:
    """The batches of one step of N lanes: [N, B, ...], each lane's those of draw_batches with its own Rng.

    Lanes with the same seed see the same numbers. ValueError unless all are at one step, as the lanes of a state are.
    """
    seeds, steps = [rng.seed for rng in rngs], {rng.step for rng in rngs}
    if len(steps) != 1:
        raise ValueError(f"lanes must be at one step, not at {', '.join(map(str, sorted(steps)))}")
    drawn = draw_steps(experiment, seeds, steps.pop(), 1, dtype, device, lanes=True)
    return _by_update(batch_at(drawn, 0))


def _by_update(drawn: Batch) -> list[Batch]:
    """One batch for every update of tensors [updates, ...]."""
    return [batch_at(drawn, i) for i in range(len(drawn.z))]
