"""How platforms and spreadsheets write times."""

from datetime import UTC, datetime, tzinfo

TWITTER = "%a %b %d %H:%M:%S %z %Y"
KNOWN_FORMATS = (TWITTER, "%Y-%m-%d %H:%M:%S %z", "%d/%m/%Y %H:%M", "%a, %d %b %Y %H:%M:%S %z")
SECONDS_END = 1e11  # a number above this is in milliseconds: in seconds it would be the year 5138


class BadTime(ValueError):
    """A time that cannot be read. The message shows it and says what would do."""


class TimeReader:
    """Reads the times of one source: in `time_format`, or ISO 8601, seconds or milliseconds since 1970, or a known one.

    Times without a zone are taken to be in `zone`.
    """

    def __init__(self, time_format: str | None = None, zone: tzinfo = UTC) -> None:
        self._format = time_format
        self._zone = zone

    def __call__(self, value: object) -> datetime:
        """The time in UTC. Raise BadTime."""
        time = self._epoch(value) if isinstance(value, int | float) else self._parse(str(value).strip())
        try:
            return (time if time.tzinfo else time.replace(tzinfo=self._zone)).astimezone(UTC)
        except OverflowError:
            raise BadTime(f"time {value!r} is out of range") from None

    def _parse(self, value: str) -> datetime:
        if self._format:
            try:
                return datetime.strptime(value, self._format)  # noqa: DTZ007 - the zone is added by the caller
            except ValueError:
                raise BadTime(f"time {value[:40]!r} is not in the time_format {self._format!r}") from None
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            return self._try_known(value)

    def _try_known(self, value: str) -> datetime:
        for time_format in KNOWN_FORMATS:
            try:
                time = datetime.strptime(value, time_format)  # noqa: DTZ007 - the zone is added by the caller
            except ValueError:
                continue
            self._format = time_format
            return time
        try:
            return self._epoch(float(value))
        except ValueError:
            raise BadTime(f"cannot read the time {value[:40]!r}: set time_format in the source") from None

    def _epoch(self, value: float) -> datetime:
        seconds = value / 1000 if abs(value) > SECONDS_END else value
        try:
            return datetime.fromtimestamp(seconds, UTC)
        except (ValueError, OverflowError, OSError):
            raise BadTime(f"time {value!r} is out of range") from None
