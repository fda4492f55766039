"""Virality: will this complaint spread? People are told of what will matter, and not of what dies by itself."""

from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from functools import lru_cache

import msgspec

from listener.amplification import (
    LEAST_LIMIT,
    LEAST_SIZE,
    LOGS,
    THOUSAND,
    Reach,
    Seen,
    Sizes,
    forecast,
    learned_half_life,
    limit_of,
    log_of_size,
    logs_of,
    outlook,
    tail_of,
)
from listener.judgement import judge_spread
from listener.monitors.monitor import BASE, BaseWindow, Finding, Monitor
from listener.passed_on import ALL, Arrival, Candidate, PassedOn, by_id
from listener.platform_of import platform_of
from listener.threads import mark_of
from schemas.alert import Judged, Stage
from schemas.times import DAY, HOUR, SECOND

RULE = "going-viral"
MOST_POSTS = 100  # that are followed: 50 bytes each, 50 more of one that is answered, and its voices
# Marks of a post, 5 bytes each: up to so many accounts are counted, more are estimated, within an eighth. Of all posts
# together there are no more than MOST_VOICES; then those with most keep half.
KEPT_VOICES, MOST_VOICES = 64, 500
MOST_PLATFORMS = 12
# A post is over after so many half-lives of its platform: under F = t / (t + h) 97 % have come.
FOLLOWED, SHORTEST, LONGEST = 30, 6 * HOUR, 14 * DAY
SHARE = 0.2  # of the brand's budget: alarms of single posts beside those of all that is said
DIGEST_SHARE, LEAST_DIGEST = 1.0, 10  # of what calls nobody, but is worth a line in the digest of the day
NOTICED, PAGED, SEVERE = 1, 2, 3  # what a post was told as
MOST_OF_A_POST = 50  # arrivals that a post teaches about the half-life: else one large post would be all
KEPT_DAYS, KEPT_ARRIVALS = 365.0, 5_000  # of more than so much half is forgotten
BEYOND = 4  # times the limit: a post is learned as no larger
SEVERE_TIMES = 5
# Of the posts of 200 brands: worked out for each window of five minutes, marks were a quarter of this monitor's time.
_mark = lru_cache(maxsize=20_000)(mark_of)


class Moved(msgspec.Struct, array_like=True, gc=False):
    """What has come of a post: `arrivals`, of which `heard` were looked at, and sums of `logs_of` their ages.

    `voices` are the marks of their accounts, in order, all that are at most `bar`, None while all are kept; `reach` is
    the followers of `reach_of` accounts.
    """

    arrivals: int = 0
    heard: int = 0
    logs: list[int] = []
    voices: list[int] = []
    bar: int | None = None
    reach: int = 0
    reach_of: int = 0


class Followed(msgspec.Struct, array_like=True, gc=False):
    """A post that is followed; `moved` is None until it is answered or passed on.

    Key and id come first, so that an erasure knows it for a post; `other_platform` is as in `Candidate`. Ages are added
    up by `half_life` (ms), that of its platform when it was first seen. `told` is 0, NOTICED, PAGED or SEVERE.
    """

    key: tuple[int]
    id: str
    written: int
    other_platform: str | None
    followers: int | None
    severe: bool
    own: int
    half_life: int
    told: int = 0
    moved: Moved | None = None

    @property
    def platform(self) -> str:
        """Where it was written."""
        return platform_of(self.id, self.other_platform)


class Timed(msgspec.Struct, array_like=True, gc=False):
    """What was learned of a platform's half-life: of `count` arrivals thousandths of sums of the log of their age."""

    count: int = 0
    logs: int = 0


class ViralityState(msgspec.Struct):
    """The posts that are followed, and what was learned of those that are over.

    `sizes` of them have moved LEAST_SIZE accounts or more, `logs` are thousandths of the sum of the logs of how many,
    since the monitor listens but for the days that are `forgotten`. `told` is what was judged last of each post that is
    told of, by the scope of its alert: that ends, too, where the post is followed no more because it was deleted or
    erased.
    """

    posts: list[Followed] = []
    told: dict[str, Judged] = {}
    sizes: int = 0
    logs: int = 0
    forgotten: float = 0.0
    platforms: dict[str, Timed] = {}


class ViralityMonitor(Monitor[ViralityState]):
    """The alarm "going-viral": a post that is negative or severe will be passed on by more than the brand's ever are.

    Followed are up to 100 posts of others, whoever passes one on (reposts, quotes) or answers it. How many accounts
    will have done so in the end is foretold from when the first did (`amplification.py` has the formula), with an 80 %
    interval. It fires, while a quarter of these is still to come, where the lower end reaches as many as the brand's
    posts move `budget` / 5 times a month,

        limit = 5 * (posts of 5 and more a month / (budget / 5)) ^ (1 / tail), at least 20,

    by the power law of its posts of up to a year. What will be passed on by as many as they move `budget` times a
    month, at least 10, is a notice: it waits for the digest, and pages once more is to come. Half-lives are learned
    by platform, from posts that are over. An account counts once, bots and the author not at all; what is deleted goes.
    It is severe where the lower end is five times the limit, or the post has a word that matters whatever the mood. It
    is over when nine tenths of what is expected have come, when it has become likelier that it stays below the limit,
    or when the post is gone.
    """

    name = "virality"
    wants = frozenset({"severity"})  # it follows what is negative or severe
    rules = (RULE,)
    state = ViralityState

    def passed_on(self, state: ViralityState, window: BaseWindow, at: int) -> Iterable[Finding]:
        """What the open window adds to the posts that are followed: counted on copies of them."""
        targets = {arrival.target for arrival in window.passed_on.arrivals}
        posts = [deepcopy(post) for post in state.posts if post.told < PAGED and _mark(post.id) in targets]
        _take_arrivals(posts, window.passed_on)
        for post in posts:
            if outlook(_seen(state, post, at), _sizes(state, window)).will_spread:
                yield _finding(state, post, window, at, at)

    def due(self, state: ViralityState, window: BaseWindow, at: int) -> Iterable[Finding]:
        """Takes in what has come, judges the posts of which there is news, and learns from those that are over."""
        window.passed_on.settle()
        _take_posts(state, window.passed_on)
        moved = _take_arrivals(state.posts, window.passed_on)
        findings: list[Finding] = []
        for post in state.posts:
            if post.told or post.id in moved:
                findings += _judged(state, post, window, at)
        findings += _gone(state, at)
        _let_go(state, window)
        if moved:
            _bound_voices(state.posts)
        return findings

    def awake(self, state: ViralityState) -> bool:
        """While one is told of: that nobody passes it on any more is how it ends."""
        return bool(state.told)


def scope_of(id_: str) -> str:
    """The scope of an alert about a post: a mark, since what is erased must be named nowhere."""
    return f"post {mark_of(id_).hex()}"


def _take_posts(state: ViralityState, passed_on: PassedOn) -> None:
    """Follow what is new; let go what is gone."""
    if not (passed_on.posts or passed_on.gone):
        return
    followed = {post.id: post for post in state.posts}
    for candidate in sorted(passed_on.posts, key=by_id):
        before = followed.get(candidate.id)
        if before is None:
            followed[candidate.id] = _followed(state, candidate)
        else:
            before.key = max(before.key, candidate.key)
    for key, id_ in passed_on.gone:
        if id_ in followed and followed[id_].key <= key:
            del followed[id_]
    state.posts = [followed[id_] for id_ in sorted(followed)]


def _gone(state: ViralityState, at: int) -> Iterator[Finding]:
    """It is over for posts that are told of and followed no more."""
    if not state.told:
        return
    followed = {scope_of(post.id) for post in state.posts if post.told}
    for scope in sorted(state.told.keys() - followed):
        yield Finding(RULE, scope, "final", at, 0, severe=False, judged=state.told.pop(scope), examples=())


def _followed(state: ViralityState, post: Candidate) -> Followed:
    half_life = _half_life(state, platform_of(post.id, post.other_platform))[0]
    return Followed(
        post.key, post.id, post.written, post.other_platform, post.followers, post.severe, post.own, half_life
    )


def _half_life(state: ViralityState, platform: str) -> tuple[int, int]:
    """The half-life of a platform (ms), and how many arrivals have taught it."""
    timed = state.platforms.get(platform) or Timed()
    return learned_half_life(platform, timed.count, timed.logs / THOUSAND), timed.count


def _take_arrivals(posts: Sequence[Followed], passed_on: PassedOn) -> dict[str, None]:
    """Count what has come of the posts, and what went; the ids of those of which there is news."""
    moved: dict[str, None] = {}
    if not passed_on.arrivals:
        return moved
    by_mark = {_mark(post.id): post for post in posts}
    weight = passed_on.weight
    for arrival in passed_on.arrivals:
        post = by_mark.get(arrival.target)
        if post is not None:
            _take(post, arrival, weight)
            moved[post.id] = None
    for post in posts:
        if post.id in moved:
            _keep_voices(post, KEPT_VOICES)
    return moved


def _take(post: Followed, arrival: Arrival, weight: int) -> None:
    if post.moved is None:
        post.moved = Moved(logs=[0] * LOGS)
    moved, signed = post.moved, arrival.sign * weight
    moved.arrivals += signed
    moved.heard += arrival.sign
    logs = logs_of(arrival.written - post.written, post.half_life)
    moved.logs = [one + signed * more for one, more in zip(moved.logs, logs, strict=True)]
    if arrival.followers is not None:
        moved.reach += signed * arrival.followers
        moved.reach_of += signed
    if arrival.sign > 0 and arrival.voice and arrival.voice != post.own:
        moved.voices.append(arrival.voice)


def _keep_voices(post: Followed, most: int) -> None:
    """Keep the least marks: a uniform sample of the accounts."""
    moved = post.moved
    if moved is None:
        return
    voices = sorted({voice for voice in moved.voices if moved.bar is None or voice <= moved.bar})
    if len(voices) > most:
        moved.bar = voices[most - 1]
    moved.voices = voices[:most]


def _bound_voices(posts: Sequence[Followed]) -> None:
    """Let the posts with most marks have half of them while there are too many of all."""
    marks = {post.id: len(post.moved.voices) for post in posts if post.moved is not None}
    left = sum(marks.values())
    if left <= MOST_VOICES:
        return
    for post in sorted(posts, key=lambda post: (-marks.get(post.id, 0), post.id)):
        kept = marks.get(post.id, 0) // 2
        _keep_voices(post, kept)
        left -= marks.get(post.id, 0) - kept
        if left <= MOST_VOICES:
            return


def _arrivals(post: Followed) -> int:
    return max(0, post.moved.arrivals) if post.moved is not None else 0


def _voices(post: Followed) -> int:
    """How many accounts; of more than are kept by how much of all marks those span (Bar-Yossef and others 2002).

    What was taken back has no account any more: there are no more of them than arrivals.
    """
    moved = post.moved
    if moved is None or moved.heard <= 0 or moved.arrivals <= 0:
        return 0
    count = len(moved.voices)
    if moved.bar is not None:
        count = max(count, round(count * ALL / (moved.bar + 1)))
    return min(moved.arrivals, count * moved.arrivals // moved.heard)


def _seen(state: ViralityState, post: Followed, end: int) -> Seen:
    timed = _half_life(state, post.platform)[1]
    return Seen(
        post.platform,
        _arrivals(post),
        _voices(post),
        max(0, end - post.written) // SECOND * SECOND,
        post.moved.logs if post.moved is not None else [0] * LOGS,
        post.half_life,
        timed,
    )


def _days(state: ViralityState, window: BaseWindow) -> float:
    """For so many days the brand's posts were heard that are in `sizes`."""
    return max(0.0, (window.end - window.since) / DAY * window.known(window.since, window.end) - state.forgotten)


def _sizes(state: ViralityState, window: BaseWindow, *, page: bool = True) -> Sizes:
    tail = round(tail_of(state.sizes, state.logs / THOUSAND), 4)
    share, least = (SHARE, LEAST_LIMIT) if page else (DIGEST_SHARE, LEAST_DIGEST)
    limit = limit_of(state.sizes, _days(state, window), tail, share * window.budget, least)
    return Sizes(tail, state.sizes, limit, page)


def _judged(state: ViralityState, post: Followed, window: BaseWindow, at: int) -> Iterator[Finding]:
    """That it will spread, or has grown: from a notice to a page, from that to what is severe; that it is over."""
    seen = _seen(state, post, window.end)
    ahead = outlook(seen, _sizes(state, window))
    page = ahead.will_spread or post.told >= PAGED
    if not page:
        ahead = outlook(seen, _sizes(state, window, page=False))
    if post.told and ahead.is_over:
        finding = _finding(state, post, window, at, window.end, page=page)
        post.told = 0
        state.told.pop(finding.scope, None)
        yield finding._replace(scale=0)
    elif ahead.will_spread and post.told < SEVERE:
        finding = _finding(state, post, window, at, window.end, page=page)
        told = (SEVERE if finding.severe else PAGED) if page else NOTICED
        if post.told < told:
            post.told = told
            state.told[finding.scope] = finding.judged
            yield finding


def _finding(
    state: ViralityState, post: Followed, window: BaseWindow, at: int, until: int, *, page: bool = True
) -> Finding:
    """That it will spread, by what has come `until` a time (ms): before the end of the window it is an early one."""
    moved = post.moved or Moved()
    reach = Reach(post.followers, max(0, moved.reach), max(0, moved.reach_of))
    made = forecast(_seen(state, post, until), _sizes(state, window, page=page), reach)
    start, end = min(post.written, window.start), window.end
    judged = judge_spread(made, (start, end, window.known(start, end)), round(_days(state, window) * 24, 1))
    severe = page and (post.severe or made.low >= SEVERE_TIMES * made.limit)
    stage: Stage = "final" if until == end else "early"
    return Finding(RULE, scope_of(post.id), stage, at, BASE, severe, judged, (post.id,))


def _let_go(state: ViralityState, window: BaseWindow) -> None:
    """Learn from posts that are over, and of too many let go those of which least is to be expected."""
    left = []
    for post in state.posts:
        age = window.end - post.written
        if post.told or age < SHORTEST or age < min(LONGEST, FOLLOWED * post.half_life):
            left.append(post)
            continue
        _learn_size(state, post, window)
        _learn_half_life(state, post)
    if len(left) > MOST_POSTS:
        left.sort(key=lambda post: (-_promise(post, window.end), post.id))
        for post in left[MOST_POSTS:]:
            _learn_size(state, post, window)
        left = sorted(left[:MOST_POSTS], key=by_id)
    state.posts = left


def _promise(post: Followed, end: int) -> float:
    """About how much is still to come: with the doublings of the author's followers where nothing has come yet."""
    age = max(0, end - post.written)
    likely = 1 + 4 * _arrivals(post) + (1 + (post.followers or 0)).bit_length() / 8 + post.severe
    return (post.told > 0) * 1e9 + likely * post.half_life / (post.half_life + age)


def _learn_size(state: ViralityState, post: Followed, window: BaseWindow) -> None:
    size = min(_voices(post), BEYOND * _sizes(state, window).limit)
    if size < LEAST_SIZE:
        return
    state.sizes += 1
    state.logs += round(THOUSAND * log_of_size(size))
    days = _days(state, window)
    if days > KEPT_DAYS:
        state.forgotten, state.sizes, state.logs = state.forgotten + days / 2, state.sizes // 2, state.logs // 2


def _learn_half_life(state: ViralityState, post: Followed) -> None:
    arrivals = _arrivals(post)
    if not arrivals or post.moved is None:
        return
    if post.platform not in state.platforms and len(state.platforms) >= MOST_PLATFORMS:
        least = min(state.platforms, key=lambda name: (state.platforms[name].count, name))
        del state.platforms[least]
    timed = state.platforms.setdefault(post.platform, Timed())
    count = min(MOST_OF_A_POST, arrivals)
    timed.count += count
    timed.logs += round(count * post.moved.logs[0] / arrivals)
    if timed.count > KEPT_ARRIVALS:
        timed.count, timed.logs = timed.count // 2, timed.logs // 2
