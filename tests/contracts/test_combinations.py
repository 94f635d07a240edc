"""Rules, objectives, sets of penalties, look-aheads, orders, optimisers, frozen players: any of them together."""

import random
from typing import Any

import pytest
import torch
from torch import Tensor

import gandyn
from gandyn.core import dynamics, native
from gandyn.core.engine import unsupported_reason
from gandyn.core.game_field import GameField
from gandyn.core.optimizers import OPTIMIZERS
from gandyn.core.penalties import PENALTIES
from gandyn.core.penalty_set import members
from gandyn.core.regularising import recalling, remember
from gandyn.core.trees import Empty, tree_map
from gandyn.core.update_rules import UPDATE_RULES
from tests.contracts.combinations import APART, COUNT, SETS, sampled
from tests.contracts.small import read, run, same

F64 = torch.float64
RUN_AWAY = 1e12  # of a loss: exponentials of what a critic says overflow in the next step
STEP = 1e-6  # of a central difference in float64
THRESHOLDS = {"penalty.one-sided", "update_rule.a", "update_rule.b", "objective.margin"}  # what acts beyond one alone


def start(experiment: gandyn.Experiment) -> tuple[gandyn.State, list[gandyn.Batch]]:
    """The state after two steps, since initial weights are special, and the minibatches of the next, in float64."""
    early = gandyn.Run(experiment, dtype=F64)
    early.advance(2)
    batches = gandyn.draw_batches(experiment, gandyn.Rng(experiment.seed, 3))
    return early.state, [tree_map(_double, batch) for batch in batches]


def _double(value: Any) -> Any:
    return value.to(F64) if isinstance(value, Tensor) and value.is_floating_point() else value


def _may_tip_nothing(at: gandyn.Experiment, name: str) -> bool:
    """Whether the number acts beyond a threshold alone, or through the sign of what it moves a little."""
    one_sided = name == "penalty_weight" and "one-sided" in at.rule.penalty
    # The critic is moved in the look-ahead alone, and moves nothing else: the same steps while no sign changes.
    optimizers = {at.values()["optimizer_g"], at.values()["optimizer_d"]}
    signs = at.rule.freeze == "critic" and optimizers & {"lion", "sign-sgd"}
    tips = signs and name not in ("lr_g", "lr_d", "ema")
    return name in THRESHOLDS or one_sided or tips


def _players(state: gandyn.State) -> gandyn.State:
    """Without what a rule remembers, which matters when both players move again."""
    return state._replace(rule=Empty())


@pytest.mark.parametrize("seed", range(COUNT))
def test_steps_are_finite_and_the_same_bits_however_they_are_asked_for(seed):
    at = sampled(seed)
    at_once, by_step = gandyn.Run(at), gandyn.Run(at)
    for _ in range(3):
        by_step.advance(1)
        if abs(float(by_step.metrics["critic_loss"])) > RUN_AWAY:
            return
    at_once.advance(3)
    assert same(at_once.state, by_step.state) and at_once.state.step == 3
    assert torch.isfinite(at_once.state.g).all() and torch.isfinite(at_once.state.d).all()
    assert all(torch.isfinite(torch.as_tensor(value)) for value in at_once.metrics.values())
    assert set(at_once.state.aux._fields) == {one.field for one in members(at.rule.penalty) if one.memory}


@pytest.mark.parametrize("seed", range(COUNT))
def test_the_field_is_the_slope_of_both_losses(seed):
    """Along a random direction of each player's parameters, against central differences in float64."""
    at = sampled(seed).replace(freeze="none")
    if "spectral-normalisation" in {one.name for one in members(at.rule.penalty)}:
        # Its singular vectors are held fast in second derivatives; of orthogonal weights they turn at once.
        at = at.replace(unroll=0, **{"critic.init": "torch"})
    if at.rule.unroll_order == "first":
        at = at.replace(unroll=0)  # what is no derivative on purpose
    state, batches = start(at)
    state = remember(at.game, at.rule, state, batches[0], at.knobs)
    (batch, *_) = recalling(at.rule, state, batches)
    field = GameField(at.game, at.rule, batch, at.knobs)
    v = field.at(state).v
    draw = torch.Generator().manual_seed(seed)
    for player, slope in enumerate(v):
        theta = (state.g, state.d)[player]
        way = torch.randn(theta.shape, generator=draw, dtype=F64)
        ends = []
        for sign in (1, -1):
            point = [state.g.detach().clone().requires_grad_(), state.d.detach().clone().requires_grad_()]
            point[player] = (theta + sign * STEP * way).detach().requires_grad_()
            ends.append(field.losses(state, *point)[player].item())
        measured, size = (ends[0] - ends[1]) / (2 * STEP), abs(ends[0]) + abs(ends[1])
        assert float(slope @ way) == pytest.approx(measured, rel=1e-5, abs=1e-8 + 1e-9 * size), "gd"[player]


@pytest.mark.parametrize("seed", range(COUNT))
def test_both_engines_take_the_same_step(seed):
    """In float64, of what the compiled one takes; the sampled rest is replaced by what it takes."""
    at = sampled(seed)
    if unsupported_reason(at.game, at.rule):
        compiled = [one.name for one in members(at.rule.penalty) if one.gradient_of is not None]
        at = at.replace(**APART, update_rule="gradient", penalty="+".join(compiled) or "none", unroll_order="first")
    if unsupported_reason(at.game, at.rule):
        at = at.replace(
            penalty="none", optimizer_g="adam", optimizer_d="sgd", objective="minimax", unroll_player="generator"
        )
    state, batches = start(at)
    mine, theirs = (step(at.game, at.rule, state, batches, at.knobs) for step in (native.step, dynamics.step))
    for player in ("g", "d", "ema_g"):
        torch.testing.assert_close(getattr(mine[0], player), getattr(theirs[0], player), rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(tuple(mine[1]), tuple(theirs[1]), rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("seed", range(COUNT))
def test_a_number_acts_or_says_why_not(seed):
    """One of the declared numbers, in turn, changed on the way: idle, it changes no bit, and else it changes some."""
    at = sampled(seed)
    if at.rule.losses.of_samples is not None and "one-sided" in at.rule.penalty:
        at = at.replace(penalty="r1")  # by which the critic moves: of small slopes one-sided penalties are 0
    numbers = [one for one in at.controls().values() if one.type is float and one.live and one.kind != "target"]
    control = random.Random(seed).choice([one for one in numbers if not _may_tip_nothing(at, one.name)])
    value, warm = at.values()[control.name], run(at.replace(freeze="none"), 3)
    low, high = control.suggest or (control.low, control.high)
    others = [other for other in (low + 0.37 * (high - low), high, low) if other != value]
    steps = max(3, at.rule.update_rule.period + 1)

    def acts(state: gandyn.State | None) -> bool:
        before = read(at, _players(run(at, steps, state)))
        changed = (at.replace(**{control.name: other}) for other in others)
        return any(not same(before, read(new, _players(run(new, steps, state)))) for new in changed)

    if (reason := control.idle(at)) is not None:
        assert not acts(warm), f"{control.name} acts though {reason}"
    else:  # beside a gradient of a million float32 has no room for eps; a critic may have died on the way
        assert acts(warm) or acts(tree_map(_double, warm)) or acts(None), f"{control.name} changes nothing"


def test_the_combinations_hold_every_rule_with_every_penalty_twice_over():
    """And every optimiser of either player: nothing is left to luck."""
    every = [sampled(seed) for seed in range(540)]
    assert {at.rule.update_rule.name for at in every} == set(UPDATE_RULES)
    for of in ("optimizer_g", "optimizer_d"):
        assert {at.values()[of] for at in every} == set(OPTIMIZERS)
    coupled = [at.values() for at in every if at.game.critic.given or at.game.critic.pack > 1]
    for name, value in (("pack", 4), ("norm", "batch"), ("minibatch", "deviation"), ("minibatch", "discrimination")):
        assert sum(values[f"critic.{name}"] == value for values in coupled) >= 20, value
    counts = {name: sum(name in {p.name for p in members(at.rule.penalty)} for at in every) for name in SETS}
    assert min(counts.values()) >= 20 and set(counts) | {"none"} == set(PENALTIES)
