"""Trees of tensors: named tuples within named tuples, down to tensors. So what goes with a State has no list of names.

A leaf that is no tensor (a step's number, the noise that a batch lacks) is kept as it is.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from torch import Tensor

from gandyn.core.registry import brief

Tree = Any  # a named tuple of trees, or a leaf


class Empty(NamedTuple):
    """The tree without leaves."""


def tree_map(function: Callable[..., Any], tree: Tree, *others: Tree) -> Tree:
    """The same tree with function(leaf, the same leaf of each other tree) in the place of every tensor.

    A list of trees is one, too.
    """
    if isinstance(tree, list):
        return [tree_map(function, *part) for part in zip(tree, *others, strict=True)]
    if isinstance(tree, tuple):
        parts = zip(tree, *others, strict=True)
        return tree._make(tree_map(function, *part) for part in parts)  # type: ignore[attr-defined]
    return function(tree, *others) if isinstance(tree, Tensor) else tree


def leaves(tree: Tree, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every leaf with its dotted name, `opt_g.m`, in the order of the fields."""
    if not isinstance(tree, tuple):
        yield name, tree
        return
    for field, part in zip(tree._fields, tree, strict=True):  # type: ignore[attr-defined]
        yield from leaves(part, f"{name}.{field}" if name else field)


def tensors(tree: Tree) -> list[Tensor]:
    """Its tensors, in the order of the fields."""
    if isinstance(tree, (tuple, list)):
        return [tensor for part in tree for tensor in tensors(part)]
    return [tree] if isinstance(tree, Tensor) else []


def named(parts: Mapping[str, Tree]) -> Tree:
    """A named tuple of these parts, whose names are known at run time only."""
    return _plain(tuple(parts))._make(parts.values())


def to_dict(tree: Tree) -> Any:
    """Dicts in the place of named tuples: plain values that can be stored."""
    if not isinstance(tree, tuple):
        return tree
    return {field: to_dict(part) for field, part in zip(tree._fields, tree, strict=True)}  # type: ignore[attr-defined]


@cache
def _plain(fields: tuple[str, ...]) -> Any:
    return namedtuple("Stored", fields)  # noqa: PYI024  its fields are known at run time only


def from_dict(stored: Any, like: Tree, name: str = "state") -> Tree:
    """What `to_dict` made, as the named tuples of `like`; where `like` has no fields, as one of the stored names.

    ValueError with one line where the names differ.
    """
    if not isinstance(stored, Mapping):
        return stored
    fields, wanted = tuple(stored), getattr(like, "_fields", None)
    if not wanted:
        parts = (from_dict(part, Empty(), f"{name}.{field}") for field, part in stored.items())
        return _plain(fields)._make(parts) if fields else Empty()
    if set(fields) != set(wanted):
        held = brief(", ".join(map(str, fields))) if fields else "nothing"
        raise ValueError(f"{name} holds {held}, not {', '.join(wanted)}")
    return like._make(from_dict(stored[f], part, f"{name}.{f}") for f, part in zip(wanted, like, strict=True))
