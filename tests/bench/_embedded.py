"""What tests.bench.embedded runs in fresh processes: the listener, the loop it is held against, its stages one by one.

python -m tests.bench._embedded listener|loop|stages FILE
"""

import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson
from msgspec.structs import replace
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from agents.clock import now_ms
from agents.configuration import Configuration, Source, Storage
from agents.detect import Detector, Logged, detect
from agents.matching import standard_matcher
from agents.reader import load_detector, load_vader, standard_reader
from agents.runtime.embedded import STEP_RECORDS, Embedded, Outcome
from agents.runtime.store import Store
from agents.service import run
from agents.settings_file import read_configuration
from agents.sources.history import History, Item
from agents.sources.reader import Reader
from agents.stop import Stop
from agents.track import track
from agents.watcher import SourceState
from listener.brands.matcher import Found
from listener.partition import Partition
from listener.sentiment.language import Identifier
from listener.sentiment.masking import masked
from listener.threads import Threads
from schemas.dead_letter import DeadLetter
from schemas.mention import Mention
from schemas.record import to_json
from schemas.settings import Settings
from tests.bench._report import BRANDS


class Nobody:
    """Watches a run and shows nothing."""

    def opened(self, lane: Embedded) -> None: ...
    def note(self, message: str) -> None: ...
    def progress(self, what: str, done: int, total: int | None) -> None: ...
    def sources(self, states: Sequence[SourceState]) -> None: ...
    def committed(self, outcome: Outcome) -> None: ...


def configured(file: str, folder: str) -> Configuration:
    """The brands of stocknet, the file as the only source, a database in `folder`."""
    configuration = read_configuration(BRANDS / "stocknet.toml")
    storage = Storage(path=str(Path(folder) / "listener.db"))
    return replace(configuration, sources=(Source(path=file, name="stocknet"),), storage=storage)


def listener(file: str, folder: str) -> dict[str, float]:
    """All that `listener run --until-end` does."""
    configuration = configured(file, folder)
    standard_reader()  # loaded before the clock starts, as is the package's
    wall, cpu = time.perf_counter(), time.process_time()
    lane = run(configuration, Nobody(), Stop())
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    size = configuration.database().stat().st_size
    return {"wall": wall, "cpu": cpu, "megabytes": size / 1e6, **lane.counts}


def loop(file: str, _: str) -> dict[str, float]:
    """Only decodes JSON and calls the package's VADER."""
    score = SentimentIntensityAnalyzer().polarity_scores
    wall, cpu = time.perf_counter(), time.process_time()
    read = 0
    with Path(file).open("rb") as lines:
        for line in lines:
            score(orjson.loads(line)["text"])
            read += 1
    return {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "read": read}


class Watch:
    """Seconds of processor time by stage."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        begin = time.process_time()
        yield
        self.seconds[stage] += time.process_time() - begin


def stages(file: str, folder: str) -> dict[str, float]:
    """Each stage's own function over the records of a step, step by step: what the listener does, taken apart."""
    configuration = configured(file, folder)
    source, path = configuration.sources[0], file
    watch = Watch()
    with watch("decode"):
        for _ in Reader(source, path, now_ms):
            pass
    items = History([Reader(source, path, now_ms)], Path(folder)).items()
    detector, partition = Detector(standard_reader(), Threads()), Partition()
    settings = configuration.settings()
    brands, score = standard_matcher(settings), load_vader().compound
    _settle(detector, partition, settings)
    with Store(configuration.database()) as store:
        while batch := _taken(items, watch):
            mentions = [item.record for item in batch if isinstance(item.record, Mention)]
            with watch("match"):
                found = [brands.find(mention) for mention in mentions]
            _sentiment([pair for pair in zip(mentions, found, strict=True) if pair[1].matches], score, watch)
            outcome = Outcome()
            with watch("detect"):
                detect(_logged(batch), detector, outcome)
            with watch("track"):
                track(outcome.records, partition, outcome)
            _store(batch, outcome, detector, partition, store, watch)
    return _apart(watch.seconds)


def _settle(detector: Detector, partition: Partition, settings: Settings) -> None:
    outcome = Outcome()
    detect([Logged(0, settings)], detector, outcome)
    track(outcome.records, partition, outcome)


def _taken(items: Iterator[Item], watch: Watch) -> list[Item]:
    with watch("history"):
        return list(islice(items, STEP_RECORDS))


def _logged(batch: list[Item]) -> list[Logged]:
    return [Logged(place, item.record) for place, item in enumerate(batch) if not isinstance(item.record, DeadLetter)]


def _sentiment(pairs: list[tuple[Mention, Found]], score: Callable[[str], int], watch: Watch) -> None:
    identify = Identifier(load_detector()).identify
    masks = [masked(mention.text, found.text_spans) for mention, found in pairs]
    identify(None, "warm, as it is in the service")
    with watch("language"):
        languages = [identify(mention.lang, mask).language for (mention, _), mask in zip(pairs, masks, strict=True)]
    scored = [pair for pair, language in zip(pairs, languages, strict=True) if language in (None, "en")]
    with watch("sentiment"):
        for mention, found in scored:
            score(masked(mention.text, found.text_spans))


def _store(
    batch: list[Item], outcome: Outcome, detector: Detector, partition: Partition, store: Store, watch: Watch
) -> None:
    mentions = [item.record for item in batch]
    with watch("encode the log"):
        for record in mentions:
            to_json(record)
    with watch("encode the state"):
        parts = {f"track/{part}": content for part, content in partition.take_changes().items()}
    first = int(detector.counts["positions"])
    detector.counts["positions"] += len(batch)
    with watch("write"):
        store.begin()
        store.add_mentions((first + place, item.raw) for place, item in enumerate(batch, 1))
        store.add_brand_mentions(outcome.found)
        store.add_spoken(outcome.spoken)
        store.add_quiet(outcome.quiet)
        store.add_alerts(outcome.alerts)
        store.add_seen(detector.threads.take_added(), detector.threads.newest)
        store.put_state(parts)
        store.commit()


def _apart(seconds: dict[str, float]) -> dict[str, float]:
    """Stages that contain others are shown without them."""
    return {
        "decode": seconds["decode"],
        "sort": seconds["history"] - seconds["decode"] - seconds["encode the log"],
        "match": seconds["match"],
        "language": seconds["language"],
        "sentiment": seconds["sentiment"],
        "enrich": seconds["detect"] - seconds["match"] - seconds["language"] - seconds["sentiment"],
        "track": seconds["track"],
        "encode": seconds["encode the log"] + seconds["encode the state"],
        "store": seconds["write"],
    }


def main(argv: Sequence[str]) -> None:
    """Measure one thing, print it as JSON."""
    what, file = argv
    measure = {"listener": listener, "loop": loop, "stages": stages}[what]
    with TemporaryDirectory() as folder:
        print(json.dumps(measure(file, folder)))


if __name__ == "__main__":
    main(sys.argv[1:])
