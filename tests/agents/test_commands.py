"""Commands in the embedded lane: wherever steps are cut and the service starts anew, the same comes of them."""

from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from agents.runtime.commands import leave
from agents.runtime.embedded import Embedded, Incoming
from agents.runtime.records import Records
from agents.runtime.store import Store
from schemas.alert import Alert
from schemas.command import Command
from schemas.heartbeat import Heartbeat
from schemas.record import to_json
from schemas.times import MINUTE, from_ms
from tests.agents.building import START, configured, plain_scorer
from tests.agents.trouble import story

Orders = dict[int, list[Command]]  # by how many items of the story came before


@cache
def opened() -> tuple[int, Alert]:
    """After how many items of the story its first alert is open, and that."""
    with TemporaryDirectory() as folder, Store(Path(folder) / "test.db") as store:
        lane = Embedded(store, plain_scorer())
        lane.configure(configured().settings())
        for number, (record, raw) in enumerate(story(), 1):
            lane.step([Incoming(record, raw)], None, None)
            for alert in store.alerts():
                if alert.stage == "final" and alert.brand:
                    return number, alert
    raise AssertionError("the story has no alert")


def orders(places: list[int]) -> Orders:
    """A command of each kind, each so many items after the alert has opened."""
    place, alert = opened()
    at = alert.at
    fields: list[dict[str, object]] = [
        {"kind": "silence", "until": at + timedelta(minutes=25)},
        {"kind": "acknowledge", "alert_id": alert.id},
        {"kind": "expire", "silence_id": "c0"},
        {"kind": "resolve", "alert_id": alert.id, "verdict": "false alarm"},
        {"kind": "resolve", "alert_id": alert.id, "verdict": "right"},
    ]
    found: Orders = {}
    for number, (later, what) in enumerate(zip(places, fields, strict=False)):
        command = Command(id=f"c{number}", brand=alert.brand, actor="Ana", at=at, **what)  # type: ignore[arg-type]  # of its kind
        found.setdefault(min(place + later, len(story())), []).append(command)
    return found


def outcome(wanted: Orders, cuts: set[int]) -> tuple[list[bytes], list[bytes]]:
    """All alert events and receipts, with a new start at each cut."""
    items = [Incoming(record, raw) for record, raw in story()]
    ends = sorted({*wanted, *(cut for cut in cuts if cut < len(items)), len(items)})
    done = 0
    with TemporaryDirectory() as folder:
        path = Path(folder) / "test.db"
        for end in ends:
            with Store(path) as store:
                lane = Embedded(store, plain_scorer())
                lane.configure(configured().settings())
                lane.step(items[done:end], None, None)
                leave(path, wanted.get(end, []))
                lane.obey()
            done = end
        with Records(path) as store:
            return list(map(to_json, store.alerts())), list(map(to_json, store.commands.receipts()))


@given(
    st.lists(st.integers(0, 60), min_size=1, max_size=5),
    st.sets(st.integers(1, 1_000), max_size=6),
    st.sets(st.integers(1, 1_000), max_size=6),
)
@settings(max_examples=10, deadline=None)
def test_where_steps_are_cut_and_starts_are_made_changes_nothing(
    places: list[int], cuts: set[int], others: set[int]
) -> None:
    wanted = orders(sorted(places))
    alerts, receipts = outcome(wanted, cuts)
    assert (alerts, receipts) == outcome(wanted, others)
    assert len(receipts) == sum(map(len, wanted.values()))


def beat(minute: int, until: int) -> Incoming:
    """A heartbeat through a minute of a source that has covered all until an earlier one."""
    covered = ((from_ms(START), from_ms(START + until * MINUTE)),)
    record = Heartbeat(source="posts", through=from_ms(START + minute * MINUTE), covered=covered)
    return Incoming(record, to_json(record))


def test_a_dead_source_is_silenced_and_that_outlives_a_new_start(tmp_path: Path) -> None:
    path, until = tmp_path / "test.db", from_ms(START + 90 * MINUTE)
    silence = Command(id="s", brand="", kind="silence", actor="Ana", at=from_ms(START + 40 * MINUTE), until=until)
    with Store(path) as store:
        lane = Embedded(store, plain_scorer())
        lane.configure(configured().settings())
        lane.step([beat(10, 10), beat(40, 10)], None, None)
        leave(path, [silence, silence])
        lane.obey()
    with Store(path) as store:
        lane = Embedded(store, plain_scorer())
        lane.configure(configured().settings())
        lane.step([beat(120, 10)], None, None)
        told = [(alert.scope, alert.event, alert.muted is not None) for alert in store.alerts()]
        assert told == [("posts", "opened", False), ("posts", "silenced", True), ("posts", "updated", False)]
        assert [receipt.done for receipt in store.commands.receipts()] == [True]
