"""The outbox of the embedded service: alerts that wait for notify, and its state, in the same file as all else.

The lane's transaction adds an event to `alerts` and its id to `outbox`; notify's own takes it from there into its
state. Either may die at any moment: an event is in the outbox or in the state.
"""

from collections.abc import Sequence
from pathlib import Path

from agents.notify import Desks
from agents.runtime.database import connect, put_state, read_state
from listener.notices.health import Receivers
from listener.notices.notice import Told
from listener.notices.notices import Notices
from listener.notices.plan import Plan
from schemas.alert import Alert
from schemas.mention import Mention
from schemas.record import decoder

PREFIX = "notify/"
MOST_EVENTS = 1_000  # in one transaction
MOST_LINKS = 3

_alert = decoder(Alert)
_mention = decoder(Mention)


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

    def links(self, told: Told) -> tuple[str, ...]:
        """The addresses of the posts that weigh most in it."""
        latest = told.latest
        row = self._db.execute(
            "SELECT record FROM alerts WHERE id = ? AND sequence = ?", (latest.id, latest.sequence)
        ).fetchone()
        if row is None or not told.firing:
            return ()
        links = []
        for id_ in _alert(row[0]).examples[:MOST_LINKS]:
            found = self._db.execute(
                "SELECT record FROM brand_mentions JOIN mentions USING (position) WHERE brand = ? AND id = ?",
                (latest.brand, id_),
            ).fetchone()
            url = _mention(found[0]).url if found else None
            if url:
                links.append(url)
        return tuple(links)

    def close(self) -> None:
        """Close the connection."""
        self._db.close()
