"""What crosses a topic, a file or the API stays as it is: golden files, and a listing of all fields.

A change of a contract changes one of these files; look at it and ask who reads the old one.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_origin

import msgspec
import pytest

from schemas.alert import Alert
from schemas.brand_mention import BrandMention
from schemas.command import Command
from schemas.dead_letter import DeadLetter
from schemas.deletion import Deletion
from schemas.heartbeat import Heartbeat
from schemas.mention import Mention
from schemas.pulse import Pulse
from schemas.receipt import Receipt
from schemas.record import BadRecord, Record, decoder, to_json
from schemas.retraction import Retraction
from schemas.settings import BrandSettings, Settings
from schemas.trend import Trend
from tests.contract.listing import listing

HERE = Path(__file__).parent
KINDS: dict[str, type[Record]] = {
    "alert": Alert,
    "alert_acknowledged": Alert,
    "alert_dead_source": Alert,
    "alert_explained": Alert,
    "alert_going_viral": Alert,
    "alert_quiet_brand": Alert,
    "brand_mention": BrandMention,
    "brand_mention_not_scored": BrandMention,
    "brand_mention_severe": BrandMention,
    "brand_settings": BrandSettings,
    "brand_settings_gone": BrandSettings,
    "command": Command,
    "command_resolve": Command,
    "dead_letter": DeadLetter,
    "deletion": Deletion,
    "heartbeat": Heartbeat,
    "mention": Mention,
    "pulse": Pulse,
    "receipt": Receipt,
    "retraction": Retraction,
    "settings": Settings,
    "trend": Trend,
    "trend_unknown": Trend,
}
# Objects whose keys are data, and on how many levels.
KEYED = {
    "handles": 1,
    "owned": 1,
    "monitors": 1,
    "coverage": 1,
    "platforms": 2,
    "categories": 1,
    "zones": 1,
    "holidays": 1,
}
WRONG: dict[type, object] = {str: 7, int: "7", float: "7", bool: "true", list: 7, dict: 7}

each = pytest.mark.parametrize("name", KINDS)


def golden(name: str) -> bytes:
    """The line of a golden file."""
    content = (HERE / "golden" / f"{name}.json").read_bytes()
    assert content.endswith(b"\n")
    assert content.count(b"\n") == 1
    return content[:-1]


def test_each_record_has_a_golden_file_and_each_file_a_record() -> None:
    assert {path.stem for path in (HERE / "golden").glob("*.json")} == set(KINDS)
    assert set(KINDS.values()) == set(Record.__subclasses__())


@each
def test_what_is_read_is_written_as_the_same_bytes(name: str) -> None:
    assert to_json(decoder(KINDS[name])(golden(name))) == golden(name)


@each
def test_a_record_says_its_kind_and_version_first(name: str) -> None:
    kind = KINDS[name].__struct_config__.tag
    assert golden(name).startswith(b'{"record":"%s",' % str(kind).encode())
    assert str(kind).endswith("/1")


@each
def test_unknown_fields_are_dropped_at_every_depth(name: str) -> None:
    value = json.loads(golden(name))
    assert to_json(decoder(KINDS[name])(json.dumps(strange(KINDS[name], value)).encode())) == golden(name)


@each
def test_a_newer_version_is_refused(name: str) -> None:
    tag = str(KINDS[name].__struct_config__.tag)
    newer = golden(name).replace(b'"%s"' % tag.encode(), b'"%s2"' % tag[:-1].encode(), 1)
    with pytest.raises(BadRecord, match=rf"'{tag[:-1]}2' - at `\$\.record`"):
        decoder(KINDS[name])(newer)


@each
def test_another_record_is_refused(name: str) -> None:
    other = "pulse" if KINDS[name] is not Pulse else "heartbeat"
    with pytest.raises(BadRecord, match=r"at `\$\.record`"):
        decoder(KINDS[name])(golden(other))


@each
def test_a_wrong_type_is_refused_with_the_path_of_the_field(name: str) -> None:
    decode = decoder(KINDS[name])
    tried = 0
    for path, wrong in spoilt(json.loads(golden(name))):
        tried += 1
        with pytest.raises(BadRecord) as refused:
            decode(json.dumps(wrong).encode())
        assert f"`{path}`" in str(refused.value)
    assert tried >= 3


@each
def test_a_record_that_lacks_a_required_field_is_refused(name: str) -> None:
    value = json.loads(golden(name))
    for field in msgspec.structs.fields(KINDS[name]):
        if field.required:
            with pytest.raises(BadRecord, match=f"missing required field `{field.name}`"):
                decoder(KINDS[name])(json.dumps({key: at for key, at in value.items() if key != field.name}).encode())


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"null", b"7", b'"mention/1"', b"\xff", b"\x00", b"{}{}"])
@each
def test_what_is_no_record_at_all_is_refused(name: str, raw: bytes) -> None:
    with pytest.raises(BadRecord):
        decoder(KINDS[name])(raw)


def test_all_fields_of_all_records_are_those_of_the_listing() -> None:
    """Changed on purpose? Then python -m tests.contract.listing > tests/contract/fields.txt, and look at the change."""
    assert listing() == (HERE / "fields.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "name",
    [
        "mention",
        "settings",
        "alert_acknowledged",
        "command",
        "dead_letter",
        "deletion",
        "heartbeat",
        "pulse",
        "receipt",
        "retraction",
        "trend",
    ],
)
def test_the_golden_files_of_each_kind_show_every_field(name: str) -> None:
    kind = KINDS[name]
    shown = {field for other in KINDS if KINDS[other] is kind for field in json.loads(golden(other))}
    missing = {field.name for field in msgspec.structs.fields(kind)} - shown
    assert not missing


def test_times_on_the_wire_have_a_zone() -> None:
    without = golden("heartbeat").replace(b"Z", b"")
    with pytest.raises(BadRecord, match="timezone"):
        decoder(Heartbeat)(without)


def test_times_of_other_zones_are_read_and_written_in_utc_or_as_they_were() -> None:
    there = decoder(Heartbeat)(golden("heartbeat").replace(b"08:05:00Z", b"10:05:00+02:00"))
    assert there == decoder(Heartbeat)(golden("heartbeat"))


def strange(kind: Any, value: Any) -> Any:
    """The value with a field that nobody knows in each object that is a record or a part of one."""
    if isinstance(value, list):
        inner = [argument for argument in get_args(kind) if argument is not Ellipsis]
        return [strange(inner[0] if inner else None, entry) for entry in value]
    struct = struct_of(kind)
    if struct is None or not isinstance(value, dict):
        return value
    if get_origin(kind) is dict:
        return {key: strange(struct, entry) for key, entry in value.items()}
    types = {field.name: field.type for field in msgspec.structs.fields(struct)}
    return {"strange": {"a": [1]}, **{name: strange(types.get(name), entry) for name, entry in value.items()}}


def struct_of(kind: Any) -> type[msgspec.Struct] | None:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return kind
    return next((struct for argument in get_args(kind) if (struct := struct_of(argument)) is not None), None)


def spoilt(value: Any, path: str = "$", keys: int = 0) -> Iterator[tuple[str, Any]]:
    """(path, the whole with the value at that path of a wrong type) for each place in it.

    `keys` is for how many levels the keys are data; a path shows such a key as [...].
    """
    if isinstance(value, dict):
        for name, entry in value.items():
            inner = f"{path}[...]" if keys else f"{path}.{name}"
            for where, wrong in spoilt(entry, inner, keys - 1 if keys else KEYED.get(name, 0)):
                yield where, {**value, name: wrong}
    elif isinstance(value, list):
        for place, entry in enumerate(value):
            for where, wrong in spoilt(entry, f"{path}[{place}]"):
                yield where, [*value[:place], wrong, *value[place + 1 :]]
    if path != "$" and value is not None:
        yield path, WRONG[type(value)]
