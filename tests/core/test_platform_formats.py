"""What comes from the internet breaks nothing: any bytes, any shape, cut anywhere. What is read right is golden."""

import html
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.brands.matcher import Matcher
from listener.formats import feed, jetstream, mastodon
from listener.formats.canonical import check
from listener.formats.event_stream import EventStream
from listener.formats.foreign import LARGEST
from listener.formats.html_text import read_html
from schemas.deletion import Deletion
from schemas.mention import Mention
from schemas.record import BadRecord, decoder, to_json
from schemas.settings import Brand, Settings
from schemas.times import from_ms
from tests.core.building import START

PAYLOADS = Path(__file__).parent.parent / "contract" / "platforms"
JETSTREAM = [path.read_bytes() for path in sorted(PAYLOADS.glob("jetstream/*.json"))]
MASTODON = [path.read_bytes() for path in sorted(PAYLOADS.glob("mastodon/*.sse"))]
FEEDS = [path.read_bytes() for path in sorted(PAYLOADS.glob("feed/*.xml"))]
READ = from_ms(START)

anything = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
read_again = decoder(Mention, Deletion)


def usable(record: Mention | Deletion | None) -> None:
    """It can be written and read again; what is not as a mention should be is refused and breaks nothing."""
    if record is None:
        return
    assert read_again(to_json(record)) == record
    if isinstance(record, Mention):
        try:
            check(record, START)
        except BadRecord:
            return


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths to all values inside a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path] + [place for key, below in inner for place in places(below, (*path, key))]


def with_other(value: Any, path: tuple[Any, ...], other: Any) -> Any:
    """The value with another one at the path."""
    if not path:
        return other
    copy = value.copy()
    copy[path[0]] = with_other(value[path[0]], path[1:], other)
    return copy


def of_another_shape(payloads: list[Any]) -> st.SearchStrategy[bytes]:
    """A payload in which one value is something else."""
    pairs = [(payload, place) for payload in payloads for place in places(payload)]

    def changed(pair: tuple[Any, tuple[Any, ...]], other: Any) -> bytes:
        return json.dumps(with_other(pair[0], pair[1], other), ensure_ascii=False).encode("utf-8", "surrogatepass")

    return st.builds(changed, st.sampled_from(pairs), anything)


def damaged(payloads: list[bytes]) -> st.SearchStrategy[bytes]:
    """A payload of which a part is something else, or all of it."""

    def damage(payload: bytes, at: float, length: int, other: bytes) -> bytes:
        start = int(at * len(payload))
        return payload[:start] + other + payload[start + length :]

    parts = (st.sampled_from(payloads), st.floats(0, 1), st.integers(0, 60), st.binary(max_size=20))
    return st.builds(damage, *parts) | st.binary(max_size=200)


def parsed(payload: bytes) -> Any:
    try:
        return json.loads(payload)
    except ValueError:
        return None


STATUSES = [
    parsed(line.removeprefix(b"data: "))
    for payload in MASTODON
    for line in payload.split(b"\n")
    if line.startswith(b'data: {"id"')
]


# Jetstream


@given(of_another_shape([event for payload in JETSTREAM if (event := parsed(payload))]) | damaged(JETSTREAM))
def test_an_event_of_any_shape_is_read_or_refused(raw: bytes) -> None:
    try:
        usable(jetstream.read(raw).record)
    except BadRecord:
        return


def test_a_like_is_told_without_being_parsed_and_its_time_is_known() -> None:
    event = json.loads((PAYLOADS / "jetstream" / "like.json").read_bytes())
    compact = json.dumps(event, separators=(",", ":")).encode()
    assert jetstream.read(compact) == (event["time_us"], None, "like")
    assert jetstream.read(compact[:-20]).nothing == "like"


def test_a_post_that_speaks_of_likes_is_none() -> None:
    event = json.loads((PAYLOADS / "jetstream" / "post.json").read_bytes())
    event["commit"]["record"]["text"] = '"collection":"app.bsky.feed.like"'
    event["commit"] = {"record": {"collection": "app.bsky.feed.like", **event["commit"]["record"]}, **event["commit"]}
    assert isinstance(jetstream.read(json.dumps(event, separators=(",", ":")).encode()).record, Mention)


def test_an_event_of_more_than_a_megabyte_is_refused() -> None:
    with pytest.raises(BadRecord, match="more than 1,048,576"):
        jetstream.read(b'{"a":"' + b"x" * LARGEST + b'"}')


def test_json_nested_too_deeply_is_refused() -> None:
    with pytest.raises(BadRecord, match="not JSON"):
        jetstream.read(b'{"a":' * 100_000)


def test_an_edit_has_the_same_version_at_every_server() -> None:
    event = json.loads((PAYLOADS / "jetstream" / "edit.json").read_bytes())
    first = jetstream.read(json.dumps(event).encode()).record
    event["time_us"] += 3_000_000
    second = jetstream.read(json.dumps(event).encode()).record
    assert isinstance(first, Mention)
    assert isinstance(second, Mention)
    assert first.version == second.version


def test_a_brand_owns_its_account_on_bluesky_by_the_did() -> None:
    brand = Brand(id="acme", name="Acme", owned={"bluesky": ("@acme.example", "@did:plc:bbbbbbbbbbbbbbbbbbbbbbbb")})
    matcher = Matcher(Settings(version="1", brands=(brand,)))
    tagged = json.loads((PAYLOADS / "jetstream" / "facets_count_bytes_between_emoji.json").read_bytes())
    tagged["commit"]["record"]["text"] = tagged["commit"]["record"]["text"].replace("@acme.example", "@elsewhere.xx")
    own = {**tagged, "did": "did:plc:bbbbbbbbbbbbbbbbbbbbbbbb"}
    by_another, by_itself = (jetstream.read(json.dumps(event).encode()).record for event in (tagged, own))
    assert isinstance(by_another, Mention)
    assert isinstance(by_itself, Mention)
    assert [match.why for match in matcher.find(by_another).matches[0]] == ["handle"]
    assert not matcher.owns(0, by_another)
    assert matcher.owns(0, by_itself)


# Mastodon


@given(st.sampled_from(["update", "status.update", "delete"]), of_another_shape(STATUSES) | st.binary(max_size=99))
def test_a_status_of_any_shape_is_read_or_refused(name: str, raw: bytes) -> None:
    try:
        usable(mastodon.read(name, raw, "here.example"))
    except BadRecord:
        return


def test_what_is_not_public_is_never_read() -> None:
    for visibility in ("private", "unlisted", "direct", "of a later version"):
        assert mastodon.read_status({**STATUSES[0], "visibility": visibility}, "here.example") is None


# Server-sent events


@given(st.sampled_from(MASTODON), st.lists(st.integers(0, 4000), max_size=20))
def test_a_stream_is_the_same_however_it_is_cut(payload: bytes, cuts: list[int]) -> None:
    whole, cut = EventStream(), EventStream()
    ends = [0, *sorted(cuts), len(payload)]
    pieces = [event for start, end in pairwise(ends) for event in cut.feed(payload[start:end])]
    assert pieces == whole.feed(payload)


@pytest.mark.parametrize("endless", [b"data: x\n", b"x"])
def test_an_event_without_end_is_refused(endless: bytes) -> None:
    stream = EventStream()
    assert stream.feed(endless * 1000) == []
    with pytest.raises(BadRecord, match="larger than"):
        stream.feed(endless * LARGEST)


# Feeds


@given(damaged(FEEDS), st.sampled_from(["", "text/xml", "application/atom+xml; charset=utf-16", "a; charset=x\x00"]))
def test_a_damaged_feed_is_read_or_refused(raw: bytes, content_type: str) -> None:
    try:
        articles = feed.read_feed(raw, "https://feeds.example/all", READ, content_type)
    except BadRecord:
        return
    for article in articles:
        usable(article.mention)


def test_the_same_article_in_two_feeds_of_a_house_is_one() -> None:
    raw = (PAYLOADS / "feed" / "rss.xml").read_bytes()
    one = {a.mention.title: a.mention.id for a in feed.read_feed(raw, "https://news.example/all", READ)}
    two = {a.mention.title: a.mention.id for a in feed.read_feed(raw, "https://news.example/some", READ)}
    assert one["Acme povlači boce & čaše"] == two["Acme povlači boce & čaše"]
    assert one["Guid je broj"] != two["Guid je broj"]


def test_at_most_five_hundred_entries_of_a_feed_are_read() -> None:
    items = b"".join(b"<item><guid>%d</guid><title>x</title></item>" % number for number in range(600))
    raw = b'<rss version="2.0"><channel>' + items + b"</channel></rss>"
    assert len(feed.read_feed(raw, "https://feeds.example/all", READ)) == 500


@pytest.mark.timeout(30)
@pytest.mark.parametrize("raw", [b"<a>" * 300_000, b" " * (feed.LARGEST + 1)])
def test_a_feed_that_would_take_long_to_parse_is_refused(raw: bytes) -> None:
    with pytest.raises(BadRecord, match="more than"):
        feed.read_feed(b'<rss version="2.0"><channel><item><title>' + raw, "https://feeds.example/all", READ)


def test_entities_do_not_grow_without_bound() -> None:
    grown = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
    raw = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY l0 "lol">' + grown + b"]>"
    raw += b'<rss version="2.0"><channel><item><title>&l9; &l3;</title></item></channel></rss>'
    for article in feed.read_feed(raw, "https://feeds.example/all", READ):
        assert len(article.mention.title or "") <= feed.LONGEST_TITLE


# HTML


@given(st.text())
def test_a_text_as_html_is_the_text_again(text: str) -> None:
    words = text.replace("\x00", "").split()
    assert read_html(html.escape(" ".join(words))).text.split() == words


@given(
    st.lists(
        st.sampled_from(
            "<p> </p> <a href='https://x.example'> </a> <br <![ <!-- --> &# &lt <script> x é 👩🏽‍🚀".split()
        )
    )
)
def test_any_soup_of_tags_is_read(pieces: list[str]) -> None:
    read_html("".join(pieces))


PIECES = [
    "<",
    "<p",
    "<!--",
    "<![CDATA[",
    "&#",
    "&",
    "<a href='",
    '<a href="<',
    "<p>",
    "</",
    "<!",
    "<?",
    "<script>",
    "<svg>",
]


@pytest.mark.timeout(20)
@pytest.mark.parametrize("piece", PIECES)
def test_a_broken_page_costs_no_more_than_seconds(piece: str) -> None:
    read_html(piece * 100_000)


@pytest.mark.timeout(30)
@pytest.mark.parametrize("piece", PIECES)
def test_a_broken_feed_costs_no_more_than_seconds(piece: str) -> None:
    for quoted in (piece, html.escape(piece)):
        broken = '<rss version="2.0"><channel><item><title>' + quoted * 20_000
        feed.read_feed(broken.encode(), "https://feeds.example/all", READ)


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("a &lt; b <3 c", "a < b <3 c"),
        ("x<script>if (a < b) { '</p>' }</SCRIPT>y", "xy"),
        ("x<!-- <p>no</p> -->y<!DOCTYPE z>", "xy"),
        ("x<!-- never ended <p>no", "x"),
        ("<svg><svg>no</svg>no</svg>yes", "yes"),
        ("<a title='>' href=https://x.example>in</a> out", "in out"),
        ("one<br/>two<BR>three", "one\ntwo\nthree"),
        ("a<p", "a<p"),
    ],
)
def test_what_a_page_shows_is_read(page: str, text: str) -> None:
    assert read_html(page).text == text
