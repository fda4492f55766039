"""What people say of an alarm is learned by the rule that rang: its verdict is a record of the log like any other."""

import pytest

from listener.partition import Partition
from listener.rarity import Rarity
from listener.sums import Sums
from schemas.alert import Verdict
from schemas.command import Command
from schemas.times import HOUR, MINUTE, from_ms
from tests.core.building import START, alerts, burst, calm, pulse, receipts, run, take, with_pulses

CRISIS = START + 40 * HOUR
UNTIL = CRISIS + 3 * HOUR


def rung() -> tuple[Partition, str]:
    """A brand whose alarm has rung, and its id."""
    partition = Partition()
    log = with_pulses([*calm(START, 40), *burst("x:", CRISIS, 200, every=2000)], UNTIL, every=5 * MINUTE)
    events = alerts(run(log, partition))
    return partition, next(one.id for one in events if (one.stage, one.event) == ("final", "opened"))


def judge(partition: Partition, id_: str, verdict: Verdict, command: str = "c1") -> None:
    said = Command(command, "acme", "resolve", "Ana", from_ms(UNTIL), alert_id=id_, verdict=verdict)
    (receipt,) = receipts([said], partition)
    assert receipt.done, receipt.told


def rarities(partition: Partition) -> dict[str, Rarity]:
    states = partition.trackers["acme"].state.monitors
    mood = states["sentiment"]
    return {
        "negative-spike": mood.negative.rarity,
        "praise-spike": mood.positive.rarity,
        "severity-words": states["severity"].words.rarity,
    }


def test_a_false_alarm_is_learned_by_the_rule_that_rang_and_by_no_other() -> None:
    partition, id_ = rung()
    judge(partition, id_, "false alarm")
    learned = {rule: rarity.mistaken for rule, rarity in rarities(partition).items()}
    assert learned == {"negative-spike": True, "praise-spike": False, "severity-words": False}


@pytest.mark.parametrize("verdict", ["right", "not about us"])
def test_other_verdicts_change_no_limit(verdict: Verdict) -> None:
    partition, id_ = rung()
    judge(partition, id_, verdict)
    assert not rarities(partition)["negative-spike"].mistaken


def test_the_last_word_counts() -> None:
    partition, id_ = rung()
    judge(partition, id_, "false alarm")
    judge(partition, id_, "right", "c2")
    assert not rarities(partition)["negative-spike"].mistaken


def test_what_was_learned_outlives_a_restart_and_ends_in_the_history() -> None:
    partition, id_ = rung()
    kept: dict[str, bytes] = {}
    take(partition, kept)
    judge(partition, id_, "false alarm")
    take(partition, kept)
    after = Partition.restored(kept)
    assert rarities(after)["negative-spike"].mistaken
    later = with_pulses(calm(UNTIL, 60), UNTIL + 60 * HOUR, every=HOUR)[1:]
    run([*later, pulse(UNTIL + 61 * HOUR)], after)
    rarity = rarities(after)["negative-spike"]
    (alarm,) = rarity.alarms
    assert max(rarity.peaks) == Sums([alarm.whole])[0] > alarm.learned
