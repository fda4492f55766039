"""A complaint that spreads, in lines of JSON: told minutes before it is busiest, and explained as it was judged.

Its arrivals come ever faster at first, as no formula of ours has it: half within an hour, most after 35 minutes. So
more come than is foretold when it is told; that it is worth telling is right all the same.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from schemas.times import DAY, HOUR, MINUTE
from tests.agents.building import FROM_FILE, START, a_post, lines_in, listener, rfc3339, write_lines

BEGIN = START + 2 * DAY + 9 * HOUR
ARRIVALS = 300
AGES = [int(HOUR * ((place + 0.5) / (ARRIVALS - place - 0.5)) ** 0.5) for place in range(ARRIVALS)]
BUSIEST = BEGIN + 35 * MINUTE  # of a density of 2 h² t / (h² + t²)²: h / √3
COMPLAINT, DYING = "x:1001", "x:1002"


def story() -> list[bytes]:
    """Calm talk for two days, one complaint that spreads and one, as angry, that three people answer."""
    calm = [a_post(f"x:calm{number}", START + number * 20 * MINUTE, "acme opens at nine") for number in range(3 * 72)]
    text = "acme is awful, the worst bank I know"
    anna, bert = ({"id": name, "handle": name, "followers": 200} for name in ("anna", "bert"))
    posts = [
        a_post(COMPLAINT, BEGIN, text, platform="x", author=anna),
        a_post(DYING, BEGIN + MINUTE, text, platform="x", author=bert),
    ]
    for number, age in enumerate(AGES):
        author = {"id": f"a{number}", "followers": 50 + number}
        what: dict[str, Any] = {"kind": "reply", "parent_id": COMPLAINT}
        said = "what happened there?"
        if number % 3:
            what, said = {"kind": "repost", "reposted_id": COMPLAINT}, text
        posts.append(a_post(f"x:r{number}", BEGIN + age, said, platform="x", author=author, **what))
    for number, minute in enumerate((3, 12, 40)):
        answer = {"kind": "reply", "parent_id": DYING, "author": {"id": f"b{number}"}}
        posts.append(a_post(f"x:d{number}", BEGIN + minute * MINUTE, "what happened there?", platform="x", **answer))
    return [*calm, *posts]


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a service that has read it all, exported."""
    folder = tmp_path_factory.mktemp("viral")
    (folder / "listener.toml").write_text(FROM_FILE)
    write_lines(folder / "posts.jsonl", story())
    where = ("--out", folder / "out", "--report", folder / "found.html")
    ran = listener("replay", folder / "posts.jsonl", "-c", folder / "listener.toml", *where)
    assert (ran.code, ran.err) == (0, "")
    assert listener("run", "--until-end", folder=folder).code == 0
    return folder


def of_posts(folder: Path) -> list[dict[str, Any]]:
    """What was told of single posts."""
    return [alert for alert in lines_in(folder / "out", "alerts.jsonl") if alert["rule"] == "going-viral"]


def test_it_is_told_minutes_before_it_is_busiest_and_the_other_is_not(ended: Path) -> None:
    told = of_posts(ended)
    assert {tuple(alert["examples"]) for alert in told} == {(COMPLAINT,)}
    opened = next(alert for alert in told if alert["stage"] == "final" and alert["severity"] != "notice")
    made = opened["judged"]["forecast"]
    assert opened["at"] <= rfc3339(BUSIEST - 5 * MINUTE)
    assert made["voices"] < ARRIVALS / 4
    assert made["voices"] < made["limit"] <= made["low"] <= ARRIVALS
    assert told[-1]["event"] == "resolved"


def test_what_was_foretold_is_shown_and_judged_again_to_the_same_bytes(ended: Path) -> None:
    listed = json.loads(listener("alerts", "list", "--all", "--json", folder=ended).out)["alerts"]
    (id_,) = {one["id"] for one in listed if one["rule"] == "going-viral" and one["stage"] == "final"}
    shown = listener("alerts", "show", id_, folder=ended).out
    assert "a post passed on or answered" in shown
    explained = listener("alerts", "explain", id_, folder=ended).out
    assert "judged again from these numbers: the same verdict, byte for byte" in explained
    assert "80 % interval" in explained
    assert "learned: half-life on x 24 min (from 0 arrivals)" in explained
    assert f"top post: “acme is awful, the worst bank I know” {COMPLAINT} (200 followers" in explained


def test_the_report_tells_what_was_foretold(ended: Path) -> None:
    assert "accounts in the end, 80 % interval" in (ended / "found.html").read_text(encoding="utf-8")
