"""The demo's story: five invented brands over three weeks, told from a seed.

Two calm weeks, then ten planted things: six crises that a person should hear of and four busy times that are none.
Counts are gamma-Poisson around a rate that follows the hour, the weekday and a slow drift. Pure: the same seed gives
the same bytes. Each mention comes with a label, what its writer meant, so that a judge needs no scorer.
"""

import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, pairwise
from math import exp
from random import Random
from typing import Literal, TypeVar

import msgspec

from agents.sources import story_texts as texts
from agents.sources.story_texts import SPECS, VOICES, Expect, Pool, Spec, Voice
from schemas.mention import Author, Kind, Mention, Rating
from schemas.times import DAY, HOUR, MINUTE, from_ms

# The first eight hex digits of the hash of the commit in which this generator landed.
SEED = int("c69e05e9", 16)
START = 1_772_409_600_000  # Monday 2026-03-02, 00:00 UTC
CALM = 14 * DAY
WEEK_DAYS = 7
SLICE = 10 * MINUTE
BURSTS = 8.0  # shape of the gamma: the rate of an hour strays by 1/sqrt(8) = 35 % from its expectation
NOISE_PER_DAY = 850.0  # mentions that name no brand; they keep the hours of the phone company's
ECHOED = 0.08  # of the noise: answers to somebody who named a brand
NAMED_APART = 0.35  # of what is written on x and mastodon: by handle or hashtag
LANGUAGES = tuple(texts.FOREIGN)
LANG_GIVEN = {"x": 0.85, "mastodon": 0.9, "reddit": 0.1, "review": 0.5}  # how often a platform says "en"
RIVAL = {"puddle": "fizzwick", "fizzwick": "puddle"}
HANDLE = re.compile(r"(?<![\w/])@(\w+)")
HASHTAG = re.compile(r"#(\w+)")
LINK = re.compile(r"https?://\S+", re.IGNORECASE)

T = TypeVar("T")
Mood = Literal["negative", "neutral", "positive"]
MOODS: tuple[Mood, ...] = ("negative", "neutral", "positive")
Parts = tuple[Pool, ...]
Told = tuple[int, str, Mention, "Label"]


class Planted(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that the story does to `brand` in [`start`, `end`), ms; `size` tells people how hard it is to see.

    `mentions` and `negative` are expected an hour, mean over the window, with it; the `usual_` ones without it.
    """

    brand: str
    kind: str
    start: int
    end: int
    expect: Expect
    size: str
    usual_mentions: float
    mentions: float
    usual_negative: float
    negative: float


class Label(msgspec.Struct, frozen=True, kw_only=True):
    """What the writer meant: the brands named (the mood is about the first), and what made them write.

    `thread` is the brand that an answer is about without naming it; `planted` an index into Story.planted.
    """

    about: tuple[str, ...] = ()
    mood: Mood = "neutral"
    owned: bool = False
    thread: str | None = None
    planted: int | None = None


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """A planted thing with its brand, time and factor drawn."""

    kind: str
    spec: Spec
    voice: Voice
    start: int
    end: int
    times: float

    def shape(self, at: int) -> float:
        """How high the broken line of `spec.shape` stands at time `at`; its mean is 1."""
        points = self.spec.shape
        area = sum((b[0] - a[0]) * (a[1] + b[1]) / 2 for a, b in pairwise(points))
        x = (at - self.start) / (self.end - self.start)
        a, b = next(pair for pair in pairwise(points) if x <= pair[1][0])
        return (a[1] + (b[1] - a[1]) * (x - a[0]) / (b[0] - a[0])) / area


class Story:
    """A story of `days` days from `start_ms` (a midnight UTC, best of a Monday).

    `planted` lies in the third week, in order of time; a shorter story leaves out what does not fit, a longer one ends
    calm. `repeats` counts the mentions that come a second time, word for word, as when a source reconnects.
    """

    def __init__(self, seed: int, days: int = 21, start_ms: int = START) -> None:
        if days < 1:
            raise ValueError(f"days must be at least 1, not {days}")
        self.seed = seed
        self.start = start_ms
        self.end = start_ms + days * DAY
        random = Random(f"plan {seed}")
        self.acts = [act for act in _acts(random, start_ms) if act.end <= self.end]
        self._week = {voice.id: _week(voice) for voice in VOICES}
        self._level = {voice.id: _drift(random, days, 0.05) for voice in VOICES}
        self._mood = {voice.id: _drift(random, days, 0.04) for voice in VOICES}
        self.reconnects = {
            24 * random.randrange(days) + random.randrange(8, 18): random.randrange(10, 31)
            for _ in range(max(1, days // 2))
        }
        self.repeats = sum(self.reconnects.values())
        self.authors = {platform: _people(random, platform, start_ms) for platform in texts.PEOPLE}
        self.planted: tuple[Planted, ...] = tuple(self._planted(act) for act in self.acts)

    def mentions(self) -> Iterator[Mention]:
        """All mentions, sorted by (created_at, id), `repeats` of them twice; each call tells the same."""
        for mention, _ in self.labelled():
            yield mention

    def labelled(self) -> Iterator[tuple[Mention, Label]]:
        """The same mentions in the same order, each with its label."""
        teller = _Teller(self)
        due = 0
        for hour in range((self.end - self.start) // HOUR):
            told = teller.hour(self.start + hour * HOUR)
            due += self.reconnects.get(hour, 0)
            twice = set(teller.random.sample(range(len(told)), min(due, len(told))))
            due -= len(twice)
            for index, (_, _, mention, label) in enumerate(told):
                yield mention, label
                if index in twice:
                    yield mention, label

    def usual(self, voice: Voice, at: int) -> float:
        """Mentions an hour that `voice` would get at time `at` if nothing was planted."""
        day, hour = (at - self.start) // DAY, (at - self.start) // HOUR
        return self._week[voice.id][hour % (24 * WEEK_DAYS)] * self._level[voice.id][day]

    def negative(self, voice: Voice, at: int) -> float:
        """The share of complaints in them."""
        return min(0.9, voice.negative * self._mood[voice.id][(at - self.start) // DAY])

    def noise(self, at: int) -> float:
        """Mentions an hour that name no brand."""
        phone = VOICES[2]
        return NOISE_PER_DAY / phone.per_day * self.usual(phone, at)

    def extra(self, act: Act, at: int) -> float:
        """Mentions an hour that `act` adds at time `at` within its window."""
        usual = self.usual(act.voice, at)
        match act.spec.basis:
            case "mentions":
                rate = (act.times - 1) * usual
            case "negative":
                rate = (act.times - 1) * usual * self.negative(act.voice, at) / act.spec.negative
            case "level":
                rate = act.times * act.voice.per_day / 24 * act.voice.negative / act.spec.negative
            case "count":
                rate = act.times
        return rate * act.shape(at)

    def _planted(self, act: Act) -> Planted:
        """The rates that `act` is told with, integrated over its window."""
        times = range(act.start + SLICE // 2, act.end, SLICE)
        n = len(times)
        usual = [self.usual(act.voice, at) for at in times]
        bad = [rate * self.negative(act.voice, at) for rate, at in zip(usual, times, strict=True)]
        more = [self.extra(act, at) for at in times]
        worst = max(rate + act.spec.negative * add for rate, add in zip(bad, more, strict=True))
        was, was_bad = sum(usual) / n, sum(bad) / n
        now = was + sum(more) / n
        now_bad = was_bad + act.spec.negative * sum(more) / n
        hours = (act.end - act.start) / HOUR
        if act.spec.expect == "alert":
            size = f"negative mentions {_factor(now_bad, was_bad)}, at the worst {_short(worst)}; {hours:.0f} hours"
        else:
            share = f"negative share {now_bad / now:.0%} against {was_bad / was:.0%}"
            size = f"mentions {_factor(now, was)}, {share}; {hours:.0f} hours"
        if act.spec.tags_from:
            size += f", nobody tags the brand for {act.spec.tags_from * hours:.0f}"
        return Planted(
            brand=act.voice.id, kind=act.kind, start=act.start, end=act.end, expect=act.spec.expect, size=size,
            usual_mentions=was, mentions=now, usual_negative=was_bad, negative=now_bad,
        )  # fmt: skip  # packed: what belongs together stands on one line


def _short(x: float) -> str:
    return f"{x:.0f}" if x >= 10 else f"{x:.2g}"


def _factor(now: float, was: float) -> str:
    return f"{_short(now)} an hour against {_short(was)} (x{_short(now / was)})"


def _cast(random: Random) -> list[tuple[str, str]]:
    """What happens to whom: two things to each brand, the one at night to the airline or the phone company."""
    night = random.choice(("norvane", "brimtel"))
    campaign = random.choice(("puddle", "fizzwick"))
    rest = [brand for brand in ("puddle", "norvane", "brimtel", "fizzwick") if brand not in (night, campaign)]
    random.shuffle(rest)
    return [
        ("recall", "puddle"), ("outage", "brimtel"), ("fees", "norvane"), ("boycott", "fizzwick"),
        ("illness", "larkspoon"), ("stranded" if night == "norvane" else "breach", night),
        ("campaign", campaign), ("joke", rest[0]), ("spam", rest[1]), ("feature", "larkspoon"),
    ]  # fmt: skip  # packed: what belongs together stands on one line


def _acts(random: Random, start_ms: int) -> list[Act]:
    """What is planted in the third week, in order of time, a day at least between two things of one brand."""
    voices = {voice.id: voice for voice in VOICES}
    cast = _cast(random)
    week = start_ms + CALM
    while True:
        acts = []
        for kind, brand in cast:
            spec = SPECS[kind]
            start = week + DAY * random.randrange(WEEK_DAYS) + MINUTE * int(60 * random.uniform(*spec.hours))
            end = start + MINUTE * int(60 * random.uniform(*spec.lasts))
            times = random.uniform(*spec.times)
            acts.append(Act(kind=kind, spec=spec, voice=voices[brand], start=start, end=end, times=times))
        acts.sort(key=lambda act: act.start)
        crowded = any(a.voice is b.voice and b.start < a.end + DAY for a, b in combinations(acts, 2))
        if not crowded and max(act.end for act in acts) <= week + WEEK_DAYS * DAY - 3 * HOUR:
            return acts


def _week(voice: Voice) -> list[float]:
    """Mentions in each hour of a week that starts on Monday."""
    rates = [day * hour for day in voice.weekdays for hour in voice.hours]
    return [rate * voice.per_day * WEEK_DAYS / sum(rates) for rate in rates]


def _drift(random: Random, days: int, step: float) -> list[float]:
    """A factor for each day that wanders and is drawn back to 1."""
    factors, level = [], 0.0
    for _ in range(days):
        level = 0.9 * level + random.gauss(0, step)
        factors.append(exp(level))
    return factors


def _people(random: Random, platform: str, before: int) -> tuple[Author, ...]:
    """The authors of a platform, with a heavy tail of followers; reviewers show none."""
    people = []
    for number in range(texts.PEOPLE[platform]):
        followers = None if platform == "review" else min(3_000_000, int(40 * random.paretovariate(1.05)))
        first, second = random.choice(texts.FIRST), random.choice(texts.SECOND)
        people.append(
            Author(
                id=f"{platform}:u{number}",
                handle=f"{first}_{second}{number}",
                name=first.title(),
                followers=followers,
                verified=followers is not None and followers > 50_000,
                created_at=from_ms(before - DAY * random.randrange(60, 5000)),
            )
        )
    return tuple(people)


def _cut(templates: Sequence[str], slots: dict[str, Pool]) -> tuple[Parts, ...]:
    """Templates as rows of alternatives; an empty one stands for the brand."""
    rows = (enumerate(re.split(r"\{(\w+)\}", template)) for template in templates)
    return tuple(tuple(slots[part] if odd % 2 else (part,) for odd, part in row if part) for row in rows)


def _talk(voice: Voice) -> dict[str, dict[str, tuple[Parts, ...]]]:
    """What is said of a brand: from day to day (""), on what is planted, by itself ("owned"), in each language."""
    slots = texts.SLOTS | {"b": (), "rival": voice.rival, "name": (voice.name,), "cashtag": (voice.cashtag,)}
    pools = {"": texts.TALK[voice.talk], **texts.PLANTED}
    pools |= {kind: dict.fromkeys(MOODS, pool) for kind, pool in (("spam", texts.SPAM), ("owned", texts.OWNED))}
    cut = {kind: {mood: _cut(pool, slots) for mood, pool in moods.items()} for kind, moods in pools.items()}
    for language, moods in texts.FOREIGN.items():
        slots["thing"] = texts.THINGS[voice.talk][language]
        cut[language] = {mood: _cut(pool, slots) for mood, pool in moods.items()}
    return cut


TALK = {voice.id: _talk(voice) for voice in VOICES}
OPENERS, ECHOES, NOISE = (_cut(pool, texts.SLOTS) for pool in (texts.OPENERS, texts.ECHOES, texts.NOISE))
CLOSERS = {mood: _cut(pool, texts.SLOTS) for mood, pool in texts.CLOSERS.items()}


class _Teller:
    """One telling of a story, hour by hour; it remembers whom one can answer."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.random = Random(f"telling {story.seed}")
        self._draw = self.random.random
        self._number = 1_000_000_000
        self._told: list[Told] = []
        self._recent: dict[tuple[str, str], deque[Mention]] = {
            (voice.id, platform): deque(maxlen=40) for voice in VOICES for platform in texts.PEOPLE
        }

    def hour(self, start: int) -> list[Told]:
        """All that is written in the hour from `start`, in order."""
        self._told = []
        end = start + HOUR
        for voice in VOICES:
            self._everyday(voice, start, end)
        for index, act in enumerate(self.story.acts):
            for at in range(max(start, act.start), min(end, act.end), SLICE):
                self._slice(index, act, at, min(at + SLICE, end, act.end))
        for at in self._times(self.story.noise(start), start, end):
            self._noise(at)
        self._told.sort()
        for _, _, mention, label in self._told:
            if label.about and not label.owned:
                self._recent[label.about[0], mention.platform].append(mention)
        return self._told

    def _times(self, rate: float, start: int, end: int) -> list[int]:
        """Times of a gamma-Poisson number of events from `start` to `end` at `rate` an hour."""
        mean = rate * self.random.gammavariate(BURSTS, 1 / BURSTS) * (end - start) / HOUR
        return [start + int(self._draw() * (end - start)) for _ in range(_poisson(self._draw, mean))]

    def _everyday(self, voice: Voice, start: int, end: int) -> None:
        """What is said of a brand as on any day, and what it says itself."""
        usual, negative = self.story.usual(voice, start), self.story.negative(voice, start)
        for at in self._times(usual, start, end):
            self._post(voice, at, self._mood(negative, voice.positive))
        author = Author(id=f"x:{voice.id}", handle=voice.handle, name=voice.name, followers=80_000, verified=True)
        for at in self._times(usual * voice.owned_per_day / voice.per_day, start, end):
            text = self._words(TALK[voice.id]["owned"]["neutral"], (voice.name,))
            self._add("x", at, text, Label(about=(voice.id,), owned=True), author, "en")

    def _slice(self, index: int, act: Act, start: int, end: int) -> None:
        """What a planted thing adds in a few minutes."""
        for at in self._times(self.story.extra(act, (start + end) // 2), start, end):
            if act.kind == "spam":
                self._spam(index, act, at)
            else:
                self._post(act.voice, at, self._mood(act.spec.negative, act.spec.positive), index)

    def _mood(self, negative: float, positive: float) -> Mood:
        x = self._draw()
        return "negative" if x < negative else "positive" if x < negative + positive else "neutral"

    def _post(self, voice: Voice, at: int, mood: Mood, planted: int | None = None) -> None:
        """Somebody writes about a brand: of what is planted anybody, of the everyday some often."""
        act = None if planted is None else self.story.acts[planted]
        platform = self._pick(voice.platforms)
        if act and act.spec.expect == "silence" and platform == "review":
            platform = "x"
        apart = platform in ("x", "mastodon") and self._draw() < NAMED_APART
        if act and at - act.start < act.spec.tags_from * (act.end - act.start):
            apart = False
        lang = self._pick(LANGUAGES) if self._draw() < voice.foreign else "en"
        text = self._text(voice, act.kind if act else "", mood, voice.social if apart else voice.plain, lang)
        rival = RIVAL.get(voice.id)
        about = (voice.id, rival) if rival and rival in text.lower() else (voice.id,)
        people = self.story.authors[platform]
        author = people[int(len(people) * self._draw() ** (1.0 if act else 2.2))]
        label = Label(about=about, mood=mood, planted=planted)
        given = self._draw() < (LANG_GIVEN[platform] if lang == "en" else 0.75)
        self._add(platform, at, text, label, author, lang if given else None, self._answered(voice, platform))

    def _text(self, voice: Voice, kind: str, mood: Mood, names: Pool, lang: str) -> str:
        if lang != "en":
            return self._words(TALK[voice.id][lang][mood], names)
        text = self._words(TALK[voice.id][kind][mood], names)
        return self._styled(text, mood, CLOSERS["joke" if kind == "joke" and mood != "negative" else mood])

    def _spam(self, index: int, act: Act, at: int) -> None:
        """One text, hardly varied, from an account that was opened for it."""
        template = TALK[act.voice.id]["spam"]["positive"][act.start // MINUTE % len(texts.SPAM)]
        number = int(self._draw() * 1_000_000)
        opened = from_ms(act.start - HOUR - int(self._draw() * 9 * DAY))
        author = Author(id=f"x:s{number}", handle=f"deal{number}", followers=int(self._draw() * 12), created_at=opened)
        label = Label(about=(act.voice.id,), mood="positive", planted=index)
        self._add("x", at, self._words((template,), (act.voice.name,)), label, author, "en")

    def _noise(self, at: int) -> None:
        """Talk about nobody; a little of it answers somebody who named a brand."""
        people = self.story.authors["x"]
        author = people[int(len(people) * self._draw())]
        voice = self._pick(VOICES)
        recent = self._recent[voice.id, "x"]
        if recent and self._draw() < ECHOED:
            answered: tuple[Kind, Mention] = ("reply", self._pick(recent))
            self._add("x", at, self._words(ECHOES, ()), Label(thread=voice.id), author, None, answered)
        else:
            text = self._styled(self._words(NOISE, ()), "neutral", CLOSERS["neutral"])
            self._add("x", at, text, Label(), author, "en" if self._draw() < LANG_GIVEN["x"] else None)

    def _answered(self, voice: Voice, platform: str) -> tuple[Kind, Mention | None]:
        """What kind of writing it is, and what it answers or quotes."""
        if platform == "review":
            return "review", None
        recent = self._recent[voice.id, platform]
        x = self._draw()
        if not recent or x > 0.3:
            return "post", None
        if platform == "reddit":
            return "comment", self._pick(recent)
        return "reply" if x < 0.24 else "quote", self._pick(recent)

    def _add(
        self,
        platform: str,
        at: int,
        text: str,
        label: Label,
        author: Author,
        lang: str | None,
        answered: tuple[Kind, Mention | None] = ("post", None),
    ) -> None:
        """Put a mention into the hour."""
        self._number += 1
        time = from_ms(at)
        kind, other = answered
        quoted = other is not None and kind == "quote"
        parent = None if quoted else other
        mention = Mention(
            id=f"{platform}:{self._number}",
            text=text,
            created_at=time,
            ingested_at=time,
            platform=platform,
            kind=kind,
            lang=lang,
            author=author,
            parent_id=parent.id if parent else None,
            parent_author_id=parent.author.id if parent and parent.author else None,
            root_id=(parent.root_id or parent.id) if parent else None,
            quoted_id=other.id if other and quoted else None,
            mentions=tuple(HANDLE.findall(text)) if "@" in text else (),
            hashtags=tuple(HASHTAG.findall(text)) if "#" in text else (),
            urls=tuple(LINK.findall(text)) if "://" in text else (),
            rating=self._stars(label.mood) if kind == "review" else None,
            verified_purchase=self._draw() < 0.7 if kind == "review" else None,
        )
        self._told.append((at, mention.id, mention, label))

    def _stars(self, mood: Mood) -> Rating:
        """Stars that mostly fit the text."""
        stars = {"negative": (1, 1, 1, 2, 2, 5), "neutral": (3, 3, 4), "positive": (5, 5, 5, 5, 4, 4, 1)}[mood]
        return Rating(value=float(self._pick(stars)))

    def _pick(self, things: Sequence[T]) -> T:
        return things[int(self._draw() * len(things))]

    def _words(self, templates: Sequence[Parts], names: Pool) -> str:
        """One of the templates with its slots filled; the brand's are filled from `names`."""
        draw = self._draw
        parts = templates[int(draw() * len(templates))]
        return "".join([(part or names)[int(draw() * len(part or names))] for part in parts])

    def _styled(self, text: str, mood: Mood, closers: Sequence[Parts]) -> str:
        """`text` as people type: with a start, an end, a slip, or all in one case."""
        draw = self._draw
        if draw() < 0.3:
            text = f"{self._words(OPENERS, ())} {text}"
        if draw() < 0.5:
            text = f"{text} {self._words(closers, ())}"
        style = draw()
        if style < 0.15:
            return text.lower()
        if style < 0.17 and mood == "negative":
            return text.upper()
        if style < 0.35:
            return text.replace(*self._pick(texts.SLIPS), 1)
        return text


def _poisson(draw: Callable[[], float], mean: float) -> int:
    """A Poisson count from uniform draws; a large mean is taken in pieces."""
    count = 0
    while mean > 0:
        limit, product = exp(-min(mean, 30.0)), draw()
        while product > limit:
            count += 1
            product *= draw()
        mean -= 30.0
    return count
