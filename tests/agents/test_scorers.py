"""Scorers that are plugged in: found, asked once a batch, never waited for long, and replaced aloud where they fail."""

import io
import logging
import re
import time
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from rich.console import Console

from agents.board import Board
from agents.checkup import check
from agents.configuration import Kafka, OwnScorer, WrongSettings
from agents.detect import Detector, LogRecord, detect
from agents.metrics import Metrics
from agents.plugged import MOST_FAILURES, Answer, Plugged
from agents.plugged_reader import PluggedReader
from agents.query_lab import match
from agents.reader import standard_reader
from agents.runtime.embedded import Embedded, Incoming, Outcome
from agents.runtime.lanes import Lanes
from agents.runtime.outbox import Outbox
from agents.runtime.store import Store
from agents.runtime.topics import Topics
from agents.runtime.work import DetectWork
from agents.scorers import with_scorers
from agents.sources.lines import Line
from listener.reading import TextReader
from listener.threads import Threads
from schemas.brand_mention import BrandMention, Sentiment
from schemas.mention import Mention
from schemas.record import to_json
from schemas.settings import Brand
from schemas.times import HOUR
from tests.agents.building import ACME, ROOT, configured, wait_for
from tests.agents.plugging import BROKEN, GOOD, SLOW, Installed, on_the_path, own
from tests.core.building import START, a_mention, heartbeat, settings_of
from tests.kafka.test_work import records, sent

DOCUMENTED = ROOT / "docs" / "scorers.md"
TOPICS = Topics.of(Kafka())
SETTINGS = settings_of(Brand(id="acme", name="Acme"), Brand(id="brill", name="Brill"))
HEARD = [Incoming(heartbeat(START + HOUR), b"")]
LONG = " and of what I have had before it there is nothing to compare"  # enough for a language to be found


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Installed]:
    with on_the_path(tmp_path) as found:
        yield found


def german(id: str, text: str, **fields: Any) -> Mention:
    return a_mention(id, START, text=text, lang="de", **fields)


def detected(reader: TextReader, *batches: Sequence[LogRecord]) -> list[BrandMention]:
    """The brand mentions of some batches."""
    detector = Detector(reader, Threads())
    detector.brands = detector.matcher(SETTINGS)
    outcome = Outcome()
    for batch in batches:
        detect(list(enumerate(batch)), detector, outcome)
    assert outcome.letters == []
    return [mention for _, mention in outcome.found]


def felt(reader: TextReader, *batch: LogRecord) -> list[Sentiment]:
    return [mention.sentiment for mention in detected(reader, batch)]


def reading_with(**fields: Any) -> TextReader:
    return with_scorers(standard_reader(), [own(**fields)])


def test_it_scores_its_language_and_stands_beside_each_score_with_its_version(installed: Installed) -> None:
    installed.add(GOOD)
    assert felt(reading_with(), german("1", "acme good"), german("2", "acme bad"), german("3", "acme")) == [
        Sentiment(scorer="mood/1.2", compound=1.0),
        Sentiment(scorer="mood/1.2", compound=-1.0),
        Sentiment(scorer="mood/1.2", compound=0.0),
    ]


def test_other_languages_are_scored_as_ever(installed: Installed) -> None:
    installed.add(GOOD)
    english = a_mention("1", START, text="acme is great", lang="en")
    croatian = a_mention("2", START, text="acme je good", lang="hr")
    assert felt(reading_with(), english, croatian) == felt(standard_reader(), english, croatian)


def test_it_may_take_the_place_of_what_is_built_in(installed: Installed) -> None:
    installed.add(GOOD)
    reader = reading_with(languages=("en", "de"))
    assert felt(reader, a_mention("1", START, text="acme is bad", lang="en"))[0].compound == -1
    assert felt(reader, a_mention("2", START, text="acme bad", lang=None))[0].scorer == "mood/1.2"  # too short to tell


def test_its_options_are_those_of_the_settings(installed: Installed) -> None:
    installed.add(GOOD)
    assert felt(reading_with(options={"factor": 0.12345}), german("1", "acme good"))[0].compound == 0.1234


def test_it_is_asked_once_a_batch_about_each_text_with_its_names_hidden(installed: Installed) -> None:
    plug_in = installed.add(GOOD)
    texts = ["acme good", "acme bad", "Acme good", "brill und acme sind hier", "acme good"]
    found = detected(reading_with(), [german(str(place), text) for place, text in enumerate(texts)])
    assert len(found) == 6
    assert plug_in.calls == [[("brand good", "de"), ("brand bad", "de"), ("brand und brand sind hier", "de")]]


def test_it_is_asked_about_no_more_texts_at_once_than_it_wants(installed: Installed) -> None:
    plug_in = installed.add(GOOD)
    detected(reading_with(batch=2), [german(str(number), f"acme {number}") for number in range(5)])
    assert [len(call) for call in plug_in.calls] == [2, 2, 1]


def test_it_is_not_asked_what_is_about_nobody_or_was_seen(installed: Installed) -> None:
    plug_in = installed.add(GOOD)
    once = german("1", "acme good")
    detected(reading_with(), [once], [once, german("2", "rain"), german("3", "good", parent_id="unknown")])
    assert [text for call in plug_in.calls for text, _ in call] == ["brand good"]


def test_who_answers_what_comes_in_the_same_batch_is_foreseen(installed: Installed) -> None:
    plug_in = installed.add(GOOD)
    reply = german("2", "so good", parent_id="1")
    batch = [german("1", "acme"), reply, german("3", "no, bad", parent_id="2", root_id="1")]
    assert [mention.sentiment.compound for mention in detected(reading_with(), batch)] == [0, 1, -1]
    assert len(plug_in.calls) == 1


def test_so_is_what_comes_after_new_settings(installed: Installed) -> None:
    plug_in = installed.add(GOOD)
    both = settings_of(*SETTINGS.brands, Brand(id="cord", name="Cord"), version="2")
    before, after = [german("1", "acme"), german("2", "cord")], [german("3", "cord good"), german("4", "cord bad")]
    found = detected(reading_with(), [*before, both, *after])
    assert [mention.brand for mention in found] == ["acme", "cord", "cord"]
    assert plug_in.calls == [[("brand", "de")], [("brand good", "de"), ("brand bad", "de")]]


def test_what_was_not_foreseen_is_asked_about_by_itself(installed: Installed) -> None:
    installed.add(GOOD)
    configuration = configured(ACME + '[[scorers]]\nname = "mood"\nlanguages = ["de"]\n')
    (matched,) = match(configuration, [Line(1, b'{"text": "acme good", "lang": "de"}')])
    assert matched.found[0].sentiment == Sentiment(scorer="mood/1.2", compound=1.0)


@given(st.lists(st.sampled_from(["acme good", "acme bad", "brill", "rain", "good"]), max_size=12), st.data())
@settings(max_examples=60, deadline=None)
def test_however_batches_are_cut_the_same_comes_out(texts: list[str], data: st.DataObject) -> None:
    mentions = [
        german(str(number), text, parent_id=None if number % 3 else "0", root_id=None if number % 3 else "0")
        for number, text in enumerate(texts)
    ]
    cut = data.draw(st.integers(0, len(mentions)))
    plugged = Plugged("fair/1", lambda batch: [("good" in text) / 2 for text, _ in batch], ["de"], 3, 5.0)

    def told(*batches: Sequence[LogRecord]) -> list[bytes]:
        return [to_json(mention) for mention in detected(PluggedReader(standard_reader(), [plugged]), *batches)]

    assert told(mentions[:cut], mentions[cut:]) == told(mentions)


def test_a_scorer_that_says_what_is_built_in_changes_the_name_alone() -> None:
    plain = standard_reader()
    built_in = plain._router.first.compound  # noqa: SLF001 - the scorer of the service, whatever it is
    plugged = Plugged("own/1", lambda batch: [built_in(text) / 10_000 for text, _ in batch], ["en"], 64, 5.0)
    texts = [
        "acme is great!!",
        "acme: never again, NOT good",
        "brill and acme are not bad",
        "acme is better than brill",
    ]
    mentions = [a_mention(str(number), START, text=text, lang="en") for number, text in enumerate(texts)]
    own_scores = felt(PluggedReader(plain, [plugged]), *mentions)
    assert [one.compound for one in own_scores] == [one.compound for one in felt(plain, *mentions)]
    assert {one.scorer for one in own_scores} == {"own/1"}


def test_nothing_plugged_in_is_nothing_at_all() -> None:
    reader = standard_reader()
    assert with_scorers(reader, ()) is reader


# What fails


def test_one_that_is_too_slow_is_not_waited_for_and_that_is_said(installed: Installed) -> None:
    plug_in = installed.add(SLOW)
    reader = reading_with(languages=("de", "en"), batch=1, timeout_s=0.05)
    english = [a_mention(f"e{number}", START, text=f"acme is great {number}", lang="en") for number in range(20)]
    began = time.monotonic()
    first, *others = felt(reader, german("1", "acme good"), *english)
    assert time.monotonic() - began < 2
    assert first.compound is None
    assert first.not_scored == "no scorer for de: mood/1.2 timed out"
    built_in = felt(standard_reader(), english[0])[0].scorer
    assert {one.scorer for one in others} == {f"{built_in} (mood/1.2 left alone)"}
    assert all(one.compound is not None and one.compound > 0 for one in others)
    assert len(plug_in.calls) == 1
    plug_in.go_on.set()


def test_it_is_asked_again_once_it_has_answered_what_it_was_asked(installed: Installed) -> None:
    plug_in = installed.add(SLOW)
    reader = reading_with(timeout_s=0.05)
    assert felt(reader, german("1", "acme"))[0].compound is None
    assert felt(reader, german("2", "acme two"))[0].not_scored == "no scorer for de: mood/1.2 left alone"
    plug_in.go_on.set()
    wait_for(lambda: felt(reader, german("3", "acme three"))[0].compound == 0.25)
    assert [text for ((text, _),) in plug_in.calls] == ["brand", "brand three"]


def test_what_keeps_failing_is_left_alone_for_a_while_and_asked_again(installed: Installed) -> None:
    plug_in = installed.add(BROKEN)
    plugged = Plugged("mood/1.2", plug_in.create(), ["de"], 64, 5.0, pause=0.3)
    answers = [plugged.answers([("a", "de"), ("b", "de")]) for _ in range(MOST_FAILURES + 2)]
    assert answers == [["failed", "failed"]] * MOST_FAILURES + [["left alone", "left alone"]] * 2
    plug_in.ill = False
    wait_for(lambda: plugged.answers([("c", "de")]) == [5_000])
    assert plugged.answers([("d", "de")]) == [5_000]
    assert len(plug_in.calls) == MOST_FAILURES + 2


def test_each_further_failure_makes_the_pause_longer(installed: Installed) -> None:
    plug_in = installed.add(BROKEN)
    plugged = Plugged("mood/1.2", plug_in.create(), ["de"], 64, 5.0, pause=0.1)
    began = time.monotonic()
    while time.monotonic() - began < 1:
        plugged.answers([("a", "de")])
        time.sleep(0.01)
    assert MOST_FAILURES < len(plug_in.calls) <= MOST_FAILURES + 4  # after 0.1, 0.3, 0.7 s, not ten times a second


def test_a_dead_scorer_is_told_once_and_so_is_its_return(
    installed: Installed, caplog: pytest.LogCaptureFixture
) -> None:
    plug_in = installed.add(BROKEN)
    reader = reading_with(batch=1)
    with caplog.at_level(logging.WARNING):
        felt(reader, *(german(str(number), f"acme {number}") for number in range(2)))
        plug_in.ill = False
        felt(reader, *(german(str(number), f"acme {number}") for number in range(5)))
    assert [record.getMessage() for record in caplog.records] == [
        "the scorer mood/1.2: RuntimeError: no model today; what is built in scores in its place, or nothing",
        "the scorer mood/1.2 answers again",
    ]


NONSENSE: dict[str, list[Answer]] = {
    "[0.5]": ["wrong answer", "wrong answer"],
    "[0.5] * 3": ["wrong answer", "wrong answer"],
    "[]": ["wrong answer", "wrong answer"],
    "None": ["failed", "failed"],
    "7": ["failed", "failed"],
    "exit()": ["failed", "failed"],
    "[float('nan'), float('inf')]": ["wrong answer", "wrong answer"],
    "['0.5', b'1']": ["wrong answer", "wrong answer"],
    "[True, False]": ["wrong answer", "wrong answer"],
    "[1.01, 0.5]": ["wrong answer", 5_000],
    "[-0.25, -1e300]": [-2_500, "wrong answer"],
    "[1, -1]": [10_000, -10_000],
    "(x / 10 for x in (1, 2))": [1_000, 2_000],
    "[None, 0.0]": ["abstained", 0],
    "{0.1: '', 0.2: ''}": [1_000, 2_000],
}


@pytest.mark.parametrize("told", NONSENSE)
def test_only_numbers_from_minus_1_to_1_are_scores(told: str, installed: Installed) -> None:
    plug_in = installed.add(f"def create():\n    return lambda batch: {told}\n")
    plugged = Plugged("mood/1.2", plug_in.create(), ["de"], 64, 5.0)
    assert plugged.answers([("a", "de"), ("b", "de")]) == NONSENSE[told]


def test_who_cannot_say_is_not_overruled(installed: Installed) -> None:
    installed.add("def create():\n    return lambda batch: [None for _ in batch]\n")
    reader = reading_with(languages=("de", "en"))
    assert felt(reader, a_mention("1", START, text="acme is great", lang="en")) == [
        Sentiment(scorer="mood/1.2", compound=None, not_scored="mood/1.2 abstained")
    ]


# In both runtimes


@pytest.mark.parametrize("code", [GOOD, BROKEN], ids=["good", "broken"])
def test_both_runtimes_tell_the_same_and_count_the_same(code: str, installed: Installed, tmp_path: Path) -> None:
    installed.add(code)
    batch: list[LogRecord] = [
        SETTINGS,
        german("1", "acme good, und das ist nicht alles"),
        a_mention("2", START, text="brill is bad", lang="en"),
        german("3", "so bad", parent_id="1"),
    ]
    with Store(tmp_path / "test.db") as store:
        outcomes: list[Outcome] = []
        lane = Embedded(store, reading_with(), outcomes.append)
        lane.step([Incoming(record, to_json(record)) for record in batch], None, None)
        embedded = [to_json(mention) for _, mention in outcomes[0].found]
    metrics, outbox = Metrics(), Outbox(4)
    DetectWork({}, reading_with(), TOPICS, 0, 1, metrics).take(records(batch), outbox)
    assert sent(outbox, TOPICS.brand_mentions) == embedded
    assert len(embedded) == 3
    outcome = "answered" if code is GOOD else "failed"
    assert outcomes[0].detected[f"scorer mood/1.2 {outcome}"] == 2
    assert f'\nlistener_scorer_texts_total{{outcome="{outcome}",scorer="mood/1.2"}} 2.0\n' in metrics.text().decode()


def test_the_board_names_one_that_does_not_answer_until_it_does(installed: Installed, tmp_path: Path) -> None:
    plug_in = installed.add(BROKEN)
    board = Board()

    def shown() -> str:
        console = Console(width=100, file=io.StringIO(), force_terminal=False)
        with console.capture() as capture:
            console.print(board.drawn(START, 100, 40))
        return capture.get()

    with Store(tmp_path / "test.db") as store:
        lane = Embedded(store, reading_with(), board.note)
        board.opened(lane)
        lane.step([Incoming(SETTINGS, b""), Incoming(german("1", "acme good"), b""), *HEARD], None, None)
        assert "scorer mood/1.2: 1 failed of the last 1 text" in shown()
        plug_in.ill = False
        lane.step([Incoming(german("2", "acme good"), b"")], None, None)
        assert "scorer" not in shown()


def test_the_same_answers_are_the_same_bytes(installed: Installed) -> None:
    installed.add(GOOD)
    batch = [german(str(number), f"acme good {number}") for number in range(100)]
    first, second = (detected(reading_with(batch=size), batch) for size in (7, 64))
    assert [to_json(one) for one in first] == [to_json(one) for one in second]


# The settings


def test_one_that_is_not_installed_is_named_with_those_that_are(installed: Installed) -> None:
    installed.add(GOOD)
    installed.add(GOOD, name="other")
    with pytest.raises(WrongSettings, match="scorers: 'moody' is not installed; there are mood, other"):
        reading_with(name="moody")


def test_where_nothing_is_installed_it_says_what_is_looked_for(tmp_path: Path) -> None:
    with pytest.raises(WrongSettings, match=r"no package here has an entry point of 'listener\.scorers'"):
        reading_with()


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (GOOD, "TypeError: create.. got an unexpected keyword argument 'path'"),
        ("def create(path):\n    raise OSError('no such model')\n", "OSError: no such model"),
        ("def create(path):\n    return path\n", "makes str, nothing that can be called"),
        ("", "AttributeError"),
    ],
)
def test_one_that_cannot_be_made_says_why(code: str, told: str, installed: Installed) -> None:
    installed.add(code)
    with pytest.raises(WrongSettings, match=f"scorers: 'mood' .*{told}"):
        reading_with(options={"path": "model.bin"})


def test_a_worker_that_only_tracks_needs_none() -> None:
    configuration = replace(configured(ACME), scorers=(own(name="nobody"),))
    Lanes(configuration, ("track",))
    with pytest.raises(WrongSettings, match="'nobody' is not installed"):
        Lanes(configuration, ("detect", "track"))


def remark(scorer: OwnScorer) -> tuple[str, str]:
    """What `listener check` says of it."""
    configuration = configured(ACME)
    (found,) = (one for one in check(replace(configuration, scorers=(scorer,))) if one.what == f"scorer {scorer.name}")
    return found.level, found.told


def test_check_tries_it_and_says_how_long_it_took(installed: Installed) -> None:
    installed.add("import time\ndef create():\n    return lambda batch: time.sleep(0.05) or [0.5]\n")
    level, told = remark(own(languages=("de", "nl")))
    assert level == "ok"
    assert told.startswith("mood/1.2 scores de, nl; 'brand is great, thank you!': +0.5000, after ")
    assert 50 <= int(told.removesuffix(" ms").rpartition(" ")[2]) < 2_000


@pytest.mark.parametrize(("code", "outcome"), [(SLOW, "timed out"), (BROKEN, "failed")])
def test_check_says_what_is_wrong_with_it(code: str, outcome: str, installed: Installed) -> None:
    installed.add(code)
    level, told = remark(own(timeout_s=0.05))
    assert level == "wrong"
    assert told.startswith(f"mood/1.2, asked about one text: {outcome} after ")


def test_check_says_that_it_is_not_there() -> None:
    assert remark(own(name="nobody"))[0] == "wrong"


def test_the_example_of_the_documentation_works(installed: Installed) -> None:
    told = DOCUMENTED.read_text(encoding="utf-8")
    blocks = dict(re.findall(r"^`([\w.]+)`[^\n]*:\n\n```\w+\n(.*?)^```", told, re.MULTILINE | re.DOTALL))
    project = tomllib.loads(blocks["pyproject.toml"])["project"]
    (name,) = project["entry-points"]["listener.scorers"]
    installed.add(blocks["acme_mood.py"], name, project["version"])
    reader = with_scorers(standard_reader(), configured(ACME + blocks["listener.toml"]).scorers)
    assert felt(reader, german("1", "acme ist super"), german("2", "acme nie schlecht"), german("3", "acme")) == [
        Sentiment(scorer="acme-mood/1.2", compound=0.72),
        Sentiment(scorer="acme-mood/1.2", compound=-0.81),
        Sentiment(scorer="acme-mood/1.2", compound=None, not_scored="acme-mood/1.2 abstained"),
    ]
