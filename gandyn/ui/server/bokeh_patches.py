"""Bokeh's messages to a page, without a reference made of every model that the page has.

Before it writes a patch Bokeh makes a reference of each of some thousand models, of which the patch names a few: that
was a third of what a moved slider costs the event loop. tests/ui/test_bokeh_patches.py holds what is relied upon.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from bokeh.core.serialization import ObjID, Ref, Serializer
from bokeh.model import Model

# the package has the class of the same name in place of the module
patch_doc: Any = import_module("bokeh.protocol.messages.patch_doc")


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


def install() -> None:
    """Have every patch of this process written by it; again: nothing."""
    patch_doc.Serializer = PatchSerializer
