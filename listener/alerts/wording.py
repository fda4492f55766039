"""What an alert says in one sentence, with numbers, denominators and expectation."""

from msgspec.structs import replace

from listener.alerts.level import MOST
from listener.amplification import LEAST_VOICES, outlook_of
from listener.detection import CAUSES, Cause
from listener.judgement import fires, usual_counts, usual_of_whole
from listener.plural import many
from schemas.alert import Judged, Weighed
from schemas.forecast import Forecast

Change = tuple[int, int, int]  # mentions, scored, observed
WORDS = {"grave": "with grave words"}  # of what is counted under a name that does not say it to people


def counted_in_words(judged: Judged) -> str:
    """What the mentions are that were counted."""
    return WORDS.get(judged.counted, judged.counted)


def whole_in_words(judged: Judged) -> str:
    """Of how many those are that were counted."""
    return many(judged.scored, "mention") if judged.whole == "mentions" else f"{judged.scored:,} {judged.whole}"


def weighed(level: int | None, score: float | None) -> str:
    """How bad it is and how strong the evidence, in short; nothing where nothing was judged."""
    evidence = "" if score is None else f"evidence {'>.99' if score > 0.99 else f'{score:.2f}'.removeprefix('0')}"
    return ", ".join(part for part in (f"severity {level} of {MOST}" if level is not None else "", evidence) if part)


def by_few(weighed: Weighed | None) -> str:
    """What to add to a reason where so few say so much that it is less bad than its count."""
    if weighed is None or weighed.counted * 2 > weighed.observed:
        return ""
    return f"; few voices: of {weighed.observed:,} only {weighed.counted:,} count for its severity"


def percent(share: float) -> str:
    """A share for people: with a decimal where whole percents would say nothing."""
    return f"{share:.0%}" if share >= 0.01 or not share else f"{share:.1%}"


def summary(name: str, judged: Judged) -> str:
    """What happened: observed against expected, since when."""
    if judged.forecast is not None:
        return f"{name}: {foretold(judged.forecast)}"
    if judged.counted == judged.whole:
        heard = many(judged.observed, "mention")
        return f"{name}: {heard} {_stretch(judged)}; normal at these hours: {judged.expected:.1f}"
    if judged.tail == "share":
        return f"{name}: {_of_scored(judged)}; usual in the weeks before: {judged.share:.0%}"
    if judged.counted == "unanswered":
        normal = f"{judged.expected:.1f}, {percent(judged.share)} of those due"
        return f"{name}: {_unanswered(judged)} {_stretch(judged)}; normal at this hour: {normal}"
    of = many(judged.scored, "scored mention" if judged.whole == "scored" else "mention")
    who = f", by {many(judged.counts, 'account')}," if judged.repeats else ""
    return (
        f"{name}: {judged.observed:,} of {of} {counted_in_words(judged)} ({_share(judged)}){who} {_stretch(judged)}; "
        f"normal at this hour: {judged.expected:.1f}, {percent(judged.share)} of the {judged.whole}"
    )


def usual_told(judged: Judged) -> str:
    """How far what is normal reaches; nothing of a single post."""
    if judged.forecast is not None:
        return ""
    if judged.tail == "share":
        return f"usual (95 %): {_usual_share(judged)}"
    low, high = usual_counts(judged)
    if judged.burst is not None:
        return f"39 of 40 days peak at {high:,} or less"
    if judged.tail == "lower":
        return f"usual (95 %): {low:,} to {high:,}"
    return f"usual (95 %): {_usual_share(judged)}, {low:,} to {high:,} in such a stretch"


def _usual_share(judged: Judged) -> str:
    low, high = usual_of_whole(judged)
    return f"{low:,} to {high:,} of {whole_in_words(replace(judged, scored=judged.scored - judged.repeats))}"


def calm_again(judged: Judged) -> str:
    """Why it is over."""
    if judged.forecast is not None:
        return _spreads_no_more(judged.forecast)
    if judged.counted == judged.whole:
        is_new = judged.tail == "lower" and judged.observed * 2 < judged.expected
        why = "after a week it is the new normal" if is_new else "back to normal"
        return f"{why}: {many(judged.observed, 'mention')} {_stretch(judged)}, expected {judged.expected:.1f}"
    if judged.tail == "share":
        why = "after four weeks it is the new normal" if fires(judged) else "back to what is usual"
        return f"{why}: {_of_scored(judged)}; usual before: {judged.share:.0%}"
    return (
        f"back to normal: {judged.observed:,} {counted_in_words(judged)} of {whole_in_words(judged)} "
        f"{_stretch(judged)}, expected {judged.expected:.1f}"
    )


def foretold(made: Forecast) -> str:
    """What has come of a post, and what is expected."""
    come = f"{many(made.arrivals, 'time')} by {many(made.voices, 'account')} in {_length(made.age_s)}"
    return (
        f"a post passed on or answered {come}; expected {many(round(made.expected), 'account')} in the end "
        f"(80 %: {made.low:,} to {made.high:,}; on {made.platform} half usually come within "
        f"{_length(made.half_life_s)}); of the brand's posts few reach {made.limit:,}"
    )


def reach_told(made: Forecast) -> str:
    """How many may see it, as far as that is known."""
    known = f"of {many(made.reach_of, 'account')}" + (" and the author" if made.author_known else "")
    if made.expected_reach is None:
        return "reach unknown: nobody's followers are told by the platform"
    return f"{many(made.reach, 'follower')} so far ({known}), {made.expected_reach:,} expected in the end"


def _spreads_no_more(made: Forecast) -> str:
    come = f"{many(made.voices, 'account')}, {made.expected:,.0f} expected in the end"
    if made.voices < LEAST_VOICES:
        return f"taken back: passed on or answered by {come}"
    outlook = outlook_of(made)
    if outlook.is_dying:
        return f"it spreads no further: nine tenths of it have come ({come})"
    if outlook.is_over:
        return f"it has become unlikely that it reaches {many(made.limit, 'account')} ({come})"
    return f"the post is gone ({come})"


def correction(before: Judged, after: Judged, changes: dict[Cause, Change]) -> str:
    """What changed after the verdict, and whether that would still be the same."""
    verdict = "it still stands" if fires(after) == fires(before) else "with these it would be the other way"
    if after.counted == after.whole:
        change = after.observed - before.observed
        were = "was" if change == -1 else "were"
        what = (
            f"{many(change, 'mention')} came too late"
            if change > 0
            else f"{many(-change, 'mention')} {were} deleted or edited away"
        )
        return f"{what}: {before.observed} becomes {after.observed}; {verdict}"
    told = [_told(cause, changes[cause], counted_in_words(after)) for cause in CAUSES if any(changes.get(cause, ()))]
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
    if cause == "answered":
        one, more = (
            ("was answered in time after all", "were answered in time after all")
            if observed <= 0
            else ("has lost its answer", "have lost their answers")
        )
        return f"{abs(observed):,} {one if abs(observed) == 1 else more}"
    if cause == "edited":
        return f"by edits {mentions:+} {'mention' if abs(mentions) == 1 else 'mentions'}, {observed:+} {counted}"
    count = abs(mentions)
    one, more = HAPPENED[cause]
    return f"{many(count, 'mention')} {one if count == 1 else more}, {abs(observed)} of them {counted}"


def _of_scored(judged: Judged) -> str:
    of = many(judged.scored, "scored mention")
    return f"{judged.observed:,} of {of} {judged.counted} ({_share(judged)}) {_stretch(judged)}"


def _unanswered(judged: Judged) -> str:
    if not judged.scored:
        return "no answer was due"
    of = many(judged.scored, "mention")
    return f"{judged.observed:,} of {of} that needed an answer had none after 4 h ({_share(judged)}), due"


def _share(judged: Judged) -> str:
    return percent(judged.observed / judged.scored) if judged.scored else "none scored"


def _length(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes / 60:.0f} h"


def _stretch(judged: Judged) -> str:
    length = _length((judged.end - judged.start).total_seconds())
    if judged.tail == "share":
        length = many((judged.end - judged.start).days, "day")
    return f"in the {length} to {judged.end:%Y-%m-%d %H:%M} UTC"
