"""Which kind of equilibrium of the game is this? By the second derivatives of both losses. Registers nothing."""

from typing import NamedTuple

import torch
from torch import Tensor

AT_REST = 1e-3  # the norm of the field below which a point counts as an equilibrium
FLAT = 1e-9  # of an eigenvalue, in units of the Jacobian's norm: no larger one is 0 to rounding


class Equilibrium(NamedTuple):
    """Smallest eigenvalues that tell the kinds apart, and the size below which they count as 0."""

    flow: float  # smallest real part of an eigenvalue of J: above 0, the flow dw/dt = -v arrives
    generator: float  # of d^2 L_G / dtheta_G^2: below 0, the generator alone could still gain
    critic: float  # of d^2 L_D / dtheta_D^2
    schur: float  # of H_GG - H_GD H_DD^-1 H_DG: the generator against the critic's best response; NaN: not defined
    zero: float

    @property
    def stable(self) -> bool:
        """Stable for the flow: all eigenvalues of J have a real part above 0."""
        return self.flow > self.zero

    @property
    def nash(self) -> bool:
        """A differential Nash equilibrium: either player alone is at a strict minimum of its loss."""
        return self.generator > self.zero and self.critic > self.zero

    @property
    def minimax(self) -> bool:
        """A strict local minimax point: the critic at a strict minimum, the generator at one of what it leaves."""
        return self.critic > self.zero and self.schur > self.zero


def classify(jacobian: Tensor, m: int, flow: Tensor | None = None) -> Equilibrium:
    """The kind of an equilibrium from J = dv/dw [n, n] there, the first m parameters being the generator's.

    flow: J with each player's rows times its rate, where the rates differ. The Schur complement belongs to games that
    are zero-sum but for terms of one player's own, J_GD = -J_DG', where it is the second derivative of L_G along the
    critic's best response; of others, and where the critic's own second derivatives have no inverse, it is NaN.
    Ref: Jin et al. 2020 (1902.00618), proposition 19; Fiez et al. 2020 (1906.01217), definition 4, for the names;
    Mescheder et al. 2018 (1801.04406), appendix A, for the flow.
    """
    j = jacobian.double()
    gg, gd, dg, dd = j[:m, :m], j[:m, m:], j[m:, :m], j[m:, m:]
    zero = FLAT * float(torch.linalg.matrix_norm(j))
    critic, schur = _least(dd), float("nan")
    opposed = float((gd + dg.T).norm()) <= 1e-6 * float(gd.norm() + dg.norm())
    if opposed and critic > zero:
        schur = _least(gg - gd @ torch.linalg.solve(dd, dg))
    least = float(torch.linalg.eigvals(j if flow is None else flow.double()).real.min())
    return Equilibrium(least, _least(gg), critic, schur, zero)


def _least(block: Tensor) -> float:
    """The smallest eigenvalue of a matrix that is symmetric but for rounding, or of its symmetric part."""
    return float(torch.linalg.eigvalsh((block + block.T) / 2)[0])


def in_words(kind: Equilibrium | None, norm: float) -> str:
    """One line: whether it is stable for the flow and of which kind, or that v is not 0 there. None: not computed."""
    if not norm <= AT_REST:
        return f"not at an equilibrium: |v| = {norm:.2g}"
    if kind is None:
        return "an equilibrium; its kind is computed for smaller networks"
    flow = "neutral" if abs(kind.flow) <= kind.zero else "stable" if kind.stable else "unstable"
    if kind.nash:
        return f"{flow}; a Nash equilibrium"
    flat = min(kind.generator, kind.critic) >= -kind.zero
    players = [name for name in ("generator", "critic") if getattr(kind, name) < -kind.zero]
    nash = "flat for a player" if flat else f"no Nash equilibrium, the {' and the '.join(players)} gains alone"
    return f"{flow}; {nash}" + ("; local minimax" if kind.minimax else "")
