"""A history that is hard to show: a hole of twelve hours, a crisis, and texts and names that want to do harm."""

from pathlib import Path

from agents.report.found import Found, read_found
from agents.runtime.embedded import Embedded
from agents.runtime.store import Store
from schemas.times import DAY, HOUR, MINUTE
from tests.agents.building import NOW, START, a_post, configured, feed, history_of, plain_scorer, write_lines

HOLE = START + 2 * DAY, START + 2 * DAY + 12 * HOUR
CRISIS = START + 3 * DAY + 10 * HOUR
END = START + 4 * DAY - 10 * MINUTE
EVIL = '<img src="http://evil.example/x.png" onerror="alert(1)"> acme \u202edlrow olleh\u202c awful'
TEXTS = (
    EVIL,
    f"acme is awful {'w' * 400}",
    "acme مرحبا بالعالم awful",
    "awful acme\x1b[31m </li></ol><script>alert(1)</script>",
)
BRANDS = """
[[brands]]
id = "acme"
name = "Acme"
[[brands]]
id = "silent"
name = "</a><script>alert(2)</script> Silent & Söhne \u05e9\u05dc\u05d5\u05dd"
aliases = ["never spoken of"]
"""


def hard_history(folder: Path) -> Found:
    """What is found in it."""
    settings = configured(BRANDS).settings()
    calm = [
        a_post(f"x:{at}", at, "acme is awful" if at // MINUTE % 60 == 0 else "acme is fine")
        for at in range(START, END + 1, 10 * MINUTE)
    ]
    crisis = [a_post(f"x:crisis-{n}", CRISIS + n * MINUTE, TEXTS[n % len(TEXTS)]) for n in range(60)]
    hole = [(at - START) // (10 * MINUTE) for at in HOLE]
    before = write_lines(folder / "before.jsonl", [*calm[: hole[0] + 1], b"no JSON"])
    after = write_lines(folder / "<after>.jsonl", [*calm[hole[1] :], *crisis])
    history = history_of(before, after, folder=folder, now=NOW)
    with Store(folder / "listener.db") as store:
        lane = Embedded(store, plain_scorer())
        lane.configure(settings)
        feed(lane, list(history.items()))
        return read_found(store, settings, lane.partition.state.clock.coverage, dict(lane.counts))
