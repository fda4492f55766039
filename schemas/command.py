"""Command: what a person wants done with the alerts of a brand."""

from typing import Annotated, Literal

from msgspec import Meta

from schemas.alert import Verdict
from schemas.record import Part, Record
from schemas.times import Time

LONGEST = 1_000  # characters of what a person may say of themselves and of an alert
LONGEST_ID = 100
MOST_MATCHERS = 10

Kind = Literal["acknowledge", "resolve", "silence", "expire"]
Label = Literal["alert", "rule", "scope", "severity", "stage"]
Name = Annotated[str, Meta(min_length=1, max_length=LONGEST)]
Id = Annotated[str, Meta(min_length=1, max_length=LONGEST_ID)]


class Matcher(Part, frozen=True):
    """Which alerts a silence is for: those whose label `name` is `value`, or with `is_equal` false is not.

    The "alert" is its id; "rule", "scope", "severity" and "stage" are fields of an alert.
    """

    name: Label
    value: Annotated[str, Meta(max_length=LONGEST)]
    is_equal: bool = True


class Command(Record, frozen=True, tag="command/1"):
    """What `actor` wants done with alerts of a brand, said `at`. The same `id` again changes nothing.

    - "acknowledge" the alert `alert_id`: somebody looks after it. No more than a reminder a day until it grows.
    - "resolve" it: it is over, or was none; it stays closed while the same trouble lasts, unless that grows. With a
      `verdict` it says what the alert was worth; that may be said of one that is closed too, and again: the last word
      counts.
    - "silence" from `since` (None: from now on) until `until`: alerts for which all `matchers` hold are told to nobody,
      and told in the log as "muted". Without matchers all of the brand. The silence has the id of its command.
    - "expire": the silence `silence_id` ends now.

    One over several brands is written once for each brand, under one id.
    """

    id: Id
    brand: str
    kind: Kind
    actor: Name
    at: Time
    comment: Annotated[str, Meta(max_length=LONGEST)] = ""
    alert_id: Annotated[str, Meta(max_length=LONGEST_ID)] = ""
    verdict: Verdict | None = None
    matchers: Annotated[tuple[Matcher, ...], Meta(max_length=MOST_MATCHERS)] = ()
    since: Time | None = None
    until: Time | None = None
    silence_id: Annotated[str, Meta(max_length=LONGEST_ID)] = ""
