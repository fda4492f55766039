"""The monitors, one file each. This is the only place that knows them all."""

from typing import Any

from listener.monitors.monitor import Monitor
from listener.monitors.quiet import QuietMonitor
from listener.monitors.response import ResponseMonitor
from listener.monitors.sentiment import SentimentMonitor
from listener.monitors.severity import SeverityMonitor
from listener.monitors.slow_burn import SlowBurnMonitor
from listener.monitors.talk import TalkMonitor
from listener.monitors.virality import ViralityMonitor
from listener.monitors.volume import VolumeMonitor

MONITORS: tuple[Monitor[Any], ...] = (
    VolumeMonitor(),
    SentimentMonitor(),
    SeverityMonitor(),
    TalkMonitor(),
    QuietMonitor(),
    SlowBurnMonitor(),
    ViralityMonitor(),
    ResponseMonitor(),
)
BY_NAME: dict[str, Monitor[Any]] = {monitor.name: monitor for monitor in MONITORS}
