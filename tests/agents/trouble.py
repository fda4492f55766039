"""A story of four days: calm, an hour of trouble, calm again; an answer, an edit, deletions, a few bad lines."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from agents.runtime.embedded import Embedded, Incoming
from agents.runtime.store import Store
from agents.sources.history import Item
from schemas.times import DAY, HOUR, MINUTE, SECOND
from tests.agents.building import START, a_post, configured, export_of, feed, history_of, plain_scorer, write_lines


def trouble() -> list[bytes]:
    calm = [a_post(f"calm {n}", START + n * 20 * MINUTE, "acme is fine") for n in range(4 * 72)]
    bad = [a_post(f"bad {n}", START + 3 * DAY + n * 40 * SECOND, f"acme is awful {n}") for n in range(60)]
    later = [
        a_post("answer", START + 2 * DAY, "how true", parent_id="calm 3"),
        a_post("calm 9", START + 9 * 20 * MINUTE, "acme is better", op="update"),
        a_post("calm 11", START + 2 * DAY, op="delete"),
        a_post("bad 30", START + 3 * DAY + 2 * HOUR, op="delete"),
        a_post("nobody", op="delete"),
    ]
    return [b"no JSON", *calm, *bad, *calm[5:10], b"{}", *later]


@cache
def story() -> tuple[Item, ...]:
    with TemporaryDirectory() as folder:
        path = write_lines(Path(folder) / "posts.jsonl", trouble())
        return tuple(history_of(path, folder=Path(folder)).items())


@cache
def told_at_once() -> dict[str, bytes]:
    """The outputs of the story, taken in one step."""
    with TemporaryDirectory() as folder, Store(Path(folder) / "test.db") as store:
        lane = Embedded(store, plain_scorer())
        lane.configure(configured().settings())
        feed(lane, story(), len(story()))
        return export_of(store, Path(folder))


def cut(items: tuple[Item, ...], places: list[int]) -> Iterator[list[Incoming]]:
    """Items in steps that end at these places."""
    start = 0
    for end in [*sorted(set(places)), len(items)]:
        yield [Incoming(record, raw) for record, raw in items[start:end]]
        start = end
