"""Teach listener whose name it is: from history by itself, and from what a person says is right or wrong."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from heapq import nsmallest
from typing import NamedTuple

from msgspec.structs import replace

from agents.configuration import Configuration
from agents.matching import standard_matcher, standard_words
from agents.reader import standard_reader
from agents.sources.lines import CannotRead, Line, open_lines, read_lines
from listener.brands.context import Around
from listener.brands.learning import THOUSANDTHS, Example, cross_validated, learn, logit_of
from listener.brands.lessons import corrected, overheard, weighed
from schemas.dead_letter import DeadLetter
from schemas.mention import Author, Mention
from schemas.record import BadRecord, Part, decoder
from schemas.settings import Learned
from schemas.times import from_ms

MOST_OVERHEARD = 500  # of each side: more teach nothing new and take long
SHOWN = 12  # words for, and against
YES = frozenset({"true", "1", "yes", "right"})
NO = frozenset({"false", "0", "no", "wrong"})


class Labelled(Part, frozen=True):
    """A text of which somebody said whether it is about a brand: its id, or the only one that is taught."""

    text: str
    right: bool
    brand: str = ""
    id: str = ""
    author: str = ""
    lang: str | None = None


_labelled = decoder(Labelled)


class Taught(NamedTuple):
    """What came of it for one brand.

    `good` of `told` corrections came out right when learned from the others; `good_before` without learning anew.
    `words` are those of the examples with what they count for now, the surest last.
    """

    brand: str
    learned: Learned
    overheard: tuple[int, int]
    good_before: int
    good: int | None
    told: int
    words: list[tuple[float, str]]


class Teacher:
    """Collects examples for brands whose names are ambiguous: those given, or all. `anew`: as if never taught."""

    def __init__(self, configuration: Configuration, brands: Sequence[str], *, anew: bool = False) -> None:
        settings = configuration.settings()
        self._before = {brand.id: None if anew else brand.learned for brand in settings.brands}
        unlearned = tuple(replace(brand, learned=None) for brand in settings.brands)
        self._matcher = standard_matcher(replace(settings, brands=unlearned))
        self._reader = standard_reader()
        certainties = self._matcher.certainties
        self.brands = [
            brand.id
            for number, brand in enumerate(unlearned)
            if certainties.names(number) and (not brands or brand.id in brands)
        ]
        self._told: dict[str, list[Example]] = {id_: [] for id_ in self.brands}
        self._heard: dict[str, dict[float, list[tuple[bytes, Example]]]] = {
            id_: {0.0: [], 1.0: []} for id_ in self.brands
        }

    def hear(self, mention: Mention) -> None:
        """Learn what a post says by itself."""
        found = self._matcher.find(mention)
        for number, matches in found.matches.items():
            heard = self._heard.get(self._matcher.settings.brands[number].id)
            if heard is None:
                continue
            language = self._reader.read(mention, found).language
            example = overheard(self._matcher.certainties, number, mention, tuple(matches), language)
            if example is not None:
                kept = heard[example.right]
                kept.append((blake2b(mention.id.encode(), digest_size=8).digest(), example))
                if len(kept) >= 2 * MOST_OVERHEARD:
                    heard[example.right] = _a_sample(kept)

    def tell(self, mention: Mention, brand: str, *, right: bool) -> str | None:
        """Learn what a person says of a post; return what is wrong with that, if anything is."""
        id_ = brand or (self.brands[0] if len(self.brands) == 1 else "")
        if id_ not in self._told:
            return f"brand {id_!r} has no ambiguous name" if id_ else f"name its brand: {', '.join(self.brands)}"
        found = self._matcher.find(mention)
        number = self._matcher.places[id_]
        matches = tuple(found.matches.get(number, ()))
        language = self._reader.read(mention, found).language
        certainties = self._matcher.certainties
        examples = list(corrected(certainties, number, mention, matches, language, right=right))
        self._told[id_] += examples
        return None if examples else f"does not name {id_}"

    def taught(self) -> Iterator[Taught]:
        """What was learned of each brand of which there was something to learn."""
        english = standard_words().english
        table = english().version if english is not None else ""
        for id_ in self.brands:
            heard = [example for side in self._heard[id_].values() for _, example in _a_sample(side)]
            told = self._told[id_]
            examples = [*told, *weighed(heard)]
            if not examples:
                continue
            before = self._before[id_]
            learned = learn(examples, table, before)
            known = before or Learned(bias=0.0)
            good = cross_validated(examples, table, before)
            yield Taught(
                brand=id_,
                learned=learned,
                overheard=(sum(one.right > 0 for one in heard), sum(one.right == 0 for one in heard)),
                good_before=sum((logit_of(one, known) > 0) == (one.right > 0.5) for one in told),
                good=good[0] if good else None,
                told=len(told),
                words=_telling(examples, learned),
            )


def read_labelled(path: str) -> Iterator[tuple[int, Labelled | str]]:
    """The labelled texts of a JSON-lines or CSV file by line: each, or why it cannot be used. Raise CannotRead."""
    with open_lines(path) as stream:
        lines = list(read_lines(stream, path))
    first = next((line.raw.lstrip() for line in lines if isinstance(line, Line)), b"{")
    if first.startswith(b"{"):
        yield from _from_json(lines)
    else:
        yield from _from_table(path, lines)


def typed(text: str, id_: str, author: str = "", lang: str | None = None) -> Mention:
    """A post of which only the text is known."""
    return Mention(id=id_, text=text, created_at=from_ms(0), lang=lang, author=Author(id=author) if author else None)


def _from_json(lines: Iterable[Line | DeadLetter]) -> Iterator[tuple[int, Labelled | str]]:
    for line in lines:
        if isinstance(line, DeadLetter):
            yield line.position, line.reason
            continue
        try:
            yield line.number, _labelled(line.raw)
        except BadRecord as error:
            yield line.number, str(error)


def _from_table(path: str, lines: Iterable[Line | DeadLetter]) -> Iterator[tuple[int, Labelled | str]]:
    raw = b"\n".join(line.raw for line in lines if isinstance(line, Line))
    try:
        table = csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline=""))
        rows = list(table)
    except (UnicodeDecodeError, csv.Error) as error:
        raise CannotRead(f"{path}: {error}") from None
    if not {"text", "right"} <= set(table.fieldnames or ()):
        raise CannotRead(f"{path}: needs the columns text and right (yes or no), and brand where there are several")
    for number, row in enumerate(rows, 2):
        right = (row["right"] or "").strip().lower()
        if right not in YES | NO:
            yield number, f"right is {row['right']!r}; write yes or no"
        else:
            more = {name: row.get(name) or "" for name in ("brand", "id", "author")}
            yield number, Labelled(text=row["text"] or "", right=right in YES, lang=row.get("lang") or None, **more)


def _a_sample(examples: list[tuple[bytes, Example]]) -> list[tuple[bytes, Example]]:
    """As many as are used, the same whatever their order."""
    return nsmallest(MOST_OVERHEARD, examples, key=lambda one: one[0])


def _telling(examples: Iterable[Example], learned: Learned) -> list[tuple[float, str]]:
    """The words of the examples with what each counts for now, the strongest against first.

    Only words that are in the table of meanings or the model: no names of people.
    """
    load = standard_words().english
    weights: dict[str, float] = {}
    for word in {word for example in examples for word in example.around.words}:
        weight = learned.words.get(word, 0.0)
        if load is not None and load().weight(word):
            weight += Around((word,), load().direction((word,))).along(learned.direction, THOUSANDTHS)
        if weight:
            weights[word] = weight
    return sorted((weight, word) for word, weight in weights.items())
