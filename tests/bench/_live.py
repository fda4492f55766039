"""A source that writes at a steady rate, for tests.bench.kafka and tests.bench.soak; mentions are stamped as they go.

python -m tests.bench._live PLAN: a JSON file as `Plan` says. It prints what it did as JSON.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import msgspec
from confluent_kafka import Producer

from agents.sources.history import Item
from schemas.heartbeat import Heartbeat
from schemas.mention import Mention
from schemas.record import to_json
from schemas.times import from_ms
from tests.bench._report import ROOT, module

ID = "the-id-goes-here"
TIME = from_ms(1_000_000_000_000)
STAMP = to_json(Heartbeat(source="", through=TIME)).split(b'"through":')[1].split(b'"')[1]
TICK = 0.005
SOURCE = "live"


class Plan(msgspec.Struct):
    """What to write where: the `rows` of a file again and again as PREFIX:number from `first` on.

    `count` of them: `rate` a second, or as fast as can be where that is 0. Each of `bursts` is (seconds from the
    beginning, id, template): written beside them when it is time. Heartbeats come each second, covered from `since` on.
    All times are `behind` ms behind the clock on the wall.
    """

    bootstrap: str
    topic: str
    partitions: int
    rows: str
    count: int
    since: int
    first: int = 0
    rate: float = 0.0
    bursts: list[tuple[float, str, str]] = []
    behind: int = 0


def template(text: str, lang: str | None) -> bytes:
    """A mention as it is written, with places for its id and its times."""
    mention = Mention(id=ID, text=text, created_at=TIME, ingested_at=TIME, platform="x", lang=lang)
    return to_json(mention)


def write_templates(rows: Sequence[dict[str, Any]], path: Path) -> None:
    """The rows of a set of posts, one template a line."""
    path.write_bytes(b"\n".join(template(row["text"], row["lang"]) for row in rows))


def heartbeat(since: int, through: int, until: int) -> Item:
    """All was delivered up to `through`; what was listened to ends at `until`; ms."""
    record = Heartbeat(source=SOURCE, through=from_ms(through), covered=((from_ms(since), from_ms(until)),))
    return Item(record, to_json(record))


def now_ms() -> int:
    """The clock on the wall."""
    return time.time_ns() // 1_000_000


def id_of(number: int) -> str:
    """The id of the mention with that number; its row is the number modulo the rows."""
    return f"{SOURCE}:{number}"


class Source:
    """The source. `late` is by how much it fell behind at worst, in seconds."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.written = 0
        self.late = 0.0
        self._producer = Producer(
            {
                "bootstrap.servers": plan.bootstrap,
                "partitioner": "murmur2_random",
                "enable.idempotence": True,  # a heartbeat must not overtake what it speaks of
                "linger.ms": 2,
                "queue.buffering.max.messages": 1_000_000,
            }
        )
        rows = [raw.split(ID.encode()) for raw in Path(plan.rows).read_bytes().split(b"\n")]
        numbered = enumerate(islice(cycle(rows), plan.first % len(rows), None), plan.first)
        self._next = iter(islice(((id_of(number), parts) for number, parts in numbered), plan.count))
        self._bursts = [(at, id_, raw.encode().split(ID.encode())) for at, id_, raw in plan.bursts]
        self._bursts.sort(key=lambda burst: burst[0], reverse=True)

    def run(self) -> dict[str, float]:
        """Write all of it."""
        began = told = time.monotonic()
        while True:
            now = time.monotonic()
            due = int((now - began) * self.plan.rate) - self.written if self.plan.rate else 1_000
            if self.plan.rate:
                self.late = max(self.late, (due - self.plan.rate * TICK) / self.plan.rate)
            sent = self._send(islice(self._next, max(0, due)))
            while self._bursts and self._bursts[-1][0] <= now - began:
                _, id_, parts = self._bursts.pop()
                self._send(iter([(id_, parts)]), burst=True)
            if now - told >= 1.0:
                told = now
                self._beat()
            self._producer.poll(0)
            if self.written >= self.plan.count and not self._bursts:
                break
            if self.plan.rate or not sent:
                time.sleep(TICK)
        self._beat()
        self._producer.flush()
        seconds = time.monotonic() - began
        return {"written": self.written, "seconds": seconds, "late": self.late}

    def _send(self, mentions: Iterator[tuple[str, list[bytes]]], *, burst: bool = False) -> int:
        stamp = to_json(from_ms(now_ms() - self.plan.behind)).strip(b'"')
        count = 0
        for id_, (before, after) in mentions:
            key = id_.encode()
            self._produce(before + key + after.replace(STAMP, stamp), key=key)
            count += 1
        self.written += 0 if burst else count
        return count

    def _beat(self) -> None:
        now = now_ms() - self.plan.behind
        for partition in range(self.plan.partitions):
            self._produce(heartbeat(self.plan.since, now, now).raw, partition=partition)

    def _produce(self, value: bytes, **where: Any) -> None:
        while True:
            try:
                self._producer.produce(self.plan.topic, value, **where)
                return
            except BufferError:
                self._producer.poll(0.01)


def start(plan: Plan, folder: Path) -> "subprocess.Popen[str]":
    """Start a source as a process of its own."""
    path = folder / f"plan{plan.first}.json"
    path.write_bytes(msgspec.json.encode(plan))
    command = [sys.executable, "-m", "tests.bench._live", str(path)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def finished(source: "subprocess.Popen[str]") -> dict[str, float]:
    """Wait for its end; what it says."""
    said, _ = source.communicate()
    if source.returncode:
        raise SystemExit(f"{module()}: the source of mentions ended with exit code {source.returncode}")
    told: dict[str, float] = json.loads(said.splitlines()[-1])
    return told


def main(argv: Sequence[str]) -> None:
    """Do what a plan says."""
    plan = msgspec.json.decode(Path(argv[0]).read_bytes(), type=Plan)
    print(json.dumps(Source(plan).run()))


if __name__ == "__main__":
    main(sys.argv[1:])
