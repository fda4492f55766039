"""What is learned of the words around a brand's ambiguous names."""

from typing import Any

import pytest

from agents.matching import standard_matcher, standard_words
from listener.brands.certainty import Certainties
from listener.brands.context import Context
from listener.brands.learning import LEAST, MOST_LEARNED, Example, cross_validated, learn, logit_of
from listener.brands.lessons import ALONE, overheard, weighed
from schemas.mention import Author
from schemas.record import to_json
from schemas.settings import Brand
from tests.core.building import START, a_mention, settings_of

WORDS = standard_words()
RING = Brand(id="ring", name="Ring", about="Video doorbells for homes.", handles={"x": ("@ring",)})
CONTEXT = Context(RING, "Ring", WORDS)
TABLE = WORDS.english().version if WORDS.english else ""
RIGHT = [f"ring {what} at the porch" for what in ("blinks", "chimes", "records", "sees thieves", "films", "is offline")]
WRONG = [f"ring {what} from her fiance" for what in ("of gold", "with a stone", "that fits", "so pretty", "in a box")]


def example(text: str, right: float, speaker: str = "", weight: float = 1.0) -> Example:
    evidence = CONTEXT.evidence(text, 0, 4)
    return Example(speaker or text, CONTEXT.around(text, 0, 4), sum(one.weight for one in evidence), right, weight)


EXAMPLES = [example(text, 1.0) for text in RIGHT] + [example(text, 0.0) for text in WRONG]


def test_examples_come_out_right_when_learned() -> None:
    model = learn(EXAMPLES, TABLE)
    assert [logit_of(one, model) > 0 for one in EXAMPLES] == [one.right > 0.5 for one in EXAMPLES]
    assert (model.right, model.wrong) == (6, 5)


def test_the_same_examples_give_the_same_bytes_in_any_order() -> None:
    model = learn(EXAMPLES, TABLE)
    assert to_json(learn(EXAMPLES, TABLE)) == to_json(model)
    turned = learn(EXAMPLES[::-1], TABLE)
    assert (turned.words.keys(), turned.table) == (model.words.keys(), model.table)
    assert turned.bias == pytest.approx(model.bias, abs=0.002)


def test_words_of_fewer_than_three_people_are_left_out() -> None:
    said = [example(f"ring {word}", 1.0, speaker) for speaker in "ab" for word in ("zxqw", "porch")]
    assert "zxqw" not in learn([*EXAMPLES, *said], TABLE).words
    said.append(example("ring zxqw", 1.0, "c"))
    assert "zxqw" in learn([*EXAMPLES, *said], TABLE).words


def test_a_model_is_bounded() -> None:
    many = [
        example(f"ring {' '.join(f'w{number}x{letter}' for letter in 'abcdefghij')}", number % 2, f"{speaker}")
        for number in range(60)
        for speaker in range(3)
    ]
    words = learn(many, TABLE).words
    assert len(words) <= MOST_LEARNED
    assert all(abs(weight) >= LEAST for weight in words.values())


def test_nothing_to_learn_from_changes_nothing() -> None:
    before = learn(EXAMPLES, TABLE)
    assert learn([], TABLE, before) == before


def test_what_was_learned_before_is_kept_and_added_to() -> None:
    before = learn(EXAMPLES, TABLE)
    after = learn([example("ring tone on my phone", 0.0)], TABLE, before)
    assert (after.right, after.wrong) == (6, 6)
    assert after != before
    assert sum((logit_of(one, after) > 0) == (one.right > 0.5) for one in EXAMPLES) >= len(EXAMPLES) - 2


def test_without_a_table_of_meanings_words_alone_are_learned() -> None:
    bare = [one._replace(around=one.around._replace(meaning=None), logit=0.0) for one in EXAMPLES]
    model = learn(bare, "")
    assert set(model.direction) == {0}
    assert model.words["porch"] > 0 > model.words["fiance"]


def test_two_examples_of_each_kind_are_needed_to_say_how_good_it_is() -> None:
    assert cross_validated([*EXAMPLES[:6], EXAMPLES[-1]], TABLE) is None
    good = cross_validated(EXAMPLES, TABLE)
    assert good is not None
    assert good[1] == len(EXAMPLES)
    assert good[0] >= 8


def test_a_post_with_a_handle_teaches_by_itself_and_a_doubtful_one_only_if_it_is_surely_about_something_else() -> None:
    matcher = standard_matcher(settings_of(RING))
    certainties = Certainties((RING,), WORDS)

    def heard(text: str, **fields: Any) -> Example | None:
        mention = a_mention("1", START, text=text, **fields)
        return overheard(certainties, 0, mention, tuple(matcher.find(mention).matches[0]), "en")

    about, other = heard("@ring the doorbell is offline"), heard("he gave me a wedding ring of gold")
    assert about is not None
    assert other is not None
    assert (about.right, other.right) == (1.0, 0.0)
    assert heard("my video doorbell, the ring, films the homes of others") is None
    assert heard("new doorbells!", author=Author(handle="@ring")) is None


def test_what_was_overheard_counts_the_same_on_both_sides_and_less_than_what_a_person_says() -> None:
    heard = [example(f"ring {number}", 1.0) for number in range(90)]
    heard += [example(f"ring {number}", 0.0) for number in range(30)]
    found = weighed(heard)
    sums = [sum(one.weight for one in found if one.right == right) for right in (0.0, 1.0)]
    assert sums[0] == pytest.approx(15)  # half a correction each at most
    assert sums[1] == pytest.approx(ALONE)
    assert weighed(heard[:90]) == []
