"""How a name that is also a word is written at one place: capitals, position, the words right beside it.

The weights are logits. They come from a logistic regression over 1,370 places of 167 other words that are names in some
tweets of WNUT16 (its training and development parts) and ordinary words in others; none of the names that are reported
on, nor any text that has one, was among them (`python -m tests.bench._writing`). Rounded, since other words are others.
"""

import re
from typing import NamedTuple

NEAR = 120  # characters on each side that are looked at
TITLE = 0.6  # share of words with a capital from which on capitals tell nothing
TOKEN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d+|[^\w\s]")
ENDS = frozenset('.!?:;"“”«»…-–—|•>()[]/\n')
TAGS = frozenset("@#$")  # a handle is no part of the name after it
POSSESSIVE = ("'s", "’s", " 's", " ’s")
FIRMS = frozenset("inc corp corporation ltd llc plc co gmbh company stores srl sa ag nv".split())
DETERMINERS = frozenset(
    "a an the this that these those my your his her its our their some any no every each another one two three".split()
)
OWNERS = frozenset("my your his her its our their".split())
FUNCTION_WORDS = DETERMINERS | frozenset(
    "of to in on at by for with from and or but nor is was are were be been being am do does did has have had will "
    "would can could should may might must not so if than then as when while because he she they we i you it me him us "
    "them who whom whose which what there here out up off again just too also very".split()
)
NO_PART = ENDS | (FUNCTION_WORDS - DETERMINERS)  # after these a noun phrase begins
SUBJECT_VERBS = frozenset(
    "is was has had does did will would can isn't wasn't hasn't doesn't didn't won't can't isnt doesnt didnt wont cant "
    "never always still just keeps needs sucks rocks".split()
)

CAPITAL, CAPITAL_FIRST, SMALL, LONGER, COUNTED = 1.5, 1.0, -0.4, -1.8, -1.3
BARE, OWNED = 0.5, -0.3  # measured .61 and, at five places only, -.24
OWNS, FIRM, SUBJECT = 0.5, 2.0, 1.5  # too rare there: by judgement


class Evidence(NamedTuple):
    """One reason for or against, in words, and how much it counts: a logit, above 0 for the brand."""

    what: str
    weight: float


class Place(NamedTuple):
    """One place of a text: what stands there, and the nearest tokens before and after it."""

    name: str
    before: list[str]
    after: list[str]
    possessive: bool

    @property
    def previous(self) -> str:
        return self.before[-1] if self.before else ""

    @property
    def following(self) -> str:
        return self.after[0] if self.after else ""


def place_of(text: str, start: int, end: int) -> Place:
    """What stands around [start, end); nothing beyond NEAR characters is looked at."""
    before = TOKEN.findall(text, max(0, start - NEAR), start)
    after = TOKEN.findall(text, end, end + NEAR)
    possessive = text.startswith(POSSESSIVE, end)
    return Place(text[start:end], before, after[2 if possessive and after[:1] in (["'"], ["’"]) else 0 :], possessive)


def written(place: Place, own: frozenset[str], *, english: bool, countable: bool) -> list[Evidence]:
    """What the way of writing says. `own` are words of the brand, in small letters, that may stand beside its name."""
    told = _capitals(place, own)
    if place.possessive:
        told.append(Evidence("has something: 's", OWNS))
    if place.following.lower() in FIRMS:
        told.append(Evidence(f"a firm: {place.following}", FIRM))
    return told + _in_sentence(place, countable=countable) if english else told


def _in_sentence(place: Place, *, countable: bool) -> list[Evidence]:
    """What an English sentence does with the name. A thing that can be counted has an article, a name has none."""
    before, after = place.previous.lower(), place.following.lower()
    bare = place.name[-1:] not in "sS" and (before in NO_PART or not before)
    if bare and countable and after in SUBJECT_VERBS:
        return [Evidence(f"is a subject without an article: {after}", SUBJECT)]
    if not _ends_here(after):
        return []
    if before in OWNERS:
        return [Evidence(f"is owned: {before}", OWNED)]
    if before in DETERMINERS:
        return [Evidence(f"is counted or pointed at: {before}", COUNTED)]
    return [Evidence("has no article", BARE)] if bare and before and before not in ENDS else []


def _capitals(place: Place, own: frozenset[str]) -> list[Evidence]:
    """Nothing where all or none is in capitals: then they tell nothing."""
    words = [token for token in (*place.before, *place.after) if token[0].isalpha()]
    raised = sum(word[0].isupper() and word not in ("I", "I'm", "I’m") for word in words)
    if len(words) > 2 and raised > TITLE * len(words):
        return []
    letter = next((character for character in place.name if character.isalpha()), "")
    if letter.islower() and place.name.islower():
        return [Evidence("in small letters where others have capitals", SMALL)] if raised else []
    if not letter or letter.lower() == letter.upper() or not words:
        return []
    if longer := _longer(place, own):
        return [Evidence(f"part of a longer name: {longer}", LONGER)]
    if not place.before or place.previous in ENDS:
        return [Evidence("a capital where a sentence begins", CAPITAL_FIRST)]
    return [Evidence("a capital within a sentence", CAPITAL)]


def _longer(place: Place, own: frozenset[str]) -> str:
    """The word beside it that makes it a part of a longer name ("Manchester United", "United States"), or ""."""
    after, before = place.following, place.previous
    if not place.possessive and _is_name(after) and after.lower() not in own:
        return f"{place.name} {after}"
    first = len(place.before) < 2 or place.before[-2] in ENDS | TAGS
    if _is_name(before) and not first and before.lower() not in own:
        return f"{before} {place.name}"
    return ""


def _is_name(token: str) -> bool:
    return len(token) > 1 and token[0].isupper() and token.lower() not in FUNCTION_WORDS | FIRMS


def _ends_here(token: str) -> bool:
    """Whether a noun phrase ends before a token: "an apple is", but not "an Apple store"."""
    return not token or not token[0].isalpha() or token.lower() in FUNCTION_WORDS
