"""The bounded edit distance is the true one, and what two near words have in common is found."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from listener.brands.edits import deletions, within

near_words = st.text(alphabet="abc", max_size=8)


def distance(word: str, other: str) -> int:
    """The textbook's table of the optimal string alignment distance."""
    rows = [[at + place if not at * place else 0 for place in range(len(other) + 1)] for at in range(len(word) + 1)]
    for at in range(1, len(word) + 1):
        for place in range(1, len(other) + 1):
            same = word[at - 1] == other[place - 1]
            rows[at][place] = min(
                rows[at - 1][place] + 1, rows[at][place - 1] + 1, rows[at - 1][place - 1] + (not same)
            )
            if min(at, place) > 1 and word[at - 1] == other[place - 2] and word[at - 2] == other[place - 1]:
                rows[at][place] = min(rows[at][place], rows[at - 2][place - 2] + 1)
    return rows[-1][-1]


@pytest.mark.parametrize(
    ("word", "other", "edits"),
    [
        ("starbucks", "starbucks", 0),
        ("starbucks", "starbuks", 1),
        ("starbucks", "starrbucks", 1),
        ("starbucks", "starbacks", 1),
        ("starbucks", "starbcuks", 1),
        ("starbucks", "satrbuks", 2),
        ("ca", "abc", None),  # one swap and one letter between the two would be the other kind of distance
        ("starbucks", "starfish", None),
        ("", "ab", 2),
        ("", "abc", None),
    ],
)
def test_edits_are_counted_up_to_two(word: str, other: str, edits: int | None) -> None:
    assert within(word, other, 2) == edits


@given(near_words, near_words, st.integers(0, 3))
@example("ab", "ba", 1)
@settings(max_examples=1500, deadline=None)
def test_the_bounded_distance_is_that_of_the_table(word: str, other: str, most: int) -> None:
    true = distance(word, other)
    assert within(word, other, most) == (true if true <= most else None)


@given(st.text(alphabet="abc", min_size=1, max_size=12), near_words, st.sampled_from([(1, 9), (2, 7)]))
@settings(max_examples=1500, deadline=None)
def test_near_words_have_a_shorter_one_in_common(word: str, tail: str, bound: tuple[int, int]) -> None:
    most, letters = bound
    other = word[0] + tail
    if distance(word, other) <= most:
        assert set(deletions(word[:letters], most)) & set(deletions(other[:letters], most))


@pytest.mark.parametrize("most", [1, 2])
def test_deletions_keep_the_first_letter_and_leave_out_no_more_than_is_allowed(most: int) -> None:
    found = deletions("united", most)
    assert all(word[0] == "u" and 6 - most <= len(word) <= 6 for word in found)
    assert set(deletions("united", 1)) == {"united", "uited", "unted", "unied", "unitd", "unite"}
