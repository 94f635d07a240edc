"""Copies of Bokeh models, value by value: a page has some hundreds, and making them is most of what it costs.

Bokeh's own ways to a copy (its deserializer, `clone`) make, for each property, its default first, to compare: models,
too, that are thrown away. Here the values that a model holds are copied as they are; nothing is checked again.
tests/ui/test_copying.py compares a copy with the one that Bokeh's deserializer makes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, TypeVar

import numpy as np
from bokeh.core.has_props import HasProps
from bokeh.core.property.wrappers import PropertyValueContainer
from bokeh.model import Model
from bokeh.util.serialization import make_id

M = TypeVar("M", bound=Model)


def copies_of(models: Mapping[str, M]) -> dict[str, M]:
    """Copies of these models and of all that they refer to, under new ids, in no document."""
    known: dict[int, Any] = {}
    return {name: _copy(model, known) for name, model in models.items()}


def _copy(value: Any, known: dict[int, Any]) -> Any:
    """A copy of a property's value; `known`: the copies of models that were made already."""
    if isinstance(value, Model):
        return known[id(value)] if id(value) in known else _copy_model(value, known)
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, dict):
        return type(value)({key: _copy(one, known) for key, one in value.items()})
    if isinstance(value, list | set | tuple) and not hasattr(value, "_fields"):
        return type(value)([_copy(one, known) for one in value])
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {one.name: _copy(getattr(value, one.name), known) for one in dataclasses.fields(value)}
        return dataclasses.replace(value, **fields)
    return value  # numbers, texts and the like, which nobody changes


def _copy_model(model: Model, known: dict[int, Any]) -> Model:
    kind = type(model)
    new = kind.__new__(kind, id=make_id())
    known[id(model)] = new
    super(HasProps, new).__init__()  # what is no property: its document, its callbacks
    for held in ("_property_values", "_unstable_default_values", "_unstable_themed_values"):
        values = {name: _copy(one, known) for name, one in getattr(model, held).items()}
        setattr(new, held, values)
        for name, one in values.items():
            if isinstance(one, PropertyValueContainer):
                one._register_owner(new, model.lookup(name))
    new._initialized = True
    return new
