"""A text that names several brands is read for each of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.reader import english
from listener.brands.matcher import Matcher
from listener.reading import TextReader
from listener.sentiment.scoring import Scorer
from schemas.settings import Brand
from tests.core.building import START, a_mention, settings_of
from tests.core.growing import Text, grows_with_its_length

READER = TextReader([Scorer("english", "en", english().compound)], lambda text: [("en", 1.0)])

FOR_THE_FIRST = [
    "{0} is so much better than {1}",
    "{0} is way cheaper than {1}, honestly",
    "{0} > {1} any day of the week",
    "{0} beats {1} every time",
    "I prefer {0} to {1}",
    "I'd rather fly {0} than {1}",
    "chose {0} over {1} and never looked back",
    "switched to {0} from {1} last week",
    "{1} isn't as good as {0}",
    "{1} is worse than {0}",
    "{1} is not better than {0}",
    "finally switched from {1} to {0}",
    "left {1} for {0}",
    "I wish {1} was more like {0}",
    "{1} makes {0} look good",
    "{0} makes {1} look like amateurs",
    "Unlike {1}, {0} is great",
    "{0}, unlike {1}, never let me down",
    "I love {0}. {1} lost my bag and never answered.",
    "{0} was great but {1} was horrible",
    "{1} keeps me on hold for hours, while {0} is always friendly",
    "Thanks {0}! {1}, you are the worst.",
]
NAMES = ["Acme", "Bolt", "Superb", "Hate", "Terrible Shoes", "Dr. Best", "No Reply", "Q8"]


def read(text: str, one: str = "Acme", other: str = "Bolt") -> dict[str, float | None]:
    """The scores by brand: "one" and "other"."""
    brands = Matcher(settings_of(Brand(id="one", name=one), Brand(id="other", name=other)))
    mention = a_mention("1", START, text=text)
    found = brands.find(mention)
    reading = READER.read(mention, found)
    return {
        brands.settings.brands[number].id: READER.about(reading, mention, matches).compound
        for number, matches in found.matches.items()
    }


@pytest.mark.parametrize("form", FOR_THE_FIRST)
def test_each_brand_gets_its_own_sign(form: str) -> None:
    scores = read(form.format("Acme", "Bolt"))
    assert (scores["one"] or 0) > 0.05
    assert (scores["other"] or 0) < -0.05


@pytest.mark.parametrize("form", FOR_THE_FIRST)
def test_swapping_the_brands_swaps_the_scores(form: str) -> None:
    there, back = read(form.format("Acme", "Bolt")), read(form.format("Bolt", "Acme"))
    assert (there["one"], there["other"]) == (back["other"], back["one"])


@given(
    st.sampled_from(FOR_THE_FIRST),
    st.lists(st.sampled_from(NAMES), min_size=2, max_size=2, unique=True),
)
def test_names_make_no_difference(form: str, names: list[str]) -> None:
    one, other = names
    assert read(form.format(one, other), one, other) == read(form.format("Acme", "Bolt"))


def test_what_is_said_of_both_counts_for_both() -> None:
    scores = read("Acme and Bolt both suck")
    assert scores["one"] == scores["other"]
    assert (scores["one"] or 0) < -0.3


def test_a_clause_without_a_name_goes_on_about_the_last_named() -> None:
    scores = read("Acme? Always on time, lovely crew. Bolt? Lost my bag. Never again!")
    assert (scores["one"] or 0) > 0.05 > -0.05 > (scores["other"] or 0)


def test_one_brand_alone_gets_the_score_of_the_whole() -> None:
    text = "Acme is great. The weather is terrible, horrible, awful."
    whole = english().compound("brand is great. The weather is terrible, horrible, awful.") / 10_000
    assert read(text) == {"one": whole}


def test_nothing_is_computed_for_one_brand_alone() -> None:
    mention = a_mention("1", START, text="Acme and Acme. Acme!")
    found = Matcher(settings_of(Brand(id="one", name="Acme"))).find(mention)
    assert READER.read(mention, found).targets is None


def test_a_brand_that_the_text_does_not_name_gets_the_score_of_the_whole() -> None:
    brands = Matcher(settings_of(Brand(id="one", name="Acme"), Brand(id="other", name="Bolt")))
    mention = a_mention("1", START, text="Acme is great", title="Bolt and Acme")
    found = brands.find(mention)
    reading = READER.read(mention, found)
    assert READER.about(reading, mention, found.matches[1]) == reading.sentiment


def test_it_is_told_how_each_got_its_score() -> None:
    brands = Matcher(settings_of(Brand(id="one", name="Acme"), Brand(id="other", name="Bolt")))
    mention = a_mention("1", START, text="Acme is better than Bolt. Bolt lost my bag.")
    found = brands.find(mention)
    targets = READER.read(mention, found).targets
    assert targets is not None
    assert targets.because(found.matches[0]) == "for it: “is better than”, its clauses +0.00"
    assert targets.because(found.matches[1]).startswith("against it: “is better than”, its clauses -0.")


PIECES = ["Acme", "Bolt", " is better than ", ". ", ", but ", "great ", "lost ", " unlike ", "!? ", "\n", " and ", "x"]


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_any_text_gives_scores_or_none_without_words(text: str) -> None:
    assert all(score is None or -1 <= score <= 1 for score in read(text).values())


HOSTILE: dict[str, Text] = {
    "names": "Acme Bolt ",
    "comparisons": "Acme is better than Bolt. ",
    "no end": lambda length: "Acme is " + "so " * (length // 3) + "better than Bolt",
    "commas": "Acme, Bolt, ",
    "points": lambda length: "Acme. Bolt. " + ". " * (length // 2),
    "and": lambda length: "Acme and Bolt " + " and" * (length // 4),
    "breaks": "Acme\nBolt\n",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_text_takes_no_longer_than_its_length(text: Text) -> None:
    grows_with_its_length(read, text)
