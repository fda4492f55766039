"""Whether a request was signed by who shares our secret, lately, and whether it was taken before."""

import hmac
import re
from collections import OrderedDict
from hashlib import sha256

TIMESTAMP = "X-Listener-Timestamp"
SIGNATURE = "X-Listener-Signature"
WINDOW_SECONDS = 300  # a request that is older, or from the future, is refused
MOST_REMEMBERED = 100_000

_SIGNATURE = re.compile(r"sha256=([0-9a-f]{64})")
_TIMESTAMP = re.compile(r"[0-9]{1,12}")


class BadSignature(Exception):
    """Not signed as it should be. The message says what is wrong, and nothing of what would be right."""


def sign(secret: bytes, timestamp: str, body: bytes) -> str:
    """The signature of a body that is sent at `timestamp`, seconds since 1970."""
    return "sha256=" + hmac.new(secret, timestamp.encode() + b"." + body, sha256).hexdigest()


def check(timestamp: str, signature: str, now: float) -> None:
    """Raise BadSignature for what could be no signature, or is none of the window around `now` in seconds.

    It needs no body.
    """
    if not _TIMESTAMP.fullmatch(timestamp):
        raise BadSignature(f"{TIMESTAMP} must hold the seconds since 1970 at which it was signed")
    if not _SIGNATURE.fullmatch(signature):
        raise BadSignature(f"{SIGNATURE} must be sha256= and the HMAC of the timestamp, a dot and the body, in hex")
    if abs(now - int(timestamp)) > WINDOW_SECONDS:
        raise BadSignature(f"signed more than {WINDOW_SECONDS} seconds ago, or ahead of the clock")


def verify(secret: bytes, timestamp: str, signature: str, body: bytes) -> None:
    """Raise BadSignature unless the body was signed with the secret; see `check` for all else."""
    if not hmac.compare_digest(sign(secret, timestamp, body), signature):
        raise BadSignature("the signature is wrong")


class Remembered:
    """The signatures of what was taken within the window, the last 100,000 of them."""

    def __init__(self) -> None:
        self._taken: OrderedDict[str, float] = OrderedDict()

    def __contains__(self, signature: str) -> bool:
        return signature in self._taken

    def add(self, signature: str, now: float) -> None:
        """Remember one, and forget those that nobody could send again."""
        self._taken[signature] = now
        while self._taken and (
            len(self._taken) > MOST_REMEMBERED or next(iter(self._taken.values())) < now - 2 * WINDOW_SECONDS
        ):
            self._taken.popitem(last=False)


class Allowance:
    """A bucket of as many requests as are allowed in a second, filled as time goes."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._left = float(rate)
        self._at = 0.0

    def take(self, now: float) -> bool:
        """Whether one more is allowed at `now`, seconds of a clock that does not go back."""
        self._left = min(self._rate, self._left + max(0.0, now - self._at) * self._rate)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
