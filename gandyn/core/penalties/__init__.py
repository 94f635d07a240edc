"""Regularisers of the critic: each file registers the penalties of one family."""

from gandyn.core.registry import Registry, callable_package
from gandyn.core.types import Penalty

PENALTIES: Registry[Penalty] = Registry("penalty", __name__)
callable_package(__name__, lambda: PENALTIES)
