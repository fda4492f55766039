"""Words that matter whatever the mood: which are found, which mean something else, and what lowers them."""

import pytest

from listener.severity.finder import load_finder
from listener.severity.lexicon import CATEGORIES, load_lexicons, parse_lexicon
from listener.severity.terms import BadTerm, expand
from schemas.brand_mention import Severe
from tests.core.growing import grows_with_its_length

find = load_finder().find


def found(text: str, language: str | None = "en") -> list[Severe]:
    return list(find("text", text, language))


@pytest.mark.parametrize(
    ("language", "text", "category", "said"),
    [
        ("en", "RECALL: bottles may contain glass", "safety", "RECALL"),
        ("en", "they recalled it", "safety", "recalled"),
        ("en", "the phone caught fire", "safety", "caught fire"),
        ("en", "a class-action suit", "legal", "class-action suit"),
        ("en", "I'll sue you", "legal", "I'll sue"),
        ("en", "a DATA BREACH", "privacy", "DATA BREACH"),
        ("en", "so racist", "discrimination", "racist"),
        ("en", "my son was hospitalised", "death and injury", "hospitalised"),
        ("en", "two workers died", "death and injury", "workers died"),
        ("en", "total scam", "fraud", "scam"),
        ("en", "Your website is down", "outage", "website is down"),
        ("en", "Pilots\u2019 union: we are on strike", "strike", "are on strike"),
        ("en", "#BoycottAcme", "boycott", "Boycott"),
        ("ro", "rechemările din service", "safety", "rechemările"),
        ("ro", "rechemarile din service", "safety", "rechemarile"),
        ("ro", "vă dau în judecată", "legal", "vă dau în judecată"),
        ("ro", "VA DAU IN JUDECATA", "legal", "VA DAU IN JUDECATA"),
        ("ro", "sunteţi hoţi și escroci", "fraud", "hoţi"),
        ("ro", "trei răniţi", "death and injury", "trei răniţi"),
        ("ro", "discriminarea asta", "discrimination", "discriminarea"),
        ("ro", "intră în grevă", "strike", "intră în grevă"),
        ("ro", "boicotați-i", "boycott", "boicotați-i"),
        ("ro", "scurgeri de date", "privacy", "scurgeri de date"),
        ("ro", "a picat rețeaua", "outage", "a picat rețeaua"),
        ("hr", "povlačenje proizvoda s tržišta", "safety", "povlačenje proizvoda s tržišta"),
        ("hr", "podnosi tuzbu", "legal", "tuzbu"),
        ("hr", "s ozlijeđenima", "death and injury", "ozlijeđenima"),
        ("hr", "krađa podataka", "privacy", "krađa podataka"),
        ("sr", "prevaranti", "fraud", "prevaranti"),
        ("hr", "radnici u štrajku", "strike", "u štrajku"),
        ("he", "הוגשה תביעה ייצוגית", "legal", "תביעה ייצוגית"),
        ("he", "ושהתביעה נגדם", "legal", "תביעה"),
        ("he", "בהונאה הזאת", "fraud", "הונאה"),
        ("he", "שלושה הרוגים", "death and injury", "הרוגים"),
        ("he", "הזיהום במפעל", "safety", "זיהום"),
        ("he", "לחרם הזה", "boycott", "חרם"),
    ],
)
def test_a_term_is_found_in_its_forms(language: str, text: str, category: str, said: str) -> None:
    assert (category, said) in [(one.category, text[one.start : one.end]) for one in found(text, language)]


@pytest.mark.parametrize(
    "text",
    [
        "my phone died", "the battery is dead", "killing it today", "you killed it", "dying of laughter",
        "this is fire", "bomb dot com", "I'm dead \U0001f480", "sick beat", "strike a pose", "first strike",
        "huge fire sale", "I recall that day", "as I recall", "if memory recalls", "can't recall the name",
        "he is on the injured list", "a hamstring injury", "insult to injury", "the strike price", "a lightning strike",
        "people are dying to get one", "to die for", "scared to death", "my head exploded", "fatal error",
        "growth hacks", "a life hack", "he stole the show", "the tennis court", "Fire TV and Fire Stick",
        "precision and recall", "my pilot friend", "injury time", "this slaps", "the grammar nazi", "killer app",
        "you slay", "the pitcher strikes out", "stock is on fire", "I died laughing", "drop dead gorgeous",
        "insider trading alerts on $T",
    ],
)  # fmt: skip  # a list of phrases
def test_a_figure_of_speech_is_no_alarm(text: str) -> None:
    assert found(text) == []
    assert found(text, None) == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ro", "am murit de râs"), ("ro", "mi-a murit telefonul"), ("ro", "oferta a expirat"), ("ro", "mor de foame"),
        ("hr", "umro sam od smijeha"), ("hr", "mobitel mi je umro"), ("he", "מתתי מצחוק"), ("he", "הסוללה מתה"),
    ],
)  # fmt: skip  # a list of phrases
def test_a_figure_of_speech_in_another_language_is_no_alarm(language: str, text: str) -> None:
    assert found(text, language) == []


# What lowers a term, decided line by line. "" is nothing, "not" a denial, "if" what is only imagined.
STANDS, NOT, IF = None, "negated", "hypothetical"
LOWERED = [
    ("en", "there is a recall", STANDS),
    ("en", "no recall", NOT),
    ("en", "no recall yet", NOT),  # somebody waits for one; still there is none
    ("en", "there wasn't any recall", NOT),
    ("en", "not a recall", NOT),
    ("en", "not only a recall", STANDS),
    ("en", "not just a lawsuit but fraud", STANDS),
    ("en", "no doubt a scam", STANDS),
    ("en", "they denied the recall", NOT),  # it is disputed: less than a recall, more than nothing
    ("en", "they never denied the recall", STANDS),
    ("en", "nobody denies the fraud", STANDS),
    ("en", "not without injuries", STANDS),
    ("en", "it ended without injuries", NOT),
    ("en", "nobody was injured", NOT),
    ("en", "no one got hurt", NOT),
    ("en", "the recall was called off", NOT),
    ("en", "lawsuit dismissed", NOT),
    ("en", "the data breach never happened", NOT),
    ("en", "would be a lawsuit", IF),
    ("en", "if they get sued", IF),
    ("en", "hope nobody is injured", NOT),
    ("en", "I hope they get sued", IF),
    ("en", "could have been killed", IF),
    ("en", "it might be a scam", IF),
    ("en", "if this goes on, I will sue you", STANDS),  # a threat with a condition is a threat
    ("en", "I will sue you", STANDS),
    ("en", "is this a scam?", STANDS),  # who asks has a reason
    ("en", "isn't this a scam?", STANDS),
    ("en", "no reply after the data breach", STANDS),
    ("en", "no reply, then a recall", STANDS),
    ("en", "I'm not happy about the recall", STANDS),
    ("en", "No, this is a scam", STANDS),
    ("en", "I can't believe this scam", STANDS),
    ("en", "don't fall for this scam", STANDS),
    ("en", "everyone should boycott them", STANDS),  # a call, not a thought
    ("en", "nothing but a scam", STANDS),
    ("en", "why is there no recall", NOT),
    ("en", "they deny it. It is fraud", STANDS),
    ("en", "kicked out because of my race", STANDS),
    ("ro", "e o rechemare", STANDS),
    ("ro", "nu este o rechemare", NOT),
    ("ro", "nicio rechemare", NOT),
    ("ro", "nu a murit nimeni", NOT),  # two negations are one in Romanian
    ("ro", "nu doar o rechemare", STANDS),
    ("ro", "au negat frauda", NOT),
    ("ro", "nu au negat frauda", STANDS),
    ("ro", "fără răniți", NOT),
    ("ro", "fără îndoială o fraudă", STANDS),
    ("ro", "ar fi o fraudă", IF),
    ("ro", "dacă sunt victime", IF),
    ("ro", "sper să nu fie victime", NOT),
    ("ro", "nu răspund, dar e o fraudă", STANDS),
    ("ro", "rechemarea a fost dezmințită", NOT),
    ("ro", "nu mai cumpărați de la escroci", STANDS),
    ("hr", "opoziv", STANDS),
    ("hr", "nema opoziva", NOT),
    ("hr", "nema ozlijeđenih", NOT),
    ("hr", "ozlijeđenih nema", NOT),
    ("hr", "nitko nije ozlijeđen", NOT),  # two negations are one in Croatian
    ("hr", "nije samo prijevara", STANDS),
    ("hr", "negiraju prijevaru", NOT),
    ("hr", "ne negiraju prijevaru", STANDS),
    ("hr", "bez ozlijeđenih", NOT),
    ("hr", "ako bude tužbe", IF),
    ("hr", "to bi bila prijevara", IF),
    ("hr", "ne odgovaraju, ali to je prijevara", STANDS),
    ("he", "יש נפגעים", STANDS),
    ("he", "אין נפגעים", NOT),
    ("he", "לא היו נפגעים", NOT),
    ("he", "אף אחד לא נפצע", NOT),  # two negations are one in Hebrew
    ("he", "ללא נפגעים", NOT),
    ("he", "לא רק הונאה", STANDS),
    ("he", "הם מכחישים את ההונאה", NOT),
    ("he", "הם לא מכחישים את ההונאה", STANDS),
    ("he", "אם תהיה תביעה", IF),
    ("he", "לא עונים, אבל זו הונאה", STANDS),
]


@pytest.mark.parametrize(("language", "text", "lowered"), LOWERED)
def test_a_denial_or_a_thought_lowers_and_what_looks_like_one_does_not(
    language: str, text: str, lowered: str | None
) -> None:
    severe = found(text, language)
    assert severe, "no term found"
    assert [one.lowered for one in severe] == [lowered] * len(severe)


def test_what_lowers_is_told_with_its_word_and_takes_from_the_weight() -> None:
    (plain,) = found("a recall")
    (negated,) = found("no recall")
    (imagined,) = found("maybe a recall")
    assert (negated.lowered, negated.cue) == ("negated", "no")
    assert (imagined.lowered, imagined.cue) == ("hypothetical", "maybe")
    assert 0 < negated.weight < imagined.weight < plain.weight


def test_a_known_language_has_its_own_terms_only() -> None:
    assert found("Die Recall-Aktion", "de") == []
    assert found("a lawsuit", "ro") == []
    assert [one.term for one in found("a recall", None)] == ["recall"]


def test_a_script_of_its_own_is_its_language() -> None:
    assert [one.category for one in found("the הונאה", "en")] == ["fraud"]


@pytest.mark.parametrize(
    "text",
    ["https://example.org/recall-fraud", "see www.boycott.example", "@fraud_watch", "@boycott", "x@scam.example"],
)
def test_a_link_a_handle_and_an_address_say_nothing(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize("text", ["scampi", "issued", "pursues", "therapist", "enraged", "precalled", "strikeout"])
def test_a_term_within_another_word_is_none(text: str) -> None:
    assert found(text) == []
    assert found(text, None) == []


def test_a_name_is_read_over() -> None:
    text = "The Boycott app is down, the site of Boycott too"
    names = [(4, 11), (37, 44)]
    (severe,) = find("text", text, "en", names)
    assert text[severe.start : severe.end] == "app is down"


def test_a_name_between_two_words_of_a_term_hides_neither() -> None:
    text = "glass in my Acme yogurt"
    (severe,) = find("text", text, "en", [(12, 16)])
    assert text[severe.start : severe.end] == text


def test_of_terms_that_overlap_the_longest_counts() -> None:
    assert [one.term for one in found("a product recall notice")] == ["product recall"]


def test_there_is_an_end_to_what_is_told_of_a_text() -> None:
    assert len(found("recall " * 5_000)) == 20


def named_in(text: str) -> list[tuple[int, int]]:
    """Names all over its first half."""
    return [(at, at + 2) for at in range(0, len(text) // 2, 5)]


@pytest.mark.parametrize(
    "unit",
    [
        "recall ",
        "recall",
        "no ",
        "#recall",
        "#",
        "if no ",
        "people died ",
        "נ",
        "ה",
        "התביעה ",
        "not only ",
        "a" * 99,
        ". ",
    ],
)
def test_a_hostile_text_costs_no_more_than_its_length(unit: str) -> None:
    grows_with_its_length(lambda text: find("text", text, None), unit)
    grows_with_its_length(
        lambda text: find("text", text, None, [(n, n + 2) for n in range(0, len(text) // 2, 5)]), unit
    )


# The lexicons themselves.


def test_every_language_has_all_categories() -> None:
    for lexicon in load_lexicons():
        assert {entry.category for entry in lexicon.entries} == set(CATEGORIES)


def test_weights_lie_between_nothing_and_one() -> None:
    assert all(0 < entry.weight <= 1 for lexicon in load_lexicons() for entry in lexicon.entries)


def test_no_term_is_hidden_by_an_exception_that_it_contains() -> None:
    for lexicon in load_lexicons():
        exceptions = {form.written for entry in lexicon.exceptions for form in entry.forms}
        assert [form.written for entry in lexicon.entries for form in entry.forms if form.written in exceptions] == []


def test_braces_hold_choices() -> None:
    assert [form.written for form in expand("{a,the} recall{,s}")] == [
        "a recall",
        "a recalls",
        "the recall",
        "the recalls",
    ]
    assert [form.shown for form in expand("{a,the} recall{,s}")] == ["a recall", "a recall", "the recall", "the recall"]


def test_a_named_set_stands_for_its_choices() -> None:
    assert [form.written for form in expand("{N,x} died", {"N": ("man", "dog")})] == ["man died", "dog died", "x died"]


@pytest.mark.parametrize("term", ["recall{s", "recalls}", "{a{b}}", "{,a}", "", "{a,b}" * 20])
def test_a_term_that_cannot_be_read_is_refused(term: str) -> None:
    with pytest.raises(BadTerm):
        expand(term, most=1_000)


def test_a_weight_above_one_is_refused() -> None:
    with pytest.raises(BadTerm, match="not from 0 to 1"):
        parse_lexicon('languages = ["xx"]\n[safety]\n"1.5" = ["x"]\n[exceptions]\nphrases = []\n[lowering]\n')
