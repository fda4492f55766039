"""What is frozen with an alert so that a person understands it, also where somebody wants it misunderstood."""

from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from listener.alerts.evidence import evidence_of as made
from listener.alerts.evidence import posts_of, without_posts
from listener.alerts.voices import CAP
from listener.author_marks import author_of
from listener.erasing import holds, without
from listener.partition import Partition, TrackRecord
from listener.remembered import LATELY, STATE_VERSION, Remembered, Sample
from listener.remembered_post import GRAVE, Post
from schemas.alert import Alert
from schemas.brand_mention import BrandMention
from schemas.record import to_json
from schemas.times import DAY, HOUR, MINUTE, SECOND, from_ms, to_ms
from tests.core.building import START, alerts, all_alerts, brand_settings, final, judged_of, run, take, with_pulses
from tests.core.crises import (
    CRISIS,
    NEW,
    alerts_of,
    evidence_of,
    opened,
    people,
    post,
    usual_talk,
    words_of,
)
from tests.core.test_retraction_properties import retraction


def test_the_words_of_a_crisis_are_those_that_several_people_say_and_nobody_usually_does() -> None:
    said = people(40)
    alert = opened(said)
    told = words_of(alert, said)
    assert "glass shards in my acme bottle" in told
    assert not {"delivery", "late", "acme"} & set(told)
    first = evidence_of(alert).terms[0]
    assert first.authors >= 3
    assert first.usual == 0
    assert all(before.z >= after.z for before, after in pairwise(evidence_of(alert).terms))


def test_a_word_of_two_people_is_not_told() -> None:
    said = [*people(30), *(post(f"x:two{n}", CRISIS + n, "acme secretword", f"two{n}") for n in range(2))]
    assert "secretword" not in words_of(opened(said), said)


def test_phrases_that_go_on_in_each_other_are_one() -> None:
    said = people(40, "market valuations are driving us back to cash, acme")
    told = words_of(opened(said), said)
    assert "market valuations are driving us back to cash" in told
    assert sum(word is not None and "valuations" in word for word in told) == 1


def test_each_figure_has_its_denominator() -> None:
    alert = opened(people(40))
    evidence, judged = evidence_of(alert), judged_of(alert)
    assert evidence.observed == judged.observed
    assert 0 < evidence.looked_at <= evidence.observed
    assert evidence.compared > 0
    assert sum(one.posts for one in evidence.platforms) == evidence.looked_at
    assert sum(one.posts for one in evidence.named) == evidence.looked_at
    assert evidence.voices is not None
    assert evidence.voices.authors == evidence.looked_at


def test_it_is_told_by_which_names_people_call_the_brand() -> None:
    said = [replace(one, matches=(replace(one.matches[0], term="acmeair"),)) for one in people(40)[::4]]
    rest = [one for n, one in enumerate(people(40)) if n % 4]
    evidence = evidence_of(opened([*said, *rest]))
    assert {one.name for one in evidence.named} == {"alias Acme", "alias acmeair"}
    assert sum(one.posts for one in evidence.named) == evidence.looked_at


def test_a_brand_that_is_renamed_was_called_what_it_was_called_then() -> None:
    log = [*with_pulses([*usual_talk(), *people(40)], CRISIS + 2 * HOUR, every=5 * MINUTE)]
    renamed = brand_settings(at=CRISIS + 2 * MINUTE, version="2")
    assert renamed.brand is not None
    renamed = replace(renamed, brand=replace(renamed.brand, name="Zenith", aliases=("Acme",)))
    place = next(n for n, record in enumerate(log) if read_at(record) > CRISIS + 2 * MINUTE)
    told = alerts(run([*log[:place], renamed, *log[place:]]))
    evidence = evidence_of(next(one for one in told if (one.stage, one.event) == ("final", "opened")))
    assert {one.name for one in evidence.named} == {"alias Acme"}


def test_posts_are_told_as_of_their_platform_whatever_their_ids_begin_with() -> None:
    said = people(40)
    as_reviews = [replace(one, mention=replace(one.mention, platform="reviews")) for one in said[::4]]
    evidence = evidence_of(opened([*as_reviews, *(one for n, one in enumerate(said) if n % 4)]))
    assert {one.name for one in evidence.platforms} == {"reviews", said[0].mention.platform or "unknown"}


def test_what_opens_escalates_or_reopens_is_explained_and_nothing_else() -> None:
    told = alerts_of(people(60), until=CRISIS + 8 * HOUR)
    assert {alert.event for alert in told} >= {"opened", "resolved"}
    assert all((alert.evidence is not None) == (alert.event in ("opened", "escalated", "reopened")) for alert in told)


def test_an_early_warning_is_explained_by_the_window_that_is_open() -> None:
    said = people(40)
    early = next(alert for alert in alerts_of(said) if alert.stage == "early")
    assert evidence_of(early).looked_at == judged_of(early).observed
    assert words_of(early, said)


def test_the_loudest_posts_come_first_one_of_each_author_and_none_twice() -> None:
    loud = [
        post(
            "x:loud",
            CRISIS + 1,
            "acme recall now, managers knew everything about shards",
            "star",
            -0.9,
            followers=1_000_000,
        ),
        post(
            "x:loud2",
            CRISIS + 2,
            "acme recall now, managers knew everything about shards again",
            "star",
            -0.9,
            followers=1_000_000,
        ),
        post(
            "x:copy",
            CRISIS + 3,
            "acme recall now, managers knew everything about shards",
            "other",
            -0.9,
            followers=400_000,
        ),
    ]
    top = evidence_of(opened([*people(30), *loud])).top
    assert top[0].id in ("x:loud", "x:loud2")
    assert not {"x:loud", "x:loud2", "x:copy"} & {one.id for one in top[1:]}
    assert all(before.contribution >= after.contribution for before, after in pairwise(top))


def test_the_first_post_of_each_platform_shows_the_way_it_took() -> None:
    said = [
        replace(one, mention=replace(one.mention, platform=("x", "reddit")[n % 2])) for n, one in enumerate(people(40))
    ]
    said.append(post("review:1", CRISIS, "acme: glass", "early", written=CRISIS - HOUR, platform="review"))
    assert [(one.platform, one.id) for one in evidence_of(opened(said)).first] == [
        ("review", "review:1"),
        ("x", "x:crisis0"),
        ("reddit", "x:crisis1"),
    ]


def test_places_are_told_by_the_posts_that_name_them_if_several_people_do() -> None:
    said = [
        replace(one, mention=replace(one.mention, place="Split" if n % 2 else f"nowhere {n}"))
        for n, one in enumerate(people(20))
    ]
    (place,) = evidence_of(opened(said)).places
    assert place.authors >= 3
    assert all(int(id_.removeprefix("x:crisis")) % 2 for id_ in place.said_in)
    assert b"Split" not in to_json(opened(said))


def test_the_same_hour_last_week_stands_beside_it() -> None:
    days = 7 * 24 + 12
    at = START + days * HOUR
    said = [replace(one, mention=moved(one, at - CRISIS)) for one in people(30)]
    last = evidence_of(opened(said, until=at + 2 * HOUR, calm=days)).last_week
    assert last is not None
    assert (to_ms(last.start), last.known) == (at - 7 * DAY, 1.0)
    assert (last.mentions, last.scored, last.observed) == (6, 6, 1)
    assert evidence_of(opened(people(30))).last_week is None, "two days ago nobody listened"


def test_silence_is_explained_by_what_to_look_at() -> None:
    judged = replace(judged_of(opened(people(40))), tail="lower", counted="mentions", observed=0)
    evidence = made("quiet-brand", judged, Remembered(), [], None, lambda _: "Acme")
    assert (evidence.looked_at, evidence.terms, evidence.voices) == (0, (), None)
    assert evidence.steps[0].startswith("look whether the sources still deliver")


def moved(one: BrandMention, later: int) -> Any:
    mention = one.mention
    assert mention.ingested_at is not None
    read = from_ms(to_ms(mention.ingested_at) + later)
    return replace(mention, ingested_at=read, created_at=read)


# Those who want it misunderstood


def test_one_account_with_5000_posts_is_capped_and_the_verdict_without_it_is_told() -> None:
    flood = [post(f"x:f{n}", CRISIS + n * 50, f"acme is the worst of all, number {n}", "zealot") for n in range(5_000)]
    alert = opened(flood)
    evidence, judged = evidence_of(alert), judged_of(alert)
    voices = evidence.voices
    assert voices is not None
    assert (voices.authors, voices.voices, voices.in_all, voices.largest) == (1, 1, 1, evidence.looked_at)
    assert voices.capped == CAP
    assert judged.observed > 1_000
    assert not voices.stands
    assert evidence.terms == ()
    assert len(evidence.top) == 1
    assert evidence.steps[0].startswith("one account")


def test_one_loud_account_among_many_people_leaves_the_verdict_as_it_is() -> None:
    flood = [post(f"x:f{n}", CRISIS + n * SECOND, "acme is the worst of all", "zealot") for n in range(40)]
    voices = evidence_of(opened([*flood, *people(60, every=2 * SECOND)])).voices
    assert voices is not None
    assert voices.largest > CAP
    assert voices.stands


def test_of_praise_of_which_a_part_is_looked_at_nobody_says_how_many_spoke_in_all() -> None:
    fans = [post(f"x:p{n}", CRISIS + n * SECOND, f"i love acme, cup {n}", f"fan{n}", 0.8) for n in range(200)]
    told = all_alerts(run(with_pulses([*usual_talk(), *fans], CRISIS + HOUR, every=5 * MINUTE)))
    praise = next(alert for alert in told if alert.rule == "praise-spike")
    voices = evidence_of(praise).voices
    assert voices is not None
    assert 0 < voices.authors < judged_of(praise).observed
    assert (voices.in_all, voices.exact) == (None, False)


def test_bots_with_near_same_texts_young_accounts_and_in_step_are_marked() -> None:
    bots = [
        post(
            f"x:bot{n}",
            CRISIS + n * 100,
            f"never buy acme poison drinks stay healthy folks {'!' * (n % 3)}",
            f"bot{n}",
            born=NEW,
        )
        for n in range(300)
    ]
    evidence = evidence_of(opened(bots))
    signs = evidence.coordination
    assert signs is not None
    assert signs.marked
    assert signs.near_same == signs.own == signs.young == signs.aged == signs.in_step
    assert evidence.steps[0].startswith("do not answer the near-same posts")
    assert evidence.voices is not None
    assert evidence.voices.voices == 1 < evidence.voices.authors


def test_people_who_share_a_page_are_no_campaign() -> None:
    share = "Acme recalls bottles after customers report shards https://news.example/acme"
    signs = evidence_of(
        opened([post(f"x:s{n}", CRISIS + n * 100, share, f"reader{n}") for n in range(300)])
    ).coordination
    assert signs is not None
    assert signs.near_same == signs.own == signs.in_step == signs.linked
    assert not signs.marked


def test_people_in_their_own_words_are_no_campaign() -> None:
    signs = evidence_of(opened(people(60), until=CRISIS + HOUR)).coordination
    assert signs is not None
    assert not signs.marked


def test_a_repost_chain_of_thousands_is_one_voice_beside_its_count() -> None:
    said = [post("x:root", CRISIS, "acme sold me a bottle with glass shards in it", "ann")]
    said += [
        post(f"x:r{n}", CRISIS + 1 + n * 100, "", f"fan{n}", kind="repost", reposted_id="x:root") for n in range(3_000)
    ]
    alert = opened(said)
    evidence, voices = evidence_of(alert), evidence_of(alert).voices
    assert voices is not None
    assert judged_of(alert).observed > 1_000
    assert voices.voices == 1
    assert voices.authors == evidence.looked_at
    assert voices.reposts >= evidence.looked_at - 1
    assert not voices.exact
    assert voices.in_all is not None
    assert 0.6 < voices.in_all / judged_of(alert).observed <= 1.0
    assert evidence.steps[0].startswith("most of it passes on")


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("he", "acme מצאתי זכוכית שבורה בבקבוק", "זכוכית שבורה"),
        ("ro", "am găsit cioburi de sticlă la acme", "cioburi de sticlă"),
        ("hr", "našao sam krhotine stakla u acme", "krhotine stakla"),
    ],
)
def test_words_are_told_in_any_script(language: str, text: str, expected: str) -> None:
    names = ["ana", "ivan", "noa", "dan", "eva", "luka", "maja", "or"]
    said = [
        post(f"x:c{n}", CRISIS + n * 6_000, f"{names[n % 8]}{'x' * (n % 5)} {text}", f"p{n}", language=language)
        for n in range(40)
    ]
    assert expected in " / ".join(word or "" for word in words_of(opened(said), said))


# What is taken back


def taken_back(said: list[BrandMention], gone: list[BrandMention], at: int) -> list[Alert]:
    """The alerts if some of it is deleted at `at` ms."""
    log = with_pulses([*usual_talk(), *said], CRISIS + 2 * HOUR, every=5 * MINUTE)
    place = next(n for n, record in enumerate(log) if read_at(record) > at)
    log[place:place] = [retraction(one, at) for one in gone]
    return alerts(run(log))


def read_at(record: Any) -> int:
    if isinstance(record, BrandMention):
        assert record.mention.ingested_at is not None
        return to_ms(record.mention.ingested_at)
    return to_ms(record.through) if hasattr(record, "through") else 0


def test_what_was_deleted_before_the_verdict_is_no_evidence() -> None:
    said = [
        *people(40),
        *(post(f"x:gone{n}", CRISIS + n, "acme secretword", f"g{n}", -0.9, followers=10**6) for n in range(12)),
    ]
    before = next(alert for alert in alerts_of(said) if alert.event == "opened" and alert.stage == "final")
    assert "secretword" in words_of(before, said)
    told = taken_back(said, said[-12:], CRISIS + 4 * MINUTE + 30 * SECOND)
    after = next(alert for alert in told if alert.event == "opened" and alert.stage == "final")
    assert "secretword" not in words_of(after, said)
    assert not any(id_.startswith("x:gone") for id_ in posts_of(after))


def test_what_was_deleted_an_hour_later_is_no_evidence_of_a_later_event() -> None:
    said = [*people(200, every=40 * SECOND), post("x:gone", CRISIS + 1, "acme", "g", -0.9, followers=10**6)]
    told = taken_back(said, said[-1:], CRISIS + 6 * MINUTE)
    later = [alert for alert in told if alert.event == "escalated" and to_ms(alert.at) > CRISIS + 12 * MINUTE]
    assert later
    assert "x:gone" not in [id_ for alert in later for id_ in posts_of(alert)]


def test_an_edited_post_speaks_with_its_new_words() -> None:
    said = [post(f"x:e{n}", CRISIS + n * SECOND, "acme secretword", f"e{n}") for n in range(15)]
    edits: list[TrackRecord] = []
    for one in said:
        mention = replace(one.mention, version=1, text="acme newword", ingested_at=from_ms(CRISIS + 2 * MINUTE))
        edits += [
            retraction(one, CRISIS + 2 * MINUTE, "edited"),
            replace(one, mention=mention, first_read=one.mention.ingested_at),
        ]
    crowd = people(10)
    log = with_pulses([*usual_talk(), *said, *crowd], CRISIS + 2 * HOUR, every=5 * MINUTE)
    place = next(n for n, record in enumerate(log) if read_at(record) > CRISIS + 2 * MINUTE)
    log[place:place] = edits
    alert = next(alert for alert in alerts(run(log)) if alert.event == "opened" and alert.stage == "final")
    everything = [*crowd, *(edit for edit in edits if isinstance(edit, BrandMention))]
    told = words_of(alert, everything)
    assert "newword" in told
    assert "secretword" not in told


def test_without_its_posts_a_term_goes_from_an_alert() -> None:
    alert = opened(people(40))
    term = evidence_of(alert).terms[0]
    left = without_posts(alert, term.said_in[:1])
    assert evidence_of(left).terms[0].said_in == term.said_in[1:]
    none = without_posts(alert, dict.fromkeys(posts_of(alert)))
    assert list(posts_of(none)) == []
    assert (evidence_of(none).terms, evidence_of(none).top, evidence_of(none).first) == ((), (), ())
    assert evidence_of(none).voices == evidence_of(alert).voices


def test_no_word_lies_in_state_and_ids_and_marks_of_authors_can_be_taken_out() -> None:
    said = people(40, "secretword glass in my acme bottle")
    log = with_pulses([*usual_talk(), *said], CRISIS + HOUR, every=5 * MINUTE)
    kept: dict[str, bytes] = {}
    partition = Partition()
    for record in log[:-8]:
        partition.step(record)
    take(partition, kept)
    assert not any(b"secretword" in part or b"shards" in part for part in kept.values())
    marks = [author_of(one.mention) for one in said]
    hers: set[str | bytes] = {one.mention.id for one in said} | {mark for mark in marks if mark is not None}
    plain = {name: msgspec.msgpack.decode(raw, strict=False) for name, raw in kept.items()}
    assert [name for name, part in plain.items() if holds(part, hers)]
    scrubbed = {name: msgspec.msgpack.encode(without(part, hers)) for name, part in plain.items()}
    assert not any(holds(msgspec.msgpack.decode(raw), hers) for raw in scrubbed.values())
    assert not any(mark in raw for mark in marks if mark for raw in scrubbed.values())
    Partition.restored(scrubbed)


# What never changes it


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.integers(0, 59_999), min_size=1, max_size=40), st.integers(0, 300))
def test_order_within_the_lateness_and_a_restart_change_no_byte(shifts: list[int], stop: int) -> None:
    said = [
        *people(150, every=2 * SECOND),
        *(post(f"x:z{n}", CRISIS + n * 900, "acme awful", "zealot") for n in range(90)),
    ]
    log = with_pulses([*usual_talk(), *said], CRISIS + 2 * HOUR, every=5 * MINUTE)
    places = [read_at(record) for record in log]
    late = [
        place + (shifts[n % len(shifts)] if isinstance(record, BrandMention) else 60_000 * (place > 0))
        for n, (place, record) in enumerate(zip(places, log, strict=True))
    ]
    mixed = [log[n] for n in sorted(range(len(log)), key=lambda n: late[n])]
    assert final(run(mixed)) == final(run(log))
    kept: dict[str, bytes] = {}
    partition = Partition()
    before = run(log[: -1 - stop], partition)
    take(partition, kept)
    after = run(log[-1 - stop :], Partition.restored(kept))
    assert final([*before, *after]) == final(run(log))


@given(st.permutations(range(120)), st.integers(1, 120))
def test_a_sample_does_not_depend_on_the_order_nor_on_where_it_is_cut(order: list[int], first: int) -> None:
    said = [
        post(f"x:{n}", START + n * 1_000, "acme " + "abcd"[n % 4] * 3, f"p{n % 70}", -0.1 * (n % 9)) for n in range(120)
    ]

    def sampled(order: list[int]) -> Sample:
        sample = Sample()
        for n in order:
            sample.note(said[n], START + n * 1_000, "Acme")
        sample.cut(LATELY)
        return sample

    whole, other = sampled(list(range(120))), sampled(order)
    assert sorted(to_json(one) for one in whole.posts) == sorted(to_json(one) for one in other.posts)
    assert (whole.bars, whole.author_bar, whole.authors) == (other.bars, other.author_bar, other.authors)
    both = Sample()
    for part in (sampled(order[:first]), sampled(order[first:])):
        both.add(part, LATELY)
    everything = Sample()
    for n in range(70):  # fewer than are cut
        everything.note(said[n], START, "Acme")
    for mark, bar in ((GRAVE, both.bars[0]), (0, both.bars[1])):
        below = {one.id for one in everything.posts if one.marks & GRAVE == mark and one.rank <= bar}
        assert below <= {one.id for one in both.posts}, "all up to the bar are there, so it is a uniform sample"


def test_what_was_said_in_a_crisis_is_not_usual_talk_afterwards() -> None:
    for gave_alarm in (False, True):
        remembered = Remembered()
        sample = Sample()
        for one in people(10):
            sample.note(one, CRISIS, "Acme")
        remembered.take_in(sample, CRISIS, list)
        if gave_alarm:
            remembered.spoil(CRISIS, CRISIS + 5 * MINUTE)
        later = Sample()
        later.note(people(1)[0], CRISIS + 2 * DAY, "Acme")
        remembered.take_in(later, CRISIS + 2 * DAY, list)
        assert bool(remembered.talk.grave.words) != gave_alarm


def test_what_is_remembered_of_a_brand_is_bounded() -> None:
    """28 KiB of the 64 a brand may have, with ids of 11 bytes."""
    remembered = Remembered()
    kept: dict[str, bytes] = {}
    for window in range(26 * 12):
        at = START + window * 5 * MINUTE
        sample = Sample()
        for n in range(90):
            words = " ".join(
                f"{'abcdefghij'[n * k % 10]}{'klmnopqrst'[k]}{'uvwxyz'[window * k % 6]}x" for k in range(10)
            )
            one = post(
                f"x:{window:05}{n:05}", at, f"acme {words}", f"p{window}-{n}", -0.5 if n % 3 else 0.2, followers=n
            )
            sample.note(one, at, "Acme")
        remembered.take_in(sample, at, list)
        for name, part in remembered.take_changes().items():
            if part is None:
                del kept[name]
            else:
                kept[name] = part
    assert sum(map(len, kept.values())) < 28 << 10


def test_who_changes_what_is_kept_of_a_post_raises_the_version() -> None:
    fields = "key id window after other_platform author marks compound severe reach chain named place said"
    assert (STATE_VERSION, " ".join(Post.__struct_fields__)) == (3, fields)
