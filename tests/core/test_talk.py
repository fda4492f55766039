"""What kind of talk a text is, and which rules said so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.reader import english_talk, romanian_talk
from listener.talk import TalkReader
from schemas.brand_mention import Talk
from tests.core.growing import grows_with_its_length

KINDS: dict[str, list[str]] = {
    "complaint": [
        "still waiting for my parcel",
        "no reply to three emails",
        "you lost my bag",
        "on hold for 2 hours",
        "never again",
        "worst bank ever",
        "how is it that nobody answers the phone",
        "my order was cancelled without notice",
        "you charged me twice",
        "the app won't let me log in",
        "I can’t get through to anyone",
        "this doesn't work",
        "thanks for nothing",
        "where is my refund?",
        "been waiting 45 minutes for a table",
        "your site keeps crashing",
        "the food was cold and the staff were rude",
        "Why can't you just answer?",
        "they hung up on me",
        "closing my account today",
        "I want to speak to a manager",
        "3 weeks and still no card",
    ],
    "question": ["how do I change my password?", "do you ship to Norway?", "What time do you open on Sunday?"],
    "praise": [
        "thank you so much for your help!",
        "great service as always",
        "you guys rock",
        "love this phone",
        "the crew was wonderful",
        "👏👏",
        "went above and beyond",
    ],
    "recommendation": ["highly recommend them", "you should try this place", "give it a try"],
    "promotion": ["Use code SAVE for 20% off", "Order now and win a prize: link in bio", "Join us for the launch"],
    "wish": ["I wish you had an app", "it would be nice if you shipped to Malta", "please add dark mode"],
}

MOCKS = [
    "Great job losing my bag",
    "thanks for nothing",
    "my bag is lost, nice one /s",
    'the "great" service strikes again',
    "waiting for two hours 😂😂",
    "delayed again, lol",
    "sure, another delay 🙄",
    "oh great, cancelled again",
]


def kinds(text: str, reader: TalkReader | None = None) -> dict[str, Talk]:
    reader = reader or english_talk()
    return {talk.kind: talk for talk in reader.talk(reader.hear(text))}


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in KINDS.items() for text in texts])
def test_a_kind_of_talk_is_known(kind: str, text: str) -> None:
    assert kind in kinds(text)


@pytest.mark.parametrize("text", [text for kind in ("question", "praise", "promotion") for text in KINDS[kind]])
def test_what_complains_of_nothing_is_no_complaint(text: str) -> None:
    assert "complaint" not in kinds(text)


@pytest.mark.parametrize("text", ["", "just landed in Oslo", "brand opens a store in Lyon", "a cup of tea", "12:30"])
def test_plain_talk_is_of_no_kind(text: str) -> None:
    assert kinds(text) == {}


@pytest.mark.parametrize("text", MOCKS)
def test_praise_that_mocks_is_a_complaint_and_no_praise(text: str) -> None:
    assert "complaint" in kinds(text)
    assert "praise" not in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "I never had a problem with them",
        "no complaints so far",
        "never disappoints",
        "that's not bad at all",
        "no issues, no delays",
        "thanks for the quick refund",
        "can't wait to try it!",
        "nothing is better than this",
        "no one comes close to them",
    ],
)
def test_a_complaint_that_is_denied_is_praise(text: str) -> None:
    assert "complaint" not in kinds(text)
    assert "praise" in kinds(text)


def test_a_complaint_beside_a_denial_stays() -> None:
    assert "complaint" in kinds("never had a problem until today: on hold for 2 hours")


def test_a_question_turned_round_is_one_only_with_its_mark() -> None:
    assert kinds("brand is my favourite")["question"].weight < 0.5
    assert kinds("is my order here?")["question"].weight > 0.5


def test_laughter_alone_mocks_nobody() -> None:
    assert "complaint" not in kinds("that advert 😂😂 lol")


def test_each_decision_names_its_rules_and_the_words() -> None:
    told = kinds("On hold for 2 hours, no reply 🙄")["complaint"]
    assert told.because == ("kept waiting: on hold", "no reply: no reply", "sarcasm: 🙄")


def test_the_weight_grows_with_each_rule_and_is_that_of_independent_evidence() -> None:
    rules = {rule.name: rule for rule in english_talk().rules}
    one, two = kinds("on hold")["complaint"], kinds("on hold, no reply")["complaint"]
    assert one.weight == rules["kept waiting"].weight
    assert two.weight == round(1 - (1 - one.weight) * (1 - rules["no reply"].weight), 2)


def test_the_weightiest_kind_comes_first() -> None:
    reader = english_talk()
    told = reader.talk(reader.hear("why can't I log in? you lost my bag, no reply, never again"))
    assert [talk.weight for talk in told] == sorted((talk.weight for talk in told), reverse=True)


def test_a_rule_that_is_met_often_is_one_reason() -> None:
    assert kinds("on hold " * 50)["complaint"] == kinds("on hold")["complaint"]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("complaint", "Aștept de 3 săptămâni coletul"),
        ("complaint", "nu raspunde nimeni la telefon"),
        ("complaint", "nu mai cumpăr niciodată"),
        ("question", "Cum pot schimba parola?"),
        ("praise", "Mulțumesc, servicii excelente!"),
        ("recommendation", "Recomand cu încredere"),
    ],
)
def test_a_start_in_romanian(kind: str, text: str) -> None:
    assert kind in kinds(text, romanian_talk())


@pytest.mark.parametrize("reader", [english_talk, romanian_talk])
def test_every_rule_of_a_lexicon_can_be_met(reader: object) -> None:
    talk = english_talk() if reader is english_talk else romanian_talk()
    made = {talk.roles.get(role) for role in ("mockery", "quoted")}
    with_phrases = {rule for rules in talk._rules for rule in rules}  # noqa: SLF001 - there is no other way to see
    assert with_phrases | made >= set(range(len(talk.rules)))


@given(st.text(max_size=200))
def test_any_text_gives_the_same_talk_twice_with_weights_up_to_one(text: str) -> None:
    reader = english_talk()
    told = reader.talk(reader.hear(text))
    assert told == reader.talk(reader.hear(text))
    assert all(0 < talk.weight <= 1 and talk.because for talk in told)


HOSTILE = {
    "one word": "waiting ",
    "one letter": "a",
    "zeros": "0",
    "quotes": '"great" ',
    "open quotes": '"a',
    "marks": "?!",
    "emoji": "😂",
    "accents": "e\u0301\u0301",
    "stars": "*",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_text_takes_no_longer_than_its_length(text: str) -> None:
    reader = english_talk()
    grows_with_its_length(lambda written: reader.talk(reader.hear(written)), text)
    assert len(str(reader.talk(reader.hear(text * 10_000)))) < 2_000
