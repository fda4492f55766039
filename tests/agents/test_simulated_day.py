"""A day of each network in compressed time: an hour does not pass without trouble, and what is found is the same."""

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from email.utils import format_datetime
from hashlib import blake2b
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar, NamedTuple

import pytest

from agents.configuration import Source
from agents.export import export
from agents.runtime.embedded import STEP_RECORDS, Embedded, Incoming
from agents.runtime.store import Store
from agents.sources import bluesky, feeds, keeping, mastodon
from agents.sources.bluesky import UNORDERED
from agents.sources.connection import Connection
from agents.sources.hearing import Hearing
from agents.sources.inbox import Inbox
from agents.sources.keeping import Keeper
from schemas.alert import Alert
from schemas.mention import Mention
from schemas.record import decoder, to_json
from schemas.times import DAY, HOUR, MINUTE, SECOND, from_ms, to_ms
from tests.agents import network
from tests.agents.building import START, configured, log_of, plain_scorer
from tests.agents.compressed import CompressedLoop
from tests.agents.network import serving

EVERY = MINUTE
CRISIS = range(START + 14 * HOUR, START + 14 * HOUR + 20 * MINUTE, 10 * SECOND)
POLLED = 600  # seconds between two looks at the feed
CALM_HOURS = range(10, 18)  # hours without trouble, in which the crisis lies
STEP_SECONDS = 20.0
Clock = Callable[[], int]
_alert = decoder(Alert)


class Bluesky:
    """The network, and who listens to it."""

    troubles: ClassVar[list[Any]] = [
        *("cut", "gone", "garbage", "repeat", "back", "drip", "stall"),
        *(500, (429, {"Retry-After": "30"}), 401),
    ]

    def __init__(self) -> None:
        self.server = network.Jetstream()

    def connection(self, clock: Clock) -> Connection:
        source = Source(kind="bluesky", url=self.server.url.replace("http", "ws"))
        return bluesky.Bluesky("live", source, clock)

    async def say(self, number: int, at: int, text: str) -> None:
        """Let something be said."""
        await self.server.say(network.event(number, at * 1000, text))

    def id(self, number: int, at: int) -> str:
        """The id of that."""
        return f"bluesky:did:plc:mira/3k{number}"


class Mastodon:
    """The same of one server of the fediverse."""

    troubles: ClassVar[list[Any]] = ["cut", "gone", "garbage", "repeat", "huge", "stall", 500, (429, {}), 401]

    def __init__(self) -> None:
        self.server = network.Mastodon()

    def connection(self, clock: Clock) -> Connection:
        return mastodon.Mastodon("live", Source(kind="mastodon", url=self.server.url), clock)

    async def say(self, number: int, at: int, text: str) -> None:
        await self.server.say(network.status((at << 16) + number, from_ms(at).isoformat(), text))

    def id(self, number: int, at: int) -> str:
        return f"mastodon:127.0.0.1/{(at << 16) + number}"


class Feed:
    """The same of a feed that lists what was written in two hours of the crisis."""

    troubles: ClassVar[list[Any]] = ["cut", "html", "huge", 500, 404, 410, (503, {"Retry-After": "400"})]

    def __init__(self) -> None:
        self.server = network.FeedServer(listed=200)

    def connection(self, clock: Clock) -> Connection:
        return feeds.Feeds("live", Source(kind="feed", urls=(f"{self.server.url}/feed",), every=POLLED), clock)

    async def say(self, number: int, at: int, text: str) -> None:
        self.server.articles.append(network.item(number, text, format_datetime(from_ms(at))))

    def id(self, number: int, at: int) -> str:
        return "feed:" + blake2b(f"https://news.example/{number}".encode(), digest_size=12).hexdigest()


World = Bluesky | Mastodon | Feed


class Day(NamedTuple):
    """What came of a day."""

    ids: list[str]
    covered: list[tuple[int, int]]
    alerts: list[tuple[str, int, str, int]]
    connects: int
    most_waiting: int


def story(until: int = DAY) -> list[tuple[int, str]]:
    """Calm all day but for a crisis at two o'clock; it ends after so many ms."""
    calm = [(at, "Acme is here") for at in range(START + MINUTE, START + until, EVERY)]
    crisis = [(at + 1, "Acme is awful") for at in CRISIS if at < START + until]
    return sorted(calm + crisis)


async def play(world: World, troubles: dict[int, Any], clock: Clock, until: int) -> None:
    """Let all be said at its time; each hour that has a trouble breaks what goes on, and then has it."""
    for number, (at, text) in enumerate(story(until)):
        await asyncio.sleep(max(0.0, (at - clock()) / SECOND))
        hour = (clock() - START) // HOUR
        if hour in troubles:
            trouble = troubles.pop(hour)
            world.server.troubles.extend(trouble if isinstance(trouble, list) else [trouble])
            world.server.drop()
        await world.say(number, at, text)


async def live(
    world: World, folder: Path, loop: CompressedLoop, troubles: dict[int, Any], forgets: int = 0, until: int = DAY
) -> Day:
    """The service on the loop's clock, as `agents/live.py` runs it on the wall's.

    At the time `forgets` a Jetstream server forgets all that was before, and all its troubles.
    """

    def clock() -> int:
        return START + int(loop.time() * SECOND)

    with Store(folder / "day.db") as store:
        lane = Embedded(store, plain_scorer(), lambda *_: None)
        lane.configure(configured().settings())
        async with serving(world.server):
            connection = world.connection(clock)
            inbox = Inbox(clock)
            hearing = Hearing([connection], {}, clock())
            keeper = Keeper(connection, None, inbox, lambda _: None)
            tasks = [asyncio.ensure_future(keeper.keep())]
            await asyncio.sleep(1)
            tasks.append(asyncio.ensure_future(play(world, dict(troubles), clock, until)))
            most = 0
            while clock() < START + until + 10 * MINUTE:
                await asyncio.sleep(STEP_SECONDS)
                if forgets and clock() >= forgets and isinstance(world, Bluesky) and not world.server.floor:
                    world.server.floor = forgets * 1000
                    world.server.troubles.clear()
                taken = inbox.take(0, STEP_RECORDS)
                most = max(most, len(taken.entries))
                records, cursors = hearing.take(taken.entries)
                beats = list(hearing.heartbeats(taken.through))
                lane.take_in([Incoming(record, to_json(record)) for record in [*records, *beats]], cursors)
                inbox.done(taken.entries)
            for task in tasks:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
        ids = [record.id for record in log_of(folder / "day.db") if isinstance(record, Mention)]
        covered = [(to_ms(start), to_ms(end)) for start, end in lane.detector.coverage["live"]]
        export(store, folder)
        alerts = [_alert(line) for line in (folder / "alerts.jsonl").read_bytes().splitlines()]
        told = [(alert.id, alert.sequence, str(alert.event), to_ms(alert.since)) for alert in alerts]
        return Day(ids, covered, told, keeper.state().connects, most)


@pytest.fixture
def day(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Day]:
    """Run a day with troubles by the hour."""

    async def at_once(what: Callable[..., Any], *args: Any) -> Any:
        return what(*args)  # time would leap on while a thread works

    def run(world: World, **how: Any) -> Day:
        loop = CompressedLoop()
        monkeypatch.setattr(keeping, "time", SimpleNamespace(monotonic=loop.time))
        monkeypatch.setattr(asyncio, "to_thread", at_once)
        random.seed(7)
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            return runner.run(live(world, folder, loop, **how))

    return run


@pytest.mark.slow
@pytest.mark.timeout(280)
@pytest.mark.parametrize("kind", [Bluesky, Mastodon, Feed])
def test_a_day_of_trouble_is_as_one_without(day: Callable[..., Day], kind: type[World]) -> None:
    hours = [hour for hour in range(1, 23) if hour not in CALM_HOURS]
    troubles = dict(zip(hours, kind.troubles * 2, strict=False))
    world = kind()
    world.server.after = 20
    undisturbed, disturbed = day(kind(), troubles={}), day(world, troubles=troubles)
    ids = {world.id(number, at) for number, (at, _) in enumerate(story())}
    for found in (undisturbed, disturbed):
        assert sorted(found.ids) == sorted(ids), "nothing lost, and nothing doubled"
        ((start, end),) = found.covered
        assert start - START < 3 * SECOND
        assert end >= START + DAY - EVERY - UNORDERED
        assert found.most_waiting < 500
    assert disturbed.connects > undisturbed.connects
    assert any(event == "opened" for _, _, event, _ in undisturbed.alerts)
    if kind is not Feed:
        assert undisturbed.alerts == disturbed.alerts
        return
    # Articles are read when they are asked for, at times of its own: the same crisis, dated within one interval.
    once, again = opened(undisturbed), opened(disturbed)
    assert len(once) == len(again) == 1
    assert abs(once[0] - again[0]) <= POLLED * SECOND
    assert undisturbed.alerts[-1][2] == disturbed.alerts[-1][2] == "resolved"


def opened(found: Day) -> list[int]:
    """Since when each trouble was, of which a final alert opened."""
    return [since for id_, _, event, since in found.alerts if event == "opened" and not id_.endswith("-early")]


@pytest.mark.slow
def test_what_nobody_can_give_again_is_unknown_and_all_else_is_there(day: Callable[..., Day]) -> None:
    """The server is away from three to four o'clock, and has lost what came then."""
    down, up, until = START + 3 * HOUR, START + 4 * HOUR, 6 * HOUR
    world = Bluesky()
    found = day(world, troubles={3: [503] * 500}, forgets=up, until=until)
    kept = [world.id(number, at) for number, (at, _) in enumerate(story(until)) if not down <= at < up]
    assert found.ids == kept
    (_, first), (second, _) = found.covered
    assert down - EVERY - UNORDERED <= first <= down
    assert up <= second <= up + 2 * MINUTE
