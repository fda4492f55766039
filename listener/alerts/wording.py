"""What an alert says in one sentence, with numbers, denominators and expectation."""

from listener.judgement import fires
from schemas.alert import Judged


def summary(name: str, judged: Judged) -> str:
    """What happened: observed against expected, since when."""
    if judged.tail == "lower":
        return f"{name}: {judged.observed} mentions {_stretch(judged)}; normal at these hours: {judged.expected:.1f}"
    return (
        f"{name}: {judged.observed} of {judged.scored} scored mentions {judged.counted} ({_share(judged)}) "
        f"{_stretch(judged)}; normal at this hour: {judged.expected:.1f}, {judged.share:.0%} of the scored"
    )


def calm_again(judged: Judged) -> str:
    """Why it is over."""
    if judged.tail == "lower":
        return f"back to normal: {judged.observed} mentions {_stretch(judged)}, expected {judged.expected:.1f}"
    return (
        f"back to normal: {judged.observed} {judged.counted} of {judged.scored} scored {_stretch(judged)}, "
        f"expected {judged.expected:.1f}"
    )


def correction(before: Judged, after: Judged) -> str:
    """What late mentions changed, and whether the verdict would still be the same."""
    verdict = "it still stands" if fires(after) == fires(before) else "with these it would be the other way"
    if after.tail == "lower":
        late = after.observed - before.observed
        return f"{late} mentions came too late: {before.observed} becomes {after.observed}; {verdict}"
    return (
        f"{after.mentions - before.mentions} mentions came too late, {after.observed - before.observed} of them "
        f"{after.counted}: {before.observed} of {before.scored} becomes {after.observed} of {after.scored}; {verdict}"
    )


def _share(judged: Judged) -> str:
    return f"{judged.observed / judged.scored:.0%}" if judged.scored else "none scored"


def _stretch(judged: Judged) -> str:
    minutes = round((judged.end - judged.start).total_seconds() / 60)
    length = f"{minutes} min" if minutes < 120 else f"{minutes / 60:.0f} h"
    return f"in the {length} to {judged.end:%Y-%m-%d %H:%M} UTC"
