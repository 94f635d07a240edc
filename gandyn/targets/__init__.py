"""What is to be learned: each file registers one target."""

from gandyn.core.parameters import parameter
from gandyn.core.registry import callable_package
from gandyn.core.target import TARGETS, Mixture, Target

__all__ = ["TARGETS", "Mixture", "Target", "parameter"]

callable_package(__name__, lambda: TARGETS)
