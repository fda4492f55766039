"""Authors and terms that a brand's people have muted: they count in trends, and raise nothing."""

from typing import Any

import pytest
from msgspec.structs import replace

from listener.brands.mutes import Mutes
from listener.trace import read_trace, trace_of
from schemas.brand_mention import BrandMention
from schemas.mention import Author, Mention
from schemas.settings import Brand, Mute
from schemas.times import DAY, HOUR, MINUTE, from_ms
from tests.core.building import (
    START,
    a_mention,
    alerts,
    burst,
    calm,
    events,
    latest,
    pulse,
    run,
    said,
    settings_of,
    with_pulses,
)
from tests.core.detecting import Port
from tests.core.test_retraction_properties import retraction

CRISIS = START + 30 * HOUR
UNTIL = CRISIS + 3 * DAY


def by(handle: str | None = None, id: str | None = None, **fields: Any) -> Mention:
    return a_mention("1", START, author=Author(handle=handle, id=id), **fields)


@pytest.mark.parametrize(
    ("mute", "mention", "held"),
    [
        (Mute(author="@Spam"), by("spam"), True),
        (Mute(author="spam"), by("@SPAM"), True),
        (Mute(author="@spam"), by("spammer"), False),
        (Mute(author="did:plc:1"), by("other", "did:plc:1"), True),
        (Mute(author="@spam", platform="X"), by("spam"), True),
        (Mute(author="@spam", platform="reddit"), by("spam"), False),
        (Mute(author="@spam"), a_mention("1", START), False),
        (Mute(author="@spam"), by(None, "7"), False),
        (Mute(term="free raffle"), a_mention("1", START, text="Acme: FREE  Raffle!"), True),
        (Mute(term="raffle"), a_mention("1", START, title="a raffle"), True),
        (Mute(term="raffle"), a_mention("1", START, text="acme raffles"), False),
        (Mute(term="抽奖"), a_mention("1", START, text="今天抽奖吗"), True),
        (Mute(term="c++ (2)"), a_mention("1", START, text="acme c++ (2) awful"), True),
        (Mute(term="raffle", until=from_ms(START + 1)), a_mention("1", START, text="raffle"), True),
        (Mute(term="raffle", until=from_ms(START)), a_mention("1", START, text="raffle"), False),
    ],
)
def test_a_mute_holds_for_its_author_or_its_term_until_its_end(mute: Mute, mention: Mention, held: bool) -> None:
    assert Mutes((mute,)).hold(mention, START) is held


def test_detect_marks_what_is_muted_for_the_brand_that_muted_it() -> None:
    brands = settings_of(Brand(id="acme", name="Acme", mute=(Mute(term="raffle"),)), Brand(id="bolt", name="Boltex"))
    both, other = a_mention("1", START, text="Acme and Boltex raffle"), a_mention("2", START, text="Acme")
    told = [one for one in Port().detect(brands, both, other) if isinstance(one, BrandMention)]
    assert [(one.brand, one.mention.id, one.muted) for one in told] == [
        ("acme", "1", True),
        ("bolt", "1", False),
        ("acme", "2", False),
    ]


def conversation(*mutes: Mute, later: int = 0) -> dict[str, bool]:
    """Which are muted of a post by @spam, what answers it, passes it on, answers the answer, and names Acme itself."""
    root = a_mention("1", START, text="Acme raffle", author=Author(handle="spam"))
    in_thread: dict[str, Any] = {"root_id": "1"}
    posts = [
        root,
        a_mention("answer", START + 1, text="me too", parent_id="1", **in_thread),
        a_mention("repost", START + 2, text="", kind="repost", reposted_id="1", **in_thread),
        a_mention("second", START + 3 + later, text="and me", parent_id="answer", **in_thread),
        a_mention("names it", START + 4, text="Acme is awful", parent_id="1", **in_thread),
    ]
    told = Port().detect(settings_of(Brand(id="acme", name="Acme", mute=mutes)), *posts)
    return {one.mention.id: one.muted for one in told if isinstance(one, BrandMention)}


@pytest.mark.parametrize("mute", [Mute(author="@spam"), Mute(term="raffle")])
def test_what_is_about_a_brand_only_through_what_is_muted_is_muted_with_it(mute: Mute) -> None:
    assert conversation(mute) == {"1": True, "answer": True, "repost": True, "second": True, "names it": False}


def test_answers_to_what_is_not_muted_are_not() -> None:
    assert not any(conversation(Mute(author="@other")).values())


def test_when_a_mute_has_ended_answers_to_what_it_muted_count_again() -> None:
    muted_until = Mute(author="@spam", until=from_ms(START + HOUR))
    assert conversation(muted_until, later=HOUR)["second"] is False
    assert conversation(muted_until)["second"] is True


def test_a_trace_keeps_that_it_was_muted() -> None:
    muted = replace(said("1", START), muted=True)
    for mention in (muted, said("1", START)):
        (again,) = read_trace(trace_of(mention.mention, START, [mention], None)).brand_mentions("1")
        assert again.muted is mention.muted


def muted(mentions: list[BrandMention]) -> list[BrandMention]:
    return [replace(mention, muted=True) for mention in mentions]


def test_what_is_muted_counts_in_trends_and_raises_nothing() -> None:
    angry = burst("angry", CRISIS, 60)
    loud, silent = (run(with_pulses([*calm(START, 30), *bad], UNTIL)) for bad in (angry, muted(angry)))
    assert "opened" in events(loud)
    assert "opened" in events(loud, "early")
    assert alerts(silent) == []
    assert latest(silent) == latest(loud)


def test_what_is_muted_and_goes_changes_no_alert() -> None:
    """It had added nothing to it: taken back it would make the crisis smaller than it was."""
    silent = muted(burst("silent", CRISIS, 40, -0.9))
    log = with_pulses([*calm(START, 30), *burst("angry", CRISIS, 60), *silent], CRISIS + 20 * MINUTE)
    gone = [retraction(mention, CRISIS + 20 * MINUTE) for mention in silent]
    outputs = run([*log, *gone, pulse(UNTIL)])
    assert "opened" in events(outputs)
    assert "revised" not in events(outputs)
    day = latest(outputs)["acme", "day", START + DAY].total
    assert day is not None
    assert day.volume is not None
    assert day.volume.mentions == 6 * 6 + 60
