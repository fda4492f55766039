"""What posts teach about a brand's ambiguous names: by themselves, and where a person says which is right.

Without a person: where a handle, a hashtag or an unmistakable name of the brand stands in a post, the words around are
about the brand; where only the ambiguous name stands and what is known without learning is sure that something else is
meant, they are not. Both kinds together count as much each, since how many of which there are says nothing; and no more
than ALONE corrections.
"""

from collections.abc import Iterator, Sequence

from listener.brands.certainty import NAMES, Certainties
from listener.brands.context import score_of
from listener.brands.learning import Example
from schemas.brand_mention import Match
from schemas.mention import Mention

ALONE = 25.0
SURE = 0.2  # below it a post is taken for one about something else


def corrected(
    certainties: Certainties,
    number: int,
    mention: Mention,
    matches: Sequence[Match],
    language: str | None,
    *,
    right: bool,
) -> Iterator[Example]:
    """An example for each place that names the brand in a post of which a person said whether it is about that."""
    for match in matches:
        if example := _example(certainties, number, mention, match, matches, language, float(right), 1.0):
            yield example


def overheard(
    certainties: Certainties, number: int, mention: Mention, matches: Sequence[Match], language: str | None
) -> Example | None:
    """What a post says by itself: an example that is yet to be weighed, or None if it says nothing."""
    if certainties.is_doubtful(number, matches):
        example = _example(certainties, number, mention, matches[0], matches, language, 0.0, 0.0)
        evidence = certainties.evidence(number, mention, matches[0], matches, language, known=False)
        return example if score_of(evidence) < SURE else None
    shown = sorted((match for match in matches if match.field == "text"), key=lambda match: match.why not in NAMES)
    if not shown or any(match.why in ("author", "thread") for match in matches):
        return None  # what a brand says itself is no example of how others speak of it
    return _example(certainties, number, mention, shown[0], matches, language, 1.0, 0.0)


def weighed(examples: Sequence[Example]) -> list[Example]:
    """What was overheard, each side with the same weight in all; nothing where there is only one side."""
    rights = sum(example.right for example in examples)
    wrongs = len(examples) - rights
    if not rights or not wrongs:
        return []
    total = min(ALONE, rights, wrongs)
    return [example._replace(weight=min(0.5, total / (rights if example.right else wrongs))) for example in examples]


def _example(
    certainties: Certainties,
    number: int,
    mention: Mention,
    match: Match,
    matches: Sequence[Match],
    language: str | None,
    right: float,
    weight: float,
) -> Example | None:
    context = certainties.context(number, match)
    if context is None or match.field not in ("text", "title"):
        return None
    text, title = certainties.texts(mention, match)
    evidence = context.evidence(text, match.start, match.end, title, language)
    around = context.around(text, match.start, match.end, title, english=context.is_english(language))
    author = mention.author
    speaker = (author and (author.id or author.handle)) or mention.id
    return Example(speaker, around, sum(one.weight for one in evidence), right, weight)
