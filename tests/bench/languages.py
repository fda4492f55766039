"""Whose language is it: what is told right, what it costs, and how Romanian is read.

The posts of tests/data/languages are our own. Of each pair of sets the first was looked at while rules, weights and
words were chosen, and the second was written after them. Stocknet's languages are Twitter's, which are often wrong on
headlines; airline2015 is English throughout.
"""

import csv
import gzip
import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from agents.reader import load_detector, load_romanian, standard_reader
from listener.brands.matcher import Found
from listener.sentiment.language import LEAST_CONFIDENCE, Best, Identified, Identifier, code_of, words_of
from listener.sentiment.masking import HANDLE
from schemas.mention import Mention
from schemas.times import from_ms
from tests.bench._report import ROOT, arguments, data_folder, finish, head, table

OURS = ROOT / "tests" / "data" / "languages"
POLAR = 500  # of the compound × 10⁴, as VADER's authors advise
SCORERS = {"en": "vader/3.3.2", "ro": "romanian/1"}
NOTHING = Found({}, [], [])
DISTINCT = 20_000  # texts of stocknet whose time is taken


class Counting:
    """The detector, and how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self._detect = load_detector()

    def __call__(self, text: str) -> Best:
        self.asked += 1
        return self._detect(text)


def posts() -> dict[str, float]:
    """Our own posts in thirteen languages, mostly of three to eight words, under what may be known besides."""
    detect = load_detector()
    identify = Identifier(detect).identify

    def alone(text: str) -> str | None:
        best, share = detect(words_of(text))[0]
        return best if share >= LEAST_CONFIDENCE else None

    ways: dict[str, Callable[[str, str], str | None]] = {
        "detector alone": lambda text, _: alone(text),
        "nobody says": lambda text, _: identify(None, text).language,
        "brand's languages": lambda text, language: identify(None, text, None, {"en", language}).language,
        "thread's language": lambda text, language: identify(None, text, language).language,
        "platform says en": lambda text, _: identify("en", text).language,
    }
    figures: dict[str, float] = {}
    for part in ("dev", "test"):
        rows = list(lines_of(f"posts_{part}.tsv"))
        found = {way: Counter(told(tell(text, to), to) for to, text in rows) for way, tell in ways.items()}
        print(f"{len(rows)} posts of our own in {len({language for language, _ in rows})} languages ({part})")
        table(
            [[way, *(counts[key] for key in ("right", "wrong", "unknown"))] for way, counts in found.items()],
            ["known", "right", "wrong", "unknown"],
        )
        routed = Counter(SCORERS.get(language) == scorer_of(text) for language, text in rows)
        figures |= {
            f"posts_{part}_right": found["nobody says"]["right"] / len(rows),
            f"posts_{part}_wrong": found["nobody says"]["wrong"] / len(rows),
            f"posts_{part}_right_of_brand": found["brand's languages"]["right"] / len(rows),
            f"posts_{part}_right_though_platform_says_en": found["platform says en"]["right"] / len(rows),
            f"posts_{part}_to_right_scorer_or_none": routed[True] / len(rows),
        }
    return figures


def told(language: str | None, right: str) -> str:
    """What an answer is worth."""
    return "unknown" if not language else "right" if language == right else "wrong"


def scorer_of(text: str) -> str | None:
    """The name of the scorer that read a text, None if none did."""
    sentiment = standard_reader().read(mention_of(text), NOTHING).sentiment
    return None if sentiment.compound is None else sentiment.scorer


def mention_of(text: str) -> Mention:
    """A mention of which nothing is known but its text."""
    return Mention(id="x:1", text=text, created_at=from_ms(0), platform="x")


def tweets(data: Path) -> dict[str, float]:
    """English tweets of which nobody says that they are, and those of which Twitter does; time by the processor."""
    airline = [(None, text) for text in airline_texts(data)]
    stocknet = list(stocknet_texts(data))[:DISTINCT]
    nobody = [(None, text) for _, text in stocknet]
    rows = []
    figures: dict[str, float] = {}
    for name, texts in (("airline2015", airline), ("stocknet, as Twitter says", stocknet), ("stocknet", nobody)):
        detect = Counting()
        answers, spent = timed(Identifier(detect).identify, texts)
        english = sum(answer.language == "en" for answer in answers)
        other = sum(answer.language not in {"en", None, ""} for answer in answers)
        rows.append([name, len(texts), english, other, f"{detect.asked / len(texts):.4f}", f"{spent:.1f}"])
        figures[f"{name.partition(',')[0]}{'_said' * (',' in name)}_us"] = spent
    print("Distinct texts, nothing cached; µs of processor time")
    table(rows, ["set", "texts", "told as English", "as another", "detector asked", "µs a text"])
    changed = Counter(
        "kept" if answer.language == code_of(lang) else "changed"
        for (lang, _), answer in zip(stocknet, timed(Identifier(load_detector()).identify, stocknet)[0], strict=True)
        if code_of(lang) == "en"
    )
    scored = [standard_reader().read(mention_of(text), NOTHING).sentiment.compound is not None for _, text in airline]
    figures["airline_coverage"] = sum(scored) / len(scored)
    figures["stocknet_english_kept"] = changed["kept"] / changed.total()
    return figures


def timed(
    identify: Callable[[str | None, str], Identified], texts: Sequence[tuple[str | None, str]]
) -> tuple[list[Identified], float]:
    """The answers, and µs of processor time a text."""
    identify(None, "the first call loads the model, and that is not what is measured")
    began = time.process_time()
    answers = [identify(lang, text) for lang, text in texts]
    return answers, (time.process_time() - began) / len(texts) * 1e6


def airline_texts(data: Path) -> Iterable[str]:
    """The distinct tweets without their handles."""
    with gzip.open(data / "airline2015" / "Tweets.csv.gz", "rt", encoding="utf-8", newline="") as file:
        return list(dict.fromkeys(HANDLE.sub("", row["text"]) for row in csv.DictReader(file)))


def stocknet_texts(data: Path) -> Iterator[tuple[str | None, str]]:
    """Twitter's language and the text of each distinct tweet."""
    seen = set()
    with gzip.open(data / "stocknet_88" / "stocknet_88.jsonl.gz", "rt", encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            if row["text"] not in seen:
                seen.add(row["text"])
                yield row["lang"], row["text"]


def romanian() -> dict[str, float]:
    """Our own sentences as people post them about shops, banks and telecoms."""
    compound = load_romanian().compound
    rows, figures = [], {}
    for name, part in (("romanian_moods_dev.tsv", "development"), ("romanian_moods_test.tsv", "test")):
        sentences = list(lines_of(name))
        scores = [(mood, compound(text)) for mood, text in sentences]
        right = sum(mood == mood_of(score) for mood, score in scores) / len(scores)
        polar = [(mood, score) for mood, score in scores if mood != "neutral"]
        felt = [(mood == "positive") == (score > 0) for mood, score in polar if score]
        rows.append(
            [part, len(scores), f"{right:.3f}", f"{sum(felt) / len(felt):.3f}", f"{len(felt) / len(polar):.3f}"]
        )
        figures[f"romanian_{part}_accuracy"] = right
    print("Romanian sentences")
    table(rows, ["set", "sentences", "accuracy", "right sign where any", "of those with a mood: has a sign"])
    return figures


def mood_of(score: int) -> str:
    """The class of a compound."""
    return "negative" if score <= -POLAR else "positive" if score >= POLAR else "neutral"


def lines_of(name: str) -> Iterator[tuple[str, str]]:
    """The label and the text of each line."""
    for line in (OURS / name).read_text(encoding="utf-8").splitlines():
        label, text = line.split("\t")
        yield label, text


def main(argv: Sequence[str] | None = None) -> None:
    """Measure all, print all."""
    data = data_folder(arguments(__doc__).parse_args(argv).data.absolute())
    head("Which language, and how Romanian is read")
    figures = posts() | tweets(data) | romanian()
    table([[name, f"{value:.4f}"] for name, value in figures.items()], ["figure", "measured"])
    finish("languages", figures)


if __name__ == "__main__":
    main()
