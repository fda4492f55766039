"""Evidence: what is frozen with an alert so that a person understands it. Marks and ids, and no word of a post."""

from schemas.record import Figure, Part
from schemas.times import Time


class Tally(Figure, frozen=True):
    """So many of the posts that were looked at have `name`: a platform, or a name of the brand's."""

    name: str
    posts: int


class Term(Part, frozen=True):
    """A word, or several that follow each other, by their marks. What it is stands in the posts `said_in`.

    Of several `usual` is that of the rarest: at most so often they were said together.

    `authors` of the looked-at said it; of the `compared` usual words of the brand `usual` are it. `log_odds` is how
    much likelier it is now, `z` that in standard deviations (listener/drivers.py has the formula).
    """

    marks: tuple[int, ...]
    authors: int
    usual: int
    log_odds: float
    z: float
    said_in: tuple[str, ...]


class Place(Part, frozen=True):
    """A place that so many authors of the looked-at have named as theirs. What it is stands in the posts `said_in`."""

    authors: int
    said_in: tuple[str, ...]


class TopPost(Part, frozen=True):
    """A post that adds much to the trouble: contribution = reach × negativity × novelty.

    reach is the binary digits of followers + 1. negativity in [0, 1] is -compound, or how grave its gravest word is (of
    an alert on anything else |compound|); novelty in [0, 1] is what its words do not share with the posts before it.
    """

    id: str
    platform: str
    written: Time
    followers: int | None
    negativity: float
    novelty: float
    contribution: float


class First(Part, frozen=True):
    """The post that was written first on a platform, of those that are remembered."""

    id: str
    platform: str
    written: Time


class Voices(Figure, frozen=True):
    """Ten people, or a thousand? The first four figures are of the posts that were looked at.

    `authors` wrote them; whose author is not known counts as one each. `voices` speak independently: what an author
    says, what passes the same post on, and what says nearly the same, is one voice. `reposts` pass another on.
    `largest` is how many are of the account with most. `in_all` is how many authors there were, `exact` where all were
    counted, else estimated, and None where they were not: only who says what is negative is. `capped` is what is left
    of those observed if that account counts `cap` times at most, and `stands` whether that would still fire.
    """

    authors: int
    voices: int
    reposts: int
    largest: int
    cap: int
    in_all: int | None
    exact: bool
    capped: int
    stands: bool


class Coordination(Figure, frozen=True):
    """Signs of a campaign in what is not passed on: of the looked-at `own` posts `near_same` say nearly the same.

    Those are of `authors`; of `aged` whose account's age is known `young` are under 30 days; `in_step` were written
    within a minute of their middle, `linked` have a link. `marked`: five or more, a third of all, of three authors or
    more, and half of those known are young, or four fifths were in step and most without a link, as those have one who
    share a page.
    """

    own: int
    near_same: int
    authors: int
    young: int
    aged: int
    in_step: int
    linked: int
    marked: bool


class LastWeek(Figure, frozen=True):
    """The same hour last week, as it was told: `observed` of `scored`, of `mentions`; `known` of it was listened to."""

    start: Time
    known: float
    mentions: int
    scored: int
    observed: int


class Evidence(Part, frozen=True):
    """What was said in the stretch that was judged.

    Of `observed` posts `looked_at` are a uniform sample: all tallies are of these. `compared` is with how many of the
    brand's usual words the terms were compared. `first` is by platform, the earliest first: the way it took. `steps`
    are what to do next.
    """

    observed: int
    looked_at: int
    compared: int
    terms: tuple[Term, ...] = ()
    top: tuple[TopPost, ...] = ()
    platforms: tuple[Tally, ...] = ()
    places: tuple[Place, ...] = ()
    named: tuple[Tally, ...] = ()
    first: tuple[First, ...] = ()
    voices: Voices | None = None
    coordination: Coordination | None = None
    last_week: LastWeek | None = None
    steps: tuple[str, ...] = ()
