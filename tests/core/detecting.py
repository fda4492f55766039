"""Detect for the tests of the core, with its outputs kept."""

from collections.abc import Iterable

from agents.detect import Detector, Logged, LogRecord, detect
from listener.partition import TrackRecord
from listener.reading import TextReader
from listener.sentiment.scoring import Scorer
from listener.threads import Change, Threads
from schemas.dead_letter import DeadLetter
from schemas.settings import Brand

ACME, BRILL = Brand(id="acme", name="Acme"), Brand(id="brill", name="Brill")


class Port:
    """Detect with its outputs kept; it goes on from the changes of an index."""

    def __init__(self, changes: Iterable[Change] = ()) -> None:
        self.scorer = TextReader([Scorer("test", "en", self.compound)], lambda text: [("en", 1.0)])
        self.detector = Detector(self.scorer, Threads(changes))
        self.records: list[TrackRecord] = []
        self.letters: list[DeadLetter] = []

    def compound(self, text: str) -> int:
        if "boom" in text:
            raise ValueError("boom")
        return 0

    def to_track(self, record: TrackRecord, position: int) -> None:
        self.records.append(record)

    def dead_letter(self, letter: DeadLetter) -> None:
        self.letters.append(letter)

    def detect(self, *records: LogRecord) -> list[TrackRecord]:
        """What a batch of these gives, positions counted from 1."""
        self.records = []
        detect([Logged(position, record) for position, record in enumerate(records, 1)], self.detector, self)
        return self.records
