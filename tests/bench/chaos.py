"""Whatever befalls the workers of the Kafka runtime, nothing is lost, doubled or different.

Two workers on a real broker take in a long stream with alerts in it, with answers, edits, deletions and sources that
come and go (tests/bench/_stories.py), once undisturbed and once for each fault, each time under topics of their own;
who ends is started again after a second. Then all outputs and the state are read by a consumer of committed records,
and compared with what the embedded runtime makes of the same stream, the state with that of the undisturbed run.
Recovery is measured from the end of a fault (for a kill or a freeze, from its beginning) until each lane that has
something to do has committed again.

Needs Java 17 and Maven, and 2 GB of memory; DATA is not used, all is generated. Exit code 1 if anything differs.
"""

import asyncio
import logging
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from agents.configuration import Kafka
from tests.bench._broker import Broker
from tests.bench._faults import FAULTS, Fault, Stream
from tests.bench._outcome import Difference, difference, digest, read_outcome, state_differences
from tests.bench._proxy import Proxy
from tests.bench._report import arguments, finish, head, load, table
from tests.bench._round import Round
from tests.bench._stories import expected, items_of
from tests.bench._watch import Aside
from tests.kafka.building import Cluster

MENTIONS = 400_000
PARTITIONS = 4
SESSION = 10
LIMIT = 1 << 20  # bytes of a record that the broker takes

Wanted = dict[str, Counter[bytes]]


class Row(NamedTuple):
    """How one fault came out."""

    fault: str
    times: int
    records: int
    differs: Difference
    agent_restarts: int
    exits: Counter[int]
    recoveries: list[float]
    largest_part: int
    seconds: float
    stalled: bool

    @property
    def right(self) -> bool:
        """Whether the fault happened, and nothing came of it."""
        happened = self.times > 0 or self.fault == "undisturbed"
        large = self.largest_part > LIMIT or self.fault != "large"
        expected = self.exits.keys() <= FAULTS[self.fault].exits
        return happened and large and expected and not (any(self.differs) or self.agent_restarts or self.stalled)


class Chaos:
    """The broker, the stream, what should come of it."""

    def __init__(self, broker: Broker, mentions: int, session: int) -> None:
        self._broker, self._session = broker, session
        self._aside = Aside()
        self._proxy = Proxy(broker.proxy_port, broker.behind)
        self._aside.run(self._proxy.start())
        self._items = items_of(mentions)
        self._wanted = expected(self._items)
        self._state: dict[str, bytes] = {}

    @property
    def told(self) -> str:
        """What should come of the stream."""
        return ", ".join(f"{count.total():,} {name.replace('_', ' ')}" for name, count in self._wanted.items())

    def row(self, name: str) -> Row:
        """Do one fault."""
        fault = FAULTS[name]
        kafka = Kafka(
            bootstrap=(self._broker.address,), prefix=name, partitions=PARTITIONS, session_seconds=self._session
        )
        began = time.monotonic()
        with TemporaryDirectory() as folder, Cluster(kafka, Path(folder)) as cluster:
            stream = fault.stream(self._items)
            round_, times = self._round(fault, cluster, stream)
            outcome = asyncio.run(read_outcome(kafka))
            if round_.stalled:
                print(cluster.said()[-3000:], file=sys.stderr)
        differs = difference(outcome, self._wanted | {"letters": Counter(map(digest, stream.letters))}, self._state)
        if differs.state:
            print("\n".join(state_differences(outcome.state, self._state)), file=sys.stderr)
        unbroken = max(0, stream.breaking - len(outcome.broken))
        self._state = self._state or outcome.state
        return Row(
            name,
            times,
            sum(
                count.total()
                for count in (
                    outcome.brand_mentions,
                    outcome.retractions,
                    outcome.trends,
                    outcome.alerts,
                    outcome.letters,
                )
            ),
            differs._replace(lost=differs.lost + unbroken),
            round_.fleet.agent_restarts(),
            round_.fleet.ended,
            round_.recoveries,
            outcome.largest_part,
            time.monotonic() - began,
            round_.stalled,
        )

    def _round(self, fault: Fault, cluster: Cluster, stream: Stream) -> tuple[Round, int]:
        mentions = self._wanted["brand_mentions"].total() + self._wanted["retractions"].total()
        round_ = Round(cluster, self._broker, self._proxy, self._aside, mentions, proxied=fault.proxied)
        round_.fleet.before = fault.before
        round_.flow(stream.items)
        times = fault.act(round_)
        round_.finish()
        return round_, times


def show(rows: Sequence[Row]) -> None:
    """The table for people."""
    heads = [
        "fault",
        "times",
        "compared",
        *Difference._fields,
        "agent restarts",
        "exits",
        "recovery s",
        "part MiB",
        "s",
    ]
    cells = [
        (
            FAULTS[row.fault].words,
            row.times,
            row.records,
            *row.differs,
            row.agent_restarts,
            " ".join(f"{count} x {code}" for code, count in sorted(row.exits.items())) or "-",
            max(row.recoveries, default=None),
            row.largest_part / LIMIT,
            row.seconds,
        )
        for row in rows
    ]
    table(cells, heads)


def figures_of(rows: Sequence[Row]) -> dict[str, float]:
    """For programs."""
    faults = [row for row in rows if row.fault != "undisturbed"]
    figures: dict[str, float] = {
        "faults": sum(row.times > 0 for row in faults),
        "records": sum(row.records for row in faults),
        "lost": sum(row.differs.lost for row in rows),
        "doubled": sum(row.differs.doubled for row in rows),
        "trends_differ": sum(row.differs.trends for row in rows),
        "alerts_differ": sum(row.differs.alerts for row in rows),
        "state_differs": sum(row.differs.state for row in rows),
        "mismatched_ids": sum(row.differs.mismatched for row in rows),
        "agent_restarts": sum(row.agent_restarts for row in rows),
    }
    recoveries = [seconds for row in faults for seconds in row.recoveries]
    return figures | ({"worst_recovery_s": max(recoveries)} if recoveries else {})


def main(argv: Sequence[str] | None = None) -> int:
    """Do all faults, print what came of them."""
    parser = arguments(__doc__, needs_data=False)
    parser.add_argument("--mentions", type=int, default=MENTIONS, help="fewer for a quick look; below 30,000 no alerts")
    parser.add_argument("--session", type=int, default=SESSION, help="seconds that a worker may be silent")
    parser.add_argument("--fault", action="append", choices=tuple(FAULTS)[1:], help="only this one")
    options = parser.parse_args(argv)
    head("Faults of the Kafka runtime")
    logging.disable(logging.CRITICAL)  # the broker that we stop and the connections that we cut are known
    rows: list[Row] = []
    with Broker() as broker:
        chaos = Chaos(broker, options.mentions, options.session)
        print(f"{options.mentions:,} mentions: {chaos.told}; session {options.session} s; {load()}\n", flush=True)
        for name in ("undisturbed", *(options.fault or tuple(FAULTS)[1:])):
            row = chaos.row(name)
            rows.append(row)
            exits = f", exits {dict(row.exits)}" if row.exits else ""
            told = "as it should be" if row.right else f"WRONG {row.differs}{', stalled' if row.stalled else ''}"
            print(f"\r{name:17}{row.seconds:6.0f} s  {told}{exits}", flush=True)
    print(f"\nWhat differs from a run without faults; {load()}")
    show(rows)
    finish("chaos", figures_of(rows))
    return 0 if all(row.right for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
