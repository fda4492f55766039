"""Our VADER against the package's, which is the reference: on every text the same figures."""

import pickle
import string
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from vaderSentiment.vaderSentiment import BOOSTER_DICT, NEGATE, SPECIAL_CASES, SentimentIntensityAnalyzer

from listener.sentiment.vader import Polarity, Vader
from tests.bench._texts import SETS, all_texts

PACKAGE = SentimentIntensityAnalyzer()
VADER = Vader(PACKAGE.lexicon, PACKAGE.emojis)

LEXICON = sorted(PACKAGE.lexicon)
EMOJIS = sorted(emoji for emoji in PACKAGE.emojis if len(emoji) == 1)
EMOTICONS = [word for word in LEXICON if len(word.strip(string.punctuation)) <= 2]
FEELING = "good great love bad hate awful no kind shit bomb ass stop yeah kiss death die beating heart doubt".split()
NAMED = "but so this never without doubt least at very no or nor of kind the to for bus right just enough".split()
PHRASES = [*SPECIAL_CASES, "kind of", "sort of", "just enough", "never so", "without a doubt", "at least", "no one or"]
CONTRACTIONS = ["don't", "ain't", "shan't've", "DON'T", "couldN't", "don’t", "n't", "xn't"]
CASES: list[Callable[[str], str]] = [str, str, str.upper, str.title, str.swapcase]
PLAIN = "a I and it is was 1 2016 $AAPL @united #fail http://t.co/xYz RT &amp; - : ... Service".split()
# Capitals that lower to other letters or to more of them, marks, joiners, odd spaces, halves of a pair, other scripts.
JUNK = [
    *("li\u212ae", "LI\u212aE", "\u212aIND", "İ", "İİ!", "GOOD\u0301", "\u1e9e", "ß", "ſhit", "ΟΔΟΣ", "ǅ", "ﬁne"),
    *("\u200b", "\u200d", "\u200f", "\ufe0f", "\x00", "\ud83d", "\udc00", "good\x00", "שלום", "سيء", "最高", "“great”"),
    *("\x1c", "\x85", "\xa0", "\u3000", "  ", "\n", "\t"),
]


MOST = 12_000  # posts of a set, evenly spread, so that this file takes seconds; the bench "speed" compares all


def same(text: str, vader: Vader = VADER, package: SentimentIntensityAnalyzer = PACKAGE) -> bool:
    """Whether both of our answers are the package's."""
    theirs: dict[str, float] = package.polarity_scores(text)
    return vader.polarity(text)._asdict() == theirs and vader.compound(text) == round(theirs["compound"] * 10_000)


def compound(text: str) -> float:
    """Ours, after it was found to be the package's."""
    assert same(text)
    return VADER.compound(text) / 10_000


@st.composite
def tokens(draw: st.DrawFn) -> str:
    """A word or a sign that some rule may look at, in some case, perhaps with punctuation around."""
    word = draw(
        st.sampled_from(LEXICON)
        | st.sampled_from(FEELING)
        | st.sampled_from([*BOOSTER_DICT, *NEGATE])
        | st.sampled_from(NAMED)
        | st.sampled_from(PHRASES)
        | st.sampled_from(CONTRACTIONS)
        | st.sampled_from(PLAIN)
    )
    case = draw(st.sampled_from(CASES))
    before, after = draw(
        st.sampled_from((("", ""),) * 4 + (("", "!"), ("", "?"), ("", ","), ("(", ")"), ('"', '..."')))
    )
    return f"{before}{case(word)}{after}"


SIGNS = st.sampled_from(EMOJIS) | st.sampled_from(EMOTICONS) | st.sampled_from(JUNK) | st.sampled_from(["!", "???"])
TEXTS = st.builds(
    lambda words, between: between.join(words),
    st.lists(tokens() | tokens() | tokens() | SIGNS, max_size=14),
    st.sampled_from((" ", " ", " ", "", "\n")),
)


@given(TEXTS)
@settings(max_examples=1_500, deadline=None)
def test_equals_the_package_on_texts_made_of_what_its_rules_look_at(text: str) -> None:
    assert same(text)


@given(st.text() | st.text(st.sampled_from("goodGOD !?.'nt😀\u212a:)( ")) | st.text(st.characters(codec=None)))
@settings(max_examples=1_000, deadline=None)
def test_equals_the_package_on_any_characters(text: str) -> None:
    assert same(text)


@given(TEXTS, st.dictionaries(st.sampled_from([*NAMED, *NEGATE, "very", "a"]), st.sampled_from((-2.0, 0.0, 1.5))))
@settings(max_examples=500, deadline=None)
@example("good but but bad", {"but": 1.5})
@example("food good least good", {"least": 1.5})
@example("it is very the GOOD kind of", {"the": 0.0, "of": 1.5})
def test_equals_the_package_with_another_lexicon(text: str, words: dict[str, float]) -> None:
    package = SentimentIntensityAnalyzer.__new__(SentimentIntensityAnalyzer)
    package.lexicon, package.emojis = PACKAGE.lexicon | words, PACKAGE.emojis
    assert same(text, Vader(package.lexicon, package.emojis), package)


@pytest.mark.data
@pytest.mark.parametrize("name", SETS)
def test_equals_the_package_on_real_posts(name: str, real_posts: dict[str, list[str]]) -> None:
    posts = [post for post in real_posts[name] if post is not None]  # a cut row of a table has no text
    assert len(posts) >= 2_000
    assert [post for post in posts[:: len(posts) // MOST + 1] if not same(post)] == []


@pytest.fixture(scope="module")
def real_posts(shared_data: Path) -> dict[str, list[str]]:
    return all_texts(shared_data)


@pytest.mark.parametrize(
    "text", ["", " ", "\n\t", "\x00", "…", "?!", "😀", "😀😀", " 😀 ", "👩‍👧", "☺️", "\ud83d", "e\u0301", "ة"]
)
def test_equals_the_package_on_texts_with_hardly_a_word(text: str) -> None:
    assert same(text)


def test_an_empty_text_has_no_shares_at_all() -> None:
    assert VADER.polarity("") == Polarity(neg=0.0, neu=0.0, pos=0.0, compound=0.0)


def test_a_text_without_feeling_is_all_neutral() -> None:
    assert VADER.polarity("the train leaves at nine!!") == Polarity(neg=0.0, neu=1.0, pos=0.0, compound=0.0)


def test_compound_is_the_integer_of_four_decimals() -> None:
    scored = VADER.compound("The food is really GOOD!")
    assert isinstance(scored, int)
    assert scored == round(VADER.polarity("The food is really GOOD!").compound * 10_000)


@pytest.mark.parametrize("text", ["not hatefulness and also the amor!!", "not acceptance and also the hatefulness!!!!"])
def test_a_compound_near_a_tie_is_rounded_as_the_package_rounds(text: str) -> None:
    assert same(text)


@pytest.mark.parametrize(
    ("stronger", "weaker"),
    [
        pytest.param("the food is good", "the food is here", id="a word of the lexicon"),
        pytest.param("the food is very good", "the food is good", id="a booster"),
        pytest.param("the food is very good", "the food is very much good", id="a booster fades with distance"),
        pytest.param("the food is good", "the food is hardly good", id="a damper"),
        pytest.param("the food is good", "the food was sort of good", id="a damper of two words"),
        pytest.param("that is good", "that is kind of good", id="kind of is not kind"),
        pytest.param("the food is GOOD", "the food is good", id="capitals"),
        pytest.param("the food is VERY good", "the food is very good", id="a booster in capitals"),
        pytest.param("the food is GOOD", "THE FOOD IS GOOD", id="capitals that do not stand out"),
        pytest.param("the food is good!!!!", "the food is good!!!", id="exclamation marks"),
        pytest.param("the food is good??", "the food is good?", id="question marks"),
        pytest.param("the food is good", "the food is not good", id="a negation"),
        pytest.param("the food is good", "the food shouldn't've been good", id="a contraction that no list names"),
        pytest.param("it was never so good", "it was never been good", id="never so"),
        pytest.param("without doubt good food", "without sauce good food", id="without doubt"),
        pytest.param("the food is good", "the food is least good", id="least"),
        pytest.param("the food is at least good", "the food is least good", id="at least"),
        pytest.param("a great plan", "no great plan", id="no before a word of the lexicon"),
        pytest.param("this one is bad ass", "this one is bad", id="an idiom that begins at the word"),
        pytest.param("this is just the bomb", "this is just a bomb", id="an idiom that ends at the word"),
        pytest.param("cake to die for friends", "cake to die with friends", id="an idiom before the word"),
        pytest.param("it was bad but now good", "it was bad and now good", id="but"),
        pytest.param("service 😀", "service 📦", id="an emoji"),
        pytest.param("service :)", "service :", id="an emoticon"),
    ],
)
def test_a_rule_works_as_the_package_has_it(stronger: str, weaker: str) -> None:
    assert compound(stronger) > compound(weaker)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("good good bad but good good bad good", id="but finds valences by value"),
        pytest.param("but good but bad but good", id="only the first but counts"),
        pytest.param("no no good no", id="no before no"),
        pytest.param("NO good thing", id="a no of valence 0 in capitals"),
        pytest.param("it is so, good", id="two letters keep their comma"),
        pytest.param("this good thing this good this so good", id="so and this count as never so"),
        pytest.param("the kiss of death of the kiss of death", id="idioms that overlap"),
        pytest.param("no rhyme or good", id="no three before, with or"),
        pytest.param("no rhyme nor good", id="no three before, with nor"),
        pytest.param("very no good", id="a booster before a no of valence 0"),
        pytest.param("it is very least good", id="very least"),
        pytest.param("never this good", id="never this"),
        pytest.param("it was never this much good", id="never this, with a word between"),
        pytest.param("without a doubt good", id="without a doubt"),
        pytest.param("without doubt some good", id="without doubt, with a word between"),
        pytest.param("so sort of just enough kind of good bus stop", id="dampers of two words in a row"),
        pytest.param("LI\u212aE this", id="the Kelvin sign is a capital k"),
        pytest.param("£ LOVE" + " word" * 500, id="a long text with capitals"),
        pytest.param("great😀great\n😀 !", id="an emoji ends the word before it, not the one after"),
        pytest.param("good good kind of bad ass", id="a valence of 0 after an idiom"),
    ],
)
def test_an_oddity_of_the_package_is_kept(text: str) -> None:
    assert same(text)


def test_an_emoji_of_one_ascii_character_is_refused() -> None:
    with pytest.raises(ValueError, match="emoji table"):
        Vader(PACKAGE.lexicon, {"#": "number sign"})


def test_nothing_is_remembered_from_text_to_text() -> None:
    before = pickle.dumps(VADER)
    for i in range(1_000):
        VADER.compound(f"unseen{i} GREAT{i} great!{i} 😀{i} but not{i}")
    assert pickle.dumps(VADER) == before


@pytest.mark.timeout(30)
@pytest.mark.parametrize("phrase", ["good ", "GOOD bad ", "not very good ", "kiss of death ", "😀", "don't love "])
def test_a_hostile_text_of_half_a_megabyte_takes_no_quadratic_time(phrase: str) -> None:
    assert abs(VADER.compound("but " + phrase * (500_000 // len(phrase)))) == 10_000
