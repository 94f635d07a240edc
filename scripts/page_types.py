"""The types of frames and messages in TypeScript, made of gandyn/live/schema.py and of messages.py."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from types import ModuleType, UnionType
from typing import Any, Literal, get_args, get_origin

import msgspec
from msgspec import inspect as types

from gandyn.live import schema
from gandyn.ui import messages
from gandyn.ui.classroom import messages as of_class
from gandyn.ui.page import messages as of_page

#: what is made of which module, by its path in web/src
FILES: dict[str, ModuleType] = {
    "frames/schema.ts": schema, "messages.ts": messages, "classroom/messages.ts": of_class, "page/messages.ts": of_page,
}  # fmt: skip
HEADER = "// Made of {source} by scripts/web.py: edit it there. A number that is not finite is null.\n\n"
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
        case types.LiteralType():
            return " | ".join(f'"{value}"' for value in kind.values)
        case types.AnyType():
            return "unknown"
        case types.NoneType():
            return "null"
    return PLAIN[type(kind)]


def _name(cls: Any) -> str:
    return NAMES.get(cls, cls.__name__)


def interface(cls: Any) -> str:
    """A struct as an interface; what it may leave out is optional."""
    struct, base = types.type_info(cls), cls.__bases__[0]
    assert isinstance(struct, types.StructType)
    inherited = set(base.__struct_fields__) if base is not msgspec.Struct else set()
    extends = f" extends {_name(base)}" if inherited else ""
    lines = [f"/** {inspect.getdoc(cls)} */", f"export interface {_name(cls)}{extends} {{"]
    if struct.tag is not None:
        lines.append(f'  readonly {struct.tag_field}: "{struct.tag}"')
    omits = cls.__struct_config__.omit_defaults
    for field in struct.fields:
        if field.name not in inherited:
            optional = omits and not field.required  # left out where it is None
            kind = written(field.type).removesuffix(" | null") if optional else written(field.type)
            lines.append(f"  readonly {field.name}{'?' if optional else ''}: {kind}")
    return "\n".join([*lines, "}"])


def declarations(module: ModuleType) -> Iterator[str]:
    """A module's structs (not one that has no field and is inherited alone), unions of them, and choices of words."""
    for name, one in vars(module).items():
        if inspect.isclass(one) and issubclass(one, msgspec.Struct):
            if one.__struct_fields__ or not one.__subclasses__():
                yield interface(one)
        elif isinstance(one, UnionType):
            yield f"export type {name} = {' | '.join(map(_name, get_args(one)))}"
        elif get_origin(one) is Literal:
            yield f"export type {name} = {written(types.type_info(one))}"


def page_types(file: str) -> str:
    """A file of web/src."""
    module = FILES[file]
    return HEADER.format(source=f"{module.__name__.replace('.', '/')}.py") + "\n\n".join(declarations(module)) + "\n"


if __name__ == "__main__":
    print(*map(page_types, FILES), sep="\n", end="")
