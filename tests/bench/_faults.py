"""What may befall workers: each fault does its worst to a round while its stream flows, and says how often."""

from collections.abc import Callable
from typing import NamedTuple

from msgspec.structs import replace

from agents.runtime.fail_stop import FAILED
from agents.sources.history import Item
from schemas.dead_letter import KEPT_BYTES
from schemas.mention import Mention
from schemas.record import to_json
from tests.bench._fleet import Process
from tests.bench._proxy import CUTS
from tests.bench._round import Round
from tests.kafka.building import cancelling

KILLS = 10
CANCELS = 5
STOPPED = 30.0  # seconds
POISON_EACH = 100  # items
BREAKING = 10
ENDED = frozenset({FAILED})
KILLED = frozenset({-9, FAILED})  # who takes over while another dies may meet him
WITHOUT_BROKER = frozenset({1, FAILED})
COMMITS_SELDOM = "from agents.runtime import kafka\nkafka.COMMIT_SECONDS = 4.0\n"
BREAKS = """
from listener.tracker import Tracker
_observe = Tracker.observe
def _fragile(tracker, mention, turn):
    _observe(tracker, mention, turn)
    if mention.mention.id.startswith("boom:"):
        raise ZeroDivisionError("boom")
Tracker.observe = _fragile
"""


class Stream(NamedTuple):
    """What flows in: items, the dead letters that some must become, and how many break their tracker."""

    items: list[Item]
    letters: tuple[bytes, ...] = ()
    breaking: int = 0


class Fault(NamedTuple):
    """One fault: its words, what it does, what workers run before they begin, what it does to the stream.

    With no exit codes but these a worker may end; -9 is our own doing.
    """

    words: str
    act: Callable[[Round], int]
    before: str = ""
    stream: Callable[[list[Item]], Stream] = Stream
    proxied: bool = False
    exits: frozenset[int] = frozenset()


def nothing(_: Round) -> int:
    """Leave them alone."""
    return 0


def kill(round_: Round) -> int:
    """Kill one of the workers at a random time, ten times."""
    round_.reach(0.02)
    for _ in range(KILLS):
        round_.rest(round_.chance.uniform(0.3, 8.0))
        round_.until(lambda: bool(round_.fleet.workers))
        round_.chance.choice(round_.fleet.workers).kill()
        round_.rest(0.3)
    return round_.fleet.ended[-9]


def join_and_leave(round_: Round) -> int:
    """Two more come, and go again."""
    for share in (0.1, 0.4, 0.7):
        round_.reach(share)
        guests = [round_.fleet.add(), round_.fleet.add()]
        round_.mark()
        round_.rest(12)
        for guest in guests:
            round_.leave(guest)
            round_.mark()
    return 6


def freeze(round_: Round) -> int:
    """Freeze one with work in its hands until others have its lanes, then wake it."""
    times = 0
    for share in (0.2, 0.6):
        round_.reach(share)
        frozen: Process = round_.fleet.workers[0]
        round_.fleet.freeze(frozen)
        round_.mark()
        recovered = len(round_.recoveries)
        round_.until(lambda before=recovered: len(round_.recoveries) > before or not round_.flows())  # type: ignore[misc]  # mypy: a default
        round_.rest(2)
        round_.fleet.wake(frozen)
        round_.until(lambda worker=frozen: worker.poll() is not None or not round_.flows())  # type: ignore[misc]  # mypy: a default
        times += frozen.poll() is not None  # in a short stream there may be nothing left to be fenced from
    return times


def cancel(round_: Round) -> int:
    """The hook cancels once in each life; after some lives it is left out."""
    round_.until(lambda: round_.fleet.ended.total() >= CANCELS or not round_.flows())
    round_.fleet.before = ""
    return round_.fleet.ended.total()


def stop_broker(round_: Round) -> int:
    """Stop the broker for half a minute."""
    round_.reach(0.3)
    round_.broker.stop()
    round_.rest(STOPPED)
    round_.broker.start()
    round_.mark()
    return 1


def rebalance(round_: Round) -> int:
    """Somebody joins or leaves every five seconds."""
    times = 0
    round_.reach(0.02)
    while round_.flows():
        guest = round_.fleet.add()
        round_.mark()
        round_.rest(5)
        round_.leave(guest)
        round_.mark()
        round_.rest(5)
        times += 2
    return times


def cut(round_: Round) -> int:
    """Cut a connection at each place where it hurts, twice."""
    done = round_.proxy.done
    before = len(done)
    round_.reach(0.02)
    for place in CUTS * 2:
        count = len(done)
        round_.rest(round_.chance.uniform(0.5, 2.0))
        round_.proxy.cut(place)
        round_.until(lambda count=count: len(done) > count or not round_.flows())  # type: ignore[misc]  # mypy: a default
        round_.mark()
    return len(done) - before


def kill_with_large_state(round_: Round) -> int:
    """Commits are seldom, and ids long in a stretch: then everybody is killed, so that such a state is read back."""
    for share in (0.3, 0.42, 0.46, 0.5, 0.6):
        round_.reach(share)
        for worker in round_.fleet.workers:
            worker.kill()
        round_.rest(0.3)
    return round_.fleet.ended[-9]


def poisoned(items: list[Item]) -> Stream:
    """One item in a hundred cannot be read, each in its own way."""
    given: list[Item] = []
    letters: list[bytes] = []
    for place, item in enumerate(items):
        given.append(item)
        if place % POISON_EACH == 0 and isinstance(item.record, Mention):
            raw = poison(place // POISON_EACH, item)
            letters.append(raw[:KEPT_BYTES])
            named = replace(
                item.record, id=f"poison:{place}", op="create", root_id=None, parent_id=None, reposted_id=None
            )
            given.append(Item(named, raw))
    return Stream(given, tuple(letters))


def poison(number: int, item: Item) -> bytes:
    """Bytes that are no mention, or one that nobody can use."""
    head = b'{"record":"mention/1","platform":"x","id":"poison:%d"' % number
    kinds = (
        b"not JSON %d" % number,
        b'{"record":"mention/1","id":%d}' % number,
        b"\xff\xfe %d" % number,
        b'{"record":"trend/1","id":"%d"}' % number,
        b'{"record":["mention/1",%d]}' % number,
        item.raw[: len(item.raw) // 2],
        head + b',"text":"acme","created_at":"1970-01-01T00:00:00Z"}',
        head + b',"text":"acme","created_at":"9999-12-31T23:59:59Z"}',
        head + b',"text":"a\\u0000b","created_at":"2026-03-02T00:00:00Z"}',
        head + b',"text":"\\ud800","created_at":"2026-03-02T00:00:00Z"}',
        head + b',"text":"acme","created_at":"soon"}',
        head + b',"text":"%s","created_at":"2026-03-02T00:00:00Z"}' % (b"a" * 65_537),
        b"[" * 20_000 + b"%d" % number,
        b"%d " % number + b"\x00" * 300_000,
        b"%d" % number,
        b"",
    )
    return kinds[number % len(kinds)]


def breaking(items: list[Item]) -> Stream:
    """Ten mentions of one brand break its tracker."""
    about = [
        place for place, item in enumerate(items) if isinstance(item.record, Mention) and b"norvane" in item.raw.lower()
    ]
    chosen = {about[number * len(about) // BREAKING] for number in range(BREAKING)}
    given: list[Item] = []
    for place, item in enumerate(items):
        if place in chosen:
            assert isinstance(item.record, Mention)
            boom = replace(item.record, id=f"boom:{place}")
            given.append(Item(boom, to_json(boom)))
        given.append(item)
    return Stream(given, breaking=len(chosen))


def watch(round_: Round) -> int:
    """The stream itself is the fault."""
    round_.until(lambda: not round_.flows())
    return 1


FAULTS = {
    "undisturbed": Fault("nothing happens to two workers", nothing),
    "killed": Fault("ten kill -9 at random times", kill, exits=KILLED),
    "joined": Fault("two workers join and leave, three times", join_and_leave),
    "frozen": Fault("a worker frozen, replaced, woken; twice", freeze, exits=ENDED),
    "cancelled": Fault("who awaits a commit is cancelled", cancel, cancelling("lane.Lane.commit", 5, 30), exits=ENDED),
    "cancelled-agent": Fault(
        "the loop of an agent is cancelled", cancel, cancelling("lanes.Lanes.take", 5, 30), exits=ENDED
    ),
    "cancelled-within": Fault(
        "the commit itself is cancelled", cancel, cancelling("lane.Lane._transaction", 5, 30), exits=ENDED
    ),
    "stopped": Fault("the broker stopped for 30 s", stop_broker, exits=WITHOUT_BROKER),
    "rebalanced": Fault("a rebalance every 5 s", rebalance),
    "cut": Fault("connections cut in the middle of commits", cut, proxied=True, exits=ENDED),
    "large": Fault(
        "a part of a state over the broker's limit, then kill -9", kill_with_large_state, COMMITS_SELDOM, exits=KILLED
    ),
    "poisoned": Fault("1 % poison of sixteen kinds", watch, stream=poisoned),
    "broken": Fault("ten records break their tracker", watch, BREAKS, stream=breaking),
}
