"""Log-odds of words against the usual talk."""

from math import log, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.drivers import ENOUGH, FADES_AT, LEFT_KEPT, MOST_KEPT, SURE, Usual, all_odds, odds


def usual_of(posts: dict[tuple[int, ...], int]) -> Usual:
    usual = Usual()
    for words, times in posts.items():
        for _ in range(times):
            usual.learn(words)
    return usual


def test_the_formula_is_that_of_the_paper() -> None:
    now, of_now, usually, of_usual, known = 12, 120, 30, 3_000, 500
    prior = 300 * (now + usually + 1) / (of_now + of_usual + known + 1)
    delta = log((now + prior) / (of_now + 300 - now - prior)) - log(
        (usually + prior) / (of_usual + 300 - usually - prior)
    )
    found = odds(now, of_now, usually, of_usual, known)
    assert found.log_odds == pytest.approx(delta)
    assert found.z == pytest.approx(delta / sqrt(1 / (now + prior) + 1 / (usually + prior)))


def test_what_is_always_said_is_no_driver_and_what_is_new_is() -> None:
    usual = usual_of({(1, 2): 400, (1, 3): 100})
    found = all_odds({1: 20, 2: 15, 9: 6}, usual)
    assert found[9].z > SURE
    assert abs(found[1].z) < SURE
    assert found[9].log_odds > 0 > found[2].log_odds


def test_a_word_that_was_never_heard_is_told_from_four_people_on() -> None:
    usual = usual_of({tuple(range(10)): 300})
    now = dict.fromkeys(range(10), 20)
    assert all_odds({**now, 99: 4}, usual)[99].z > SURE
    assert all_odds({**now, 99: 1}, usual)[99].z < SURE


def test_without_any_usual_talk_nothing_is_unusual() -> None:
    assert Usual().words < ENOUGH
    assert all(abs(found.z) < SURE for found in all_odds({1: 50, 2: 3}, Usual()).values())


@given(st.lists(st.lists(st.integers(1, 3_000), max_size=12), max_size=400))
def test_the_usual_talk_is_bounded_and_counts_no_word_too_often(posts: list[list[int]]) -> None:
    usual = Usual()
    for words in posts:
        usual.learn(words)
    assert len(usual.counts) <= MOST_KEPT
    exact: dict[int, int] = {}
    for words in posts:
        for word in set(words):
            exact[word] = exact.get(word, 0) + 1
    assert usual.words == sum(exact.values())
    assert all(exact[word] - usual.words / LEFT_KEPT <= count <= exact[word] for word, count in usual.counts.items())


def test_what_was_usual_long_ago_fades() -> None:
    usual = usual_of({(1, 2): FADES_AT // 2 - 1})
    assert usual.counts[1] == FADES_AT // 2 - 1
    usual.learn((1, 2))
    assert (usual.words, usual.counts[1]) == (FADES_AT // 2, FADES_AT // 4)


@given(st.integers(1, 500), st.integers(0, 5_000), st.integers(0, 500), st.integers(0, 20_000), st.integers(1, 900))
def test_the_odds_are_finite_whatever_was_said(now: int, more: int, usually: int, usual: int, known: int) -> None:
    found = odds(now, now + more, usually, usually + usual, known)
    assert abs(found.log_odds) < 100
    assert abs(found.z) < 1_000
