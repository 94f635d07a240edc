"""Gradient descent of both players, in the order and as often as the controls say: what `dynamics` computes itself."""

from dataclasses import dataclass

from gandyn.core.update_rule import UpdateRule
from gandyn.core.update_rules import UPDATE_RULES


@dataclass(frozen=True)
class Gradient(UpdateRule):
    """w <- w - h v(w)."""

    name = "gradient"
    summary = "each player moves against its own gradient, in the order that the controls say"
    formula = "w <- w - h v(w)"
    cite = "Goodfellow et al. 2014 (1406.2661), algorithm 1"

    def contraction(self, h: float) -> float | None:
        """Of simultaneous steps; alternating ones go round for ever, with 1."""
        return abs(1 - 1j * h)


UPDATE_RULES.add(Gradient, rank=0)
