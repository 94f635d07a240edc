"""The games: each file registers one objective, a pair of losses of (real_logits, fake_logits)."""

from typing import Any

from gandyn.core.objective import Objective
from gandyn.core.registry import Registry, callable_package

OBJECTIVES: Registry[Objective | Any] = Registry("objective", __name__)
callable_package(__name__, lambda: OBJECTIVES)
