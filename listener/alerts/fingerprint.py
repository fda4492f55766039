"""Ids are derived, not drawn: the same findings give the same ids, whoever computes them and whenever."""

from hashlib import blake2b

from schemas.times import from_ms


def fingerprint(brand: str, rule: str, scope: str) -> str:
    """What an alert is about, the same for all alerts about it. 16 hexadecimal digits."""
    return _digest(brand, rule, scope)


def alert_id(brand: str, rule: str, scope: str, start: int) -> str:
    """The id of the alert whose earliest firing scale begins with the base window at `start` ms."""
    return _digest(brand, rule, scope, from_ms(start).isoformat())


def early_id(final_id: str) -> str:
    """The id of the early warning that came before, or instead of, the alert `final_id`."""
    return f"{final_id}-early"


def _digest(*parts: str) -> str:
    return blake2b("\x1f".join(parts).encode(), digest_size=8).hexdigest()
