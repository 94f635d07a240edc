"""Why a control has no effect now: of an experiment, a reason in words, or None where it has one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from torch import Tensor

from gandyn.core.penalty_set import members, weight_of

if TYPE_CHECKING:
    from gandyn.core.experiment import Experiment
    from gandyn.core.types import Penalty


def frozen_generator(e: Experiment) -> str | None:
    """For what the generator alone reads."""
    return "the generator is frozen" if e.rule.freeze == "generator" else None


def frozen_critic(e: Experiment) -> str | None:
    """For what the critic's own updates alone read."""
    return "the critic is frozen" if e.rule.freeze == "critic" else None


def idle_critic(e: Experiment) -> str | None:
    """For what the generator's look-ahead reads too, frozen critic or not."""
    if e.rule.losses.of_samples is not None:
        return frozen_critic(e) or still_critic(e)
    return None if e.rule.unroll_g else frozen_critic(e)


def still_critic(e: Experiment) -> str | None:
    """For the critic itself, which nobody reads where the objective has none and no penalty moves it."""
    return None if any(one.for_critic_loss for one in _acting(e)) else no_critic(e)


def _moves_critic(e: Experiment, by: Callable[[Penalty], bool]) -> bool:
    """Whether one of the penalties, such by this, moves the critic by its loss at samples."""
    return any(one.loss is not None and by(one) for one in _acting(e))


def no_critic(e: Experiment) -> str | None:
    """For what an objective of the samples themselves does not read."""
    return None if e.rule.losses.of_samples is None else f"the objective {e.rule.objective} has no critic"


def of_critic(part: str, otherwise: Callable[[Experiment], str | None]) -> Callable[[Experiment], str | None]:
    """For what that network is made of."""
    return otherwise if part == "generator" else lambda e: still_critic(e) or otherwise(e)


def idle_generator(e: Experiment) -> str | None:
    """For what the critic's look-ahead reads too, frozen generator or not."""
    return None if e.rule.unroll_d and apart(e) is None else frozen_generator(e)


def no_decay(e: Experiment) -> str | None:
    """For the steps after which rates decay."""
    decaying = {"g": idle_generator(e), "d": idle_critic(e)}
    powers = {one: getattr(e.knobs, f"decay_{one}") for one in decaying}
    decaying = {one: why for one, why in decaying.items() if isinstance(powers[one], Tensor) or powers[one] != 0}
    if not decaying:
        return "no rate decays"
    return None if None in decaying.values() else next(iter(decaying.values()))


def no_ema(e: Experiment) -> str | None:
    """For the decay of the generator's moving average."""
    return "the average is uniform" if e.rule.averaging == "uniform" else frozen_generator(e)


def frozen_player(e: Experiment) -> str | None:
    """For what two moving players read."""
    return frozen_generator(e) or frozen_critic(e)


def apart(e: Experiment) -> str | None:
    """For what depends on how each player's gradient moves with the other player."""
    if no_critic(e) is None or (frozen_critic(e) is None and _moves_critic(e, lambda one: not one.of_real)):
        return None
    return no_critic(e)


def alone(e: Experiment) -> str | None:
    """For what acts between two moving players."""
    return frozen_player(e) or apart(e)


def nobody_moves(e: Experiment) -> str | None:
    """For what an update rule makes of the moves of any player."""
    critic = idle_critic(e)
    return None if critic is None or idle_generator(e) is None else f"{frozen_generator(e)}, and {critic}"


def at_once(otherwise: Callable[[Experiment], str | None]) -> Callable[[Experiment], str | None]:
    """For what only gradient descent by turns reads."""

    def reason(e: Experiment) -> str | None:
        return otherwise(e) if e.rule.by_turns else f"{e.rule.update_rule.name} moves both players at once"

    return reason


def penalty_idle(e: Experiment) -> str | None:
    """For the choice of penalties; where there is none another one may do something."""
    chosen = members(e.rule.penalty)
    if not chosen:
        return None
    if not _acting(e):
        return "its weight is 0" if len(chosen) == 1 else "all their weights are 0"
    return _idle_players(e, chosen)


def _acting(e: Experiment) -> list[Penalty]:
    """The penalties but for those whose number is 0."""
    weights = ((one, weight_of(one, e.knobs)) for one in members(e.rule.penalty))
    return [one for one, weight in weights if not one.numbered or isinstance(weight, Tensor) or weight != 0]


def _idle_players(e: Experiment, chosen: Sequence[Penalty]) -> str | None:
    """Why none of these penalties enters an update now: a player rests, or the objective has no critic."""
    if no_critic(e) and not (chosen := [one for one in chosen if _read_without_critic(one, e)]):
        return no_critic(e)
    if any(one.for_generator for one in chosen) and idle_generator(e) is None:
        return None
    if not any(one.for_critic for one in chosen):
        return frozen_generator(e)
    if no_critic(e) and any(one.for_critic_loss for one in chosen):
        return frozen_critic(e)  # of another number they move it, though nothing does now
    return idle_critic(e)


def _read_without_critic(penalty: Penalty, e: Experiment) -> bool:
    """Whether an update reads it under an objective of the samples themselves, beside the other penalties."""
    if penalty.without_critic:
        return True
    if penalty.rehearse:
        return _moves_critic(e, lambda one: not one.of_real)
    return bool(penalty.reparametrise or penalty.transform) and _moves_critic(e, lambda one: True)


def no_penalty(e: Experiment) -> str | None:
    """For the weight that penalties have in common."""
    chosen = members(e.rule.penalty)
    if not chosen:
        return "no penalty is chosen"
    weighted = [penalty for penalty in chosen if "penalty_weight" in penalty.knobs]
    if not weighted:
        return f"penalty {e.rule.penalty} does not use it"
    reading = [penalty for penalty in weighted if penalty.name not in dict(e.knobs.weights)]
    if not reading:
        whose = "has a weight of its own" if len(weighted) == 1 else "have weights of their own"
        return f"{' and '.join(penalty.name for penalty in weighted)} {whose}"
    return _idle_players(e, reading)


def not_chosen(penalty: Penalty) -> Callable[[Experiment], str | None]:
    """For the number of that penalty alone."""

    def idle(e: Experiment) -> str | None:
        chosen = any(one.name == penalty.name for one in members(e.rule.penalty))
        return _idle_players(e, [penalty]) if chosen else f"penalty {penalty.name} is not chosen"

    return idle


def no_unroll(e: Experiment) -> str | None:
    """For how derivatives go through a look-ahead: of an objective without a critic, updates depend on nobody else."""
    return "there is no look-ahead (k = 0)" if e.rule.unroll == 0 else no_critic(e) or nobody_looks(e)


def no_looking(e: Experiment) -> str | None:
    """For who looks ahead."""
    if e.rule.unroll == 0:
        return "there is no look-ahead (k = 0)"
    return no_critic(e) and apart(e)


def nobody_looks(e: Experiment) -> str | None:
    """For k: whoever looks ahead is frozen, or looks at a critic that does not play."""
    if no_critic(e) and (e.rule.unroll_player == "generator" or apart(e)):
        return no_critic(e)
    looking = {"generator": frozen_generator, "critic": frozen_critic}.get(e.rule.unroll_player)
    return looking(e) if looking else None


def unread(rate: str, *players: str) -> Callable[[Experiment], str | None]:
    """For a rate that no optimiser of these players reads, as it declares."""

    def idle(e: Experiment) -> str | None:
        rests = {"g": idle_generator(e), "d": idle_critic(e)}
        moving = [getattr(e.game, f"optimizer_{player}") for player in players if not rests[player]]
        if not moving:
            return rests[players[0]]
        if any(rate in optimizer.knobs for optimizer in moving):
            return None
        names = sorted({optimizer.name for optimizer in moving})
        return f"{' and '.join(names)} {'does' if len(names) == 1 else 'do'} not use it"

    return idle


def no_latent(e: Experiment) -> str | None:
    """For what the generator's input goes through."""
    return None if e.game.latent.size else "the generator has no input (latent size 0)"


def init_reads(part: str, reading: Sequence[str]) -> Callable[[Experiment], str | None]:
    """For a number of the initial weights of that network, which these laws read."""

    def idle(e: Experiment) -> str | None:
        init = getattr(e.game, part).spec.get("init")
        return None if init in reading else f"initialisation {init} does not use it"

    return idle


def not_normalised(part: str) -> Callable[[Experiment], str | None]:
    """For the normalisation of hidden layers; a critic's first one has no batch normalisation."""

    def idle(e: Experiment) -> str | None:
        spec = getattr(e.game, part).spec
        left_out = part == "critic" and spec.get("norm") == "batch" and len(spec.get("widths", ())) == 1
        return "a critic's first layer has no batch normalisation" if left_out else no_hidden(part)(e)

    return idle


def no_hidden(part: str) -> Callable[[Experiment], str | None]:
    """For what hidden layers of that network have."""

    def idle(e: Experiment) -> str | None:
        return None if getattr(e.game, part).spec.get("widths") else "the network has no hidden layer"

    return idle
