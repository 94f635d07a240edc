"""Update rules of one player: each file registers the optimisers of one family.

The names without a suffix are torch.optim's forms, those with `-tf` TensorFlow 1's: the two differ in where eps stands
and in how RMSProp starts, and with it in the first thousand steps.
"""

from gandyn.core.registry import Registry, callable_package
from gandyn.core.types import Optimizer

OPTIMIZERS: Registry[Optimizer] = Registry("optimizer", __name__)
callable_package(__name__, lambda: OPTIMIZERS)
