"""What the alarm costs: processor time of judging closed windows for each mention, and bytes of state a brand.

Generated calm half-years (tests/bench/_traffic.py) go through the tracker of the product, window by window. Timed is
all that happens when a window closes: baselines, every scale, limits, alerts. The counting of a mention is not in it
(`tests.bench.embedded` has that). State is what is written to the log of one brand for detection: its desk and its
monitors; trend windows are not. The ids of recent posts, five for each window of a day, are counted apart.
"""

import time
from collections.abc import Sequence

from listener.state import pack
from listener.tracker_parts import STATE_VERSION
from tests.bench._report import arguments, finish, head, table
from tests.bench._traffic import RATES, calm
from tests.bench._watched import SEED, Watched

DAYS = 182
IDS_A_WINDOW, WINDOWS_A_DAY, ID = 5, 288, "x:1760000000000000000"


def state_bytes(watched: Watched) -> int:
    """The encoded state of the desk and of its monitors."""
    tracker = watched.tracker
    parts = (tracker.state, *tracker.monitor_states.values())
    return sum(len(pack(STATE_VERSION, part)) for part in parts)


def main(argv: Sequence[str] | None = None) -> None:
    """Time it, weigh it."""
    arguments(__doc__, needs_data=False).parse_args(argv)
    head("The alarm's cost")
    rows, spent, events = [], 0.0, 0
    for number, rate in enumerate(RATES):
        traffic, watched = calm(SEED + number, rate, DAYS), Watched(1.0)
        begin = time.process_time()
        watched.watch(traffic)
        seconds = time.process_time() - begin
        mentions, windows = int(traffic.mentions.sum()), int((traffic.mentions > 0).sum())
        spent, events = spent + seconds, events + mentions
        rows.append((rate, mentions, 1e6 * seconds / mentions, 1e6 * seconds / windows, state_bytes(watched)))
    table(rows, ["mentions/h", "mentions", "us a mention", "us a window with mentions", "bytes of state"])
    ids = IDS_A_WINDOW * WINDOWS_A_DAY * len(pack(STATE_VERSION, ID))
    print(f"ids of recent posts, at most: {ids:,} bytes more\n")
    finish("cost", {"us_per_event": 1e6 * spent / events, "bytes_per_brand": max(row[-1] for row in rows)})


if __name__ == "__main__":
    main()
