"""Whoever switches a check off says why, on the line."""

import re
import tokenize
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FOLDERS = ("schemas", "listener", "agents", "deploy", "tests")

SUPPRESSION = re.compile(r"#\s*(noqa|type:\s*ignore|fmt:\s*(skip|off)|pragma)", re.IGNORECASE)
REASONED = re.compile(
    r"""\#\s(
        noqa: \s [A-Z]+\d+ (, \s [A-Z]+\d+)* \s - \s |
        type: \s ignore \[[a-z-]+ (, \s [a-z-]+)*\] \s\s\# \s |
        fmt: \s (skip|off) \s\s\# \s
    ) \w+ .* \s \w+""",
    re.VERBOSE,
)


def without_reason(source: str) -> Iterator[int]:
    """The numbers of lines with a comment that switches a check off and no reason in two words or more."""
    for token in tokenize.generate_tokens(StringIO(source).readline):
        if token.type == tokenize.COMMENT and SUPPRESSION.search(token.string) and not REASONED.search(token.string):
            yield token.start[0]


@pytest.mark.parametrize(
    "name", ["noqa: S608", "noqa", "type: ignore[misc]", "fmt: skip", "fmt: off", "noqa: S608 - x"]
)
def test_a_suppression_without_a_reason_is_found(name: str) -> None:
    assert list(without_reason(f"a = 1\nb = 2  # {name}\n")) == [2]


@pytest.mark.parametrize(
    "name", ["noqa: S608 - our own names", "type: ignore[misc]  # ships no types", "fmt: skip  # a table"]
)
def test_a_suppression_with_its_reason_is_not(name: str) -> None:
    assert list(without_reason(f"a = 1\nb = 2  # {name}\n")) == []


def test_every_suppression_has_its_reason() -> None:
    files = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]
    assert len(files) > 100, "there is something to look at"
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in files
        for line in without_reason(path.read_text(encoding="utf-8"))
    ]
    assert found == []
