"""What is said to whom and when, with the time handed in."""

from typing import Any
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from listener.notices.digest import DigestPlan
from listener.notices.health import Failure
from listener.notices.hours import parse_hours
from listener.notices.notices import HISTORY
from listener.notices.plan import Errand, Names
from listener.notices.routes import Route
from listener.notices.silences import Matcher, Silence, silenced_by
from listener.notices.wording import text, title
from schemas.evidence import Coordination, Evidence, Tally, Voices
from schemas.times import DAY, HOUR, MINUTE, SECOND
from tests.core.living import judged
from tests.core.noticing import NOW, World, alert, told

EVIDENCE = Evidence(
    observed=20,
    looked_at=12,
    compared=0,
    platforms=(Tally(name="x", posts=8), Tally(name="reddit", posts=4)),
    voices=Voices(authors=9, voices=4, reposts=3, largest=2, cap=3, in_all=15, exact=False, capped=20, stands=True),
    steps=("one", "two", "three"),
)


def test_a_page_waits_for_those_that_come_with_it_and_tells_them_together() -> None:
    world = World(Route("all", ("ops",), group_wait=10 * SECOND), names=Names({}, {"fizz": "acme", "pop": "acme"}))
    world.take(alert())
    assert world.later(5 * SECOND) == []
    world.take(alert(id="a2", fingerprint="f2", brand="pop"))
    assert told(world.later(6 * SECOND)) == [("ops", "firing", ["a1", "a2"])]


def test_brands_of_other_owners_have_pages_of_their_own() -> None:
    world = World()
    world.take(alert(), alert(id="a2", fingerprint="f2", brand="pop"))
    pages = world.later(2 * SECOND)
    assert told(pages) == [("ops", "firing", ["a1"]), ("ops", "firing", ["a2"])]
    assert pages[0].notice.key != pages[1].notice.key


def test_what_is_new_in_a_group_waits_for_its_interval_and_what_is_graver_does_not() -> None:
    world = World(names=Names({}, {"fizz": "acme", "pop": "acme"}))
    world.take(alert())
    world.later(2 * SECOND)
    world.take(alert(id="a2", fingerprint="f2", brand="pop"))
    assert world.later(4 * MINUTE) == []
    world.take(alert(sequence=2, event="escalated", severity="critical"))
    assert told(world.later(2 * SECOND)) == [("ops", "firing", ["a1", "a2"])]


def test_an_early_warning_and_its_alert_have_one_key_whatever_their_ids() -> None:
    world = World()
    world.take(alert(id="b7-early", stage="early"))
    (early,) = world.later(2 * SECOND)
    world.take(
        alert(), alert(id="b7-early", stage="early", sequence=2, event="resolved", reason="confirmed by alert a1")
    )
    (final,) = world.later(6 * MINUTE)
    assert (early.notice.key, early.notice.number) == (final.notice.key, final.notice.number - 1)
    assert told([final]) == [("ops", "firing", ["a1"])]


def test_an_early_warning_that_is_not_confirmed_is_withdrawn_and_pages_nobody_again() -> None:
    world = World()
    world.take(alert(id="a1-early", stage="early"))
    world.later(2 * SECOND)
    world.take(alert(id="a1-early", stage="early", sequence=2, event="resolved", reason="not confirmed"))
    assert told(world.later(2 * DAY)) == [("ops", "resolved", ["a1-early"])]


def test_what_is_over_before_anybody_was_told_pages_nobody_and_is_in_the_digest() -> None:
    world = World(digest=DigestPlan(("mail",), 9 * 60))
    world.take(alert(), alert(sequence=2, event="resolved"))
    (digest,) = world.later(2 * HOUR)
    assert (digest.receiver, digest.notice.kind) == ("mail", "digest")
    assert [(entry.latest.id, entry.why) for entry in digest.notice.entries] == [("a1", "over before anybody was told")]


def test_after_an_outage_the_latest_state_is_told_once() -> None:
    world = World()
    began = NOW - 3 * HOUR
    world.take(alert(began), alert(began + HOUR, sequence=2, event="resolved"))
    world.take(alert(began + 2 * HOUR, sequence=3, event="reopened", severity="critical"))
    world.take(
        alert(began, id="a2", fingerprint="f2"),
        alert(NOW - HOUR, id="a2", fingerprint="f2", sequence=2, event="resolved"),
    )
    (page,) = world.later(HOUR)
    assert [(one.latest.id, one.latest.sequence) for one in page.notice.alerts] == [("a1", 3)]


def test_history_pages_nobody_but_what_comes_of_it_later_does() -> None:
    world = World()
    world.take(alert(NOW - HISTORY - HOUR))
    assert world.later(HOUR) == []
    world.take(alert(world.now, sequence=2, event="escalated"))
    assert told(world.later(MINUTE)) == [("ops", "firing", ["a1"])]


def test_who_is_told_of_a_resolve_is_everybody_who_was_told_of_the_page() -> None:
    world = World()
    world.take(alert())
    world.later(2 * SECOND)
    world.down = {"ops"}
    world.take(alert(sequence=2, event="escalated", severity="critical"))
    assert told(world.later(MINUTE)) == [("mail", "firing", ["a1"])]
    world.take(alert(sequence=3, event="resolved"))
    assert told(world.later(10 * MINUTE)) == [("mail", "resolved", ["a1"])]
    world.down = set()
    assert told(world.later(HOUR)) == [("ops", "resolved", ["a1"])]
    world.keep()
    assert world.parts == {}


def test_an_end_that_cannot_be_told_for_a_day_is_told_no_more() -> None:
    world = World(Route("all", ("ops",)))
    world.take(alert())
    world.later(2 * SECOND)
    world.down = {"ops"}
    world.take(alert(sequence=2, event="resolved"))
    assert world.later(2 * DAY) == []
    world.down = set()
    assert world.later(DAY) == []
    world.keep()
    assert world.parts == {}


def test_the_next_receiver_is_told_when_the_first_one_has_failed_too_long_and_then_at_once() -> None:
    world = World()
    world.down = {"ops"}
    world.take(alert())
    assert world.later(10 * SECOND) == []
    assert told(world.later(30 * SECOND)) == [("mail", "firing", ["a1"])]
    world.take(alert(id="a2", fingerprint="f2", brand="pop"))
    assert told(world.later(2 * SECOND)) == [("mail", "firing", ["a2"])]


def test_who_asks_to_be_left_alone_is_left_alone_so_long() -> None:
    world = World(Route("all", ("ops",)))
    world.take(alert())
    world.now += SECOND
    (errand,) = world.notices.due(world.now)
    world.notices.failed(errand, world.now, Failure("HTTP 429", 20 * SECOND))
    assert world.later(20 * SECOND - 1) == []
    assert told(world.later(SECOND)) == [("ops", "firing", ["a1"])]


def reminders(world: World, ms: int) -> list[int]:
    """The hours from now at which nothing but reminders was told."""
    began = world.now
    errands = world.later(ms)
    assert all(one.notice.reminder and title(one.notice).startswith("Still open: ") for one in errands)
    return [round((one.notice.at - began) / HOUR) for one in errands]


def test_a_reminder_of_the_log_is_told_and_not_before_the_interval_of_the_route() -> None:
    world = World(Route("all", ("ops",), repeat_interval=2 * HOUR))
    world.take(alert())
    (page,) = world.later(2 * SECOND)
    assert reminders(world, HOUR) == []
    world.take(alert(world.now, sequence=2, event="reminded"))
    world.take(alert(world.now, sequence=3, event="revised"))
    assert reminders(world, 8 * HOUR) == [1]
    assert world.notices.next(world.now) == world.now + MINUTE
    world.take(alert(world.now, sequence=4, event="reminded"))
    assert reminders(world, 8 * HOUR) == [0]
    assert [errand.notice.number - page.notice.number for _, errand in world.said] == [0, 1, 2]


def test_what_somebody_looks_after_is_reminded_of_when_the_log_is_again() -> None:
    world = World(Route("all", ("ops",), repeat_interval=2 * HOUR))
    world.take(alert())
    world.later(HOUR)
    world.take(alert(world.now, sequence=2, event="reminded"), alert(world.now, sequence=3, event="acknowledged"))
    assert reminders(world, DAY) == []
    world.take(alert(world.now, sequence=4, event="reminded"))
    assert reminders(world, DAY) == [0]


def test_of_a_dead_source_of_which_the_log_has_no_reminders_people_are_reminded_once_a_day() -> None:
    world = World(Route("all", ("ops",)))
    world.take(alert(brand="", rule="dead-source"))
    world.later(2 * SECOND)
    assert reminders(world, 3 * DAY) == [24, 48, 72]
    numbers = [errand.notice.number for _, errand in world.said]
    assert len(set(numbers)) == len(numbers)


def test_what_is_said_again_keeps_its_number_and_what_is_new_gets_the_next_also_if_no_answer_came() -> None:
    world = World(Route("all", ("ops",), group_wait=0))
    numbers = []
    changes: list[dict[str, Any]] = [
        {"event": "opened"},
        {"event": "revised"},
        {"event": "escalated", "severity": "critical"},
        {"event": "resolved"},
        {"event": "reopened", "severity": "critical"},
    ]
    for sequence, change in enumerate(changes, start=1):
        world.take(alert(world.now, sequence=sequence, **change))
        world.now += MINUTE * sequence
        (errand,) = world.notices.due(world.now)
        assert world.notices.begin(errand)
        world.keep()
        numbers.append(errand.notice.number)
        world.die() if sequence % 2 else world.notices.failed(errand, world.now, Failure("no answer"))
    assert numbers == [1, 1, 2, 3, 4]


def test_an_event_that_is_muted_pages_nobody_and_is_in_the_digest_with_the_reason() -> None:
    world = World(digest=DigestPlan(("mail",), 9 * 60))
    world.take(alert(muted="planned campaign"))
    (digest,) = world.later(2 * HOUR)
    assert [entry.why for entry in digest.notice.entries] == ["muted: planned campaign"]
    world.take(alert(world.now, sequence=2, event="escalated"))
    assert told(world.later(2 * SECOND)) == [("ops", "firing", ["a1"])]


def test_what_is_muted_once_it_was_told_is_told_no_more_but_that_it_is_over() -> None:
    world = World(Route("all", ("ops",), repeat_interval=HOUR))
    world.take(alert())
    world.later(2 * SECOND)
    world.take(alert(sequence=2, event="escalated", severity="critical", muted="silenced"))
    assert world.later(DAY) == []
    world.take(alert(world.now, sequence=3, event="resolved", muted="silenced"))
    assert told(world.later(DAY)) == [("ops", "resolved", ["a1"])]


def test_the_first_route_that_takes_an_alert_has_it_unless_it_says_continue() -> None:
    night = Route("night", ("mail",), hours=(parse_hours("22:00-06:00"),), zone=ZoneInfo("America/New_York"))
    every = Route("every", ("ops",), rules=("negative-spike",), goes_on=True)
    rest = Route("rest", ("mail",))
    assert told(_said(World(night, rest))) == [("mail", "firing", ["a1"])]
    assert [one.about.split("\x1f")[0] for one in _said(World(night, rest))] == ["night"]  # 03:00 in New York
    assert [one.about.split("\x1f")[0] for one in _said(World(night, rest, now=NOW + 8 * HOUR))] == ["rest"]
    assert [one.receiver for one in _said(World(every, rest))] == ["ops", "mail"]


def _said(world: World) -> list[Errand]:
    world.take(alert(world.now))
    return world.later(2 * SECOND)


def test_a_warning_that_no_route_takes_is_told_in_the_digest_and_paged_once_it_is_critical() -> None:
    world = World(Route("grave", ("ops",), severities=("critical",)), digest=DigestPlan(("mail",), 9 * 60))
    world.take(alert(), alert(id="a2", fingerprint="f2"))
    world.take(alert(sequence=2, event="escalated", severity="critical"))
    pages = world.later(2 * HOUR)
    assert told(pages[:1]) == [("ops", "firing", ["a1"])]
    assert [(entry.latest.id, entry.why) for entry in pages[1].notice.entries] == [("a2", "no route pages it")]


def test_an_alertmanager_is_told_again_each_minute_what_it_was_told() -> None:
    world = World(Route("all", ("am",)), receivers=("am",), forgetful=frozenset({"am"}))
    world.take(alert())
    said = world.later(10 * MINUTE)
    assert [one.notice.refresh for one in said] == [False] + [True] * (len(said) - 1)
    assert 5 <= len(said) <= 11


def test_a_heartbeat_comes_at_its_interval() -> None:
    world = World(heartbeats={"ops": MINUTE})
    assert [one.notice.kind for one in world.later(10 * MINUTE)] == ["heartbeat"] * 11


def test_a_silence_of_an_alertmanager_is_told_with_what_it_covers() -> None:
    world = World(digest=DigestPlan(("mail",), 9 * 60))
    world.notices.silences = [
        Silence("ana", "known", NOW - HOUR, NOW + DAY, (Matcher("brand", "fi.*", is_regex=True),))
    ]
    world.take(alert())
    page, digest = world.later(2 * HOUR)
    assert "Silenced in Alertmanager by ana until 2026-01-06 08:00 UTC: known." in text(page.notice)
    assert digest.notice.entries[0].why.startswith("paged; silenced in Alertmanager by ana")
    assert title(digest.notice) == "fizz: 1 alert of the last day that paged nobody or were silenced"


def test_what_people_write_begins_no_line_and_commands_no_terminal() -> None:
    world = World(digest=DigestPlan(("mail",), 9 * 60))
    comment = "by ana\n\nCRITICAL Bank: all is stolen \x1b[2J\u202e)"
    world.notices.silences = [Silence("ana", comment, NOW - HOUR, NOW + DAY, ())]
    world.take(alert(reason=comment), alert(fingerprint="f2", id="a2", muted=comment))
    for said in world.later(2 * HOUR):
        body = text(said.notice)
        assert "by ana  CRITICAL Bank: all is stolen  [2J )" in body
        assert not any(line.startswith("CRITICAL Bank") for line in body.splitlines())
        assert not {"\x1b", "\u202e"} & set(body)


def test_a_matcher_is_that_of_an_alertmanager() -> None:
    labels = {"brand": "fizz"}
    for matcher, holds in (
        (Matcher("brand", "fizz"), True),
        (Matcher("brand", "fi", is_regex=True), False),
        (Matcher("brand", "pop", is_equal=False), True),
        (Matcher("team", ""), True),
        (Matcher("brand", "(", is_regex=True), False),
    ):
        assert bool(silenced_by([Silence("ana", "", 0, 1, (matcher,))], labels, 0)) is holds, matcher


def test_a_route_that_is_gone_leaves_what_is_open_to_those_that_are_there() -> None:
    world = World(Route("old", ("ops",)))
    world.take(alert())
    world.later(2 * SECOND)
    world.keep()
    world.plan = world.plan._replace(routes=(Route("new", ("mail",)),))
    world.die()
    assert told(world.later(2 * SECOND)) == [("mail", "firing", ["a1"])]
    world.take(alert(world.now, sequence=2, event="resolved"))
    ends = told(world.later(10 * MINUTE))
    assert sorted(ends) == [("mail", "resolved", ["a1"]), ("ops", "resolved", ["a1"])]


def test_what_comes_while_a_digest_is_told_is_in_the_next_one() -> None:
    world = World(Route("grave", ("ops",), severities=("critical",)), digest=DigestPlan(("mail",), 9 * 60))
    world.take(alert())
    world.now += HOUR
    (digest,) = world.notices.due(world.now)
    world.take(alert(world.now, id="a2", fingerprint="f2"))
    world.notices.sent(digest, world.now)
    (second,) = world.later(DAY)
    assert [entry.latest.id for entry in second.notice.entries] == ["a2"]


def test_a_digest_of_which_all_is_paged_while_it_is_told_is_over() -> None:
    world = World(Route("grave", ("ops",), severities=("critical",)), digest=DigestPlan(("mail",), 9 * 60))
    world.take(alert())
    world.now += HOUR
    (digest,) = world.notices.due(world.now)
    world.take(alert(world.now, sequence=2, event="escalated", severity="critical"))
    world.notices.sent(digest, world.now)
    assert told(world.later(2 * DAY)) == [("ops", "firing", ["a1"])]


def test_a_verdict_on_an_alert_that_another_one_has_followed_says_nothing_of_that_one() -> None:
    world = World(Route("all", ("ops",)))
    world.take(alert(), alert(sequence=2, event="resolved"))
    world.take(alert(id="a2"))
    assert told(world.later(MINUTE)) == [("ops", "firing", ["a2"])]
    world.take(alert(world.now, sequence=3, event="judged"))
    assert world.later(HOUR) == []
    world.take(alert(world.now, id="a2", sequence=2, event="resolved"))
    assert told(world.later(HOUR)) == [("ops", "resolved", ["a2"])]


def test_of_what_somebody_looks_after_nobody_hears_again_because_a_silence_has_ended() -> None:
    world = World(Route("all", ("ops",)))
    world.take(alert())
    world.later(MINUTE)
    world.take(alert(world.now, sequence=2, event="acknowledged"))
    world.take(alert(world.now, sequence=3, event="silenced", muted="silenced"))
    world.take(alert(world.now, sequence=4, event="updated"))
    assert world.later(DAY) == []
    world.take(alert(world.now, sequence=5, event="escalated"))
    (page,) = world.later(MINUTE)
    assert not page.notice.alerts[0].acknowledged


LINK = "https://ops.example/d/{owner}?var-brand={brand}&rule={rule}#{alert}"


def test_a_page_says_what_it_rests_on_and_what_to_do_next_until_it_is_over() -> None:
    world = World()
    world.take(alert(evidence=EVIDENCE))
    (page,) = world.later(2 * SECOND)
    lines = text(page.notice).splitlines()
    who = (
        "By 9 authors, 4 independent voices in 12 posts looked at of 20, 3 reposts among them; about 15 authors in all."
    )
    assert who in lines
    assert "On x 8, reddit 4 (of 12 looked at)." in lines
    assert [line for line in lines if line.startswith("Next: ")] == ["Next: one", "Next: two"]
    world.take(alert(sequence=2, event="updated"))
    (again,) = world.later(DAY)
    assert again.notice.alerts[0].latest.grounds == page.notice.alerts[0].latest.grounds
    world.take(alert(sequence=3, event="resolved"))
    (over,) = world.later(DAY)
    assert "independent voices" not in text(over.notice)
    assert "Next: " not in text(over.notice)


def test_a_page_warns_of_what_surely_lowers_its_weight_and_of_nothing_else() -> None:
    signs = Coordination(own=10, near_same=4, authors=4, young=0, aged=0, in_step=1, linked=0, marked=False)
    world = World()
    world.take(alert(evidence=replace(EVIDENCE, coordination=signs)))
    (page,) = world.later(2 * SECOND)
    assert "Careful" not in text(page.notice)
    marked = replace(EVIDENCE, coordination=replace(signs, marked=True))
    world.take(alert(id="a2", fingerprint="f2", brand="pop", evidence=marked))
    (page,) = world.later(2 * SECOND)
    assert "Careful: 4 of 10 posts say nearly the same, by 4 authors" in text(page.notice)


def test_a_page_says_how_far_the_normal_reaches() -> None:
    world = World()
    world.take(alert(judged=judged(observed=20)))
    (page,) = world.later(2 * SECOND)
    assert "; usual (95 %): 0 to 7 of 25 scored, 0 to 4 in such a stretch" in text(page.notice)


def test_a_page_says_where_its_alert_can_be_looked_at() -> None:
    world = World(names=Names({}, {"fizz": "acme & sons"}), link=LINK)
    world.take(alert())
    (page,) = world.later(2 * SECOND)
    (one,) = page.notice.alerts
    assert one.page == "https://ops.example/d/acme%20%26%20sons?var-brand=fizz&rule=negative-spike#a1"
    assert f"Look: {one.page}" in text(page.notice).splitlines()


def test_a_dead_source_can_be_looked_at_under_the_name_of_the_listener() -> None:
    world = World(link=LINK)
    world.take(alert(brand="", rule="dead-source", scope="bluesky", severity="critical"))
    (page,) = world.later(2 * SECOND)
    assert page.notice.alerts[0].page.startswith("https://ops.example/d/listener?var-brand=listener&")


def test_without_an_address_nothing_is_said_of_one() -> None:
    world = World()
    world.take(alert())
    (page,) = world.later(2 * SECOND)
    assert page.notice.alerts[0].page == ""
    assert "Look: " not in text(page.notice)
