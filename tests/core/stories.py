"""Stories for property tests: brands that are talked about, calmly and in bursts, drawn by hypothesis."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeVar

from hypothesis import strategies as st
from msgspec.structs import replace

from listener.partition import TrackRecord
from schemas.brand_mention import BrandMention, Certainty, Severe, Talk
from schemas.mention import Author
from schemas.pulse import Pulse
from schemas.settings import BrandSettings
from schemas.times import DAY, HOUR, MINUTE, SECOND, to_ms
from tests.core.building import START, a_mention, about, brand_settings, pulse, read_of, severe, talk

T = TypeVar("T")

BRANDS = ("acme", "brill", "corvo")
HOURS = 24
TAIL = 3 * DAY  # an incident on the scale of a day needs two to end
LATENESS = 60 * SECOND


class Burst(NamedTuple):
    """`size` mentions of one brand in `minutes`, whose moods go round in a cycle.

    They were written `before` ms before they were read, and stand `behind` ms later in the log than they should.
    How sure they are, how grave and what kind of talk goes round in cycles too, and so do their `authors`, if any.
    """

    brand: str
    second: int
    size: int
    minutes: int
    moods: tuple[float | None, ...]
    before: int
    behind: int
    platform: str
    owned: bool
    tagged: bool
    backfill: bool
    certainties: tuple[Certainty, ...] = ("certain",)
    graves: tuple[tuple[Severe, ...], ...] = ((),)
    talks: tuple[tuple[Talk, ...], ...] = ((),)
    authors: tuple[str | None, ...] = (None,)


class Entry(NamedTuple):
    """A record and its place in the log in ms; of those in one place, pulses come after mentions."""

    place: int
    rank: int
    record: TrackRecord


class Story:
    """Mentions as they stand in the log, settings, the stretches not listened to, and the end of it all, in ms."""

    def __init__(self, drawn: list[Burst], settings: list[Entry], gaps: list[tuple[int, int]]) -> None:
        self.drawn = drawn
        self.mentions = sorted(
            (entry for number, one in enumerate(drawn) for entry in _spoken(number, one)), key=_order
        )
        self.settings = settings
        self.gaps = sorted(gaps)
        last = max((entry.place for entry in self.mentions), default=START)
        self.end = last - last % DAY + TAIL + 2 * LATENESS

    def __repr__(self) -> str:
        changes = [(entry.place, entry.record) for entry in self.settings if entry.place]
        return f"Story(drawn={self.drawn}, changes={changes}, gaps={self.gaps})"

    def pulse(self, through: int, lane: int = 0, lanes: int = 1) -> Pulse:
        """A pulse that says truly what was listened to."""
        covered = []
        at = START
        for low, high in self.gaps:
            if at < min(low, through):
                covered.append((at, min(low, through)))
            at = max(at, high)
        if at < through:
            covered.append((at, through))
        return pulse(through, covered, lane, lanes)

    def before_end(self, times: Iterable[int]) -> list[int]:
        """Those of `times` at which the story still goes on."""
        return [time for time in times if time < self.end]

    def log(self, pulses: Iterable[int], shifts: Sequence[int] = (0,)) -> list[TrackRecord]:
        """The log with these pulses and one at the end; mention i stands `shifts[i]` ms (in a cycle) later."""
        entries = [
            entry._replace(place=entry.place + shifts[number % len(shifts)])
            for number, entry in enumerate(self.mentions)
        ]
        entries += self.settings
        entries += [Entry(through, 1, self.pulse(through)) for through in {*self.before_end(pulses), self.end}]
        return [entry.record for entry in sorted(entries, key=lambda entry: entry[:2])]


ANCHORS = [hour * 3600 for hour in (8, 8, 9, 11, 16, 23)]  # seconds at which much begins together
MOODS: list[tuple[float | None, ...]] = [(-0.6,), (-0.6, -0.3, 0.5), (0.0,), (0.5, 0.0), (None,), (-0.6, None)]
BEFORE = [0, 0, 0, 20 * SECOND, 10 * MINUTE, 119 * MINUTE, 121 * MINUTE, 26 * HOUR, 8 * DAY, 99 * DAY, 120 * DAY]
CERTAINTIES: list[tuple[Certainty, ...]] = [
    ("certain",),
    ("certain",),
    ("certain", "doubtful"),
    ("doubtful",),
    ("probable", "certain", "doubtful", "doubtful", "certain"),
]
GRAVES = [
    ((),),
    ((), (severe("safety", 0.9), severe("safety", 0.3), severe("boycott", 0.004)), (severe("legal", 0.5),)),
]
TALKS: list[tuple[tuple[Talk, ...], ...]] = [((),), ((talk("complaint"), talk("question")), (), (talk("wish"),))]
AUTHORS: list[tuple[str | None, ...]] = [(None,), ("ann",), ("ann", "bob", None, "cid")]
LATE = [0, 0, 61 * SECOND, 7 * MINUTE, HOUR, 5 * HOUR]


def bursts(brands: int, *, late: bool) -> st.SearchStrategy[Burst]:
    """A burst about one of the first `brands`."""
    return st.builds(
        Burst,
        brand=st.sampled_from(BRANDS[:brands]),
        second=st.one_of(st.sampled_from(ANCHORS), st.integers(0, HOURS * 3600)),
        size=st.integers(1, 24),
        minutes=st.sampled_from([1, 4, 4, 15, 60, 600]),
        moods=st.sampled_from(MOODS),
        before=st.sampled_from(BEFORE),
        behind=st.sampled_from(LATE) if late else st.just(0),
        platform=st.sampled_from(["x", "reddit", ""]),
        owned=st.sampled_from([False, False, True]),
        tagged=st.booleans(),
        backfill=st.sampled_from([False, False, False, True]),
        certainties=st.sampled_from(CERTAINTIES),
        graves=st.sampled_from(GRAVES),
        talks=st.sampled_from(TALKS),
        authors=st.sampled_from(AUTHORS),
    )


@st.composite
def stories(draw: st.DrawFn, *, late: bool = False, changes: bool = True) -> Story:
    """A story of one to three brands: calm talk, bursts, gaps in what was listened to, changes of settings."""
    brands = draw(st.integers(1, len(BRANDS)))
    drawn = draw(st.lists(bursts(brands, late=late), max_size=6))
    if late and drawn and draw(st.booleans()):  # what comes too late for what may have been judged
        drawn.append(drawn[0]._replace(size=5, before=0, behind=7 * MINUTE, backfill=False))
    for brand in BRANDS[:brands]:
        drawn.append(_calm(brand, draw(st.sampled_from([0, 0, 40, 120]))))
    ambiguous = draw(st.sampled_from([("acme",), ("acme", "brill"), ()] if changes else [BRANDS]))
    first = [Entry(0, 2, brand_settings(brand, ambiguous=brand in ambiguous)) for brand in BRANDS[:brands]]
    changed = draw(st.lists(_changes(brands), max_size=2 if changes else 0))
    return Story(drawn, [*first, *changed], draw(st.lists(_gaps(), max_size=2)))


def late_stories() -> st.SearchStrategy[Story]:
    """Stories in which some mentions come later than the lateness allows."""
    return stories(late=True)


def pulse_times() -> st.SearchStrategy[list[int]]:
    """Times of pulses: some trains of them, some alone; often none."""
    train = st.builds(
        lambda first, step, count: [START + first * SECOND + number * step * SECOND for number in range(count)],
        st.one_of(st.sampled_from(ANCHORS), st.integers(0, HOURS * 3600)),
        st.sampled_from([1, 60, 300, 301, 3600]),
        st.integers(1, 100),
    )
    alone = st.integers(0, (HOURS + 30) * 60).map(lambda minute: [START + minute * MINUTE])
    return st.lists(st.one_of(train, alone), max_size=6).map(
        lambda times: sorted({time for train in times for time in train})
    )


def each(minutes: int, story: Story) -> list[int]:
    """A pulse each so many minutes."""
    return list(range(START + minutes * MINUTE, story.end, minutes * MINUTE))


def _calm(brand: str, size: int) -> Burst:
    return Burst(brand, 0, size, HOURS * 60, (0.0, 0.4), 0, 0, "x", owned=False, tagged=False, backfill=False)


def _spoken(number: int, one: Burst) -> Iterable[Entry]:
    for place in range(one.size):
        read = START + one.second * SECOND + place * (one.minutes * MINUTE // one.size)
        mention = a_mention(
            f"{number}-{place}",
            read,
            read - one.before,
            one.brand,
            platform=one.platform,
            backfill=one.backfill,
            author=_author(_turn(one.authors, place), place),
        )
        record = about(one.brand, mention, _turn(one.moods, place), owned=one.owned, tagged=one.tagged)
        record = replace(
            record,
            certainty=_turn(one.certainties, place),
            severity=_turn(one.graves, place),
            talk=_turn(one.talks, place),
        )
        yield Entry(read + one.behind, 0, record)


def _turn(cycle: Sequence[T], place: int) -> T:
    return cycle[place % len(cycle)]


def _author(name: str | None, place: int) -> Author | None:
    return Author(id=name, followers=place * 100 if place % 3 else None) if name or place % 3 else None


def _order(entry: Entry) -> tuple[int, str]:
    assert isinstance(entry.record, BrandMention)
    return entry.place, entry.record.mention.id


def _changes(brands: int) -> st.SearchStrategy[Entry]:
    """Settings that come into force some time: a monitor is switched, or the brand is taken out."""
    return st.builds(
        _change,
        st.sampled_from(BRANDS[:brands]),
        st.one_of(st.sampled_from([(anchor // 60) + 6 for anchor in ANCHORS]), st.integers(1, HOURS * 60)),
        st.sampled_from([{}, {"sentiment": False}, {"volume": False}, {"severity": False, "talk": False}, None]),
        st.sampled_from("23"),
    )


def _change(brand: str, minute: int, monitors: dict[str, bool] | None, version: str) -> Entry:
    at = START + minute * MINUTE
    record: BrandSettings = brand_settings(brand, at, version, gone=monitors is None, **(monitors or {}))
    return Entry(at, 2, record)


def _gaps() -> st.SearchStrategy[tuple[int, int]]:
    return st.builds(
        lambda minute, length: (START + minute * MINUTE, START + (minute + length) * MINUTE),
        st.integers(0, HOURS * 60),
        st.sampled_from([1, 30, 60, 200]),
    )


def lanes_of(story: Story, lanes: int) -> list[list[Entry]]:
    """The mentions of a story dealt out to lanes."""
    dealt: list[list[Entry]] = [[] for _ in range(lanes)]
    for number, entry in enumerate(story.mentions):
        dealt[number * 7 % 5 % lanes].append(entry)
    return dealt


def through_of(record: TrackRecord) -> int:
    """How far a pulse goes, or when a mention was read, in ms."""
    if isinstance(record, Pulse):
        return to_ms(record.through)
    assert isinstance(record, BrandMention)
    return read_of(record)
