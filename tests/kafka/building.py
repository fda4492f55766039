"""A cluster for a test: topics with a prefix of their own, workers as processes, and all that comes out."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from msgspec.structs import asdict, replace

from agents.configuration import Kafka
from agents.demo import StorySource, story_settings
from agents.reader import standard_reader
from agents.runtime import ingest, topics
from agents.runtime.connection import connecting
from agents.runtime.embedded import Embedded, Incoming, Outcome
from agents.runtime.reading import read_to_end
from agents.runtime.store import Store
from agents.runtime.topics import Topics
from agents.sources.history import History, Item
from agents.sources.story import SEED, Story
from schemas.brand_mention import BrandMention
from schemas.dead_letter import DeadLetter
from schemas.mention import Mention
from schemas.record import decoder, to_json
from schemas.retraction import Retraction
from schemas.settings import Settings
from schemas.times import DAY, to_ms
from tests.core.conversations import Conversations

ROOT = Path(__file__).resolve().parents[2]
FIRST, DAYS = 13, 8  # of the story: a calm one and a week of trouble
BRAND_MENTION, RETRACTION = b'{"record":"brand_mention/1"', b'{"record":"retraction/1"'

Outputs = dict[str, Counter[bytes]]

_dead_letter = decoder(DeadLetter)


class Part:
    """The middle of the story as something to read."""

    name = "story"

    def __init__(self) -> None:
        self._story = StorySource(Story(SEED))
        self.stream = self._story.stream

    def __iter__(self) -> Iterator[Mention | DeadLetter]:
        first = None
        for mention in self._story:
            if isinstance(mention, Mention):
                at = to_ms(mention.created_at)
                first = first or at
                if first + FIRST * DAY <= at < first + (FIRST + DAYS) * DAY:
                    yield mention


@cache
def plain_items() -> tuple[Item, ...]:
    """The items of that part as they are told, in order, with their heartbeats."""
    with TemporaryDirectory() as folder:
        return tuple(History([Part()], Path(folder)).items())


@cache
def story_items() -> tuple[Item, ...]:
    """What becomes of that part: it is answered, edited and deleted, and its two sources come and go."""
    told = [item.record for item in plain_items() if isinstance(item.record, Mention)]
    return tuple(Conversations(told, SEED).items())


@cache
def expected() -> Outputs:
    """What the embedded runtime makes of it."""
    return embedded(story_items())


def embedded(items: Sequence[Item], settings: Settings | None = None) -> Outputs:
    """What the embedded runtime makes of items: brand mentions, retractions, trends, final alerts."""
    found: list[bytes] = []

    def committed(outcome: Outcome) -> None:
        found.extend(to_json(record) for record in outcome.records if isinstance(record, BrandMention | Retraction))

    with TemporaryDirectory() as folder, Store(Path(folder) / "test.db") as store:
        lane = Embedded(store, standard_reader(), committed)
        lane.configure(settings or story_settings())
        lane.step([Incoming(record, raw) for record, raw in items], None, None)
        return sorted_out(found, store.export("trends"), store.export("alerts"))


def sorted_out(found: Iterable[bytes], trends: Iterable[bytes], alerts: Iterable[bytes]) -> Outputs:
    """Outputs by their kind. What was `found` is all that trackers are given."""
    told = Counter(found)
    return {
        "brand_mentions": Counter({value: told[value] for value in told if value.startswith(BRAND_MENTION)}),
        "retractions": Counter({value: told[value] for value in told if value.startswith(RETRACTION)}),
        "trends": Counter(trends),
        "alerts": Counter(filter(is_final, alerts)),
    }


def is_final(alert: bytes) -> bool:
    """Whether an alert was judged on closed windows."""
    return b'"stage":"final"' in alert


class Cluster:
    """Topics, settings, workers."""

    def __init__(self, kafka: Kafka, folder: Path, settings: Settings | None = None) -> None:
        self.kafka = kafka
        self.settings = settings or story_settings()
        self.topics = Topics.of(kafka)
        self.folder = folder
        self.workers: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        asyncio.run(topics.create(self.kafka))
        asyncio.run(ingest.push_settings(self.kafka, self.settings))
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self.workers:
            worker.kill()
            worker.wait()

    def settings_file(self, kafka: Kafka | None = None) -> Path:
        """The settings of a command, written once: the brands that count are those that were pushed."""
        settings = self.folder / "listener.toml"
        if not settings.exists():
            settings.write_text(f'[[brands]]\nid = "none"\nname = "None"\n{as_toml(kafka or self.kafka)}')
        return settings

    def ingest(self, items: tuple[Item, ...]) -> None:
        """Write items as history."""
        asyncio.run(ingest.ingest(self.kafka, iter(items)))

    def write(self, topic: str, values: list[bytes]) -> dict[tuple[str, int], bytes]:
        """Write raw values into the first partition of a topic; return them by their place."""
        return asyncio.run(self._write(topic, values))

    async def _write(self, topic: str, values: list[bytes]) -> dict[tuple[str, int], bytes]:
        async with AIOKafkaProducer(**connecting(self.kafka)) as producer:
            written = [await producer.send_and_wait(topic, value, partition=0) for value in values]
        return {(f"{topic}/0", place.offset): value for place, value in zip(written, values, strict=True)}

    def make_anew(self, topic: str) -> None:
        """Delete a topic and make it again, empty."""
        asyncio.run(self._make_anew(topic))

    async def _make_anew(self, topic: str) -> None:
        admin = AIOKafkaAdminClient(**connecting(self.kafka))
        await admin.start()
        try:
            await admin.delete_topics([topic])
            while topic in await admin.list_topics():  # noqa: ASYNC110 - the broker tells nobody when it is done
                await asyncio.sleep(0.1)
        finally:
            await admin.close()
        assert await topics.create(self.kafka) == [topic]

    def worker(
        self,
        before: str = "",
        listen: str | None = None,
        agents: str = "detect,track",
        *options: str,
        through: str | None = None,
    ) -> "subprocess.Popen[bytes]":
        """Start a worker; `before` is Python that it runs first, `through` another way to the broker."""
        settings = self.settings_file(replace(self.kafka, bootstrap=(through,)) if through else self.kafka)
        code = f"{before}\nfrom agents.cli import main; main()"
        log = (self.folder / f"worker{len(self.workers)}.txt").open("wb")
        with log:
            worker = subprocess.Popen(
                [
                    sys.executable,
                    "-c",
                    code,
                    "worker",
                    "-c",
                    str(settings),
                    "--agents",
                    agents,
                    *(["--listen", listen] if listen else []),
                    *options,
                ],
                cwd=self.folder,
                env=os.environ | {"PYTHONPATH": str(ROOT)},
                stdout=log,
                stderr=log,
            )
        self.workers.append(worker)
        return worker

    def said(self) -> str:
        """What the workers have said."""
        return "\n".join(path.read_text() for path in sorted(self.folder.glob("worker*.txt")))

    def read(self, topic: str) -> list[Any]:
        """The committed records of a topic."""
        return asyncio.run(self._read(topic))

    async def _read(self, topic: str) -> list[Any]:
        alone = topic in (self.topics.dead_letters, self.topics.settings, self.topics.sources)
        count = 1 if alone else self.kafka.partitions
        return [record async for record in read_to_end(self.kafka, [(topic, number) for number in range(count)])]

    def dead_letters(self) -> list[DeadLetter]:
        """What could not be used."""
        return [_dead_letter(record.value) for record in self.read(self.topics.dead_letters)]

    def outputs(self) -> Outputs:
        """What came out, as `expected` has it."""
        topics = (self.topics.brand_mentions, self.topics.trends, self.topics.alerts)
        return sorted_out(*([record.value for record in self.read(topic)] for topic in topics))

    def wait_until_done(self, wanted: Outputs, seconds: float = 60) -> None:
        """Wait until as much came out as is wanted. More than that is found by who compares."""
        wait_for(lambda: len(self.read(self.topics.trends)) >= wanted["trends"].total(), seconds, self.said)


def wait_for(true: Callable[[], bool], seconds: float, say: Callable[[], str] = str) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, say()[-3000:]
        time.sleep(0.3)


def differences(found: Outputs, wanted: Outputs) -> dict[str, tuple[int, int]]:
    """For each output that differs: how many are there and should not be, how many should be and are not."""
    both = {name: ((found[name] - wanted[name]).total(), (wanted[name] - found[name]).total()) for name in wanted}
    return {name: counts for name, counts in both.items() if counts != (0, 0)}


def as_toml(kafka: Kafka) -> str:
    """The settings of a cluster as they stand in a file."""
    given = {name: value for name, value in asdict(kafka).items() if value is not None}
    if kafka.password is not None:
        del given["password"]
        given |= {f"password.{name}": value for name, value in asdict(kafka.password).items() if value is not None}
    return "\n".join(["[kafka]", *(f"{name} = {json.dumps(value)}" for name, value in given.items()), ""])


def cancelling(method: str, first: int, last: int) -> str:
    """Python for a worker: cancel, once, whoever is in the middle of a method, at a call from the first to the last."""
    return f"""
import asyncio, random
from agents.runtime import lane, lanes
_method, _left = {method}, random.randint({first}, {last})
async def _cancelled(*arguments):
    global _left
    _left -= 1
    if not _left:
        asyncio.get_running_loop().call_later(0.004, asyncio.current_task().cancel)
    return await _method(*arguments)
{method} = _cancelled
"""


def stop(worker: "subprocess.Popen[bytes]", seconds: float = 10) -> int:
    """Ask a worker to stop, and say how it ended."""
    worker.send_signal(signal.SIGTERM)
    return worker.wait(seconds)
