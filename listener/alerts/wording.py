"""What an alert says in one sentence, with numbers, denominators and expectation."""

from listener.detection import CAUSES, Cause
from listener.judgement import fires
from schemas.alert import Judged

Change = tuple[int, int, int]  # mentions, scored, observed


def summary(name: str, judged: Judged) -> str:
    """What happened: observed against expected, since when."""
    if judged.tail == "lower":
        return f"{name}: {judged.observed} mentions {_stretch(judged)}; normal at these hours: {judged.expected:.1f}"
    if judged.tail == "share":
        return f"{name}: {_of_scored(judged)}; usual in the weeks before: {judged.share:.0%}"
    return (
        f"{name}: {judged.observed} of {judged.scored} scored mentions {judged.counted} ({_share(judged)}) "
        f"{_stretch(judged)}; normal at this hour: {judged.expected:.1f}, {judged.share:.0%} of the scored"
    )


def calm_again(judged: Judged) -> str:
    """Why it is over."""
    if judged.tail == "lower":
        return f"back to normal: {judged.observed} mentions {_stretch(judged)}, expected {judged.expected:.1f}"
    if judged.tail == "share":
        why = "after four weeks it is the new normal" if fires(judged) else "back to what is usual"
        return f"{why}: {_of_scored(judged)}; usual before: {judged.share:.0%}"
    return (
        f"back to normal: {judged.observed} {judged.counted} of {judged.scored} scored {_stretch(judged)}, "
        f"expected {judged.expected:.1f}"
    )


def correction(before: Judged, after: Judged, changes: dict[Cause, Change]) -> str:
    """What changed after the verdict, and whether that would still be the same."""
    verdict = "it still stands" if fires(after) == fires(before) else "with these it would be the other way"
    if after.tail == "lower":
        change = after.observed - before.observed
        what = f"{change} mentions came too late" if change > 0 else f"{-change} mentions were deleted or edited away"
        return f"{what}: {before.observed} becomes {after.observed}; {verdict}"
    told = [_told(cause, changes[cause], after.counted) for cause in CAUSES if any(changes.get(cause, ()))]
    return (
        f"{'; '.join(told)}: {before.observed} of {before.scored} becomes {after.observed} of {after.scored}; {verdict}"
    )


def examples_gone(count: int) -> str:
    """What is left to say when only examples went."""
    return f"{count} of the examples {'was' if count == 1 else 'were'} deleted, or edited and no longer one"


HAPPENED: dict[Cause, tuple[str, str]] = {
    "late": ("came too late", "came too late"),
    "caught up": ("was caught up", "were caught up"),
    "deleted": ("was deleted", "were deleted"),
}


def _told(cause: Cause, change: Change, counted: str) -> str:
    """One cause in words. Of edits only the difference is known: the old version goes and the new one comes."""
    mentions, _, observed = change
    if cause == "edited":
        return f"by edits {mentions:+} mentions, {observed:+} {counted}"
    count = abs(mentions)
    one, many = HAPPENED[cause]
    return f"{count} {f'mention {one}' if count == 1 else f'mentions {many}'}, {abs(observed)} of them {counted}"


def _of_scored(judged: Judged) -> str:
    return (
        f"{judged.observed} of {judged.scored} scored mentions {judged.counted} ({_share(judged)}) {_stretch(judged)}"
    )


def _share(judged: Judged) -> str:
    return f"{judged.observed / judged.scored:.0%}" if judged.scored else "none scored"


def _stretch(judged: Judged) -> str:
    minutes = round((judged.end - judged.start).total_seconds() / 60)
    length = f"{minutes} min" if minutes < 120 else f"{minutes / 60:.0f} h"
    if judged.tail == "share":
        length = f"{minutes / 60 / 24:.0f} days"
    return f"in the {length} to {judged.end:%Y-%m-%d %H:%M} UTC"
