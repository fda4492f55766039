"""The listing of all fields of all records: run as a module, it prints what fields.txt should hold."""

import sys
from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec

from schemas import (
    alert,
    brand_mention,
    command,
    dead_letter,
    deletion,
    heartbeat,
    mention,
    pulse,
    receipt,
    retraction,
    settings,
    trend,
)
from schemas.record import Record
from schemas.times import Time

MODULES = (
    alert,
    brand_mention,
    command,
    dead_letter,
    deletion,
    heartbeat,
    mention,
    pulse,
    receipt,
    retraction,
    settings,
    trend,
)


def listing() -> str:
    """All records with all fields of theirs and of their parts, one a line: name, type, and the default if any."""
    lines: list[str] = []
    for kind in sorted(Record.__subclasses__(), key=lambda kind: str(kind.__struct_config__.tag)):
        lines += [str(kind.__struct_config__.tag), *fields(kind, "  ")]
    return "\n".join(lines) + "\n"


def fields(kind: type[msgspec.Struct], indent: str) -> Iterator[str]:
    """The fields of a record or of a part, with those of its parts below them."""
    for field in msgspec.structs.fields(kind):
        default = "" if field.required else f" = {default_of(field)!r}"
        yield f"{indent}{field.name}: {named(field.type)}{default}"
        for part in parts(field.type):
            if not issubclass(part, Record):
                yield from fields(part, indent + "  ")


def default_of(field: msgspec.structs.FieldInfo) -> object:
    """The default of a field that has one."""
    return field.default if field.default is not msgspec.NODEFAULT else field.default_factory()


def named(kind: Any) -> str:
    """A type as it is written in the schemas."""
    if kind == Time:
        return "Time"
    if kind in (type(None), Ellipsis):
        return "None" if kind is not Ellipsis else "..."
    if get_origin(kind) is Annotated:
        kind, bounds = get_args(kind)
        unit = "entries" if get_origin(kind) is tuple else "characters"
        return f"{named(kind)} ({bounds.min_length or 0} to {bounds.max_length} {unit})"
    inner = get_args(kind)
    if get_origin(kind) is Literal:
        return " | ".join(map(repr, inner))
    if get_origin(kind) in (Union, UnionType):
        return " | ".join(map(named, inner))
    return f"{kind.__name__}[{', '.join(map(named, inner))}]" if inner else str(kind.__name__)


def parts(kind: Any) -> Iterator[type[msgspec.Struct]]:
    """The structs in a type."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        yield kind
    for argument in get_args(kind):
        yield from parts(argument)


if __name__ == "__main__":
    sys.stdout.write(listing())
