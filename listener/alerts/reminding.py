"""When people are reminded of an alert that is open: ever more seldom.

An hour after it was told of last, if nobody has taken it, then after 2, 4, 8, 16 and each further 24 hours; each 24
hours once somebody has. What is muted reminds nobody, nor does what pages nobody.
"""

from listener.alerts.incident import Incident, Key
from listener.alerts.urgency import severity_of
from schemas.times import DAY, HOUR, MINUTE

FIRST = HOUR
LONGEST = DAY


def next_reminder(key: Key, incident: Incident) -> int | None:
    """When people are to be reminded of an open alert, in ms."""
    if incident.muted is not None or severity_of(key[0], incident.finding, severe=incident.severe) == "notice":
        return None
    if incident.acknowledged is not None:
        return incident.nudged + LONGEST
    return incident.nudged + min(LONGEST, FIRST << min(incident.nudges, 5))


def reminder(incident: Incident, at: int) -> str:
    """What a reminder says."""
    taken = "nobody has acknowledged it" if incident.acknowledged is None else f"taken by {incident.acknowledged}"
    return f"still open, {_length(at - incident.since)} after it began; {taken}"


def _length(ms: int) -> str:
    return f"{ms // DAY} days" if ms >= 2 * DAY else f"{ms // HOUR} h {ms % HOUR // MINUTE:02} min"
