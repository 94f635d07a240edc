"""Whether a critic that judges several samples together fits the rest of the game: one clear line where it does not."""

from __future__ import annotations

from gandyn.core.penalty_set import members
from gandyn.core.types import Game, Net, Rule

MOST_NEAR = 1024  # samples of a minibatch of which minibatch discrimination compares every two


def how_coupled(net: Net) -> str | None:
    """By which setting a sample's output depends on its minibatch; None where it does not."""
    if net.given is None:
        return None
    layout = net.layout
    if layout is None:
        return "a function of the minibatch"
    return f"norm={layout.norm}" if layout.norm == "batch" else f"minibatch={layout.minibatch}"


def check_whole(game: Game, rule: Rule) -> None:
    """Raises ValueError with one line for a rule that the critic's packs or minibatches do not go with."""
    critic, batch = game.critic, rule.batch_size
    if critic.layout is not None and critic.layout.norm == "batch" and critic.layout.norm_from == 1:
        raise ValueError(
            "a critic with batch normalisation in its first layer does not see where a minibatch lies, since real and "
            "generated samples are normalised apart: make it with mlp(..., norm_from=2)"
        )
    if batch % critic.pack:
        m = critic.pack
        near = f"{batch - batch % m or m} or {batch - batch % m + m}" if batch > m else str(m)
        raise ValueError(f"batch_size {batch} makes no whole packs of {m} samples (critic.pack): take {near}")
    if game.generator.pack > 1:
        raise ValueError(f"a generator makes samples one by one, not packs of {game.generator.pack}: critics take them")
    for part, net in (("generator", game.generator), ("critic", critic)):
        if net.given is not None and batch // net.pack < 2:
            raise ValueError(f"{part}.{how_coupled(net)} needs a minibatch of 2 or more: batch_size is {batch}")
    how = how_coupled(critic)
    if critic.layout is not None and critic.layout.minibatch == "discrimination" and batch // critic.pack > MOST_NEAR:
        raise ValueError(f"critic.{how} compares every two of at most {MOST_NEAR} samples: batch_size is {batch}")
    if how is not None and (by_sample := [one.name for one in members(rule.penalty) if one.slopes]):
        instead = "critic.norm=layer" if how == "norm=batch" else "critic.pack"
        raise ValueError(
            f"penalty {by_sample[0]} cannot be combined with critic.{how}: it takes the critic's slope at each sample "
            f"by itself, and that critic judges a minibatch as a whole; it can be with {instead}"
        )
