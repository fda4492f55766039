"""What an HTTP answer that is no success means for who asked: wait, wait as long as told, or give it up for now."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from agents.sources.connection import Lost, Refused

ADVICE = {
    401: "the token or the secret is wrong, or missing",
    403: "not allowed",
    404: "there is nothing at that address",
    410: "it is gone for good",
}
LONGEST_AFTER = 6 * 3600.0  # more than that nobody means


def trouble(status: int, retry_after: str | None = None, now: int = 0) -> Lost | Refused:
    """What to raise for a status that is no success; `retry_after` is that header, `now` in ms.

    408, 425, 429 and 5xx pass; all other 4xx stay as they are until somebody changes something. A redirect that was
    not followed is such a one, too.
    """
    if status in (408, 425, 429) or status >= 500:
        return Lost(f"HTTP {status}", seconds_after(retry_after, now))
    advice = ADVICE.get(status)
    return Refused(f"HTTP {status}" + (f": {advice}" if advice else ""))


def seconds_after(header: str | None, now: int) -> float | None:
    """The seconds that Retry-After asks for, as a number or as a date; None where it says nothing of use."""
    if header is None:
        return None
    header = header.strip()
    if header.isascii() and header.isdigit():
        return min(float(header), LONGEST_AFTER)
    try:
        then = parsedate_to_datetime(header)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    then = then if then.tzinfo else then.replace(tzinfo=UTC)
    seconds = (then - datetime.fromtimestamp(now / 1_000, UTC)).total_seconds()
    return min(max(0.0, seconds), LONGEST_AFTER)
