"""Is the configuration right, and can everything in it be reached: said line by line."""

import asyncio
import logging
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Literal, NamedTuple

from agents.calendars import understood
from agents.clock import now_ms
from agents.configuration import Configuration, Kafka, OwnScorer, Source, WrongSettings
from agents.matching import frequency, standard_words
from agents.reader import load_vader
from agents.receiver_checkup import check_receivers
from agents.runtime.connection import NoCluster, reach
from agents.runtime.database import Busy, WrongFile
from agents.runtime.embedded import settings_in
from agents.runtime.records import Records
from agents.runtime.store import Store
from agents.scorers import plug_in
from agents.sources.connection import Lost, Refused
from agents.sources.kinds import connection_of
from agents.sources.lines import CannotRead
from agents.sources.paths import resolve
from agents.sources.reader import Reader
from agents.starts import starts_told
from listener.brands.boundaries import lower
from listener.brands.disguise import LEAST
from listener.brands.frequency import OrdinaryWords
from listener.brands.misspelling import ONE_EDIT
from listener.brands.ordinary import Ordinary, ordinary
from listener.brands.query.cover import Uncovered
from listener.brands.query.queries import Queries, Query
from listener.brands.terms import forms_of, names_of
from listener.plural import many
from listener.sentiment.scoring import UNIT
from listener.severity.finder import load_finder
from listener.state import OtherState
from schemas.dead_letter import DeadLetter
from schemas.settings import Brand

LOOKED_AT = 200  # rows of each file
SHORT = 3
MANY = 100  # forms of a name
TRIED = "brand is great, thank you!"
LITERALS = 5  # of a query are told
PATIENCE = 15.0  # seconds for a live source to answer

Level = Literal["ok", "warning", "wrong"]


class Remark(NamedTuple):
    """One thing that was looked at."""

    level: Level
    what: str
    told: str


def check(configuration: Configuration) -> Iterator[Remark]:
    """Look at brands, storage and sources."""
    queries = Queries(configuration.brands)
    for number, brand in enumerate(configuration.brands):
        yield from _check_brand(brand, configuration.brands)
        yield from _check_forms(brand)
        if number in queries.by_brand:
            yield from _check_query(f"brand {brand.id}", queries.by_brand[number])
    yield _check_storage(configuration)
    yield from _check_starts(configuration)
    if configuration.kafka != Kafka():  # nobody needs a cluster for `listener run`
        yield _check_kafka(configuration.kafka)
    for scorer in configuration.scorers:
        yield _check_scorer(scorer)
    yield from (Remark(*told) for told in check_receivers(configuration))
    if not configuration.sources:
        yield Remark("warning", "sources", "there are none: `listener run` has nothing to read, replay and match work")
    for source in configuration.sources:
        if source.connects:
            yield _check_connection(source, Path(configuration.folder))
    try:
        paths = resolve(configuration)
    except CannotRead as error:
        yield Remark("wrong", "sources", str(error))
        return
    for source, path in paths.history + paths.live:
        if path == "-" or Path(path).is_fifo():  # to look into it would be to wait, and to take what comes
            what = "stdin" if path == "-" else source.name
            yield Remark("ok", f"source {what}", "a pipe, read when the service runs")
            continue
        try:
            yield _check_reader(Reader(source, path, now_ms))
        except CannotRead as error:
            yield Remark("wrong", f"source {source.path}", str(error))


def _check_brand(brand: Brand, brands: tuple[Brand, ...]) -> Iterator[Remark]:
    names = brand.aliases or (() if brand.query else (brand.name,))
    what = f"brand {brand.id}"
    handles = sum(map(len, brand.handles.values()))
    counts = {"name": len(names), "product": len(brand.products), "handle": handles, "hashtag": len(brand.hashtags)}
    yield Remark("ok", what, ", ".join(many(count, one) for one, count in counts.items()))
    if brand.timezone != "UTC" or brand.holidays:
        yield Remark("ok", what, understood(brand, now_ms()))
    for name in (*names, *brand.products):
        for severe in load_finder().find("text", name, None):
            told = f"the name {name!r} holds {severe.term!r}, a word of the category {severe.category}"
            yield Remark("warning", what, f"{told}: not counted where the name stands, but beware of its other meaning")
            break
    for name in names:
        others = [other.id for other in brands if other.id != brand.id and lower(name) in map(lower, other.aliases)]
        if others:
            yield Remark(
                "warning", what, f"the name {name!r} is also one of {', '.join(others)}: such posts count for both"
            )
        if len(name.lstrip("$")) < SHORT and not name.startswith("$"):
            yield Remark("warning", what, f"the name {name!r} is very short: expect strangers; add require words")
        elif (known := ordinary(name, brand.languages, standard_words())) and brand.ambiguous is None:
            yield Remark("warning", what, _ordinary(name, brand, known))
        elif " " not in name and load_vader().compound(lower(name)):
            yield Remark(
                "warning",
                what,
                f"the name {name!r} is a word with a mood of its own: hidden from the scorer, but expect strangers",
            )


def _check_forms(brand: Brand) -> Iterator[Remark]:
    """Names in so many forms that somebody should know, and names too short for what was asked."""
    for name, _, _ in names_of(brand) if brand.disguised else ():
        if sum(map(str.isalpha, name)) < LEAST:
            yield Remark("warning", f"brand {brand.id}", f"the name {name!r} is too short to be found in disguise")
    if brand.misspelled and (short := _too_short_to_misspell(brand)):
        told = f"too short to be found misspelled, which takes {ONE_EDIT} letters: {', '.join(map(repr, short))}"
        yield Remark("ok", f"brand {brand.id}", told)
    for name, forms in forms_of(brand, OrdinaryWords(frequency, brand.languages)).items():
        if forms > MANY:
            yield Remark("ok", f"brand {brand.id}", f"the name {name!r} is looked for in {forms} forms")


def _too_short_to_misspell(brand: Brand) -> list[str]:
    """Names of letters, cashtags apart."""
    letters = {name: sum(map(str.isalpha, name)) for name, _, _ in names_of(brand) if not name.startswith("$")}
    return [name for name, count in letters.items() if 0 < count < ONE_EDIT]


def _check_query(what: str, query: Query) -> Iterator[Remark]:
    if isinstance(query.cover, Uncovered):
        told = f"its query is evaluated for every post, since {query.cover.because}; a word that must be there helps"
        yield Remark("warning", what, told)
    else:
        pairs = (f'"{" ".join(pair)}"' for pair in query.cover.pairs)
        literals = [*query.cover.words, *pairs, *query.cover.tags, *(f"…{piece}…" for piece in query.cover.pieces)]
        more = f" or {len(literals) - LITERALS} more" if len(literals) > LITERALS else ""
        yield Remark("ok", what, f"its query is evaluated for posts with {' or '.join(literals[:LITERALS])}{more}")
    for word in query.operators_in_small_letters:
        yield Remark("warning", what, f"{word!r} in its query is a word that must be there; write {word.upper()}")


def _ordinary(name: str, brand: Brand, known: Ordinary) -> str:
    """That a name is an ordinary word, what is made of that, and what would help."""
    missing = [key for key in ("about", "products", "require", "exclude") if not getattr(brand, key)]
    if brand.learned is None:
        missing.append("`listener teach`")
    often = round(10**known.zipf / 1000)  # zipf: the logarithm of how often in a billion
    made = "is taken for the brand unless much speaks against it, since no other meaning of it is known"
    if known.meanings.senses:
        made = "is judged at each place (`listener match --explain`)"
    return (
        f"the name {name!r} is an ordinary word in {known.language} ({often:,} in a million words) and {made}; "
        f"what helps: {', '.join(missing) or 'all of that is given'}; ambiguous = false if it means nothing else"
    )


def _check_storage(configuration: Configuration) -> Remark:
    database = configuration.database()
    if not database.exists():
        folder = database.parent
        if not folder.is_dir():
            return Remark("wrong", "storage", f"{folder}: there is no such folder")
        return Remark("ok", "storage", f"{database}: will be made")
    try:
        with closing(Store(database)) as store:
            return Remark("ok", "storage", f"{database}: {many(store.counts()['mentions'], 'record')} in the log")
    except Busy:
        return Remark("ok", "storage", f"{database}: a listener is running on it")
    except WrongFile as error:
        return Remark("wrong", "storage", str(error))


def _check_starts(configuration: Configuration) -> Iterator[Remark]:
    """What the brands in the storage started with; what is wrong with it is told already."""
    if not configuration.database().exists():
        return
    try:
        with Records(configuration.database()) as records:
            settings = settings_in(records)
    except (WrongFile, OtherState):
        return
    for brand, told in starts_told(settings.brands if settings else ()):
        yield Remark("ok", f"brand {brand}", told)


def _check_kafka(kafka: Kafka) -> Remark:
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what it would log is told
    try:
        asyncio.run(reach(kafka))
    except (WrongSettings, NoCluster) as error:
        return Remark("wrong", "kafka", str(error))
    who = f" as {kafka.username} by {kafka.mechanism}" if kafka.authenticated else ""
    return Remark("ok", "kafka", f"{', '.join(kafka.bootstrap)}: answers, {kafka.security}{who}")


def _check_scorer(scorer: OwnScorer) -> Remark:
    what, languages = f"scorer {scorer.name}", ", ".join(scorer.languages)
    try:
        plugged = plug_in(scorer)
    except WrongSettings as error:
        return Remark("wrong", what, str(error))
    began = time.perf_counter()
    (answer,) = plugged.answers([(TRIED, scorer.languages[0])])
    took = f"{1000 * (time.perf_counter() - began):,.0f} ms"
    if isinstance(answer, str) and answer != "abstained":
        return Remark("wrong", what, f"{plugged.name}, asked about one text: {answer} after {took}")
    told = "it does not say" if isinstance(answer, str) else f"{answer / UNIT:+.4f}"
    return Remark("ok", what, f"{plugged.name} scores {languages}; {TRIED!r}: {told}, after {took}")


def _check_connection(source: Source, folder: Path) -> Remark:
    what = f"source {source.called}"
    try:
        return Remark("ok", what, asyncio.run(_reached(source, folder)))
    except TimeoutError:
        return Remark("wrong", what, f"does not answer within {PATIENCE:.0f} s")
    except (WrongSettings, Lost, Refused, OSError) as error:
        return Remark("wrong", what, str(error))


async def _reached(source: Source, folder: Path) -> str:
    async with asyncio.timeout(PATIENCE):
        return await connection_of(source, folder, now_ms).reach()


def _check_reader(reader: Reader) -> Remark:
    with reader.stream:
        rows = list(islice(reader, LOOKED_AT))
    what = f"source {reader.name}"
    bad = [row for row in rows if isinstance(row, DeadLetter)]
    if rows and len(bad) == len(rows):
        return Remark(
            "wrong", what, f"none of the first {len(rows)} rows can be used; row {bad[0].position}: {bad[0].reason}"
        )
    told = f"{reader.describe()}; {len(rows) - len(bad)} of the first {len(rows)} rows can be used"
    return Remark("warning" if bad else "ok", what, told + (f"; row {bad[0].position}: {bad[0].reason}" if bad else ""))
