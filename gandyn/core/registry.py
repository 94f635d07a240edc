"""A registry: names to values, filled by the modules of one package, so that a new entry is one new file."""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Any, TypeVar, cast

T = TypeVar("T")


class UnknownName(KeyError, ValueError):
    """A name that a registry does not hold; reads as one line with the nearest name."""

    def __str__(self) -> str:
        return str(self.args[0])


def brief(value: object) -> str:
    """A value as it stands in an error: on one line, shortened."""
    text = " ".join(repr(value).split())
    return text if len(text) <= 80 else f"{text[:77]}..."


def unknown(kind: str, name: object, known: list[str]) -> UnknownName:
    """The error for a misspelt name: what was asked for, the nearest name, and all names."""
    near = nearest(name, known)
    hint = f"; did you mean {near!r}?" if near else ""
    return UnknownName(f"{kind} {brief(name)} is unknown{hint} (one of: {', '.join(known)})")


def nearest(name: object, known: Iterable[str]) -> str | None:
    """The known name that is most like a misspelt one; None where none is."""
    near = get_close_matches(str(name)[:100], list(known), n=1)  # its cost is the square of their lengths
    return near[0] if near else None


class Registry(Mapping[str, T]):
    """The entries of one kind, in the order of their rank; reads like a dict.

    The modules of `package` are imported at the first look; each calls `add` at its top level.
    """

    def __init__(self, kind: str, package: str) -> None:
        self.kind = kind
        self._package = package
        self._entries: dict[str, tuple[int, T]] = {}
        self._loaded = False

    def add(self, entry: T, *, rank: int = 100) -> T:
        """Register `entry` under its `name`; entries are listed by (rank, order of arrival)."""
        name = cast(Any, entry).name
        if name in self._entries:
            raise ValueError(f"{self.kind} {name!r} is registered twice")
        self._entries[name] = (rank, entry)
        return entry

    def _load(self) -> None:
        if not self._loaded:
            for module in iter_modules(import_module(self._package).__path__):
                import_module(f"{self._package}.{module.name}")
            self._entries = dict(sorted(self._entries.items(), key=lambda item: item[1][0]))
            self._loaded = True

    def __getitem__(self, name: str) -> T:
        if name not in self:
            raise unknown(self.kind, name, list(self._entries))
        return self._entries[name][1]

    def __contains__(self, name: object) -> bool:
        self._load()
        return isinstance(name, str) and name in self._entries

    def __iter__(self) -> Iterator[str]:
        self._load()
        return iter(self._entries)

    def __len__(self) -> int:
        self._load()
        return len(self._entries)


def callable_package(package: str, call: Callable[[], Any]) -> None:
    """Let `gandyn.targets()` be a call though `gandyn.targets` is a package: its module becomes callable."""

    class CallablePackage(ModuleType):
        def __call__(self) -> Any:
            return call()

    sys.modules[package].__class__ = CallablePackage
