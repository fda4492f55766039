"""Bad input, and what a good one begins with."""

from schemas.times import HOUR, SECOND
from tests.agents.building import NOW, a_post

BOM = b"\xef\xbb\xbf"
HEADER = b"id,text,created_at"


def with_text(text: bytes) -> bytes:
    """A line of our own JSON whose text is these bytes, unescaped."""
    return b'{"id":"bad","created_at":"2020-01-01T00:00:00Z","text":"%s"}' % text


BAD_LINES: dict[str, tuple[bytes, str]] = {
    "no JSON": (b"acme is fine", "not JSON"),
    "half a line": (a_post("bad")[:40], "not JSON"),
    "two objects": (a_post("bad") + a_post("worse"), "not JSON"),
    "an array": (b'["bad"]', "Expected `object`, got `array`"),
    "a string": (b'"bad"', "Expected `object`, got `str`"),
    "a number": (b"17", "Expected `object`, got `int`"),
    "null": (b"null", "Expected `object`, got `null`"),
    "an empty object": (b"{}", "missing required field"),
    "no text": (b'{"id":"bad","created_at":"2020-01-01T00:00:00Z"}', "missing required field `text`"),
    "no time": (b'{"id":"bad","text":"acme"}', "missing required field `created_at`"),
    "text is no string": (a_post("bad", text=["acme"]), "$.text"),
    "the id is a number": (a_post(17), "$.id"),
    "followers are words": (a_post("bad", author={"followers": "many"}), "$.author.followers"),
    "a time without a zone": (a_post("bad", created_at="2020-01-01T00:00:00"), "$.created_at"),
    "a time that is none": (a_post("bad", created_at="2020-13-01T00:00:00Z"), "$.created_at"),
    "an unknown kind": (a_post("bad", kind="rumour"), "$.kind"),
    "another record": (b'{"record":"heartbeat/1","source":"x","through":"2020-01-01T00:00:00Z"}', "heartbeat/1"),
    "a newer mention": (a_post("bad", record="mention/2"), "mention/2"),
    "an update of nothing": (b'{"id":"bad","op":"update"}', "missing required field `text`"),
    "a delete of nothing": (b'{"op":"delete"}', "a delete without the id"),
    "nested too deeply": (b"[" * 100_000, "Expected `object`, got `array`"),
    "deep inside a field that we drop": (b'{"unknown":' + b"[" * 100_000, "not JSON"),
    "NUL bytes alone": (b"\0\0\0\0", "not JSON"),
    "a NUL byte in the text": (with_text(b"acme\0"), "not JSON"),
    "a NUL escaped in the text": (with_text(rb"acme\u0000"), "NUL"),
    "a NUL escaped in the id": (a_post("bad\0"), "NUL"),
    "a lone high surrogate": (with_text(rb"acme \ud83d"), "not JSON"),
    "a lone low surrogate": (with_text(rb"acme \ude00"), "not JSON"),
    "surrogates the wrong way round": (with_text(rb"\ude00\ud83d"), "not JSON"),
    "a surrogate as bytes": (with_text(b"acme \xed\xa0\xbd"), "not UTF-8"),
    "Latin-1": (with_text("acme é".encode("latin-1")), "not UTF-8"),
    "an overlong NUL": (with_text(b"acme \xc0\x80"), "not UTF-8"),
    "the year 1970": (a_post("bad", at=0), "1970-01-01 is before 1995"),
    "the year 0001": (a_post("bad", created_at="0001-01-01T00:00:00+23:59"), "before 1995"),
    "the year 2100": (a_post("bad", at=4_102_444_800_000), "2100-01-01 00:00 is ahead"),
    "the year 9999": (a_post("bad", created_at="9999-12-31T23:59:59-23:59"), "ahead"),
    "the next zone to the east": (a_post("bad", at=NOW + HOUR + SECOND), "ahead"),
    "empty text": (a_post("bad", text=""), "text is empty"),
    "blanks for a text": (a_post("bad", text=" \t\u3000\n"), "text is empty"),
    "empty id": (a_post(""), "id is empty"),
    "a text as long as a book": (a_post("bad", text="acme " * 20_000), "100,000 characters"),
    "more followers than people": (a_post("bad", author={"followers": 10**20}), "author.followers"),
    "likes beyond counting": (a_post("bad", metrics={"likes": 2**63}), "metrics.likes"),
    "a version beyond counting": (a_post("bad", version=2**63), "version"),
}


def a_row(id: str, text: str = "acme", delimiter: str = ",") -> bytes:
    return delimiter.join((id, text, "2020-01-01T00:00:00Z")).encode()
