"""The games: each file registers one objective, a pair of losses of (real_logits, fake_logits)."""

from gandyn.core.registry import Registry, callable_package
from gandyn.core.types import Objective

OBJECTIVES: Registry[Objective] = Registry("objective", __name__)
callable_package(__name__, lambda: OBJECTIVES)
