"""JSON objects of others, or our own, as mentions: what live sources read line by line or body by body."""

from typing import Any

from agents.calendars import zone_of
from agents.configuration import Source, flat_columns
from listener.formats.canonical import check, from_json
from listener.formats.columns import RowReader
from listener.formats.foreign import read_object
from listener.formats.times import TimeReader
from schemas.deletion import Deletion
from schemas.mention import Mention


class Nested(dict[str, Any]):
    """A JSON object in which `a.b.0` finds what lies deeper, unless there is a key of that very name."""

    def get(self, key: str, default: Any = None) -> Any:
        """What lies at a path, the default where nothing does."""
        if key in self:
            return self[key]
        return at_path(self, key, default) if "." in key else default


def at_path(value: Any, path: str, default: Any = None) -> Any:
    """What lies at `a.b.0` in JSON, the default where nothing does."""
    for step in path.split("."):
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isascii() and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return default
    return value


class ObjectReader:
    """Reads the objects of one source: by its `columns`, whose names may be paths like `user.name`, or as our own."""

    def __init__(self, source: Source) -> None:
        columns = flat_columns(source.columns)
        prefix = source.id_prefix if source.id_prefix is not None else (source.platform and f"{source.platform}:")
        times = TimeReader(source.time_format, zone_of(source.zone))
        self._rows = RowReader(columns, prefix, source.platform, times) if columns else None

    def __call__(self, raw: bytes, now: int) -> Mention | Deletion:
        """The mention in an object as it is read at `now` ms, or what it says is gone. Raise BadRecord."""
        record = from_json(raw) if self._rows is None else self._rows(Nested(read_object(raw, most=None)), raw)
        return record if isinstance(record, Deletion) else check(record, now)
