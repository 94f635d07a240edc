"""The types of a frame's header in TypeScript, made of gandyn/live/schema.py."""

from __future__ import annotations

import inspect
from typing import Any

import msgspec
from msgspec import inspect as types

from gandyn.live import schema

HEADER = """// Made of gandyn/live/schema.py by scripts/web.py: edit it there. A number that is not finite is null.

"""
PLAIN = {types.IntType: "number", types.FloatType: "number", types.StrType: "string", types.BoolType: "boolean"}
NAMES = {schema.PartHeader: "OfRun"}


def written(kind: types.Type) -> str:
    """A type in TypeScript."""
    match kind:
        case types.StructType():
            return _name(kind.cls)
        case types.UnionType():
            return " | ".join("null" if isinstance(one, types.NoneType) else written(one) for one in kind.types)
        case types.ListType():
            inner = written(kind.item_type)
            return f"readonly ({inner})[]" if " " in inner else f"readonly {inner}[]"
        case types.TupleType():
            return f"readonly [{', '.join(map(written, kind.item_types))}]"
        case types.DictType():
            return f"Readonly<Record<{written(kind.key_type)}, {written(kind.value_type)}>>"
        case types.AnyType():
            return "unknown"
        case types.NoneType():
            return "null"
    return PLAIN[type(kind)]


def _name(cls: Any) -> str:
    return NAMES.get(cls, cls.__name__)


def interface(cls: Any) -> str:
    """A struct as an interface; what it may leave out is optional."""
    base = cls.__bases__[0]
    inherited = set(base.__struct_fields__) if base is not msgspec.Struct else set()
    extends = f" extends {_name(base)}" if inherited else ""
    lines = [f"/** {inspect.getdoc(cls)} */", f"export interface {_name(cls)}{extends} {{"]
    omits = cls.__struct_config__.omit_defaults
    for field in types.type_info(cls).fields:  # type: ignore[attr-defined]
        if field.name not in inherited:
            optional = omits and not field.required  # left out where it is None
            kind = written(field.type).removesuffix(" | null") if optional else written(field.type)
            lines.append(f"  readonly {field.name}{'?' if optional else ''}: {kind}")
    return "\n".join([*lines, "}"])


def frame_types() -> str:
    """web/src/frames/schema.ts."""
    structs = [one for one in vars(schema).values() if inspect.isclass(one) and issubclass(one, msgspec.Struct)]
    return HEADER + "\n\n".join(map(interface, structs)) + "\n"


if __name__ == "__main__":
    print(frame_types(), end="")
