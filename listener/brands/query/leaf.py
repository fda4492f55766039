"""The terms of a query, each by itself. `at` is where in the query it begins, counted from 0. All raise WrongTerm."""

import difflib
import re

from listener.brands.boundaries import is_word, lower
from listener.brands.query.conditions import NUMBERS, RELATIONS
from listener.brands.query.errors import WrongTerm
from listener.brands.query.syntax import WILD, Condition, Tag, Word, Words
from listener.brands.query.tokens import LINK, spans_of

MOST_WORDS = 30
FIELDS = ("author", "lang", "platform", "site", "hashtag", *NUMBERS)
COMPARED = re.compile(r"(<=|>=|<|>|=|)(\d{1,15}(?:\.\d{1,9})?)")
UNNUMBERED = re.compile(r"O?NEAR(?![^\W_])")
NO_HANDLE = re.compile(r"[#~*?]")
LIKE_LETTERS = str.maketrans({"*": "x", "?": "x", LINK: " "})  # where words end, with wildcards as parts of them


def bare(text: str, at: int) -> Words | Tag:
    """A term without quotation marks. What it has besides words parts them: "T-Mobile" is a phrase of two."""
    if UNNUMBERED.match(text):
        raise WrongTerm(at, "write the number of words between, as in NEAR/5; as a word it stands in quotation marks")
    if text[0] in "-+!" and len(text) > 1:
        meant = "AND" if text[0] == "+" else "NOT"
        raise WrongTerm(at, f"{text[0]} is no operator; write {meant}, or the term in quotation marks")
    if text[0] in "#@$" and len(text) > 1:
        return _tag(text, text, at)
    if "~" in text:
        return _fuzzy(text, at)
    return _words(text, [Word(lower(piece)) for piece in _pieces(text)], at)


def quoted(text: str, at: int) -> Words:
    """A phrase in its quotation marks. With "=" before its first word capitals count."""
    inner = text[1:-1].strip()
    if not inner.startswith("="):
        return _words(inner, [Word(lower(piece)) for piece in _pieces(inner)], at)
    return _words(text, [Word(piece, exact=True) for piece in _pieces(inner[1:])], at)


def condition(text: str, at: int) -> Condition | Tag:
    """A field with its value."""
    field, _, value = text.partition(":")
    field, value_at = field.lower(), at + len(field) + 1
    if field not in FIELDS:
        near = difflib.get_close_matches(field, FIELDS, n=1)
        hint = f"did you mean {near[0]}:?" if near else f"there are {', '.join(FIELDS)}"
        raise WrongTerm(at, f"there is no field {field} ({hint}); a word with a colon stands in quotation marks")
    if not value:
        raise WrongTerm(value_at, f"{field}: needs a value, without a space before it")
    if field == "hashtag":
        return _tag(text, "#" + value.lstrip("#"), value_at)
    if field == "site" and not set(value).isdisjoint("/:*"):
        raise WrongTerm(value_at, "site: takes a host alone, as in site:reddit.com")
    return _number(text, field, value, value_at) if field in NUMBERS else Condition(text, field, "=", value)


def _number(text: str, field: str, value: str, at: int) -> Condition:
    found = COMPARED.fullmatch(value)
    if found is None:
        known = ", ".join(RELATIONS)
        raise WrongTerm(at, f"{field}: takes a number, as in {field}:<3; before it may stand {known}")
    return Condition(text, field, found[1] or "=", found[2])


def _words(written: str, words: list[Word], at: int) -> Words:
    if not any(word.text.strip("*?") for word in words):
        raise WrongTerm(at, "there is no letter and no digit in it")
    if words[0].text == "*" or words[-1].text == "*":
        raise WrongTerm(at, "a * that stands for a whole word needs words before and after it")
    if len(words) > MOST_WORDS:
        raise WrongTerm(at, f"a phrase has at most {MOST_WORDS} words, and this one {len(words)}")
    return Words(written, tuple(words))


def _pieces(text: str) -> list[str]:
    """The words of a term, with their wildcards. Beside a letter of a script without spaces "*" adds nothing."""
    pieces = []
    for chunk in text.split():
        found = [chunk[start:end] for start, end in spans_of(lower(chunk).translate(LIKE_LETTERS))]
        pieces += [piece for piece in found if len(found) == 1 or piece.strip("*")]
    return pieces


def _fuzzy(text: str, at: int) -> Words:
    word, _, edits = text.rpartition("~")
    pieces = _pieces(word)
    if len(pieces) != 1 or not WILD.isdisjoint(word):
        raise WrongTerm(at, "~ stands behind a single word without wildcards; for words in any order there is NEAR")
    if edits not in ("1", "2"):
        raise WrongTerm(at + len(word) + 1, "how many letters may be wrong is 1 or 2, as in ~1")
    least = 2 * int(edits) + 1
    if len(pieces[0]) < least:
        raise WrongTerm(at, f"~{edits} needs a word of {least} letters or more, or it could be almost any")
    return Words(text, (Word(lower(pieces[0]), edits=int(edits)),))


def _tag(written: str, tag: str, at: int) -> Tag:
    """A hashtag or cashtag of letters, digits and "_", or a handle, which may have signs in it."""
    sign, name = tag[0], tag[1:]
    if sign == "@" and is_word(name[0]) and not NO_HANDLE.search(name):
        return Tag(written, lower(tag))
    if sign != "@" and name and all(map(is_word, name)):
        return Tag(written, lower(tag))
    what = "a handle begins with a letter" if sign == "@" else "a tag has letters, digits and _ only"
    raise WrongTerm(at, f"{what}, and no wildcards")
