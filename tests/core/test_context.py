"""Names that are ordinary words: how sure it is at each place that the brand is meant."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from agents.matching import standard_matcher, standard_words
from listener.brands.context import Context, score_of
from listener.brands.frequency import OrdinaryWords
from listener.brands.ordinary import Words, ambiguous_names, counted, ordinary
from listener.enrich import enrich
from listener.reading import TextReader
from listener.sentiment.scoring import Scorer
from listener.threads import Threads
from schemas.brand_mention import BrandMention
from schemas.mention import Mention
from schemas.settings import Brand, Learned
from tests.bench.names import chosen_on, f1, held_out, small_talk
from tests.core.building import START, a_mention, settings_of
from tests.core.growing import Text, grows_with_its_length

WORDS = standard_words()
READER = TextReader([Scorer("test", "en", lambda text: 0)], lambda text: [("en", 0.0)])
SQUARE = Brand(
    id="square",
    name="Square",
    about="Card payments and registers for small shops.",
    handles={"x": ("@square",)},
    hashtags=("#squareup",),
    products=("Cash App",),
)
ACME = Brand(id="acme", name="Acme")
ANYTHING = st.text(alphabet=st.sampled_from("aAbé Square.!?#@'’\n0漢ß"), max_size=80)
SAYINGS = st.lists(
    st.sampled_from("the a my card payments shop Square square squares root . ! # @ town of paid at'S sides".split()),
    max_size=25,
).map(" ".join)


def context(brand: Brand = SQUARE) -> Context:
    return Context(brand, brand.name, WORDS)


def score(text: str, brand: Brand = SQUARE, **more: Any) -> float:
    """The score of the first place of the brand's name, whatever its case."""
    start = text.lower().index(brand.name.lower())
    return score_of(context(brand).evidence(text, start, start + len(brand.name), **more))


def reasons(text: str, brand: Brand = SQUARE, **more: Any) -> list[str]:
    start = text.lower().index(brand.name.lower())
    return [one.what for one in context(brand).evidence(text, start, start + len(brand.name), **more)]


def told(mention: Mention, *brands: Brand, threads: Threads | None = None) -> list[BrandMention]:
    matcher = standard_matcher(settings_of(*(brands or (SQUARE,))))
    found = enrich(mention, matcher, threads if threads is not None else Threads(), READER) or []
    return [one for one in found if isinstance(one, BrandMention)]


def said(text: str, *brands: Brand, **fields: Any) -> BrandMention:
    (found,) = told(a_mention("1", START, text=text, **fields), *brands)
    return found


@given(ANYTHING, ANYTHING, st.sampled_from([None, "en", "ro", "ja"]))
@settings(max_examples=200, deadline=None)
def test_a_score_is_a_share_whatever_the_text(before: str, after: str, language: str | None) -> None:
    text = f"{before}Square{after}"
    found = score_of(context().evidence(text, len(before), len(before) + 6, after, language))
    assert 0 <= found <= 1


@given(SAYINGS, SAYINGS, st.sampled_from(["card", "town", "my card"]))
@settings(max_examples=200, deadline=None)
def test_a_required_word_never_lowers_a_score(before: str, after: str, word: str) -> None:
    text = f"{before} square {after}"
    assert score(text, replace(SQUARE, require=(word,))) >= score(text)


@given(SAYINGS, SAYINGS, st.sampled_from(["root", "town", "of sides"]))
@settings(max_examples=200, deadline=None)
def test_an_excluded_word_never_raises_a_score(before: str, after: str, word: str) -> None:
    text = f"{before} square {after}"
    assert score(text, replace(SQUARE, exclude=(word,))) <= score(text)


@given(SAYINGS)
@settings(max_examples=100, deadline=None)
def test_other_brands_and_their_order_change_nothing(text: str) -> None:
    mention = a_mention("1", START, text=f"{text} square")
    alone = {one.brand: (one.matches, one.certainty) for one in told(mention, SQUARE)}
    for brands in ((SQUARE, ACME), (ACME, SQUARE)):
        assert {one.brand: (one.matches, one.certainty) for one in told(mention, *brands)} == alone


@given(SAYINGS)
@settings(max_examples=50, deadline=None)
def test_the_same_text_is_judged_the_same_by_another_context(text: str) -> None:
    assert context().evidence(f"square {text}", 0, 6) == context().evidence(f"square {text}", 0, 6)


def test_the_words_around_a_name_tell_the_brand_from_the_word() -> None:
    assert score("they only take cards and their square payment terminal was slow") > 0.8
    assert score("the square has four equal sides and right angles") < 0.2


def test_capitals_speak_for_a_brand_and_more_so_within_a_sentence() -> None:
    within, first, small = score("yes I like Square so"), score("Square so. Yes I"), score("Yes I like square so")
    assert within > first > small


@pytest.mark.parametrize("text", ["i like square so", "I LIKE SQUARE SO", "I Like Square So Much"])
def test_capitals_tell_nothing_where_all_or_none_are(text: str) -> None:
    assert not any("capital" in reason for reason in reasons(text))


def test_a_name_within_a_longer_name_is_most_likely_that() -> None:
    assert "part of a longer name: Square Garden" in reasons("we went to Square Garden yesterday")
    assert "part of a longer name: Times Square" in reasons("we went to see Times Square yesterday")
    assert not any("longer" in reason for reason in reasons("we paid with Square Payments yesterday"))


@pytest.mark.parametrize("sign", ["@", "#", "$"])
def test_a_handle_or_tag_before_a_name_makes_it_no_longer_one(sign: str) -> None:
    assert not any("longer" in reason for reason in reasons(f"so {sign}JackNews Square is down again"))


FACEBOOK = Brand(id="f", name="Facebook", about="Social network to share photos and posts with friends.")
AMERICAN = Brand(id="a", name="American Airlines", about="Airline.")


def certainty(text: str, brand: Brand) -> str | None:
    found = told(a_mention("1", START, text=text, lang="en"), brand)
    return found[0].certainty if found else None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("i posted the photos on face book", "certain"),
        ("deleted my Face Book account", "certain"),
        ("she reads chapters of a face book on skin and make-up", "doubtful"),
        ("about face. book your seats", None),
        ("face  book", None),
    ],
)
def test_a_name_of_one_word_is_judged_where_it_is_written_as_two(text: str, expected: str | None) -> None:
    assert certainty(text, FACEBOOK) == expected


def test_two_words_of_which_one_is_none_are_the_name() -> None:
    assert certainty("net flix", Brand(id="n", name="Netflix")) == "certain"


@pytest.mark.parametrize("name", ["Newegg", "Salesforce", "Nextdoor", "Workday"])
def test_two_words_that_often_meet_are_not_the_name(name: str) -> None:
    cut = {"Newegg": "new egg", "Salesforce": "sales force", "Nextdoor": "next door", "Workday": "work day"}[name]
    assert certainty(f"there is a {cut} at our house", Brand(id="n", name=name)) == "doubtful"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("stuck again, American Airline lost my luggage", "certain"),
        ("any american airline would have lost it", "doubtful"),
        ("the best American airline of all", "doubtful"),
    ],
)
def test_the_singular_of_a_name_is_judged(text: str, expected: str) -> None:
    assert certainty(text, AMERICAN) == expected


def test_the_singular_of_a_name_with_a_word_of_its_own_is_the_name() -> None:
    assert certainty("why is lufthansa airline late", Brand(id="l", name="Lufthansa Airlines")) == "certain"


@pytest.mark.parametrize(("name", "text"), [("Rolling Stones", "Rolling Stone magazine"), ("Airlines", "an airline")])
def test_no_other_name_is_found_in_the_singular(name: str, text: str) -> None:
    assert certainty(text, Brand(id="b", name=name, ambiguous=False)) is None


def test_a_form_beside_an_unmistakable_name_is_not_judged() -> None:
    assert certainty("face book, i mean facebook", FACEBOOK) == "certain"
    (found,) = told(a_mention("1", START, text="face book, i mean facebook", lang="en"), FACEBOOK)
    assert {match.score for match in found.matches} == {1.0}


def test_what_is_counted_or_pointed_at_is_a_thing() -> None:
    assert "is counted or pointed at: the" in reasons("meet me in the square at noon")
    assert not any("counted" in reason for reason in reasons("the square terminal broke"))


def test_what_is_owned_may_well_be_the_brands() -> None:
    assert "is owned: my" in reasons("my square, again")
    assert score("my square, again") > score("a square, again")


BOLT = Brand(id="bolt", name="Bolt")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("bolt is awful", "is a subject without an article: is"),
        ("i hate it but bolt sucks", "is a subject without an article: sucks"),
        ("i went with bolt and left", "has no article"),
    ],
)
def test_a_thing_that_can_be_counted_has_an_article_and_a_name_has_none(text: str, reason: str) -> None:
    assert reason in reasons(text, BOLT)
    assert reason not in reasons(text.replace("bolt", "the bolt"), BOLT)
    assert reason not in reasons(text, BOLT, language="de")


def test_an_opinion_of_a_bare_name_is_probably_one_of_the_brand_though_nothing_is_told_of_it() -> None:
    for name in ("Bolt", "Gap", "Target", "Shell"):
        brand = Brand(id="b", name=name)
        assert said(f"{name.lower()} is awful", brand, lang="en").certainty == "probable", name
        assert said(f"the {name.lower()} is awful", brand, lang="en").certainty == "doubtful", name


def test_what_cannot_be_counted_has_no_article_anyhow() -> None:
    for name in ("Monday", "Love", "Winter"):
        assert said(f"{name.lower()} is awful", Brand(id="b", name=name), lang="en").certainty == "doubtful", name


def test_plurals_need_no_article() -> None:
    windows = Brand(id="w", name="Windows", about="Operating system.")
    assert not any("article" in reason for reason in reasons("we sat by windows and talked", windows))


def test_what_points_to_nothing_says_nothing() -> None:
    """Small talk points away from a brand as from all else."""
    texts = ("lol haha omg square", "square, ok then bye mum", "yesterday she told him square")
    for text in texts:
        weights = dict(context().evidence(text, text.index("square"), text.index("square") + 6))
        assert weights.get("what the words around it mean", 0.0) > -1


def test_an_unmistakable_name_beside_it_settles_it_and_nothing_is_scored() -> None:
    for text in ("@square your square is down", "square root #squareup", "square and Cash App"):
        found = said(text)
        assert found.certainty == "certain"
        assert {match.score for match in found.matches} == {1.0}


def test_certain_probable_and_doubtful_follow_from_score_and_threshold() -> None:
    sure = said("Just paid by card with Square at the shop, payments are easy")
    assert sure.certainty == "certain"
    assert 0.9 <= sure.matches[0].score < 1
    doubtful = said("there is a fountain in the middle of the old square")
    assert doubtful.certainty == "doubtful"
    lenient = replace(SQUARE, threshold=0.0)
    assert said("there is a fountain in the middle of the old square", lenient).certainty == "probable"


def test_each_place_has_its_own_score_and_the_surest_counts() -> None:
    far = " and then we walked for hours and hours and saw old houses" * 8
    found = said(f"we paid the shop by card with Square, payments were quick{far}, then the square of the town")
    first, last = found.matches
    assert first.score > 0.9
    assert last.score < 0.5
    assert found.certainty == "certain"


def test_a_thread_that_is_certainly_about_the_brand_speaks_for_it() -> None:
    threads = Threads()
    told(a_mention("1", START, text="@square is it down?"), threads=threads)
    text = "the square again"
    (answer,) = told(a_mention("2", START, text=text, parent_id="1", root_id="1"), threads=threads)
    alone = said(text)
    assert answer.matches[0].score > alone.matches[0].score
    assert alone.certainty == "doubtful"


def test_an_answer_is_as_surely_about_a_brand_as_what_it_answers() -> None:
    threads = Threads()
    told(a_mention("1", START, text="a fountain in the old square"), threads=threads)
    (answer,) = told(a_mention("2", START, text="how nice", parent_id="1", root_id="1"), threads=threads)
    assert (answer.matches[0].why, answer.certainty) == ("thread", "doubtful")


def test_english_meanings_are_not_applied_to_other_languages() -> None:
    text = "the square has four equal sides and right angles"
    assert not any("mean" in one for one in reasons(text, language="de") if "usually" not in one)
    assert any("the words around it mean" in one for one in reasons(text, language="en"))


def test_a_language_that_is_not_its_publics_speaks_against_it() -> None:
    brand = replace(SQUARE, languages=("en",))
    assert "not a language of its public: fr" in reasons("square", brand, language="fr")
    public = replace(SQUARE, languages=("en", "fr"))
    assert score("square", brand, language="fr") < score("square", public, language="fr")


def test_only_what_means_something_else_is_ambiguous() -> None:
    for name in ("Square", "Target", "The Sun", "monday", "Sprite", "United"):
        assert ambiguous_names(Brand(id="b", name=name), WORDS) == (name,), name
    for name in ("Acme Corp", "Vodafone", "Microsoft", "Burger King", "eBay", "7up", "漢"):
        assert ambiguous_names(Brand(id="b", name=name), WORDS) == (), name


def test_settings_say_whether_a_name_is_ambiguous() -> None:
    assert ambiguous_names(Brand(id="b", name="Target", ambiguous=False), WORDS) == ()
    told_so = Brand(id="b", name="Lumo", aliases=("Lumo", "Lumo Lights"), ambiguous=True)
    assert ambiguous_names(told_so, WORDS) == ("Lumo",)
    assert said("lumo is glowing", told_so).matches[0].score < 1


def test_products_that_are_ordinary_words_are_judged_too() -> None:
    brand = Brand(id="b", name="Microsoft", products=("Word", "Xbox"))
    assert ambiguous_names(brand, WORDS) == ("Word",)


def test_a_frequent_word_of_another_language_counts_for_the_brand_unless_much_speaks_against_it() -> None:
    brand = Brand(id="dacia", name="Dacia", languages=("ro",))
    found = ordinary("Dacia", ("ro",), WORDS)
    assert found is not None
    assert (found.language, found.meanings.senses) == ("ro", ())
    assert said("o dacia pe drum", brand, lang="ro").certainty == "probable"


def test_a_name_that_is_an_english_word_is_judged_in_english_posts_whatever_its_public_speaks() -> None:
    brand = Brand(id="b", name="Penny", about="Supermarket chain.", languages=("ro",))
    assert ambiguous_names(brand, WORDS) == ("Penny",)
    assert said("a penny for your thoughts", brand, lang="en").certainty == "doubtful"


@given(st.sampled_from(["ro", "hr", "he", "en"]), st.sampled_from(["ro", "de", "fr"]))
def test_what_is_an_ordinary_word_to_a_matcher_is_one_to_a_judge(stated: str, also: str) -> None:
    """Both ask the languages that a brand states, and English."""
    asked: set[str] = set()

    def frequency(_word: str, language: str) -> float:
        asked.add(language)
        return 0.0

    OrdinaryWords(frequency, (stated, also)).usual("orange")
    by_matcher = set(asked)
    asked.clear()
    ordinary("Orange", (stated, also), Words(frequency))
    assert asked == by_matcher == {stated, also, "en"}


def test_where_a_name_is_no_word_of_its_publics_language_it_is_most_likely_the_name() -> None:
    brand = Brand(id="b", name="Lemonade", about="Insurance company.", languages=("ro",))
    assert said("azi la Lemonade e aglomerat", brand, lang="ro").certainty == "certain"
    assert said("azi la lemonade", brand, lang=None).certainty == "probable"
    assert "no ordinary word of ro" in reasons("azi la Lemonade", brand, language="ro")
    assert not any("no ordinary" in one for one in reasons("Lemonade", replace(brand, ambiguous=True), language="ro"))


def test_what_was_learned_is_added_and_shown() -> None:
    learned = Learned(bias=-1.0, words={"fountain": -2.0})
    text = "a fountain and a square"
    assert score(text, replace(SQUARE, learned=learned)) < score(text)
    assert "learned: fountain" in reasons(text, replace(SQUARE, learned=learned))


def test_a_direction_of_another_table_is_not_used() -> None:
    learned = Learned(bias=0.0, direction=(9_000,) * 64, table="another/1")
    text = "a fountain and a square"
    assert score(text, replace(SQUARE, learned=learned)) == score(text)


@pytest.mark.parametrize(
    "text",
    [
        "square ",
        lambda length: "Square" + "." * length,
        lambda length: "#" * (length // 2) + " square " + "'" * (length // 2),
        lambda length: "@a" * (length // 2) + " square",
    ],
)
def test_a_hostile_text_takes_no_longer_than_its_length(text: Text) -> None:
    matcher = standard_matcher(settings_of(SQUARE))
    enrich(a_mention("0", START, text="square"), matcher, Threads(), READER)  # reads the table
    grows_with_its_length(lambda written: enrich(a_mention("1", START, text=written), matcher, Threads(), READER), text)


def test_our_own_sentences_are_told_apart() -> None:
    """A net below changes of the constants: the first are the sentences on which they were chosen."""
    assert f1(*chosen_on())["f1"] > 0.9
    assert f1(*held_out())["f1"] > 0.9
    assert f1(*small_talk())["f1"] > 0.75
    assert f1(*small_talk())["precision"] > 0.9


def test_forms_of_a_word_count_with_it() -> None:
    assert counted("united", WORDS) > counted("unites", WORDS) > 0
    assert counted("google", WORDS) == 0


def test_sums_do_not_depend_on_the_order_of_words() -> None:
    assert WORDS.english is not None
    table = WORDS.english()
    words: Sequence[str] = "card payment the shop unknownword".split()
    assert table.direction(words) == table.direction(words[::-1])
