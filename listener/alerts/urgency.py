"""How urgent an alert is, by its rule: some rules page people, what others find can wait for the daily digest."""

from schemas.alert import Severity

CRISES = frozenset({"negative-spike", "severity-words"})  # they say that the whole brand is in trouble
NOTICES = frozenset({"praise-spike", "volume-spike"})  # nothing burns: they page nobody, however large it is
# That much is said is part of what these say: told beside them it would be one story twice.
TELL_MORE: dict[str, frozenset[str]] = {"volume-spike": CRISES | {"praise-spike"}}


def severity_of(rule: str, *, severe: bool) -> Severity:
    """The word for it."""
    if rule in NOTICES:
        return "notice"
    return "critical" if severe else "warning"
