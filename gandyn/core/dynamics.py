"""One step of the game, on one page, in autograd, for any network.

A step takes a State and its Batches and returns a new State. Everything random is in the batches, everything a
person may change is in the rule and the knobs, and nothing is written into.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from gandyn.core.objectives import OBJECTIVES
from gandyn.core.optim import as_like
from gandyn.core.penalties import PENALTIES
from gandyn.core.types import Batch, Game, Knobs, Metrics, Optimizer, OptState, Rates, Rule, State


class Player(NamedTuple):
    """A parameter vector with its optimiser's memory."""

    theta: Tensor
    opt: OptState


def rates_of(knobs: Knobs, lr: float | Tensor) -> Rates:
    """The optimiser's numbers at one learning rate."""
    return Rates(lr, knobs.beta1, knobs.beta2, knobs.eps)


def logits(game: Game, d: Tensor, x: Tensor) -> Tensor:
    """The critic at x [B, *x]: [B]."""
    return game.critic.apply(d, x).squeeze(-1)


def critic_at(game: Game, d: Tensor) -> Callable[[Tensor], Tensor]:
    """The same as a function of x, for several uses."""
    critic = game.critic.at(d)
    return lambda x: critic(x).squeeze(-1)


def pair(critic: Callable[[Tensor], Tensor], real: Tensor, fake: Tensor) -> tuple[Tensor, Tensor]:
    """Its values at real and at generated samples [B, *x], in one pass: [B] each."""
    real_logits, fake_logits = critic(torch.cat([real, fake])).split([len(real), len(fake)])
    return real_logits, fake_logits


def advance(optimizer: Optimizer, own: bool) -> Callable[[Tensor, Tensor, OptState, Rates], tuple[Tensor, OptState]]:
    """Its update; the one in place where the parameters and moments are the caller's `own`."""
    return optimizer.move if own and optimizer.move else optimizer.update


class CriticView(NamedTuple):
    """What the critic makes of a batch: its loss, its objective f without penalty, and the logits behind both."""

    loss: Tensor
    f: Tensor
    real: Tensor  # [B]
    fake: Tensor  # [B]


def critic_view(game: Game, rule: Rule, d: Tensor, fake: Tensor, batch: Batch, knobs: Knobs) -> CriticView:
    """What the critic minimises: its objective on real and generated samples, in one pass, and the penalty."""
    critic = critic_at(game, d)
    real_logits, fake_logits = pair(critic, batch.real, fake)
    f = OBJECTIVES[rule.objective].critic_loss(real_logits, fake_logits)
    if rule.penalty == "none":
        return CriticView(f, f, real_logits, fake_logits)
    penalty = PENALTIES[rule.penalty].loss(critic, batch.real, fake, batch, knobs.penalty_weight)
    return CriticView(f + penalty, f, real_logits, fake_logits)


def update_critic(
    game: Game,
    rule: Rule,
    critic: Player,
    fake: Tensor,
    batch: Batch,
    knobs: Knobs,
    *,
    create_graph: bool = False,
    keep_graph: bool = False,
    own: bool = False,
) -> tuple[Player, CriticView]:
    """One update of the critic on real and generated samples: (the new critic, what it saw before).

    With `create_graph` the new critic is a differentiable function of `fake` and of the old one; with `keep_graph`
    only what it saw is one of `fake`. `own`: nobody else holds the old critic, so its memory may become the new one's.
    """
    d = critic.theta if critic.theta.requires_grad else critic.theta.detach().requires_grad_()
    seen = critic_view(game, rule, d, fake, batch, knobs)
    (grad,) = torch.autograd.grad(seen.loss, d, create_graph=create_graph, retain_graph=create_graph or keep_graph)
    d = d if create_graph else d.detach()
    theta, opt = advance(game.optimizer_d, own)(d, grad, critic.opt, rates_of(knobs, knobs.lr_d))
    return Player(clip(theta, knobs.clip), opt), seen


def clip(theta: Tensor, limit: float | Tensor) -> Tensor:
    """Every parameter clamped to [-limit, limit]; limit = 0 is off, in every lane on its own."""
    if isinstance(limit, Tensor):
        limit = torch.where(limit > 0, limit, torch.inf).to(theta.dtype)
        return theta.clamp(-limit, limit)
    return theta.clamp(-limit, limit) if limit > 0 else theta


Updates = list[tuple[Player, CriticView]]


def updates_ahead(game: Game, rule: Rule, critic: Player, fake: Tensor, batch: Batch, knobs: Knobs) -> Updates:
    """The next `rule.unroll` updates of the critic on this batch, in order: (the critic after it, what it saw).

    It iterates the function that trains the critic, from the critic's live optimiser state. Order `second` keeps
    the graph, so that the generator's gradient flows through every update; `first` treats the result as constant.
    Without a graph on `fake` nobody differentiates, so none is built.
    Ref: Metz et al. 2017 (1611.02163), eqs. 3 to 7.
    """
    exact = rule.unroll_order == "second" and fake.requires_grad
    inner = fake if exact else fake.detach()
    updates: Updates = []
    for _ in range(rule.unroll):
        updates.append(update_critic(game, rule, critic, inner, batch, knobs, create_graph=exact))
        critic = updates[-1][0]
    return updates


def look_ahead(game: Game, rule: Rule, critic: Player, fake: Tensor, batch: Batch, knobs: Knobs) -> Tensor:
    """The critic's parameters after `rule.unroll` more updates on this batch."""
    updates = updates_ahead(game, rule, critic, fake, batch, knobs)
    return updates[-1][0].theta if updates else critic.theta


class GeneratorView(NamedTuple):
    """What a generator's update sees: its loss, and the critic's objective before and after the look-ahead."""

    loss: Tensor
    f: Tensor
    f_k: Tensor
    critic: tuple[Player, CriticView] | None = None  # the critic's own update on the same batch, if it was wanted


def generator_view(
    game: Game,
    rule: Rule,
    g: Tensor,
    critic: Player,
    batch: Batch,
    knobs: Knobs,
    *,
    shared: bool = False,
    told: bool = True,
) -> GeneratorView:
    """The generator's loss at the looked-ahead critic, differentiable in g.

    `shared`: the critic moves on this very batch from this very point. Its update is the first one looked ahead; with
    k = 0 both players' losses come from one forward pass. Without `told` nobody reads f and f_k: they are NaN where
    they would cost a pass of their own.
    """
    fake = game.generator.apply(g, batch.z)
    updates = updates_ahead(game, rule, critic, fake, batch, knobs)
    if shared and not updates:
        updates = [update_critic(game, rule, critic, fake, batch, knobs, keep_graph=True)]
    d_k = updates[-1][0].theta if rule.unroll else critic.theta
    objective = OBJECTIVES[rule.objective]
    if shared and not rule.unroll:
        real_logits, fake_logits = updates[0][1].real, updates[0][1].fake
    elif d_k.requires_grad:
        real_logits, fake_logits = pair(critic_at(game, d_k), batch.real, fake)
    else:  # no derivative goes through the real samples
        with torch.no_grad():
            read = told or objective.paired
            real_logits = logits(game, d_k, batch.real) if read else fake.new_full((len(fake),), torch.nan)
        fake_logits = logits(game, d_k, fake)
    loss = objective.generator_loss(real_logits, fake_logits)
    f_k = objective.critic_loss(real_logits.detach(), fake_logits.detach())
    f = updates[0][1].f.detach() if rule.unroll else f_k
    return GeneratorView(loss, f, f_k, _resting(updates[0]) if shared else None)


def _resting(update: tuple[Player, CriticView]) -> tuple[Player, CriticView]:
    """The same update without its graph."""
    (theta, opt), seen = update
    opt = opt._replace(m=opt.m.detach(), v=opt.v.detach())
    return Player(theta.detach(), opt), CriticView(*(value.detach() for value in seen))


def update_generator(
    game: Game,
    rule: Rule,
    generator: Player,
    critic: Player,
    batch: Batch,
    knobs: Knobs,
    *,
    shared: bool = False,
    told: bool = True,
    own: bool = False,
) -> tuple[Player, GeneratorView]:
    """One update of the generator against the looked-ahead critic: (the new generator, what it saw before)."""
    g = generator.theta.detach().requires_grad_()
    seen = generator_view(game, rule, g, critic, batch, knobs, shared=shared, told=told)
    (grad,) = torch.autograd.grad(seen.loss, g, materialize_grads=True)
    theta, opt = advance(game.optimizer_g, own)(g.detach(), grad, generator.opt, rates_of(knobs, knobs.lr_g))
    return Player(theta, opt), seen._replace(loss=seen.loss.detach())


def arrange(rule: Rule, batches: Sequence[Batch]) -> tuple[list[Batch], list[Batch], bool]:
    """(the critic's batches, the generator's, whether both players move at once on one batch).

    Raises ValueError for a wrong number of batches.
    """
    wanted = rule.critic_steps + rule.generator_steps
    if len(batches) not in (1, wanted):
        raise ValueError(f"this rule takes 1 batch (shared) or {wanted} (one an update), not {len(batches)}")
    each = list(batches) if len(batches) == wanted else [batches[0]] * wanted
    at_once = rule.order == "simultaneous" and len(batches) == 1 and wanted == 2 and rule.freeze == "none"
    return each[: rule.critic_steps], each[rule.critic_steps :], at_once


def step(game: Game, rule: Rule, state: State, batches: Sequence[Batch], knobs: Knobs) -> tuple[State, Metrics]:
    """One step: `rule.critic_steps` updates of the critic and `rule.generator_steps` of the generator.

    batches: critic_steps + generator_steps of them, the critic's first whatever the order; or one, shared by all
    updates. Each player sees the other as the order says: `simultaneous`, as it stood at the start of the step;
    `alternating`, the critic moves first; `generator-first`. A frozen player neither moves nor advances its
    optimiser. Returns the new State and the Metrics as 0-d tensors. Raises ValueError for a wrong number of batches.
    """
    for_critic, for_generator, at_once = arrange(rule, batches)
    old_g, old_d = Player(state.g, state.opt_g), Player(state.d, state.opt_d)

    def move_critic(facing: Player) -> tuple[Player, Tensor]:
        critic, loss = old_d, state.g.new_zeros(())
        for batch in for_critic:
            with torch.no_grad():
                fake = game.generator.apply(facing.theta, batch.z)
                if rule.freeze == "critic":  # it only says what it would have minimised
                    loss = critic_view(game, rule, critic.theta, fake, batch, knobs).loss
                    continue
            critic, seen = update_critic(game, rule, critic, fake, batch, knobs, own=critic is not old_d)
            loss = seen.loss.detach()
        return critic, loss

    def move_generator(facing: Player) -> tuple[Player, GeneratorView]:
        zero = state.g.new_zeros(())
        generator, seen = old_g, GeneratorView(zero, zero, zero)
        for left, batch in zip(reversed(range(len(for_generator))), for_generator, strict=True):
            if rule.freeze == "generator":
                seen = generator_view(game, rule, generator.theta, facing, batch, knobs)
                continue
            own = generator is not old_g
            generator, seen = update_generator(game, rule, generator, facing, batch, knobs, told=not left, own=own)
        return generator, seen

    if at_once:
        new_g, seen = update_generator(game, rule, old_g, old_d, batches[0], knobs, shared=True)
        assert seen.critic is not None
        new_d, loss = seen.critic[0], seen.critic[1].loss
    elif rule.order == "generator-first":
        new_g, seen = move_generator(old_d)
        new_d, loss = move_critic(new_g)
    else:
        new_d, loss = move_critic(old_g)
        new_g, seen = move_generator(new_d if rule.order == "alternating" else old_d)
    ema_g = average(state, new_g.theta, rule, knobs)
    moved = State(new_g.theta, new_d.theta, new_g.opt, new_d.opt, ema_g, state.step + 1)
    return moved, Metrics(loss, seen.loss, seen.f, seen.f_k, seen.f - seen.f_k)


def average(state: State, g: Tensor, rule: Rule, knobs: Knobs) -> Tensor:
    """The exponential moving average of the generator: ema e + (1 - ema) g; g itself while ema = 0.

    While the generator is frozen its average rests with it.
    """
    if rule.freeze == "generator":
        return state.ema_g
    if isinstance(knobs.ema, Tensor) or knobs.ema > 0:
        decay = as_like(knobs.ema, g)
        return decay * state.ema_g + (1 - decay) * g
    return g


def probe_gap(game: Game, rule: Rule, state: State, batch: Batch, knobs: Knobs, k: int) -> tuple[float, float]:
    """(f, f_k) for a look-ahead of k updates that nothing follows from: the gap's curve where the rule has k = 0."""
    ahead = rule._replace(unroll=k)
    seen = generator_view(game, ahead, state.g, Player(state.d, state.opt_d), batch, knobs)
    return float(seen.f), float(seen.f_k)
