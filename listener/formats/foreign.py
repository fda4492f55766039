"""JSON of others, which holds what it likes: read with a limit, and each field asked for by its type."""

from typing import Any

import orjson

from schemas.record import BadRecord

LARGEST = 1 << 20  # bytes; the longest post of any platform is a tenth of that
SHOWN = 40

Fields = dict[str, Any]


def read_object(raw: bytes, most: int | None = LARGEST) -> Fields:
    """The JSON object in `raw`, of `most` bytes unless somebody has seen to that before. Raise BadRecord."""
    if most is not None and len(raw) > most:
        raise BadRecord(f"has {len(raw):,} bytes, more than {most:,}")
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise BadRecord(f"not JSON: {error}", "unreadable") from None
    if not isinstance(value, dict):
        raise BadRecord(f"not a JSON object but {type(value).__name__}")
    return value


def text_of(fields: Fields, name: str) -> str:
    """The text `name`, which must be there and not be empty. Raise BadRecord."""
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise BadRecord(f"{name} is missing or no text: {_shown(value)}")
    return value


def maybe_text(fields: Fields, name: str) -> str | None:
    """The text `name`; None where there is none, it is empty, or it is something else."""
    value = fields.get(name)
    return value if isinstance(value, str) and value else None


def number_of(fields: Fields, name: str) -> int:
    """The whole number `name`, which must be there. Raise BadRecord."""
    value = fields.get(name)
    if type(value) is not int:
        raise BadRecord(f"{name} is missing or no whole number: {_shown(value)}")
    return value


def count_of(fields: Fields, name: str) -> int | None:
    """The count `name`; None where it is absent or no count."""
    value = fields.get(name)
    return value if type(value) is int and value >= 0 else None


def object_of(fields: Fields, name: str) -> Fields:
    """The object `name`; an empty one where there is none."""
    value = fields.get(name)
    return value if isinstance(value, dict) else {}


def objects_of(fields: Fields, name: str) -> list[Fields]:
    """The objects in the list `name`; what else is in it is left out."""
    value = fields.get(name)
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"
