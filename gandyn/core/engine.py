"""Which engine computes a step: compiled code for multilayer perceptrons, autograd for everything else.

A run's engine is resolved once, at step 0, and kept: `native` or `autograd`. Each step of it is then a function of its
own configuration: `engine=native` and `engine=autograd` name the engine; with `auto` a run of `native` computes in
autograd those steps that the compiled engine does not do, and a run of `autograd` computes every step there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import torch

from gandyn.core import checks, cuda, dynamics, native, regularising
from gandyn.core.cuda_graphs import graph_step
from gandyn.core.drawing import Batches
from gandyn.core.experiment import Experiment
from gandyn.core.penalty_set import members
from gandyn.core.play import init, latent_places
from gandyn.core.rng import MAX_PLACE, MAX_SEED
from gandyn.core.shapes import check_step
from gandyn.core.trees import tree_map
from gandyn.core.types import Batch, Game, Knobs, Metrics, Rule, State
from gandyn.core.update_rule import remembering

TYPES = (torch.float32, torch.float64)  # that the compiled engine computes in


def unsupported_reason(
    game: Game, rule: Rule, device: torch.device | str = "cpu", dtype: torch.dtype = torch.float32
) -> str | None:
    """Why steps of this game under this rule are not for the compiled engine, or None."""
    kind = torch.device(device).type
    if kind not in ("cpu", "cuda"):
        return f"it computes on a CPU or on CUDA, not on {device}"
    if dtype not in TYPES:
        return f"it computes in float32 and float64 alone, not in {str(dtype).removeprefix('torch.')}"
    if not rule.by_turns:
        return f"the update rule {rule.update_rule.name} has no compiled form"
    return (native if kind == "cpu" else cuda).unsupported_reason(game, rule)


def resolve(experiment: Experiment, device: torch.device | str = "cpu") -> str:
    """The engine of a run that begins with this experiment on that device: `native` or `autograd`.

    Raises ValueError with one line where `engine=native` is asked for and is not possible.
    """
    return engine_at(experiment.game, experiment.rule, "native", device)


def engine_at(
    game: Game, rule: Rule, resolved: str, device: torch.device | str = "cpu", dtype: torch.dtype = torch.float32
) -> str:
    """The engine of a step under this rule, in a run whose engine was `resolved` at its step 0.

    Raises ValueError with one line where `engine=native` is asked for and is not possible.
    """
    if (resolved if rule.engine == "auto" else rule.engine) == "autograd":
        return "autograd"
    reason = unsupported_reason(game, rule, device, dtype)
    if reason is None:
        return "native"
    if rule.engine == "native":
        raise ValueError(f"engine 'native' cannot compute this step: {reason}; use engine 'auto'")
    return "autograd"


def step(game: Game, rule: Rule, state: State, batches: Sequence[Batch], knobs: Knobs) -> tuple[State, Metrics]:
    """One step, as dynamics.step says what it is, by the engine that `rule.engine` names.

    `auto` takes the compiled one wherever it applies. A state with a leading axis of N lanes takes batches with one,
    too, and numbers among the knobs may be tensors [N]. Raises ValueError if the compiled engine is asked for where it
    does not apply.
    """
    if engine_at(game, rule, "native", state.g.device, state.g.dtype) == "native":
        if len({part.shape[:-1] for batch in batches for part in batch[:2]}) <= 1:
            return (cuda if state.g.is_cuda else native).step(game, rule, state, batches, knobs)
        if rule.engine == "native":
            check_step(game, rule, state, batches, knobs)
            raise ValueError("engine 'native' takes batches of one size alone; use engine 'auto'")
    return _in_autograd(game, rule, state, batches, knobs)


def _in_autograd(game: Game, rule: Rule, state: State, batches: Sequence[Batch], knobs: Knobs) -> tuple[State, Metrics]:
    captured = all(penalty.captured for penalty in members(rule.penalty))
    take = graph_step if state.g.is_cuda and captured else dynamics.step
    return take(game, rule, state, batches, knobs)


def _steps_in_autograd(game: Game, rule: Rule, state: State, batches: Batch, knobs: Knobs) -> tuple[State, Metrics]:
    """As many steps as `batches` [steps, updates, (N,) B, ...] holds numbers for; metrics [steps, (N)]."""
    each: list[Metrics] = []
    for i in range(len(batches.z)):
        own = [tree_map(lambda part, at=(i, update): part[at], batches) for update in range(batches.z.shape[1])]
        state, metrics = _in_autograd(game, rule, state, own, knobs)
        each.append(metrics)
    return state, Metrics(*(torch.stack(values) for values in zip(*each, strict=True)))


def advance(
    experiment: Experiment,
    state: State,
    seeds: Sequence[int],
    steps: int,
    engine: str,
    batches: Batches | None = None,
) -> tuple[State, Metrics]:
    """`steps` >= 1 steps under one experiment: (the State after the last, the Metrics of every step [steps, (N)]).

    The random numbers are those of `seeds`, one for each lane; of a state without lanes there is one. `engine`: that
    of the run, see `resolve`. Every number is a function of seed and step, so n steps in one call and in several give
    the same bits. This is the loop that `play`, `Run`, `gandyn train` and sweeps step with; those that make a few steps
    a call hand over their `batches`, in which numbers are drawn ahead.
    """
    game, rule, knobs = experiment.game, experiment.rule, experiment.knobs
    compiled = engine_at(game, rule, engine, state.g.device, state.g.dtype) == "native"
    dtype, device, lanes = state.g.dtype, state.g.device, state.g.ndim > 1

    _check_places(state, seeds, steps)
    state = regularising.remembering(rule, remembering(rule.update_rule, state), experiment.target.shape)
    batches, latents = batches or Batches(), not compiled or state.g.is_cuda  # drawn here, not by the kernel

    def compute(these: Batch) -> tuple[State, Metrics]:
        if compiled and state.g.is_cuda:
            return cuda.advance(game, rule, state, these, knobs)
        if compiled:  # the caller's State stays; those between the pieces are nobody's
            places = latent_places(experiment, seeds, state.step)
            return native.advance(game, rule, state, these, knobs, bool(pieces), places)
        return _steps_in_autograd(game, rule, state, these, knobs)

    pieces: list[Metrics] = []
    while steps > 0:
        # without a name: one piece's numbers are gone before the next one's are drawn
        state, metrics = compute(batches.next(experiment, seeds, state.step, steps, dtype, device, lanes, latents))
        pieces.append(metrics)
        steps -= len(metrics.f)
    if len(pieces) == 1:
        return state, pieces[0]
    return state, Metrics(*(torch.cat(values) for values in zip(*pieces, strict=True)))


def _check_places(state: State, seeds: Sequence[int], steps: int) -> None:
    """Whether every run has random numbers of its own at every step; ValueError with one line if not."""
    if len(seeds) != (len(state.g) if state.g.ndim > 1 else 1):
        held = f"{len(state.g)} lanes" if state.g.ndim > 1 else "no lanes"
        raise ValueError(f"the state has {held}, but the run has {len(seeds)} seeds: one for each lane")
    for seed in (min(seeds), max(seeds)):
        checks.integer("seed", seed, 0, MAX_SEED)
    checks.integer("step", state.step + steps - 1, 0, MAX_PLACE)


def play(
    experiment: Experiment,
    controls: Callable[[], Experiment] | None = None,
    state: State | None = None,
    seed: int | None = None,
    engine: str | None = None,
) -> Iterator[tuple[State, Metrics]]:
    """Step for ever: yields (State, Metrics) after every step, from `state` (default: the initial one of `seed`).

    `controls` is asked before every step for the experiment as it is now, so whoever holds it steers the run; seed
    defaults to the experiment's own. A state with lanes goes on with them, of the seeds seed, seed + 1, ...
    `engine`: that of the run (default: as `resolve` says); `native` or `autograd`.
    """
    checks.instance("experiment", experiment, Experiment, "gandyn.preset(NAME)")
    seed = experiment.seed if seed is None else seed
    state = init(experiment.game, seed) if state is None else state
    engine = resolve(experiment, state.g.device) if engine is None else engine
    seeds = [seed + i for i in range(1 if state.g.ndim == 1 else len(state.g))]
    batches = Batches()
    while True:
        now = experiment if controls is None else controls()
        state, metrics = advance(now, state, seeds, 1, engine, batches)
        yield state, Metrics(*(value[0] for value in metrics))
