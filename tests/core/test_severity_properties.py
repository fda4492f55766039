"""What holds of words that matter in any text, and in any settings."""

from hypothesis import given
from hypothesis import strategies as st

from listener.brands.boundaries import is_word
from listener.severity.finder import SeverityFinder, load_finder
from listener.severity.folding import fold
from listener.severity.lexicon import CATEGORIES, load_lexicons
from listener.severity.lowering import HYPOTHETICAL, NEGATED
from listener.severity.own import own_words, with_own
from listener.severity.without_names import WithoutNames

WORDS = (
    "no not never if would denied without but and only recall lawsuit scam injured fraud boycott killed people died on "
    "strike data breach the a my phone caught fire nu fără dacă fraudă răniți nema ako prijevara אין אם הונאה . , ! ? "
    "💀 #Recall #BoycottNow @scam http://x.y/fraud isn't don't doubt just"
).split()
LANGUAGES = (None, "en", "ro", "hr", "he", "de")
WEIGHTS = {round(entry.weight, 4) for lexicon in load_lexicons() for entry in lexicon.entries}
languages = st.sampled_from(LANGUAGES)
said = st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join)
own = st.dictionaries(
    st.sampled_from(CATEGORIES),
    st.lists(st.sampled_from(["recall", "phone", "my phone caught fire", "no", "a"]), min_size=1),
    min_size=1,
)
texts = said | st.text(max_size=60) | st.tuples(said, st.text(max_size=20), said).map("".join)


@given(texts, languages)
def test_a_term_has_a_weight_a_category_and_a_place(text: str, language: str | None) -> None:
    at = 0
    for one in load_finder().find("text", text, language):
        assert one.category in CATEGORIES
        assert 0 < one.weight <= 1
        assert at <= one.start < one.end <= len(text)
        at = one.end


@given(texts, languages)
def test_what_is_lowered_is_less_than_it_was_and_says_why(text: str, language: str | None) -> None:
    for one in load_finder().find("text", text, language):
        if one.lowered is None:
            assert one.weight in WEIGHTS
            assert one.cue == ""
        else:
            left = NEGATED if one.lowered == "negated" else HYPOTHETICAL
            assert round(one.weight / left, 3) in {round(weight, 3) for weight in WEIGHTS}
            assert one.cue


@given(st.sampled_from(["recall", "lawsuit", "scam", "data breach"]), said)
def test_a_denial_before_a_term_never_raises_it(term: str, before: str) -> None:
    plain = load_finder().find("text", f"{before}. {term}", "en")[-1]
    denied = load_finder().find("text", f"{before}. no {term}", "en")[-1]
    assert denied.weight < plain.weight


@given(st.sampled_from(["recall", "scam", "fraud", "lawsuit", "injured"]), st.sampled_from("abkxz09_é"), st.booleans())
def test_a_term_inside_another_word_never_fires(term: str, letter: str, before: bool) -> None:
    text = letter + term if before else term + letter
    assert load_finder().find("text", f"a {text} b", "en") == ()


@given(texts, languages)
def test_a_term_begins_and_ends_with_a_word(text: str, language: str | None) -> None:
    for one in load_finder().find("text", text, language):
        outside = text[one.end : one.end + 1]
        camel = "#" in text
        assert camel or not outside or not (is_word(outside) and outside.isascii() and text[one.end - 1].isascii())


@given(texts, languages, own)
def test_a_brands_own_words_take_none_of_the_others_away(
    text: str, language: str | None, severe: dict[str, list[str]]
) -> None:
    finder = own_words(severe)
    assert finder is not None
    found = load_finder().find("text", text, language)
    both = with_own(found, finder.find("text", text, language))
    assert both[: len(found)] == found
    assert all(one.category in severe for one in both[len(found) :])
    assert len({(one.category, one.start, one.end) for one in both}) == len(both)


@given(texts, languages)
def test_the_same_text_says_the_same_to_another_finder(text: str, language: str | None) -> None:
    assert FRESH.find("text", text, language) == load_finder().find("text", text, language)


FRESH = SeverityFinder(load_lexicons())


@given(st.text())
def test_folding_keeps_places(text: str) -> None:
    assert len(fold(text)) == len(text)


@given(st.text(alphabet="ab \n", max_size=30), st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=5))
def test_without_names_every_place_is_one_of_the_text(text: str, spans: list[tuple[int, int]]) -> None:
    names = [(start, min(end, len(text))) for start, end in spans if start < min(end, len(text))]
    shown = WithoutNames(text, names)
    hidden = {at for start, end in names for at in range(start, end)}
    kept = [shown.span(at, at + 1)[0] for at, sign in enumerate(shown.text) if not sign.isspace()]
    assert kept == [at for at, sign in enumerate(text) if at not in hidden and not sign.isspace()]
