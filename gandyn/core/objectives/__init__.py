"""The games: each file registers one objective, a pair of losses of (real_logits, fake_logits)."""

from gandyn.core.registry import Registry
from gandyn.core.types import Objective

OBJECTIVES: Registry[Objective] = Registry("objective", __name__)
