"""Brands with queries in any number for tests.bench.matching: the same kinds of query, the same total of matches.

The words of a query are drawn from one text, so that they do stand together somewhere.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from random import Random

from listener.brands.matcher import Matcher
from schemas.mention import Mention
from schemas.settings import Brand, Settings
from tests.bench._names import NO_WORDS, SEED, WORD, spoken_of
from tests.bench._report import progress

CANDIDATES = 4_000  # of each kind, drawn
LEAST_WORDS, LEAST_LETTERS = 4, 5
FREQUENT = 300  # words
OPERATORS = frozenset({"and", "or", "not", "near", "onear"})

Draw = Callable[[Random, list[str], Sequence[str]], str]


def _any_of(draw: Random, words: list[str], others: Sequence[str]) -> str:
    return " OR ".join(draw.choices(others, k=3))


def _beside(draw: Random, words: list[str], others: Sequence[str]) -> str:
    one, two = draw.sample(words, 2)
    return f"{one} AND ({two} OR {draw.choice(others)} OR {draw.choice(others)})"


def _near(draw: Random, words: list[str], others: Sequence[str]) -> str:
    at = draw.randrange(len(words) - 1)
    return f"({words[at]} OR {draw.choice(others)}) NEAR/6 ({words[at + 1]} OR {draw.choice(others)})"


def _phrases(draw: Random, words: list[str], others: Sequence[str]) -> str:
    at = draw.randrange(len(words) - 1)
    return f'"{words[at]} {words[at + 1]}" OR "{draw.choice(words)} {draw.choice(others)}"'


def _beginning(draw: Random, words: list[str], others: Sequence[str]) -> str:
    begin = next(word for word in iter(lambda: draw.choice(others), None) if len(word) >= LEAST_LETTERS)
    return f"{begin[:7]}* NOT ({draw.choice(words)} OR {draw.choice(words)})"


KINDS: dict[str, Draw] = {
    "a word and one of three": _beside,
    "words near words": _near,
    "one of two phrases": _phrases,
    "how a word begins, without others": _beginning,
    "one of three words": _any_of,  # the last, since there are some of any frequency
}


def worlds(mentions: Sequence[Mention], sizes: Sequence[int]) -> dict[int, list[str]]:
    """So many queries each, a fifth of each kind, that match as often together.

    The most queries are the rarest of each kind that are found at all; fewer of them are found as often together. What
    a kind cannot give the next one has to.
    """
    made: dict[int, list[str]] = {size: [] for size in sizes}
    missing = dict.fromkeys(sizes, 0)
    for kind, draw in KINDS.items():
        progress(f"matching: choosing queries: {kind}")
        counts = matches_of(_drawn(draw, mentions), mentions)
        total = sum(sorted(filter(None, counts.values()))[: max(sizes) // len(KINDS)])
        for size in sizes:
            chosen = spoken_of(counts, size // len(KINDS), total + missing[size])
            missing[size] += total - sum(counts[query] for query in chosen)
            made[size] += chosen
    return made


def _drawn(draw: Draw, mentions: Sequence[Mention]) -> list[str]:
    """Different queries of a kind; one of ten of frequent words, and of rare ones the others."""
    random = Random(SEED)
    texts = [words for mention in mentions if len(words := _words(mention.text)) >= LEAST_WORDS]
    ranked = [word for word, _ in Counter(word for words in texts for word in words).most_common()]
    found: dict[str, None] = {}
    while len(found) < CANDIDATES:
        others = ranked[:FREQUENT] if len(found) < CANDIDATES // 10 else ranked
        found[draw(random, random.choice(texts), others)] = None
    return list(found)


def _words(text: str) -> list[str]:
    return [word for word in WORD.findall(NO_WORDS.sub(" ", text.lower())) if word not in OPERATORS]


def matches_of(queries: Sequence[str], mentions: Sequence[Mention]) -> dict[str, int]:
    """How many of the mentions each query holds for."""
    found: Counter[int] = Counter()
    matcher = Matcher(with_queries(queries))
    for mention in mentions:
        found.update(matcher.find(mention).matches.keys())
    return {query: found[number] for number, query in enumerate(queries)}


def with_queries(queries: Sequence[str]) -> Settings:
    """A brand for each query. Nobody says their names."""
    brands = tuple(Brand(id=f"b{n}", name=f"brandof{n}", query=query) for n, query in enumerate(queries))
    return Settings(version=f"{len(brands)} queries", brands=brands)


def unspoken(number: int, mentions: Sequence[Mention]) -> list[str]:
    """So many queries that hold for no mention, though each has a word of one: pairs of words that stand nowhere."""
    random = Random(SEED + 1)
    ranked = [word for word, _ in Counter(word for mention in mentions for word in _words(mention.text)).most_common()]
    queries: dict[str, None] = {}
    while len(queries) < number:
        drawn = [f'"{" ".join(random.sample(ranked, 2))}"' for _ in range(number - len(queries))]
        queries.update((query, None) for query, count in matches_of(drawn, mentions).items() if not count)
    return list(queries)
