"""How urgent an alert is: some rules page people, what others find can wait for the daily digest."""

from schemas.alert import Judged, Severity

CRISES = frozenset({"negative-spike", "severity-words"})  # they say that the whole brand is in trouble
NOTICES = frozenset({"praise-spike", "volume-spike"})  # nothing burns: they page nobody, however large it is
# That much is said is part of what these say: told beside them it would be one story twice.
TELL_MORE: dict[str, frozenset[str]] = {"volume-spike": CRISES | {"praise-spike"}}


def severity_of(rule: str, judged: Judged | None, *, severe: bool) -> Severity:
    """The word for it. A post of which too little will come to call people is a notice, too."""
    if rule in NOTICES or (judged is not None and judged.forecast is not None and not judged.forecast.page):
        return "notice"
    return "critical" if severe else "warning"
