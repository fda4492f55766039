"""Whatever happens, in the end everybody who was told anything knows how things are."""

from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from listener.notices.plan import Names
from listener.notices.routes import Route
from schemas.alert import Alert
from schemas.times import HOUR, MINUTE, SECOND
from tests.core.noticing import World, alert

OF_ANOTHER = ("next", "judged of the last")
EVENTS = st.sampled_from(["escalated", "resolved", "acknowledged", "reminded", "revised", "judged", *OF_ANOTHER])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("event"), st.integers(0, 3), EVENTS, st.sampled_from(["early", "final"])),
        st.tuples(st.just("time"), st.integers(0, 20 * MINUTE)),
        st.tuples(st.sampled_from(["die", "keep", "ops", "mail", "work"])),
        st.tuples(st.just("cut"), st.booleans()),
    ),
    max_size=40,
)


class Lives:
    """Alerts of four fingerprints in both stages, with the events that lifecycle would tell of them."""

    def __init__(self) -> None:
        self.open: set[str] = set()
        self._sequences: dict[str, int] = {}
        self._followed: dict[str, int] = {}  # how many alerts came before that of now

    def event(self, now: int, number: int, event: str, stage: str) -> Alert | None:
        """The event that is wanted, or what there can be in its place; None where there can be none."""
        about = f"{number}-{stage}"
        count = self._followed.get(about, 0)
        id_ = f"{about}-{count}"
        if event == "judged of the last":
            last = f"{about}-{count - 1}"
            return self._told(now, number, last, "judged", stage) if last in self._sequences else None
        if event == "judged" and id_ in self._sequences:  # also of what is over
            return self._told(now, number, id_, event, stage)
        if id_ in self.open:
            event = "resolved" if event == "next" else event
        elif event == "next" and id_ in self._sequences:
            self._followed[about] = count + 1
            id_, event = f"{about}-{count + 1}", "opened"
        else:
            event = "reopened" if id_ in self._sequences else "opened"
        (self.open.discard if event == "resolved" else self.open.add)(id_)
        return self._told(now, number, id_, event, stage)

    def _told(self, now: int, number: int, id_: str, event: str, stage: str) -> Alert:
        sequence = self._sequences[id_] = self._sequences.get(id_, 0) + 1
        severity = "critical" if event == "escalated" else "warning"
        fields = {"event": event, "stage": stage, "severity": severity, "brand": str(number)}
        return alert(now, id=id_, fingerprint=f"f{number}", sequence=sequence, **fields)


AFTER_A_DEATH = [("event", 0, "escalated", "early"), ("time", 1_000), ("die",), ("event", 0, "resolved", "early")]
FOLLOWED = [("event", 0, "next", "final")] * 3
OF_THE_FIRST = [*FOLLOWED, ("time", 2_000), ("event", 0, "judged of the last", "final")]


GRAVER_AFTER_A_DEATH = [
    ("event", 0, "escalated", "final"),
    ("cut", True),
    ("event", 0, "escalated", "final"),
    ("cut", True),
]


@settings(max_examples=300, deadline=None)
@example(OF_THE_FIRST, (), SECOND)
@example(GRAVER_AFTER_A_DEATH, (), 0)
@example([*AFTER_A_DEATH, ("ops",), ("time", 0)], (), SECOND)  # nobody hears of the end, and may have been told
@given(STEPS, st.sampled_from([(), ("brand",), ("rule",)]), st.sampled_from([0, SECOND]))
def test_whatever_happens_what_is_open_in_the_end_was_said_and_what_is_over_was_too(
    steps: list[tuple[Any, ...]], group_by: tuple[str, ...], wait: int
) -> None:
    """Deaths between any two steps, receivers that come and go: in the end those told last know how things are."""
    world, lives = lived(steps, Route("all", ("ops", "mail"), group_by=group_by, group_wait=wait))
    open_now = {f"f{id_[0]}" for id_ in lives.open}
    firing = {one.fingerprint for _, errand in world.said for one in errand.notice.alerts if one.firing}
    assert open_now <= firing
    last = {(receiver, errand.notice.key): errand.notice for receiver, errand in world.said}
    left = {key for (_, key), notice in last.items() if notice.kind == "firing"}
    assert bool(left) == bool(open_now)
    now_said = {one.fingerprint for notice in last.values() for one in notice.alerts if one.firing}
    assert open_now <= now_said
    assert_one_content_a_number(world)


def assert_one_content_a_number(world: World) -> None:
    """Who leaves out what comes again under a (key, number) misses nothing."""
    contents: dict[tuple[str, int], set[str]] = {}
    for _, errand in world.said:
        content = str((errand.notice.kind, sorted(errand.said.items())))
        contents.setdefault((errand.notice.key, errand.notice.number), set()).add(content)
    assert all(len(found) == 1 for found in contents.values())


def lived(steps: list[tuple[Any, ...]], route: Route) -> tuple[World, Lives]:
    """A world after some steps, and two hours in which all receivers were well."""
    world = World(route, names=Names({}, dict.fromkeys("0123", "acme")))
    lives = Lives()
    for step in steps:
        if step[0] == "event":
            if told := lives.event(world.now, *step[1:]):
                world.take(told)
                world.keep()  # the outbox: an event is in it or in the state
        elif step[0] == "time":
            world.later(step[1])
        elif step[0] == "work":
            world.work()
            world.keep()
        elif step[0] == "cut":
            world.cut(arrived=step[1])
        elif step[0] in ("die", "keep"):
            getattr(world, step[0])()
        else:
            world.down ^= {step[0]}
    world.down = set()
    world.later(2 * HOUR)
    return world, lives
