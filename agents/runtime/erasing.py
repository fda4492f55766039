"""Erasing from the embedded service's file: found, taken back, overwritten, and looked for again in all its bytes."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from agents.runtime.embedded import Embedded
from agents.runtime.kept import Kept, Row
from agents.runtime.residue import Words, files_of, texts_of
from agents.runtime.store import Store
from listener.erasing import Erasure, Names
from listener.reading import TextReader
from listener.threads import read_of
from listener.trace import read_trace, trace_of
from schemas.brand_mention import BrandMention
from schemas.dead_letter import DeadLetter
from schemas.deletion import Deletion
from schemas.mention import Mention
from schemas.record import to_json
from schemas.retraction import Retraction
from schemas.times import HOUR, from_ms, to_ms

SAID_BY_CHANCE = 20  # bytes: fewer that are the same are no quotation
TOLD_EACH = 5_000


class Erased(NamedTuple):
    """What was erased, and what a search of all files found afterwards.

    `ids` are all that were to go, `unknown` those of which nothing was kept. `unretractable` are brand mentions that
    detect remembers no more: their words are gone like all, the oldest figures stay. `others` are posts of others that
    answer what is gone or say the same words. `left` says what should not be there any more, `files` (bytes by name)
    what was searched.
    """

    ids: tuple[str, ...]
    unknown: tuple[str, ...]
    posts: int
    brand_mentions: int
    unretractable: int
    alert_events: int
    dead_letters: int
    others: tuple[str, ...]
    left: tuple[str, ...]
    files: dict[str, int]

    @property
    def proven(self) -> bool:
        """Whether nothing is left."""
        return not self.left


Progress = Callable[[str, int], None]


def erase(
    database: Path, erasure: Erasure, reader: TextReader, progress: Progress = lambda what, count: None
) -> Erased:
    """Erase posts from a database, in one transaction, and search its files for them.

    `progress` is told how many posts were read for what. Raise Busy while a service runs on it, and what the store
    raises.
    """
    with Store(database) as store:
        return _Erasing(store, erasure, progress).run(reader)


class _Erasing:
    def __init__(self, store: Store, erasure: Erasure, progress: Progress) -> None:
        self._store = store
        self._progress = progress
        self._kept = Kept(store.connection)
        self._given = tuple(erasure.ids)
        self._rows = [row for row in self._posts("reading") if erasure.look_at(row.mention)]
        self._ids = erasure.ids
        self._authors = erasure.authors
        self._names: Names = erasure.names()
        self._letters = list(self._kept.letters(self._names))
        self._alert_events = 0

    def run(self, reader: TextReader) -> Erased:
        words = Words(self._texts())
        found = self._brand_mentions()
        unretractable = 0
        if self._ids or self._letters:
            unretractable = self._take_back(Embedded(self._store, reader), found)
        left = list(self._left())
        others = self._others()
        self._store.write_anew()
        if not self._store.empty_log():
            left.append("the write-ahead log: somebody reads the database; end that, and erase again")
        files, beyond = self._search(words)
        held = {row.mention.id for row in self._rows}
        return Erased(
            ids=tuple(self._ids),
            unknown=tuple(id_ for id_ in self._given if id_ not in held),
            posts=len(held),
            brand_mentions=len(found),
            unretractable=unretractable,
            alert_events=self._alert_events,
            dead_letters=len(self._letters),
            others=others,
            left=(*left, *beyond),
            files=files,
        )

    def _search(self, words: Words) -> tuple[dict[str, int], list[str]]:
        """The files that were searched, and what lies in them that is in no row of others. Closes the file.

        SQLite's own locks are gone when any descriptor of the file is closed.
        """
        in_rows = words.count(self._kept.rows())
        self._store.close_file()
        files = files_of(self._store.path)
        more = sum(not in_rows[number] for number in words.count_in_files(files))
        beyond = [f"{more:,} of {len(words.pieces):,} pieces of text, where no table leads"] if more else []
        return {file.name: file.stat().st_size for file in files}, beyond

    def _posts(self, what: str) -> Iterator[Row]:
        for count, row in enumerate(self._kept.posts()):
            if count % TOLD_EACH == 0:
                self._progress(what, count)
            yield row

    def _texts(self) -> Iterator[str]:
        """All that is not to be found any more."""
        yield from self._ids
        for _, mention in self._rows:
            yield from texts_of(msgspec.to_builtins(replace(mention, parent_id=None, root_id=None)))
        for _, letter in self._letters:
            yield msgspec.to_builtins(letter)["raw"]  # as JSON holds it

    def _brand_mentions(self) -> list[BrandMention]:
        positions = {row.position for row in self._rows}
        return list(self._store.brand_mentions(positions))

    def _take_back(self, lane: Embedded, found: Sequence[BrandMention]) -> int:
        """Erase; return how many brand mentions detect did not know any more."""
        threads = lane.detector.threads
        at = max(threads.newest * HOUR, lane.detector.through)  # a time of the log: the wall's may be years ahead
        known = {id_ for id_ in self._ids if any(post.until >= at // HOUR for post in threads.told(id_))}
        unknown = [one for one in found if one.mention.id not in known]
        stamp = from_ms(at) if at else None
        deletions = [Deletion(id=id_, ingested_at=stamp, because="erased") for id_ in self._ids]
        lane.erase(deletions, [_taken_back(one, at) for one in unknown], self._scrub)
        return len(unknown)

    def _scrub(self) -> None:
        self._kept.delete_posts(self._rows)
        self._kept.empty_letters(self._letters, self._names)
        self._kept.forget_seen(self._ids)
        self._alert_events = self._kept.forget_examples(self._ids, self._authors)

    def _left(self) -> Iterator[str]:
        """What the tables say that should not be there."""
        kept, ids = self._kept, self._ids
        yield from (f"post {row.mention.id}" for row in self._posts("looking again") if row.mention.id in ids)
        yield from (f"dead letter {number}" for number, letter in kept.letters(self._names) if _holds(letter))
        yield from (f"alert {alert.id}, event {alert.sequence}" for alert in kept.alerts(ids))
        yield from (f"what detect has seen, {number}" for number, _ in kept.seen(ids))
        yield from (f"state {part}" for part, _ in kept.trackers({*ids, *self._authors}))

    def _others(self) -> tuple[str, ...]:
        """Posts that answer what is gone, or have whole stretches of its words."""
        texts = {text for _, mention in self._rows for text in (mention.text, mention.title) if text}
        said = Words(texts, SAID_BY_CHANCE)
        return tuple(
            row.mention.id
            for row in self._posts("looking at others")
            if _answers(row, self._ids) or _says(row.mention, said)
        )


def _answers(row: Row, ids: dict[str, None]) -> bool:
    mention = row.mention
    return any(id_ in ids for id_ in (mention.parent_id, mention.root_id, mention.quoted_id, mention.reposted_id))


def _says(mention: Mention, words: Words) -> bool:
    return bool(words.count([to_json(mention.text), to_json(mention.title)]))


def _holds(letter: DeadLetter) -> bool:
    return bool(letter.raw)


def _taken_back(found: BrandMention, at: int) -> Retraction:
    """As detect would take it back if it still knew it."""
    mention = found.mention
    first = None if found.first_read is None else to_ms(found.first_read)
    trace = read_trace(trace_of(mention, read_of(mention), [found], first))
    (wordless,) = trace.brand_mentions(mention.id)
    return Retraction(brand=found.brand, at=from_ms(max(at, read_of(mention))), because="erased", trace=wordless)
