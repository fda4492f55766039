"""What each platform sends becomes what it says beside it: payloads of each documented shape and trap, looked at.

`jetstream/NAME.json`, `mastodon/NAME.sse` and `feed/NAME.xml` hold what comes over the wire, the `.jsonl` beside them
what is read from it: a mention or deletion a line, or why there is none.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from listener.formats import feed, jetstream, mastodon
from listener.formats.canonical import check
from listener.formats.event_stream import ALIVE, EventStream
from schemas.deletion import Deletion
from schemas.mention import Mention
from schemas.record import BadRecord, to_json
from schemas.times import to_ms

HERE = Path(__file__).parent / "platforms"
READ = datetime(2026, 1, 5, 12, tzinfo=UTC)
PAYLOADS = sorted(path for path in HERE.glob("*/*") if path.suffix != ".jsonl")


class Nothing(msgspec.Struct, tag="nothing", tag_field="record"):
    why: str


class Bad(msgspec.Struct, tag="bad", tag_field="record"):
    reason: str
    fault: str


def read(path: Path) -> Iterator[Mention | Deletion | Nothing | Bad]:
    """What is read from a payload."""
    raw = path.read_bytes()
    if path.parent.name == "jetstream":
        event = jetstream.read(raw)
        yield event.record or Nothing(event.nothing)
    elif path.parent.name == "feed":
        for article in feed.read_feed(raw, "https://feeds.example/all", READ):
            yield article.mention
    else:
        for name, data in (event for event in EventStream().feed(raw) if event != ALIVE):
            try:
                yield mastodon.read(name, data, "here.example") or Nothing(name)
            except BadRecord as bad:
                yield Bad(str(bad), bad.fault)


def told(path: Path) -> bytes:
    """The same as lines."""
    lines: list[Mention | Deletion | Nothing | Bad] = []
    try:
        lines += read(path)
    except BadRecord as bad:
        lines.append(Bad(str(bad), bad.fault))
    return b"".join(to_json(line) + b"\n" for line in lines)


@pytest.mark.parametrize("path", PAYLOADS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_payload_is_read_as_it_was(path: Path) -> None:
    assert told(path).decode() == path.with_suffix(".jsonl").read_text(encoding="utf-8")


def test_each_reading_has_its_payload() -> None:
    assert {path.with_suffix(".jsonl") for path in PAYLOADS} == set(HERE.glob("*/*.jsonl"))


@pytest.mark.parametrize("path", PAYLOADS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_mention_of_a_platform_can_be_used(path: Path) -> None:
    try:
        mentions = [record for record in read(path) if isinstance(record, Mention)]
    except BadRecord:
        return
    for mention in mentions:
        check(mention, to_ms(READ))
