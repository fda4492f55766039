"""How the report says counts, rates and times."""

from agents.report.points import Scale
from listener.plural import many
from schemas.times import DAY, HOUR, MINUTE, from_ms

LONGEST_TEXT = 300


def shortened(text: str) -> str:
    """What somebody wrote, in one line, cut where it is long."""
    text = " ".join(text.split())
    return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + "…"


def each(scale: Scale) -> str:
    """What rates are by."""
    return "an hour" if scale.window == HOUR else "a day"


def step_of(ms: int) -> str:
    """A length of whole hours or days."""
    return many(ms // DAY, "day") if ms % DAY == 0 else many(ms // HOUR, "hour")


def length_of(scale: Scale) -> str:
    """How long a history is."""
    span = scale.end - scale.start
    if span < HOUR:
        return many(-(-span // MINUTE), "minute")
    return f"{span / DAY:,.0f} days" if span >= 3 * DAY else f"{span / HOUR:,.0f} hours"


def stretch(start: int, end: int) -> str:
    """From when to when."""
    return f"{moment(start)} to {moment(end)}"


def moment(ms: int) -> str:
    """A time, UTC, that is not torn apart at the end of a line."""
    return f"<time>{plain_moment(ms)}</time>"


def plain_moment(ms: int) -> str:
    """A time, UTC, where no markup can stand."""
    return f"{from_ms(ms):%Y-%m-%d %H:%M}"


def rate_of(value: float) -> str:
    """A rate with the digits that matter."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"
