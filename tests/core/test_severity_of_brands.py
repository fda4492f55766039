"""Words that matter, on the way of a mention to its brands: names are no such words, and a brand's own are its own."""

from listener.brands.matcher import Matcher
from listener.enrich import enrich
from listener.reading import TextReader
from listener.sentiment.scoring import Scorer
from listener.severity.finder import load_finder
from listener.threads import Threads
from schemas.brand_mention import BrandMention
from schemas.settings import Brand
from tests.core.building import START, a_mention, settings_of

DYE = Brand(id="dye", name="Dyewear", severe={"safety": ("flaky dye",), "legal": ("recall",)})
KETTLE = Brand(id="kettle", name="Kettleco")
NAMED = Brand(id="named", name="Boycott", products=("Lawsuit Killer",))


def severity(
    text: str, *brands: Brand, detected: str = "en", title: str | None = None
) -> dict[str, list[list[object]]]:
    reader = TextReader([Scorer("test", "en", lambda text: 0)], lambda text: [(detected, 1.0)], load_finder())
    mention = a_mention("x:1", START, text=text, title=title)
    told = enrich(mention, Matcher(settings_of(*brands)), Threads(), reader) or []
    return {
        one.brand: [[severe.category, severe.term, severe.field, severe.start] for severe in one.severity]
        for one in told
        if isinstance(one, BrandMention)
    }


def test_what_matters_is_told_of_text_and_title() -> None:
    found = severity("Kettleco faces a lawsuit", KETTLE, title="Recall of kettles")
    assert found == {"kettle": [["legal", "lawsuit", "text", 17], ["safety", "recall", "title", 0]]}


def test_a_brands_own_word_counts_for_no_other() -> None:
    found = severity("Dyewear and Kettleco: flaky dyes everywhere", DYE, KETTLE)
    assert found == {"dye": [["safety", "flaky dye", "text", 22]], "kettle": []}


def test_a_brands_own_word_stands_beside_that_of_the_lexicon() -> None:
    found = severity("Dyewear recall", DYE)
    assert found == {"dye": [["safety", "recall", "text", 8], ["legal", "recall", "text", 8]]}


def test_a_brands_own_word_is_lowered_as_all_are() -> None:
    reader = TextReader([Scorer("test", "en", lambda text: 0)], lambda text: [("en", 1.0)], load_finder())
    told = enrich(
        a_mention("x:1", START, text="Dyewear has no flaky dye"), Matcher(settings_of(DYE)), Threads(), reader
    )
    (severe,) = told[0].severity if told and isinstance(told[0], BrandMention) else ()
    assert (severe.weight, severe.lowered, severe.cue) == (0.25, "negated", "no")


def test_the_name_of_a_brand_is_no_word_that_matters() -> None:
    assert severity("I love Boycott and its Lawsuit Killer", NAMED) == {"named": []}


def test_what_has_no_scorer_is_read_all_the_same() -> None:
    found = severity("Kettleco je obična prijevara, nikad nisu poslali paket", KETTLE, detected="hr")
    assert found == {"kettle": [["fraud", "prijevara", "text", 19]]}


def test_a_reader_without_lexicons_finds_nothing() -> None:
    reader = TextReader([Scorer("test", "en", lambda text: 0)], lambda text: [("en", 1.0)])
    told = enrich(a_mention("x:1", START, text="Kettleco recall"), Matcher(settings_of(KETTLE)), Threads(), reader)
    assert [one.severity for one in told or () if isinstance(one, BrandMention)] == [()]


def test_another_brand_with_own_words_changes_nothing() -> None:
    text = "Kettleco recall, flaky dye"
    assert severity(text, KETTLE) == {"kettle": severity(text, KETTLE, DYE)["kettle"]}
