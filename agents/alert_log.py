"""Where the alerts of the command line are: in the database of the embedded service, or in the cluster."""

import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from agents.cluster import reached
from agents.configuration import Configuration, Kafka
from agents.reader import standard_reader
from agents.runtime import ingest
from agents.runtime.commands import leave
from agents.runtime.database import Busy, WrongFile
from agents.runtime.embedded import Embedded
from agents.runtime.reading import read_to_end
from agents.runtime.records import Records
from agents.runtime.store import Store
from agents.runtime.topics import Topics
from schemas.alert import Alert
from schemas.brand_mention import BrandMention
from schemas.command import Command
from schemas.receipt import Receipt
from schemas.record import decoder

PATIENCE = 15.0  # seconds that a person waits for a receipt
POLL = 0.1
_alert = decoder(Alert)
_receipt = decoder(Receipt)


class NotTaken(Exception):
    """Commands wait where they were put: nobody has taken them in time. The message says who will."""


class AlertLog(Protocol):
    """What became of alerts and commands, and where new commands go."""

    def events(self) -> list[Alert]:
        """All events of alerts, in the order of their time."""

    def posts(self, event: Alert) -> Mapping[str, BrandMention]:
        """What is still there of the posts that an event rests on, by their ids; nothing where they are not at hand."""

    def receipts(self) -> list[Receipt]:
        """What came of commands, in the order in which they were taken."""

    def order(self, commands: Sequence[Command]) -> list[Receipt]:
        """Have commands done; return their receipts. Raise NotTaken."""


def alert_log(configuration: Configuration) -> AlertLog:
    """The cluster where the settings name one ([kafka]), else the database. Raise WrongFile where there is none."""
    return ClusterLog(configuration.kafka) if configuration.clustered else DatabaseLog(configuration.database())


class DatabaseLog:
    """The embedded service. Where it runs, it does the commands; where it does not, they are done here."""

    def __init__(self, database: Path) -> None:
        if not database.exists():
            raise WrongFile(f"{database}: there is no such database; `listener run` makes it, [kafka] names a cluster")
        self._database = database

    def events(self) -> list[Alert]:
        """All in the file."""
        with Records(self._database) as store:
            return list(store.alerts())

    def posts(self, event: Alert) -> Mapping[str, BrandMention]:
        """Those in the file."""
        with Records(self._database) as store:
            return store.posts(event)

    def receipts(self) -> list[Receipt]:
        """All in the file."""
        with Records(self._database) as store:
            return list(store.commands.receipts())

    def order(self, commands: Sequence[Command]) -> list[Receipt]:
        """By the inbox: whoever holds the lock takes it."""
        with Records(self._database):  # it must be ours before anything is written
            leave(self._database, commands)
        deadline = time.monotonic() + PATIENCE
        while True:
            self._do_if_nobody_runs()
            found = _of(commands, self.receipts())
            if len(found) == len(commands):
                return found
            if time.monotonic() > deadline:
                raise NotTaken(
                    f"{self._database}: who runs on it has not taken the command within {PATIENCE:.0f} s; it stays in "
                    "the inbox and is done after the step that is under way"
                )
            time.sleep(POLL)

    def _do_if_nobody_runs(self) -> None:
        try:
            with Store(self._database) as store:
                if store.commands.waiting():
                    Embedded(store, standard_reader()).obey()
        except Busy:
            return


class ClusterLog:
    """The cluster: commands are records of the topic of brand mentions, done by who tracks their brand."""

    def __init__(self, kafka: Kafka) -> None:
        self._kafka = kafka

    def events(self) -> list[Alert]:
        """All that the topic keeps."""
        topic = Topics.of(self._kafka).alerts
        found = reached(self._kafka, self._read([(topic, number) for number in range(self._kafka.partitions)]))
        return sorted(map(_alert, found), key=lambda event: (event.at, event.brand, event.id, event.sequence))

    def posts(self, event: Alert) -> Mapping[str, BrandMention]:
        """None: to look for them would be to read the whole topic of mentions."""
        return {}

    def receipts(self) -> list[Receipt]:
        """All: the topic is compacted, and a command has one."""
        return list(map(_receipt, reached(self._kafka, self._read([(Topics.of(self._kafka).receipts, 0)]))))

    async def _read(self, partitions: list[tuple[str, int]]) -> list[bytes]:
        return [record.value async for record in read_to_end(self._kafka, partitions)]

    def order(self, commands: Sequence[Command]) -> list[Receipt]:
        """Write them, and wait for what comes of them."""
        return reached(self._kafka, self._order(commands))

    async def _order(self, commands: Sequence[Command]) -> list[Receipt]:
        await ingest.commands(self._kafka, commands)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            values = await self._read([(Topics.of(self._kafka).receipts, 0)])
            found = _of(commands, map(_receipt, values))
            if len(found) == len(commands):
                return found
        raise NotTaken(
            f"no worker has taken the command within {PATIENCE:.0f} s; it stays in the log, and is done by the worker "
            "that reads it"
        )


def _of(commands: Sequence[Command], receipts: Iterable[Receipt]) -> list[Receipt]:
    wanted = {(command.id, command.brand) for command in commands}
    return [receipt for receipt in receipts if (receipt.command.id, receipt.command.brand) in wanted]
