"""One step of two perceptrons by hand-derived derivatives, in the order that dynamics.step has it."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from gandyn.core.dynamics import Player, advance, arrange, average, rates_of
from gandyn.core.fused.adjoints import ADJOINTS
from gandyn.core.fused.backend import Backend
from gandyn.core.fused.players import Ahead, Workshop
from gandyn.core.fused.recent import Recent
from gandyn.core.fused.seeds import slopes_of
from gandyn.core.fused.tape import ACTIVATIONS, Layer
from gandyn.core.objectives import OBJECTIVES
from gandyn.core.penalties import PENALTIES
from gandyn.core.types import Batch, Game, Knobs, Metrics, Rule, State

_workshops = Recent[Workshop](4)  # as many batch sizes or games may take turns


def why_not(game: Game, rule: Rule, batches: Sequence[Batch]) -> str | None:
    """Why this step is not one for the fused engine, or None."""
    for part, net in (("generator", game.generator), ("critic", game.critic)):
        layout = net.perceptron
        if layout is None:
            return f"the {part} is no multilayer perceptron"
        if len(layout.sizes) > 2 and layout.activation not in ACTIVATIONS:
            return f"the {part}'s activation is {layout.activation}"
    if game.critic.perceptron is not None and game.critic.perceptron.output != "linear":
        return "the critic's output is not linear"
    if rule.penalty != "none" and PENALTIES[rule.penalty].pull is None:
        return f"the penalty {rule.penalty} has no derivative by hand"
    if rule.unroll and rule.unroll_order == "second":
        if rule.penalty != "none":
            return "a penalty stands inside the look-ahead"
        if game.optimizer_d.name not in ADJOINTS:
            return f"the optimiser {game.optimizer_d.name} is not taken backwards"
    if len({rows for batch in batches for rows in (batch.z.shape[-2], batch.real.shape[-2])}) > 1:
        return "the batches are not all of one size"
    return None


def _workshop(game: Game, rows: int, state: State, backend: Backend) -> Workshop:
    """This thread's, for that game and batch size."""
    generator, critic, g = game.generator.perceptron, game.critic.perceptron, state.g
    key = (generator, critic, rows, g.shape[:-1], g.dtype, g.device, backend)
    assert generator is not None
    assert critic is not None
    return _workshops.get(key, lambda: Workshop(generator, critic, rows, state.g, state.d, backend))


def _columns(knobs: Knobs) -> Knobs:
    """Numbers that differ by lane [N] as columns [N, 1], so that they multiply vectors of parameters."""
    if not any(isinstance(value, Tensor) and value.ndim for value in knobs):
        return knobs
    columns = (value.unsqueeze(-1) if isinstance(value, Tensor) and value.ndim else value for value in knobs)
    return tuple.__new__(Knobs, columns)  # checked before


class _Step:
    """The step at hand: its rule and knobs, and the workshop in which it is made."""

    def __init__(self, game: Game, rule: Rule, shop: Workshop, knobs: Knobs) -> None:
        self.game, self.rule, self.shop, self.knobs = game, rule, shop, knobs
        self.objective, self.slopes = OBJECTIVES[rule.objective], slopes_of(rule.objective)

    def critic_updates(self, old: Player, facing: Player, batches: Sequence[Batch]) -> tuple[Player, Tensor]:
        """The critic after its updates, and what it minimised last."""
        shop, critic = self.shop, old
        layers = shop.g_theta.load(facing.theta)
        if self.rule.freeze == "critic":
            batches = batches[-1:]  # it only says what it would have minimised
        loss = facing.theta.new_zeros(())
        for left, batch in zip(reversed(range(len(batches))), batches, strict=True):
            shop.real.copy_(batch.real)
            shop.generate(layers, batch.z)
            if self.rule.freeze == "critic":
                return critic, shop.critic_loss(self.rule, shop.d_theta.load(critic.theta), batch, self.knobs)
            own = critic is not old
            critic, logits, penalty = shop.move_critic(self.game, self.rule, critic, batch, self.knobs, own=own)
            if not left:
                f = self.objective.critic_loss(*logits)
                loss = f if penalty is None else f + penalty
        return critic, loss

    def generator_updates(
        self, old: Player, facing: Player, batches: Sequence[Batch]
    ) -> tuple[Player, tuple[Tensor, Tensor, Tensor]]:
        """The generator after its updates, and (its loss, f, f_k) as its last one saw them."""
        shop, generator = self.shop, old
        zero = old.theta.new_zeros(())
        seen = (zero, zero, zero)
        frozen = self.rule.freeze == "generator"
        if frozen:
            batches = batches[-1:]  # it only says what it would have minimised
        for left, batch in zip(reversed(range(len(batches))), batches, strict=True):
            layers = shop.g_theta.load(generator.theta)
            shop.real.copy_(batch.real)
            shop.generate(layers, batch.z)
            made = shop.look_ahead(self.game, self.rule, facing, batch, self.knobs)
            critic = made[-1].player if made else facing
            adjoint, loss, f_k = self.view(critic, moving=not frozen, exact=self.exact(made), told=not left)
            seen = (loss, made[0].f if made else f_k, f_k)
            if not frozen:
                adjoint = self.whole(made, adjoint)
                generator = self.move_generator(generator, layers, adjoint, own=generator is not old)
        return generator, seen

    def exact(self, made: list[Ahead]) -> bool:
        return bool(made) and self.rule.unroll_order == "second"

    def whole(self, made: list[Ahead], adjoint: Tensor) -> Tensor:
        return self.shop.through(self.game, self.rule, made, adjoint, self.knobs) if self.exact(made) else adjoint

    def move_generator(self, generator: Player, layers: list[Layer], adjoint: Tensor, *, own: bool) -> Player:
        grad = self.shop.generator_gradient(layers, adjoint)
        update = advance(self.game.optimizer_g, own)
        return Player(*update(generator.theta, grad, generator.opt, rates_of(self.knobs, self.knobs.lr_g)))

    def view(self, critic: Player, *, moving: bool, exact: bool, told: bool) -> tuple[Tensor, Tensor, Tensor]:
        """(the adjoint of G(z), the generator's loss, f_k) at the critic that the generator faces.

        `exact`: the loss's gradient with respect to this critic's parameters goes into bars.theta, too. Where no
        derivative goes through the real samples they have a pass of their own, and none if nobody reads f.
        """
        shop, paired = self.shop, self.objective.paired
        layers = shop.d_theta.load(critic.theta)
        whole = exact and paired
        if whole:
            tape = shop.tape("both", self.rule.unroll)
            real, fake = tape.logits(layers, shop.x)
        else:
            tape = shop.tape("fake")
            fake = tape.forward(layers, shop.fake)[..., 0]
            needed = told or paired
            real = shop.tape("real").forward(layers, shop.real)[..., 0] if needed else torch.full_like(fake, torch.nan)
        loss, f_k = self.objective.generator_loss(real, fake), self.objective.critic_loss(real, fake)
        if not moving:
            return fake, loss, f_k
        pair = self.slopes.generator(real, fake)
        if whole:
            tape.plant(*pair)
        else:
            torch.mul(pair[1], 1 / shop.rows, out=tape.seed[..., 0])
        adjoint = tape.backward(layers, shop.bar.layers if exact else None, inputs=True)
        assert adjoint is not None
        return adjoint[..., shop.rows :, :] if whole else adjoint, loss, f_k

    def both_at_once(
        self, old_g: Player, old_d: Player, batch: Batch
    ) -> tuple[Player, Player, Tensor, tuple[Tensor, Tensor, Tensor]]:
        """One update of each from the same point on one batch: the critic's is the first one looked ahead."""
        shop, rule = self.shop, self.rule
        layers = shop.g_theta.load(old_g.theta)
        shop.real.copy_(batch.real)
        shop.generate(layers, batch.z)
        if rule.unroll:
            made = shop.look_ahead(self.game, rule, old_d, batch, self.knobs)
            adjoint, g_loss, f_k = self.view(made[-1].player, moving=True, exact=self.exact(made), told=True)
            new_d, d_loss, f = made[0].player, made[0].loss, made[0].f
            adjoint = self.whole(made, adjoint)
        else:
            new_d, logits, penalty = shop.move_critic(self.game, rule, old_d, batch, self.knobs, own=False)
            f = f_k = self.objective.critic_loss(*logits)
            d_loss = f if penalty is None else f + penalty
            g_loss = -f if self.slopes.zero_sum else self.objective.generator_loss(*logits)
            tape, d_layers = shop.tape("both"), shop.d_theta.layers
            if self.slopes.opposed:
                adjoint = tape.generated_adjoint(d_layers).neg_()
            else:
                half = tape.generated_half(shop.tape("fake"))
                torch.mul(self.slopes.generator(*logits)[1], 1 / shop.rows, out=half.seed[..., 0])
                adjoint = half.backward(d_layers, None, inputs=True)
                assert adjoint is not None
        new_g = self.move_generator(old_g, layers, adjoint, own=False)
        return new_g, new_d, d_loss, (g_loss, f, f_k)


@torch.no_grad()
def step(
    game: Game, rule: Rule, state: State, batches: Sequence[Batch], knobs: Knobs, backend: Backend
) -> tuple[State, Metrics]:
    """What dynamics.step gives, also for a state with a leading axis of lanes; for whatever `why_not` lets through."""
    for_critic, for_generator, shared = arrange(rule, batches)
    rows = batches[0].real.shape[-2]
    shop, knobs = _workshop(game, rows, state, backend), _columns(knobs)
    at_hand = _Step(game, rule, shop, knobs)
    old_g, old_d = Player(state.g, state.opt_g), Player(state.d, state.opt_d)
    if shared:
        new_g, new_d, d_loss, (g_loss, f, f_k) = at_hand.both_at_once(old_g, old_d, for_generator[0])
    elif rule.order == "generator-first":
        new_g, (g_loss, f, f_k) = at_hand.generator_updates(old_g, old_d, for_generator)
        new_d, d_loss = at_hand.critic_updates(old_d, new_g, for_critic)
    else:
        new_d, d_loss = at_hand.critic_updates(old_d, old_g, for_critic)
        facing = new_d if rule.order == "alternating" else old_d
        new_g, (g_loss, f, f_k) = at_hand.generator_updates(old_g, facing, for_generator)
    ema_g = average(state, new_g.theta, rule, knobs)
    moved = State(new_g.theta, new_d.theta, new_g.opt, new_d.opt, ema_g, state.step + 1)
    return moved, Metrics(d_loss, g_loss, f, f_k, f - f_k)
