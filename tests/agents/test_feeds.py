"""Feeds against a server that does what HTTP says, and what networks do."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from yarl import URL

from agents.clock import now_ms
from agents.configuration import Source
from agents.sources import keeping, redirects
from agents.sources.connection import Lost, Refused
from agents.sources.feeds import Feeds, polled_from
from agents.sources.redirects import leads
from listener.formats.feed import read_feed
from schemas.mention import Mention
from schemas.times import from_ms
from tests.agents.kept import kept
from tests.agents.listened import listened, until
from tests.agents.network import FeedServer, item, serving

SHAKES = ["cut", "html", "huge", 500, 404, 410, (503, {"Retry-After": "0"})]


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FeedServer]:
    """A server with three articles, and no long waits for it."""
    monkeypatch.setattr(keeping, "wait", lambda *_: 0.01)
    monkeypatch.setattr(keeping, "wait_refused", lambda *_: 0.01)
    one = FeedServer()
    one.articles += [item(number) for number in range(3)]
    async with serving(one):
        yield one


def feeds(server: FeedServer, *paths: str, every: float = 0.05) -> Feeds:
    urls = tuple(f"{server.url}/{path}" for path in paths or ("feed",))
    one = Feeds("news", Source(kind="feed", urls=urls), now_ms)
    one._every = every  # noqa: SLF001 - the settings allow no less than 30 s
    return one


def titles(records: list[Any]) -> list[str | None]:
    return [record.title for record in records if isinstance(record, Mention)]


async def test_what_is_listed_at_first_is_backfill_and_what_comes_then_is_new(server: FeedServer) -> None:
    async with listened(feeds(server)) as heard:
        await until(lambda: len(heard.ids) == 3)
        server.articles.append(item(9, "New"))
        await until(lambda: len(heard.ids) == 4)
    mentions = [record for record in heard.records if isinstance(record, Mention)]
    assert [mention.backfill for mention in mentions] == [True, True, True, False]
    assert heard.began == [None]


async def test_a_feed_that_has_not_changed_is_not_sent_again(server: FeedServer) -> None:
    async with listened(feeds(server)) as heard:
        await until(lambda: server.unchanged > 3)
    assert len(heard.ids) == 3


async def test_it_goes_on_where_it_stopped_if_the_feed_still_lists_it(server: FeedServer) -> None:
    async with listened(feeds(server)) as before:
        await until(lambda: before.cursor)
    server.articles += [item(number) for number in range(3, 9)]
    async with listened(feeds(server), before.cursor) as heard:
        await until(lambda: heard.ids)
    assert len(heard.ids) == 6
    assert heard.began == [before.cursor["heard"]]


async def test_a_gap_that_is_longer_than_the_list_stays_unknown(server: FeedServer) -> None:
    async with listened(feeds(server)) as before:
        await until(lambda: before.cursor)
    server.articles += [item(number) for number in range(3, 30)]
    async with listened(feeds(server), before.cursor) as heard:
        await until(lambda: heard.ids)
        assert heard.began == [None]
        server.articles += [item(number) for number in range(30, 60)]
        await until(lambda: len(heard.ids) == 20)
        assert heard.began == [None, None]


@pytest.mark.parametrize("shake", SHAKES, ids=str)
async def test_nothing_is_lost_that_the_source_would_give_again(server: FeedServer, shake: Any) -> None:
    server.troubles.extend([shake, shake, "", shake])
    async with kept(feeds(server)) as heard:
        await until(lambda: len(heard.ids) == 3)
        server.articles += [item(number) for number in range(3, 8)]
        await until(lambda: len(heard.ids) == 8)
        assert len(heard.mentions) == 8


async def test_a_feed_that_fails_does_not_stop_the_others(server: FeedServer) -> None:
    async with listened(feeds(server, "feed", "nothing")) as heard:
        await until(lambda: len(heard.ids) == 3)
        server.articles.append(item(9, "New"))
        await until(lambda: len(heard.ids) == 4)
    assert f"1 of 2 feeds answer; {server.url}/nothing: HTTP 404: there is nothing at that address" in heard.states


async def test_what_a_feed_lists_after_it_failed_was_caught_up(server: FeedServer) -> None:
    async with listened(feeds(server, "feed", "other")) as heard:
        server.troubles.extend([500, 500, 500])
        await until(lambda: not server.troubles)
        server.articles.append(item(9, "Late"))
        server.troubles.extend([500])
        await until(lambda: titles(heard.records).count("Late") == 2)
    late = [record for record in heard.records if isinstance(record, Mention) and record.title == "Late"]
    assert sorted(mention.caught_up for mention in late) == [False, True]


async def test_a_feed_that_has_moved_is_followed_and_one_that_goes_round_is_not(server: FeedServer) -> None:
    assert await feeds(server, "moved").reach() == "1 of 1 feeds answer, with 3 articles"
    with pytest.raises(Lost, match="round"):
        await feeds(server, "round").reach()


@pytest.mark.parametrize(
    ("at", "location", "to"),
    [
        ("http://a.example/x", "/y", "http://a.example/y"),
        ("http://a.example/x", "https://b.example/", "https://b.example/"),
        ("https://a.example/x", "https://b.example/y", "https://b.example/y"),
        ("https://a.example/x", "//b.example/y", "https://b.example/y"),
        ("https://a.example/x", "http://a.example/x", None),
        ("http://a.example/x", "file:///etc/passwd", None),
        ("http://a.example/x", "ftp://a.example/", None),
        ("http://a.example/x", "http://[", None),
    ],
)
def test_a_redirect_leads_out_of_tls_no_more(at: str, location: str, to: str | None) -> None:
    if to is not None:
        assert leads(URL(at), location) == URL(to)
        return
    with pytest.raises(Refused, match="is redirected to"):
        leads(URL(at), location)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "169.254.169.254", "10.1.2.3"])
async def test_nobody_outside_leads_us_inside(server: FeedServer, host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server, on 127.0.0.1, is taken for one on the web."""

    async def yes(host: str) -> bool:
        return True

    monkeypatch.setattr(redirects, "is_public", yes)
    server.leads_to = f"http://{host}:{URL(server.url).port}/feed"
    with pytest.raises(Refused, match="not public"):
        await feeds(server, "moved").reach()
    assert server.asked == []


@pytest.mark.parametrize(
    ("host", "public"),
    [("127.0.0.1", False), ("localhost", False), ("10.0.0.1", False), ("::1", False), ("1.1.1.1", True)],
)
async def test_which_addresses_are_public(host: str, *, public: bool) -> None:
    assert await redirects.is_public(host) is public


async def test_a_source_waits_as_long_as_its_feeds_ask_for(server: FeedServer) -> None:
    server.troubles.append((503, {"Retry-After": "77"}))
    with pytest.raises(Lost) as raised:
        async with listened(feeds(server)):
            pass
    assert raised.value.after == 77


@pytest.mark.parametrize(("trouble", "kind"), [(404, Refused), (410, Refused), (500, Lost), ("huge", Lost)])
async def test_when_all_feeds_fail_the_source_is_lost(server: FeedServer, trouble: Any, kind: type[Exception]) -> None:
    server.troubles.append(trouble)
    with pytest.raises(kind):
        async with listened(feeds(server)):
            pass


async def test_retry_after_is_obeyed(server: FeedServer) -> None:
    server.troubles.extend(["", (429, {"Retry-After": "60"})])
    async with listened(feeds(server, "feed", "other")) as heard:
        await until(lambda: len(server.asked) == 2)
        for number in range(10, 20):
            server.articles.append(item(number))
            await asyncio.sleep(0.05)
        await until(lambda: len(heard.batches) > 8)
    assert len(server.asked) == 2


def test_an_article_that_was_updated_is_new_again_and_one_that_was_seen_is_not() -> None:
    def listed(updated: str) -> Any:
        entry = (
            f"<id>tag:a,1</id><title>x</title><published>2026-01-01T00:00:00Z</published><updated>{updated}</updated>"
        )
        atom = f'<feed xmlns="http://www.w3.org/2005/Atom"><entry>{entry}</entry></feed>'
        return read_feed(atom.encode(), "https://a.example", from_ms(now_ms()))

    first = polled_from(listed("2026-01-01T00:00:00Z"), None, "", "")
    assert [mention.backfill for mention in first.new] == [True]
    again = polled_from(listed("2026-01-01T00:00:00Z"), first.state, "", "")
    assert again.new == []
    edited = polled_from(listed("2026-01-02T00:00:00Z"), again.state, "", "")
    assert [mention.version for mention in edited.new] == [1_767_312_000_000]
    assert edited.whole


def test_a_list_that_is_empty_for_once_makes_nothing_new() -> None:
    """Weeks old articles would come as a burst of today, long after detect has forgotten that it knew them."""
    rss = '<rss version="2.0"><channel><title>a</title><item><guid>https://a.example/1</guid><title>b</title></item>'
    listed = read_feed(f"{rss}</channel></rss>".encode(), "https://a.example", from_ms(now_ms()))
    first = polled_from(listed, None, "", "")
    empty = polled_from([], first.state, "", "")
    assert not empty.whole, "more may have come than it lists"
    assert polled_from(listed, empty.state, "", "").new == []
