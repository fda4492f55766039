"""The settings file, listener.toml: read, and every mistake named with its key and what is allowed."""

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from agents.configuration import (
    ALLOWED,
    Configuration,
    Kafka,
    Mood,
    OwnScorer,
    Source,
    Storage,
    WrongSettings,
)
from agents.kind_checks import refuse_keys_of_other_kinds
from agents.models import FOLDER, looked_at, with_learned
from agents.notify_checks import RECEIVERS, refuse_open_address
from agents.notify_settings import DigestSettings, NotifySettings, ReceiverSettings, RouteSettings
from agents.secret_checks import refuse_secret
from agents.settings_checks import check_configuration
from agents.source_checks import SOURCES
from schemas.record import Part
from schemas.settings import Brand, Campaign, Mute

PLANNED = {"brands": ("business_hours", "competitors")}
LISTED = {
    "brands": Brand,
    "sources": Source,
    "scorers": OwnScorer,
    "receivers": ReceiverSettings,
    "routes": RouteSettings,
}


class SettingsFile:
    """The settings file of a running service, and what was learned, beside it.

    Looked at now and then, read again when they have changed.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen = self._look()

    def _look(self) -> tuple[int, int, tuple[tuple[str, int, int], ...]] | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, looked_at(self.path.parent)

    def changed(self) -> Configuration | None:
        """What it says by now, if it has changed since the last call. Raise WrongSettings, once for each change."""
        found = self._look()
        if found in (None, self._seen):  # gone while an editor replaces it: it will be back
            return None
        self._seen = found
        return read_configuration(self.path)


def read_configuration(path: Path) -> Configuration:
    """The configuration in a file, with what was learned of its brands. Raise WrongSettings."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise WrongSettings(f"{path}: there is no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise WrongSettings(f"{path}: cannot be read: {error}") from None
    return with_learned(parse_configuration(text, str(path), path.parent))


def parse_configuration(text: str, name: str, folder: Path) -> Configuration:
    """The configuration in a text; `name` is what messages call it. Raise WrongSettings."""
    try:
        content = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # numbers too long to read, brackets too deep
        raise WrongSettings(f"{name}: not TOML: {error}") from None
    try:
        _refuse_unknown(content)
        _list_holidays(content)
        configuration = msgspec.convert(
            {**content, "folder": str(folder), "clustered": "kafka" in content}, Configuration
        )
        check_configuration(configuration)
        configuration = configuration.beside(folder)
    except msgspec.ValidationError as error:
        raise WrongSettings(f"{name}: {_path_first(str(error), content)}") from None
    except WrongSettings as error:
        raise WrongSettings(f"{name}: {error}") from None
    return configuration


def _refuse_unknown(content: Mapping[str, Any]) -> None:
    known = tuple(key for key in Configuration.__struct_fields__ if key != "folder")
    _refuse_keys(content, known, "", ())
    for group, kind in LISTED.items():
        entries = content.get(group, [])
        if not isinstance(entries, list):
            raise WrongSettings(f"{group}: write [[{group}]] with two brackets, once for each")
        for number, entry in enumerate(entries):
            _refuse_keys(entry, kind.__struct_encode_fields__, f"{group}[{number}].", PLANNED.get(group, ()))
            if kind is Source:
                refuse_keys_of_other_kinds(entry, f"{group}[{number}].", SOURCES)
            if kind is Brand:
                _refuse_wrong_parts(entry, "campaigns", Campaign, ("start", "end"), f"{group}[{number}].")
                _refuse_wrong_parts(entry, "mute", Mute, ("until",), f"{group}[{number}].")
            if kind is ReceiverSettings:
                refuse_keys_of_other_kinds(entry, f"{group}[{number}].", RECEIVERS)
                refuse_open_address(entry, f"{group}[{number}].")
    _refuse_keys(content.get("digest", {}), DigestSettings.__struct_fields__, "digest.", ())
    _refuse_keys(content.get("notify", {}), NotifySettings.__struct_fields__, "notify.", ())
    _refuse_keys(content.get("storage", {}), Storage.__struct_fields__, "storage.", ())
    _refuse_keys(content.get("sentiment", {}), Mood.__struct_fields__, "sentiment.", ())
    kafka = content.get("kafka", {})
    _refuse_keys(kafka, Kafka.__struct_fields__, "kafka.", ())
    if isinstance(kafka, Mapping):
        refuse_secret(kafka.get("password", {}), "kafka.password")


def _list_holidays(content: Mapping[str, Any]) -> None:
    """One country needs no brackets, and a day that TOML knows no quotes."""
    for brand in _listed(content.get("brands")):
        if isinstance(brand, dict) and isinstance(told := brand.get("holidays"), list | str):
            days = told if isinstance(told, list) else [told]
            brand["holidays"] = [day.isoformat() if isinstance(day, date) else day for day in days]


def _refuse_wrong_parts(brand: object, parts: str, kind: type[Part], times: tuple[str, ...], where: str) -> None:
    """Unknown keys, and times that TOML knows and that say no moment: days, and times without a zone."""
    for number, part in enumerate(_listed(brand.get(parts, ())) if isinstance(brand, Mapping) else ()):
        _refuse_keys(part, kind.__struct_fields__, f"{where}{parts}[{number}].", ())
        for key in times:
            at = part.get(key) if isinstance(part, Mapping) else None
            if isinstance(at, date) and getattr(at, "tzinfo", None) is None:
                like = f"{at:%Y-%m-%d}T09:00:00+02:00"
                raise WrongSettings(f"{where}{parts}[{number}].{key}: {at} is no moment; write it like {like}")


def _refuse_keys(table: object, allowed: tuple[str, ...], where: str, planned: tuple[str, ...]) -> None:
    for key in table if isinstance(table, Mapping) else ():  # what is no table is told by its type
        if key == "learned" and where.startswith("brands"):
            raise WrongSettings(f"{where}{key}: take it out; `listener teach` keeps what is learned in {FOLDER}/")
        if key == "start" and where.startswith("brands") and where.count(".") == 1:
            raise WrongSettings(f"{where}{key}: take it out; a new brand's start is computed, from those it is `like`")
        if key in allowed:
            continue
        if key in planned:
            raise WrongSettings(f"{where}{key}: planned, but not built yet; take it out")
        near = difflib.get_close_matches(key, allowed, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"allowed are {', '.join(allowed)}"
        raise WrongSettings(f"{where}{key}: unknown key; {hint}")


def _path_first(message: str, content: Mapping[str, Any]) -> str:
    """Of "Expected `str`, got `int` - at `$.brands[0].id`"; people look for the key first, then for their value."""
    what, separator, path = message.partition(" - at `$.")
    if not separator:
        return "brands: there are none; add a [[brands]] with id and name" if "`brands`" in message else message
    path = path.rstrip("`")
    found = list(_values_at(content, path))
    wanted = what[0].lower() + what[1:]
    if "enum" in what:
        key = _key_of(path)
        allowed = ALLOWED.get(f"{path.partition('[')[0]}.{key}", ALLOWED.get(key, ()))
        wanted = f"allowed are {', '.join(map(repr, allowed))}"
    told = [f"{key} is {value!r}" for key, value in found if type(value).__name__ in what or "enum" in what]
    return f"{' or '.join(told) or path}: {wanted}"


def _key_of(path: str) -> str:
    """The last key of a path, without its place in a list."""
    return path.rpartition(".")[2].partition("[")[0]


def _values_at(content: object, path: str, key: str = "") -> Iterator[tuple[str, object]]:
    """What stands at a path like brands[0].handles[...]; [...] is any of a table's keys."""
    step = re.match(r"\.?([^.\[\]]+)|\[(\d+)\]|\[\.\.\.\]", path)
    if step is None:
        yield key, content
        return
    rest = path[step.end() :]
    if step[1] is not None:
        entries = [(f"{key}.{step[1]}".lstrip("."), content.get(step[1]))] if isinstance(content, Mapping) else []
    elif step[2] is not None:
        entries = [(f"{key}[{step[2]}]", content[int(step[2])])] if isinstance(content, list) else []
    elif isinstance(content, Mapping):
        entries = [(f"{key}.{name}", value) for name, value in content.items()]
    else:
        entries = [(f"{key}[{place}]", value) for place, value in enumerate(_listed(content))]
    for name, value in entries:
        yield from _values_at(value, rest, name)


def _listed(content: object) -> list[object]:
    return content if isinstance(content, list) else []
