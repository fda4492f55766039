"""Benches that check what they measure: that they can find fault."""

import json
import subprocess
import sys
from collections import Counter

import pytest

from tests.bench._hops import compare
from tests.bench._names import spoken_of
from tests.bench._processes import tree_cpu
from tests.bench.soak import compare_hours, compare_mentions, in_hours, slope

NAMED = [["a", "b"], [], ["b"]]  # of mentions 0, 3, … and 1, 4, … and 2, 5, …
ALL = [(0, "a"), (0, "b"), (2, "b"), (3, "a"), (3, "b")]


def record(number: int, brand: str) -> tuple[bytes, bytes, int]:
    """A brand mention as it is read back."""
    return brand.encode(), b'{"brand":"%s","mention":{"id":"live:%d"}}' % (brand.encode(), number), 0


def trend(brand: str, start: str, revision: int, mentions: int, window: str = "hour") -> bytes:
    """A trend as it is read back."""
    total = {"volume": {"mentions": mentions}}
    told = {"brand": brand, "window": window, "start": start, "revision": revision, "total": total}
    return json.dumps(told, separators=(",", ":")).encode()


@pytest.mark.parametrize(
    ("read", "wrong"),
    [
        (ALL, (0, 0)),
        (ALL[1:], (1, 0)),
        ([*ALL, (3, "b")], (0, 1)),
        ([*ALL, (1, "a")], (0, 1)),
        ([*ALL, (6, "a")], (0, 1)),
    ],
    ids=["all", "one is lost", "one is doubled", "one names nobody", "one was never written"],
)
def test_soak_counts_what_is_lost_and_doubled(read: list[tuple[int, str]], wrong: tuple[int, int]) -> None:
    pulse = (None, b'{"record":"pulse/1"}', 0)

    assert compare_mentions([pulse, *(record(*entry) for entry in read)], NAMED, 5) == wrong


def test_soak_takes_the_last_revision_of_each_hour() -> None:
    told = [trend("a", "12", 1, 5), trend("a", "12", 0, 3), trend("a", "13", 0, 2), trend("a", "12", 0, 9, "day")]

    assert in_hours(told) == Counter(a=7)


def test_soak_counts_what_the_hours_miss_and_have_too_often() -> None:
    assert compare_hours(Counter(a=1, b=5), NAMED, 5) == (1, 2)


def test_a_slope_is_told_an_hour_with_its_error() -> None:
    steady = slope([(0.0, 1.0), (1800.0, 2.0), (3600.0, 3.0)])
    noisy = slope([(0.0, 1.0), (1200.0, 3.0), (2400.0, 1.0), (3600.0, 3.0)])

    assert steady.value == pytest.approx(2.0)
    assert steady.error == pytest.approx(0.0)
    assert noisy.error > 1.0


def test_ways_that_write_other_brand_mentions_end_the_bench() -> None:
    with pytest.raises(SystemExit, match="1 brand mentions too many and 0 too few"):
        compare("faust", Counter({("a", "1"): 2}), Counter({("a", "1"): 1}))


def test_names_are_chosen_so_that_they_are_named_as_often() -> None:
    counts = {f"{number:03}": 1000 // number for number in range(1, 400)}

    few, many = spoken_of(counts, 3, 300), spoken_of(counts, 60, 300)

    assert (len(few), len(many)) == (3, 60)
    assert sum(counts[name] for name in few) == pytest.approx(300, rel=0.1)
    assert sum(counts[name] for name in many) == pytest.approx(300, rel=0.1)


def test_processor_time_counts_children() -> None:

    before = tree_cpu()
    busy = "import time\nwhile time.process_time() < 0.5: pass"
    with subprocess.Popen([sys.executable, "-c", busy + "\ninput()"], stdin=subprocess.PIPE) as child:
        while tree_cpu(child.pid) < 0.4:
            assert child.poll() is None
        alive = tree_cpu() - before
        child.communicate(b"\n")

    assert alive >= 0.4
    assert tree_cpu() - before >= 0.4
