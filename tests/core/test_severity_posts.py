"""Invented posts of a crisis, and of none: how much of it is found."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from listener.severity.finder import load_finder

POSTS: dict[str, Any] = tomllib.loads(
    (Path(__file__).parents[1] / "data" / "severity" / "posts.toml").read_text("utf-8")
)
NAME = re.compile(r"acme(?!\w)", re.IGNORECASE)
LEAST = 0.8  # what was found of the even ones when they were read for the first time


def categories(text: str, language: str) -> set[str]:
    names = [found.span() for found in NAME.finditer(text)]
    return {one.category for one in load_finder().find("text", text, language, names)}


@pytest.mark.parametrize("language", ["en", "ro", "hr", "he"])
def test_most_posts_of_a_crisis_are_found_in_their_category(language: str) -> None:
    posts = [post for part in ("posts", "later") for group in POSTS[part] if group["language"] == language
             for post in group["texts"]]  # fmt: skip  # one source of posts
    missed = [text for category, text in posts if category not in categories(text, language)]
    assert len(missed) <= (1 - LEAST) * len(posts), missed


def test_all_languages_have_posts_of_all_categories() -> None:
    for group in POSTS["posts"]:
        assert len({category for category, _ in group["texts"]}) == 9


def test_of_posts_of_no_crisis_next_to_none_is_taken_for_one() -> None:
    texts = [text for group in POSTS["calm"] for text in group["texts"]]
    assert len([text for text in texts if categories(text, "en")]) <= 0.05 * len(texts)
