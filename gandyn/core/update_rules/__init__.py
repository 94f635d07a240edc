"""How both players move along the field of the game: each file registers the update rules of one family."""

from gandyn.core.registry import Registry, callable_package
from gandyn.core.update_rule import UpdateRule

UPDATE_RULES: Registry[type[UpdateRule]] = Registry("update rule", __name__)
callable_package(__name__, lambda: UPDATE_RULES)
