"""Each kind of receiver as it talks to a server: what it sends, and what it makes of each answer."""

import email
import email.policy
from typing import Any

import pytest
from msgspec.structs import replace

from agents.configuration import WrongSettings
from agents.kept_secret import Secret
from agents.notify_settings import ReceiverSettings
from agents.receivers.alertmanager import posted
from agents.receivers.email import Email, Mailbox
from agents.receivers.kinds import receivers_of
from agents.receivers.receiver import NotTaken
from agents.receivers.slack import Slack, message
from agents.receivers.webhook import Webhook, content
from agents.sources.connection import Lost, Refused
from agents.sources.signed import SIGNATURE, TIMESTAMP, verify
from listener.notices.notice import Entry, Notice, Told
from listener.notices.standing import latest_of
from listener.notices.wording import text, title
from schemas.times import HOUR, MINUTE
from tests.agents.hearing_notices import Hook, posting
from tests.agents.network import serving
from tests.core.noticing import NOW, alert

TOLD = Told(
    fingerprint="f1",
    latest=replace(
        latest_of(alert(severity="critical"), 1, is_open=True), grounds=("By 9 authors.",), steps=("read it",)
    ),
    name="Fizz <!channel>",
    owner="acme",
    firing=True,
    links=("https://x.example/1?a=1&b=2",),
    words="“broken” 9",
)
PAGE = Notice(kind="firing", key="k1", number=2, at=NOW + 10 * MINUTE, owner="acme", alerts=(TOLD,))
OVER = replace(TOLD, latest=replace(TOLD.latest, open=False, event="resolved", reason="back to normal"), firing=False)


def test_a_page_reads_as_a_person_would_say_it() -> None:
    assert text(PAGE).splitlines() == [
        "CRITICAL Fizz <!channel>: unusually many negative mentions",
        "",
        "Fizz: 20 of 25 scored mentions negative (80%)",
        "Open since 2026-01-05 07:55 UTC (15 min); opened: first time in six hours or more.",
        "Said now: “broken” 9.",
        "By 9 authors.",
        "Next: read it",
        "Post: https://x.example/1?a=1&b=2",
        "Alert a1, event 1",
    ]


def test_an_end_says_how_long_it_lasted() -> None:
    over = replace(PAGE, kind="resolved", alerts=(OVER,))
    assert title(over) == "Resolved: Fizz <!channel>, unusually many negative mentions"
    assert "Over; it lasted 5 min, since 2026-01-05 07:55 UTC." in text(over)


def test_a_webhook_is_told_no_next_steps_of_what_is_over() -> None:
    (told,) = content(replace(PAGE, kind="resolved", alerts=(OVER,)))["alerts"]
    assert (told["grounds"], told["steps"]) == ([], [])


async def test_a_webhook_gets_json_signed_with_the_secret_and_the_key_of_the_page() -> None:
    hook = Hook()
    async with serving(hook):
        await Webhook("own", hook.url + "/alerts", "s3cret").tell(PAGE)
    ((request, body),) = hook.taken
    verify(b"s3cret", request.headers[TIMESTAMP], request.headers[SIGNATURE], await request.read())
    assert (body["dedup_key"], body["number"], request.headers["Idempotency-Key"]) == ("k1", 2, "k1/2")
    (told,) = body["alerts"]
    assert (told["id"], told["status"], told["words"]) == ("a1", "firing", "“broken” 9")
    assert (told["grounds"], told["steps"]) == (["By 9 authors."], ["read it"])


def test_words_of_people_turn_nothing_around_for_whom_a_webhook_shows_them() -> None:
    comment = "by ana\u202e\x1b[2J"
    told = replace(
        TOLD,
        latest=replace(TOLD.latest, summary=comment, reason=comment),
        silenced=comment,
        links=(comment,),
        words=comment,
    )
    sent = content(replace(PAGE, alerts=(told,), entries=(Entry(told.latest, comment),)))
    (one,), (entry,) = sent["alerts"], sent["digest"]
    shown = [sent["text"], one["words"], *(one[name] for name in ("summary", "reason", "silenced"))]
    shown += [entry["summary"], entry["why"]]
    assert not {"\x1b", "\u202e"} & set("".join(shown))


async def test_slack_gets_a_message_in_which_nothing_calls_a_channel() -> None:
    hook = Hook()
    async with serving(hook):
        await Slack("ops", hook.url).tell(PAGE)
    ((_, body),) = hook.taken
    assert body == message(PAGE)
    assert "<!channel>" not in str(body)
    assert body["blocks"][0]["text"]["text"].startswith(":red_circle: *CRITICAL Fizz &lt;!channel&gt;")


@pytest.mark.parametrize(
    ("trouble", "raised", "after"),
    [
        ((429, {"Retry-After": "7"}), NotTaken, 7.0),
        ((425, {}), NotTaken, None),
        ((503, {"Retry-After": "7"}), Lost, 7.0),
        ((504, {}), Lost, None),
        ((408, {}), Lost, None),
        ((404, {}), Refused, None),
        ((302, {"Location": "/else"}), Refused, None),
    ],
)
async def test_an_answer_says_whether_and_when_to_ask_again(
    trouble: Any, raised: type[Exception], after: float | None
) -> None:
    hook = Hook()
    hook.troubles.append(trouble)
    async with serving(hook):
        with pytest.raises(raised) as told:
            await Slack("ops", hook.url).tell(PAGE)
    assert getattr(told.value, "after", None) == after
    assert type(told.value) is raised  # behind a gateway that gives up, a page may have been taken


async def test_no_trouble_shows_the_address_of_slack_which_is_a_secret() -> None:
    hook = Hook()
    hook.troubles += [404, 500]
    async with serving(hook):
        secret = hook.url + "/services/T0/B0/hush"
        for _ in range(2):
            with pytest.raises((Lost, Refused)) as told:
                await Slack("ops", secret).tell(PAGE)
            assert "hush" not in str(told.value)
    with pytest.raises(Lost) as gone:
        await Slack("ops", secret).tell(PAGE)
    assert "hush" not in str(gone.value)


WRONG = [
    "hooks.slack.com/hush",
    "ftp://127.0.0.1/hush",
    "https://h:99999/hush",
    "http://[bad/hush",
    f"https://{'a' * 64}/",
]


@pytest.mark.parametrize("address", WRONG)
async def test_what_is_said_of_an_address_that_is_none_does_not_show_it(address: str) -> None:
    with pytest.raises(Refused) as told:
        await Slack("ops", address).tell(PAGE)
    assert str(told.value) == "its address is none that can be asked"


def test_a_secret_address_that_is_none_is_named_by_its_key_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_WEBHOOK", "hooks.slack.com/services/hush")
    slack = ReceiverSettings(name="ops", kind="slack", url=Secret(env="SLACK_WEBHOOK"))
    with pytest.raises(WrongSettings) as told:
        receivers_of([slack])
    assert str(told.value) == "receivers[0].url: what it holds is no address; write it like https://example.org/..."


async def test_a_mail_lies_in_one_thread_with_the_first_of_its_trouble() -> None:
    async with posting() as post:
        mailbox = Mailbox(post.address, "none", "listener@example.org", ("a@example.org", "b@example.org"))
        await Email("mail", mailbox).tell(replace(PAGE, number=1))
        await Email("mail", mailbox).tell(PAGE)
    first, second = (email.message_from_string(mail, policy=email.policy.default) for mail in post.mails)
    assert second["In-Reply-To"] == first["Message-ID"] != second["Message-ID"]
    assert second["Subject"] == title(PAGE)
    assert "20 of 25 scored mentions negative (80%)" in second.get_content()


@pytest.mark.parametrize(("answer", "raised"), [("451 later", Lost), ("550 never", Refused)])
async def test_a_mail_server_says_whether_to_ask_again(answer: str, raised: type[Exception]) -> None:
    async with posting() as post:
        post.answers.append(answer)
        with pytest.raises(raised, match=answer.split(maxsplit=1)[0]):
            await Email("mail", Mailbox(post.address, "none", "l@example.org", ("a@example.org",))).tell(PAGE)
    with pytest.raises(Lost):
        await Email("mail", Mailbox(post.address, "none", "l@example.org", ("a@example.org",))).tell(PAGE)


def test_an_alertmanager_is_given_an_end_ahead_and_one_that_is_past_for_what_is_over() -> None:
    (firing,) = posted(PAGE)
    (over,) = posted(replace(PAGE, kind="resolved", alerts=(OVER,)))
    assert firing["labels"] == over["labels"]
    assert firing["endsAt"] > "2026-01-05T09" > over["endsAt"]


def test_where_an_alert_can_be_looked_at_is_its_source_in_an_alertmanager_and_in_a_webhooks_json() -> None:
    page = replace(PAGE, alerts=(replace(TOLD, before="warning", page="https://ops.example/a1"),))
    assert {one["generatorURL"] for one in posted(page)} == {"https://ops.example/a1"}
    assert not any("generatorURL" in one for one in posted(PAGE))
    assert [content(one)["alerts"][0]["page"] for one in (page, PAGE)] == ["https://ops.example/a1", None]


def test_under_its_severity_of_before_an_alert_is_over_for_an_alertmanager() -> None:
    now, before = posted(replace(PAGE, alerts=(replace(TOLD, before="warning"),)))
    assert (now["labels"]["severity"], before["labels"]["severity"]) == ("critical", "warning")
    assert before["endsAt"] < now["endsAt"]


def test_a_heartbeat_lasts_longer_than_its_interval_for_an_alertmanager() -> None:
    alive = Notice(kind="heartbeat", key="heartbeat/am", number=1, at=NOW)
    ends = [one["endsAt"][11:16] for every in (MINUTE, HOUR) for one in posted(alive, every)]
    assert ends == ["08:15", "11:00"]


def test_a_digest_is_told_in_sentences() -> None:
    digest = Notice(
        kind="digest", key="d", number=1, at=NOW + HOUR, owner="Fizz", entries=(Entry(TOLD.latest, "muted: x"),)
    )
    assert title(digest) == "Fizz: 1 alert of the last day that paged nobody or were silenced"
    assert "critical, since 2026-01-05 07:55 UTC, open; muted: x." in text(digest)
