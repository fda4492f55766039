"""How others write mentions, times and tables; what every mention must hold to."""

import json
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.formats.canonical import FAR_AHEAD, LONGEST_TEXT, check, from_json
from listener.formats.columns import NoColumns, RowReader, guess_columns
from listener.formats.times import BadTime, TimeReader
from schemas.deletion import Deletion
from schemas.mention import Author, Mention, Metrics, Rating
from schemas.record import BadRecord, to_json
from schemas.times import DAY, SECOND, from_ms, to_ms
from tests.core.building import START, a_mention


def line(**fields: Any) -> bytes:
    values = {"id": "x:1", "text": "hello", "created_at": "2026-01-05T00:00:00Z", **fields}
    return json.dumps({name: value for name, value in values.items() if value is not ...}).encode()


# times


@pytest.mark.parametrize(
    "value",
    [
        "2017-12-31T23:55:46Z",
        "2017-12-31T23:55:46+00:00",
        "2018-01-01T01:55:46+02:00",
        "2017-12-31 23:55:46",
        "2017-12-31 15:55:46 -0800",
        "Sun Dec 31 23:55:46 +0000 2017",
        "Sun, 31 Dec 2017 23:55:46 +0000",
        "20171231T235546Z",
        " 2017-12-31T23:55:46Z ",
        "1514764546",
        "1514764546.0",
        "1514764546000",
        1514764546,
        1514764546.0,
        1514764546000,
    ],
)
def test_times_are_read_as_they_are_written_in_the_wild(value: object) -> None:
    assert TimeReader()(value) == datetime(2017, 12, 31, 23, 55, 46, tzinfo=UTC)


@pytest.mark.parametrize("time", ["31/12/2017 23:55", "12/31/2017", "1/2/2017 23:55:46"])
def test_what_may_be_day_or_month_is_not_guessed(time: str) -> None:
    """Half a year of an American export would be read as another half year, and the rest refused."""
    with pytest.raises(BadTime, match="day or month first"):
        TimeReader()(time)


def test_times_without_a_zone_are_in_that_of_the_source() -> None:
    read = TimeReader(zone=ZoneInfo("Europe/Bucharest"))
    assert read("2017-12-31 23:55:46") == datetime(2017, 12, 31, 21, 55, 46, tzinfo=UTC)
    assert read("2017-12-31T23:55:46Z") == datetime(2017, 12, 31, 23, 55, 46, tzinfo=UTC)


def test_a_format_that_is_set_is_the_only_one() -> None:
    read = TimeReader("%d.%m.%Y %H:%M")
    assert read("31.12.2017 23:55") == datetime(2017, 12, 31, 23, 55, tzinfo=UTC)
    with pytest.raises(BadTime, match=r"is not in the time_format '%d\.%m\.%Y %H:%M'"):
        read("2017-12-31T23:55:46Z")


@pytest.mark.parametrize(
    "value",
    [
        "",
        "yesterday",
        "nan",
        "inf",
        "-inf",
        "1e400",
        "2017-13-01",
        "１５１４７６４５４６x",
        "31/12/2017 25:00",
        [],
        {},
        None,
    ],
)
def test_what_is_no_time_is_refused(value: object) -> None:
    with pytest.raises(BadTime):
        TimeReader()(value)


@pytest.mark.parametrize("value", [1e30, -1e30, float("nan"), float("inf"), "9999-12-31T23:59:59-23:00"])
def test_a_time_out_of_range_is_refused(value: object) -> None:
    with pytest.raises(BadTime):
        TimeReader()(value)


def test_one_strange_time_does_not_change_how_the_next_is_read() -> None:
    read = TimeReader()
    read("2017-12-31 23:55:46 +0000")
    assert read("2017-12-31T23:55:46Z") == datetime(2017, 12, 31, 23, 55, 46, tzinfo=UTC)
    assert read("Sun Dec 31 23:55:46 +0000 2017") == datetime(2017, 12, 31, 23, 55, 46, tzinfo=UTC)


@given(st.datetimes(timezones=st.just(UTC)))
def test_what_we_write_we_read(time: datetime) -> None:
    assert TimeReader()(time.isoformat()) == time


@given(st.integers(-(10**13), 10**14))
def test_milliseconds_are_rounded_down_and_come_back(ms: int) -> None:
    assert to_ms(from_ms(ms)) == ms
    assert to_ms(from_ms(ms).replace(microsecond=from_ms(ms).microsecond // 1000 * 1000 + 999)) == ms


# columns


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["id", "text", "created_at"], {"id": "id", "text": "text", "created_at": "created_at"}),
        (["Tweet_ID", " Full Text ", "Date"], {"id": "Tweet_ID", "text": " Full Text ", "created_at": "Date"}),
        (["content", "timestamp", "stars"], {"text": "content", "created_at": "timestamp", "rating.value": "stars"}),
        (
            ["text", "tweet_created", "name", "retweet_count"],
            {
                "text": "text",
                "created_at": "tweet_created",
                "author.handle": "name",
                "metrics.reposts": "retweet_count",
            },
        ),
    ],
)
def test_columns_are_guessed_by_their_names(names: list[str], expected: dict[str, str]) -> None:
    assert guess_columns(names) == expected


def test_the_likeliest_of_several_columns_is_taken_and_none_twice() -> None:
    columns = guess_columns(["date", "created_at", "text", "body"])
    assert (columns["created_at"], columns["text"]) == ("created_at", "text")
    assert len(set(columns.values())) == len(columns)


@pytest.mark.parametrize(
    ("names", "missing"), [(["id", "text"], "created_at"), (["date"], "text"), ([], "text and created_at")]
)
def test_without_text_or_time_it_says_what_there_is(names: list[str], missing: str) -> None:
    with pytest.raises(NoColumns, match=f"no column found for {missing} among: {', '.join(names)}"):
        guess_columns(names)


def row(cells: dict[str, object], **columns: str) -> Mention:
    named = {
        "text": "text",
        "created_at": "time",
        **{name.replace("__", "."): column for name, column in columns.items()},
    }
    found = RowReader(named, "x:", "x", TimeReader())({"text": "hi", "time": "2026-01-05", **cells}, b"raw")
    assert isinstance(found, Mention)
    return found


def test_a_row_becomes_a_mention() -> None:
    mention = row(
        {"n": 7, "who": "@jo", "fans": "12", "stars": "4.5"},
        id="n",
        author__handle="who",
        author__followers="fans",
        rating__value="stars",
    )
    assert (mention.id, mention.platform, mention.text) == ("x:7", "x", "hi")
    assert mention.created_at == datetime(2026, 1, 5, tzinfo=UTC)
    assert mention.author == Author(handle="@jo", followers=12)
    assert mention.rating == Rating(value=4.5)


def test_without_an_id_it_is_a_hash_of_the_row() -> None:
    read = RowReader({"text": "text", "created_at": "time"}, "x:", "x", TimeReader())
    cells = {"text": "hi", "time": "2026-01-05"}
    one, same, other = (read(cells, raw) for raw in (b"a", b"a", b"b"))
    assert one == same != other
    assert one.id.startswith("x:")


def test_empty_cells_are_left_out() -> None:
    mention = row({"fans": "", "likes": None}, author__followers="fans", metrics__likes="likes")
    assert (mention.author, mention.metrics) == (None, None)


@pytest.mark.parametrize(
    ("cells", "columns", "path"),
    [
        ({"fans": "many"}, {"author__followers": "fans"}, "$.author.followers"),
        ({"time": "soon"}, {}, "$.created_at"),
        ({"kind": "rumour"}, {"kind": "kind"}, "$.kind"),
        ({"back": "perhaps"}, {"backfill": "back"}, "$.backfill"),
        ({"when": "soon"}, {"metrics__as_of": "when"}, "$.metrics.as_of"),
    ],
)
def test_a_wrong_cell_is_refused_with_the_field(cells: dict[str, object], columns: dict[str, str], path: str) -> None:
    with pytest.raises(BadRecord, match=path.replace("$", r"\$")):
        row(cells, **columns)


@pytest.mark.parametrize("value", ["nan", "NaN", "inf", "-Infinity"])
def test_a_rating_that_is_no_number_does_not_get_into_the_log(value: str) -> None:
    """Exports of pandas are full of them; JSON has none, so the record could not be read back."""
    with pytest.raises(BadRecord, match="rating"):
        check(row({"stars": value}, rating__value="stars"), START)


# canonical


def test_a_line_becomes_a_mention() -> None:
    mention = from_json(line(author={"handle": "jo"}, unknown=[1, 2]))
    assert isinstance(mention, Mention)
    assert (mention.id, mention.text, mention.author) == ("x:1", "hello", Author(handle="jo"))
    assert (mention.kind, mention.op, mention.version, mention.mentions) == ("post", "create", 0, ())


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"text": 7}, "$.text"),
        ({"id": None}, "$.id"),
        ({"created_at": 1_700_000_000}, "$.created_at"),
        ({"created_at": "2026-01-05T00:00:00"}, "$.created_at"),
        ({"created_at": "yesterday"}, "$.created_at"),
        ({"author": "jo"}, "$.author"),
        ({"author": {"followers": "12"}}, "$.author.followers"),
        ({"author": {"followers": 1.5}}, "$.author.followers"),
        ({"mentions": ["@a", 7]}, "$.mentions[1]"),
        ({"metrics": {"likes": True}}, "$.metrics.likes"),
        ({"rating": {"max": 5}}, "value"),
        ({"kind": "rumour"}, "$.kind"),
        ({"op": "upsert"}, "$.op"),
        ({"backfill": 1}, "$.backfill"),
    ],
)
def test_a_wrong_type_is_refused_with_the_path_of_the_field(fields: dict[str, Any], path: str) -> None:
    with pytest.raises(BadRecord) as refused:
        from_json(line(**fields))
    assert path in str(refused.value)


@pytest.mark.parametrize("field", ["id", "text", "created_at"])
def test_a_create_needs_its_three_fields(field: str) -> None:
    with pytest.raises(BadRecord, match=f"missing required field `{field}`"):
        from_json(line(**{field: ...}))


def test_an_update_needs_what_a_create_does() -> None:
    with pytest.raises(BadRecord, match="missing required field `text`"):
        from_json(line(op="update", text=...))


@pytest.mark.parametrize("fields", [{}, {"text": ...}, {"created_at": ...}, {"text": ..., "created_at": ...}])
def test_of_a_delete_the_id_is_enough(fields: dict[str, Any]) -> None:
    assert from_json(line(op="delete", **fields)) == Deletion(id="x:1")


def test_a_deletion_may_be_written_as_what_it_is() -> None:
    assert from_json(b'{"record":"deletion/1","id":"x:1"}') == Deletion(id="x:1")


@pytest.mark.parametrize("raw", [b'{"op":"delete"}', b'{"op":"delete","id":""}', rb'{"op":"delete","id":"a\u0000"}'])
def test_a_delete_of_nothing_is_refused(raw: bytes) -> None:
    with pytest.raises(BadRecord, match="a delete without the id of what is deleted"):
        from_json(raw)


@pytest.mark.parametrize("field", ["created_at", "edited_at", "ingested_at"])
def test_a_delete_in_history_is_read_when_it_was_made(field: str) -> None:
    """Elsewhere a time of writing is that of the post, maybe long ago."""
    raw = line(**{"op": "delete", "text": ..., "created_at": ..., field: "2026-01-05T00:00:00Z"})
    assert from_json(raw, dated=True) == Deletion(id="x:1", ingested_at=from_ms(START))
    read = from_ms(START) if field == "ingested_at" else None
    assert from_json(raw) == Deletion(id="x:1", ingested_at=read)


def test_a_row_may_be_a_delete() -> None:
    columns = {"id": "id", "op": "what", "text": "text", "created_at": "at"}
    rows = RowReader(columns, "x:", "x", TimeReader())
    cells = {"id": "1", "what": "delete", "text": "", "at": "2026-01-05T00:00:00Z"}
    assert rows(cells, b"", dated=True) == Deletion(id="x:1", ingested_at=from_ms(START))
    assert rows({"id": "1", "what": "delete"}, b"") == Deletion(id="x:1")
    with pytest.raises(BadRecord, match="a delete without the id"):
        rows({"what": "delete", "text": "hello"}, b"")


@pytest.mark.parametrize(
    ("fields", "version"),
    [
        ({"op": "update"}, START),
        ({"op": "update", "version": 3}, 3),
        ({"op": "update", "edited_at": from_ms(START - SECOND)}, START - SECOND),
        ({"edited_at": from_ms(START - SECOND)}, START - SECOND),
        ({}, 0),
    ],
)
def test_a_version_is_when_it_was_edited_if_it_has_no_other(fields: dict[str, Any], version: int) -> None:
    assert check(a_mention("1", START - DAY, **fields), START).version == version


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"hello",
        b'{"id": "x:1"',
        b"[]",
        b"null",
        rb'{"id":"a","text":"\ud800","created_at":"2026-01-05T00:00:00Z"}',
        b'{"id":"\xff"}',
        b'{"a":' + b"[" * 20_000,
    ],
    ids=["empty", "words", "cut", "array", "null", "lone surrogate", "latin-1", "deep"],
)
def test_what_is_no_json_object_is_refused(raw: bytes) -> None:
    with pytest.raises(BadRecord):
        from_json(raw)


def test_a_sound_mention_is_let_through() -> None:
    mention = a_mention("x:1", START)
    assert check(mention, START) is mention


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"written": 0}, "created_at 1970-01-01 is before 1995"),
        ({"written": 788_918_399_999}, "before 1995"),
        ({"written": START + 36_525 * DAY}, "created_at 2126-01-06 00:00 is ahead of the clock"),
        ({"written": START + FAR_AHEAD + 1}, "ahead of the clock"),
        ({"text": ""}, "text is empty"),
        ({"text": " \n\u00a0\u3000"}, "text is empty"),
        ({"text": "a\x00b"}, "NUL"),
        ({"id": "a\x00b"}, "NUL"),
        ({"id": ""}, "id is empty"),
        ({"text": "a" * (LONGEST_TEXT + 1)}, "65,537 characters"),
        ({"author": Author(followers=10**30)}, "author.followers"),
        ({"metrics": Metrics(likes=2**63)}, "metrics.likes"),
        ({"version": 10**30}, "version"),
        ({"rating": Rating(value=float("nan"))}, "rating.value"),
        ({"rating": Rating(value=3.0, max=float("inf"))}, "rating.max"),
    ],
)
def test_what_nobody_can_use_is_refused_with_the_field(fields: dict[str, Any], reason: str) -> None:
    fields = {"id": "x:1", "read": START, **fields}
    with pytest.raises(BadRecord) as refused:
        check(a_mention(**fields), START)
    assert reason in str(refused.value)


def test_a_negative_count_is_unknown() -> None:
    """Some exports write -1 for it: no reason to lose a post, and none to shrink a brand's reach by its authors."""
    post = a_mention("x:1", START, author=Author(handle="jo", followers=-1), metrics=Metrics(likes=-5, replies=2))
    mention = check(post, START)
    assert mention.author == Author(handle="jo", followers=None)
    assert mention.metrics == Metrics(likes=None, replies=2)


def test_the_version_of_an_edited_post_is_the_time_of_its_edit() -> None:
    edited = check(a_mention("x:1", START, edited_at=from_ms(START + 1)), START + 1)
    assert edited.version == START + 1


def test_a_version_that_a_source_gives_stays() -> None:
    edited = check(a_mention("x:1", START, edited_at=from_ms(START + 1), version=3), START + 1)
    assert edited.version == 3


def test_ids_of_other_posts_get_the_prefix_too() -> None:
    mention = row({"id": "1", "parent": 7, "by": "9"}, id="id", parent_id="parent", parent_author_id="by")
    assert (mention.id, mention.parent_id, mention.parent_author_id) == ("x:1", "x:7", "9")


@pytest.mark.parametrize(
    "fields",
    [
        {"text": "", "title": "so"},
        {"text": "", "rating": Rating(value=1.0)},
        {"text": "", "reposted_id": "x:0"},
        {"text": "a" * LONGEST_TEXT},
        {"written": START + FAR_AHEAD},
    ],
)
def test_what_only_looks_odd_is_let_through(fields: dict[str, Any]) -> None:
    check(a_mention("x:1", START, **fields), START)


def test_the_reason_does_not_depend_on_when_it_is_read() -> None:
    reasons = set()
    for read in (START, START + DAY):
        with pytest.raises(BadRecord) as refused:
            check(a_mention("x:1", START, START + 400 * DAY), read)
        reasons.add(str(refused.value))
    assert len(reasons) == 1


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(id=texts, text=texts, written=st.integers(788_918_400_000, START), followers=st.none() | st.integers(0, 10**12))
def test_what_is_let_through_survives_the_log(id: str, text: str, written: int, followers: int | None) -> None:
    mention = a_mention(id, START - START % SECOND, written, text, author=Author(followers=followers))
    assert from_json(to_json(mention)) == mention
