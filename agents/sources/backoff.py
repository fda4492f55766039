"""How long to wait before the next try: longer each time, never in step with others."""

FIRST = 1.0
LONGEST = 60.0
REFUSED = 600.0  # what was refused for good is asked again this seldom: somebody may have mended it


def wait(failures: int, draw: float, after: float | None = None) -> float:
    """Seconds before the next try after so many failures in a row (from 1 on); `draw` is from [0, 1).

    From half of 1, 2, 4, … 60 s to all of it. `after` is what the other side asked for: never less, up to a tenth more.
    """
    longest = min(LONGEST, FIRST * 2.0 ** min(failures - 1, 30))
    own = longest * (0.5 + draw / 2)
    return own if after is None else max(own, after * (1 + draw / 10))


def wait_refused(draw: float) -> float:
    """Seconds before what was refused is asked again."""
    return REFUSED * (0.5 + draw / 2)
