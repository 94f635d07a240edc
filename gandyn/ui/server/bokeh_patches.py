"""What Bokeh does in proportion to all models of a page, some hundreds, done in proportion to those that are asked for.

Before it writes a patch it makes a reference of every model, of which the patch names a few: that was a third of what a
moved slider cost the event loop. To find what a model refers to it makes the default of every property that is not set,
two dozen times while a page is built: that was half of what the page cost. And it looks for mistakes in the finished
document, which are looked for in tests (tests/ui/test_bokeh_patches.py, which also holds what is relied upon).
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import bokeh.model.util as references
from bokeh.core.has_props import HasProps
from bokeh.core.serialization import ObjID, Ref, Serializer
from bokeh.model import Model
from bokeh.settings import settings

# the package has the class of the same name in place of the module
patch_doc: Any = import_module("bokeh.protocol.messages.patch_doc")
visit_value = references.visit_value_and_its_immediate_references


class PatchSerializer(Serializer):
    """Bokeh's serializer; references of the models that a page has already are made where they are asked for."""

    def __init__(self, *, references: set[Model] = set(), **rest: Any) -> None:  # noqa: B006  as Bokeh's own
        super().__init__(**rest)
        self._known: dict[ObjID, Model] = {id(model): model for model in references}

    def has_ref(self, obj: Any) -> bool:
        """Whether there is a reference of it."""
        return id(obj) in self._known or super().has_ref(obj)

    def get_ref(self, obj: Any) -> Ref | None:
        """The reference of it; None where there is none."""
        known = self._known.get(id(obj))
        return super().get_ref(obj) if known is None else known.ref


def visit_held(value: Any, visitor: Callable[[Model], None]) -> None:
    """Show the visitor all models that a value refers to itself.

    A default that is a model is made with the model that has it, and is held by it; all other defaults refer to none.
    """
    if not isinstance(value, HasProps):
        visit_value(value, visitor)
        return
    given, defaults, themed = value._property_values, value._unstable_default_values, value._unstable_themed_values
    for name in value.properties_with_refs():
        for held in (given, themed, defaults):
            if name in held:
                visit_value(held[name], visitor)
                break


def install() -> None:
    """Have all of it in this process; again: nothing."""
    patch_doc.Serializer = PatchSerializer
    references.visit_immediate_value_references = visit_held
    settings.perform_document_validation = False
