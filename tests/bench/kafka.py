"""Our Kafka worker: how fast beside others, how it grows with brands and workers, how long until an alert can be read.

speed    The 85,795 distinct texts of stocknet_88 as if written within one hour, 88 brands, heartbeats, in one topic of
         4 partitions. That is what a worker meets that has fallen behind; both hops are shown too for the same texts
         within seven days ("dense" in tests.bench.embedded), where a minute window holds one mention. A hop decodes,
         matches, reads and encodes each mention with the same code everywhere, severity, talk and all; the ways differ
         in how records come and go, and in whose VADER scores: the package's or ours. Ours commits outputs, state and
         position in transactions; the others promise nothing. Each run is a fresh process, in turn; outputs are read
         back and compared. The clock starts at the first record and stops when all is written; starting, connecting
         and joining a group are not in it. Processor time is that of the whole process tree between, without the
         broker. "Nothing else read" is a text scored by VADER alone, as in the first table of the design, without
         severity, talk, calibration: there the runtime's own cost shows.
growth   see tests/bench/_growth.py
latency  see tests/bench/_latency.py

Needs Linux, Java 17 and Maven. The first run sets up Bytewax and Quix Streams under .venv/peers.
"""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from agents.settings_file import read_configuration
from schemas.settings import Settings
from tests.bench._growth import growth, items_of, two_workers, within_an_hour
from tests.bench._hops import WAYS, speed
from tests.bench._latency import ALERTS, SECONDS, latency
from tests.bench._report import BRANDS, arguments, data_folder, finish, head, table
from tests.bench._texts import stocknet
from tests.bench._worker import broker
from tests.bench.embedded import prepare, repeated

REPEATS = 3
GROWTH_TEXTS = 40_000  # enough for seconds of work, few enough for eight runs a round
PARTS = ("speed", "growth", "latency")


def settings() -> Settings:
    """The brands of stocknet."""
    return read_configuration(BRANDS / "stocknet.toml").settings()


def main(argv: Sequence[str] | None = None) -> None:
    """Measure all, print all."""
    parser = arguments(__doc__)
    parser.add_argument("--only", action="append", choices=PARTS, help="only this part")
    parser.add_argument("--repeats", type=int, default=REPEATS, help="fresh processes each")
    parser.add_argument("--texts", type=int, help="only so many texts, for a quick look")
    parser.add_argument("--way", action="append", choices=tuple(WAYS), help="of speed, only this one")
    parser.add_argument("--alerts", type=int, default=ALERTS, help="of latency, how many bursts")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of latency, how long it lasts")
    options = parser.parse_args(argv)
    data = data_folder(options.data.absolute())
    parts = options.only or PARTS
    head("Our worker on Kafka")
    rows = stocknet(data)[: options.texts]
    figures = {"cache_hit_share": repeated(rows)}
    with TemporaryDirectory() as folder, broker() as running:
        brands = settings()
        week = items_of(prepare(rows, Path(folder))["dense"], Path(folder))
        if "speed" in parts:
            hour = within_an_hour(rows, Path(folder))
            figures |= speed(running, brands, hour, week, options.repeats, options.way or WAYS)
        if "growth" in parts:
            figures |= growth(running, rows[:GROWTH_TEXTS], Path(folder), options.repeats)
            figures |= two_workers(running, brands, week[:GROWTH_TEXTS], options.repeats)
        if "latency" in parts:
            figures |= latency(running, brands, rows, Path(folder), options.alerts, options.seconds)
    table(list(figures.items()), ["figure", "measured"])
    finish("kafka", figures)


if __name__ == "__main__":
    main()
