"""The outbox of the embedded service: alerts that wait for notify, and its state, in the same file as all else.

The lane's transaction adds an event to `alerts` and its id to `outbox`; notify's own takes it from there into its
state. Either may die at any moment: an event is in the outbox or in the state.
"""

from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from agents.explanation import words
from agents.notify import Desks
from agents.runtime.database import connect, put_state, read_state
from agents.runtime.records import posts_in
from listener.notices.health import Receivers
from listener.notices.notice import Told
from listener.notices.notices import Notices
from listener.notices.plan import Plan
from listener.notices.standing import Latest
from schemas.alert import Alert
from schemas.record import decoder

PREFIX = "notify/"
MOST_EVENTS = 1_000  # in one transaction
MOST_LINKS = 3

_alert = decoder(Alert)


class NoticeStore(Desks):
    """A second connection to the file, in the thread that notifies. Its lock is the lane's."""

    longest_wait = 60.0  # the lane wakes it

    def __init__(self, path: Path, plan: Plan, receivers: Receivers, now: int) -> None:
        self._db = connect(path, write=True)
        self.notices = Notices(plan, receivers, read_state(self._db, PREFIX), now)

    def step(self, now: int) -> Sequence[Notices]:
        """Take in all events that wait, with what has changed in the state. What SQLite raises is fatal to it.

        Nothing is said before all are taken in: of a backlog only the latest state counts.
        """
        while self._take(now) == MOST_EVENTS:
            pass
        return [self.notices]

    def _take(self, now: int) -> int:
        rows = self._db.execute(
            "SELECT number, record FROM outbox JOIN alerts USING (id, sequence) ORDER BY number LIMIT ?", (MOST_EVENTS,)
        ).fetchall()
        for _, record in rows:
            self.notices.take(_alert(record), now)
        self._commit([(number,) for number, _ in rows])
        return len(rows)

    async def keep(self, notices: Notices) -> None:
        """Keep what changed."""
        self._commit(())

    def _commit(self, taken: Sequence[tuple[int]]) -> None:
        changes = self.notices.take_changes()
        if not taken and not changes:
            return
        self._db.execute("BEGIN IMMEDIATE")
        put_state(self._db, {PREFIX + part: content for part, content in changes.items()})
        self._db.executemany("DELETE FROM outbox WHERE number = ?", taken)
        self._db.execute("COMMIT")

    def with_posts(self, told: Told) -> Told:
        """Of what is open, the words of its last verdict, and the addresses of the posts that weigh most in it."""
        event = self._verdict(told.latest) if told.firing else None
        if event is None:
            return told
        posts, evidence = posts_in(self._db, event), event.evidence
        weightiest = dict.fromkeys([*([] if evidence is None else [post.id for post in evidence.top]), *event.examples])
        urls = [posts[id_].mention.url for id_ in weightiest if id_ in posts]
        said = words(evidence, posts) if evidence is not None and evidence.terms else ""
        return replace(told, words=said, links=tuple(url for url in urls if url)[:MOST_LINKS])

    def _verdict(self, latest: Latest) -> Alert | None:
        """The last event of an alert that has evidence, or its last one."""
        rows = self._db.execute(
            "SELECT record FROM alerts WHERE id = ? AND sequence <= ? ORDER BY sequence DESC",
            (latest.id, latest.sequence),
        )
        events = [_alert(record) for (record,) in rows]
        return next((event for event in events if event.evidence is not None), events[0] if events else None)

    def close(self) -> None:
        """Close the connection."""
        self._db.close()
