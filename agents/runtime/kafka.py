"""The Kafka runtime: Faust workers, of detect and track or of notify, each input partition a lane of its own.

Faust gives us the group, the assignment and the life of the process. What must be exact is ours: see `lane.py`.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, cast

import faust
from aiokafka.errors import KafkaError
from faust.types import TP
from yarl import URL

from agents.clock import now_ms
from agents.configuration import Configuration
from agents.runtime.connection import connecting
from agents.runtime.fail_stop import stop_in_time
from agents.runtime.lanes import AGENTS, Lanes
from agents.runtime.notify_work import LaneDesks, TrackProgress, notifier_of
from agents.runtime.transport import OPENING_SECONDS, Consumer, Transport, credentials, reached_by
from agents.web.address import Address
from agents.web.probes import serve

COMMIT_SECONDS = 0.25  # at most between two commits
TICK_SECONDS = 0.05  # where nothing more came for so long, what there is is committed
CHUNK_RECORDS = 2_000
BUFFERED_CHUNKS = 64
REBALANCE_SECONDS = 30
TRACK_SECONDS = 5.0  # between two looks of notify at whether track gets on
log = logging.getLogger(__name__)


class App(faust.App):
    """A Faust app with our transport, and probes from its first moment: Faust's own tasks wait for the lanes."""

    lanes: Lanes
    listen: Address | None = None

    async def on_start(self) -> None:
        await super().on_start()
        if self.listen is not None:
            await self.lanes.or_exit(_serve(self.listen, self.lanes))

    async def on_stop(self) -> None:
        stop_in_time()  # before the reader is stopped, which waits for an answer
        await super().on_stop()

    def _new_transport(self) -> Transport:
        consumer = type("LaneConsumer", (Consumer,), {"lanes": self.lanes})
        transport = type("LaneTransport", (Transport,), {"Consumer": consumer})
        made: Transport = transport(self.conf.broker_consumer, self, loop=self.loop)
        return made


def create_app(
    configuration: Configuration, folder: str, listen: Address | None = None, agents: Sequence[str] = AGENTS
) -> App:
    """The app of a worker with these agents; its probes are served on `listen`.

    Each choice of agents is a group of its own: one that detects and one that does both must not share partitions.
    """
    kafka = configuration.kafka
    app = App(
        f"{kafka.prefix}.{'-'.join(agents)}",
        broker=[URL(f"kafka://{address}") for address in kafka.bootstrap],
        broker_credentials=credentials(connecting(kafka)),
        datadir=folder,
        store="memory://",
        topic_allow_declare=False,
        topic_disable_leader=True,
        table_standby_replicas=0,
        web_enabled=False,
        consumer_auto_offset_reset="earliest",
        broker_session_timeout=kafka.session_seconds,
        broker_heartbeat_interval=kafka.session_seconds / 4,
        broker_rebalance_timeout=REBALANCE_SECONDS,
        broker_request_timeout=OPENING_SECONDS + 10,  # Faust awaits an opening for so long; requests: see transport.py
        broker_max_poll_records=CHUNK_RECORDS,
        broker_commit_interval=1.0,
        stream_buffer_maxsize=BUFFERED_CHUNKS,
        worker_redirect_stdouts=False,
        topic_partitions=kafka.partitions,
        autodiscover=False,
    )
    lanes = app.lanes = Lanes(configuration, agents)
    app.listen = listen
    inputs = {
        "detect": lanes.topics.mentions,
        "track": lanes.topics.brand_mentions,
        "notify": lanes.topics.alerts,
    }
    for name in (inputs[agent] for agent in agents):
        topic = app.topic(name, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")
        app.agent(topic, name=name, concurrency=1)(_loop(lanes))

    def fetched(tp: TP) -> tuple[int, int] | None:
        reader: Any = cast("Consumer", app.consumer)._thread._consumer  # noqa: SLF001 - Faust's own highwater is that of what may be aborted
        reached = reached_by(reader, tp)
        return None if reached is None or reached[1] is None else (reached[0], reached[1])

    lanes.fetched = fetched
    lanes.pause = lambda tp: app.consumer.pause_partitions({tp})
    lanes.stopping = lambda: app.should_stop

    @app.task  # type: ignore[untyped-decorator]  # Faust ships no type for it
    async def commit() -> None:
        await lanes.or_exit(_commit(lanes))

    if "notify" in agents:
        notifier, desks = notifier_of(configuration, lanes), LaneDesks(lanes)

        @app.task  # type: ignore[untyped-decorator]  # as above
        async def notify() -> None:
            await lanes.or_exit(notifier.run(desks))

        @app.task  # type: ignore[untyped-decorator]  # as above
        async def watch_track() -> None:
            await lanes.or_exit(_watch_track(app, desks, notifier.alive))

    @app.on_partitions_revoked.connect
    async def close(*_: Any, **__: Any) -> None:
        await lanes.or_exit(lanes.close())

    @app.on_before_shutdown.connect
    async def stop(*_: Any, **__: Any) -> None:
        await lanes.or_exit(lanes.close())

    return app


async def _serve(listen: Address, lanes: Lanes) -> None:
    await serve(listen, lanes.metrics, lanes.health)


async def _commit(lanes: Lanes) -> None:
    committed, position = time.monotonic(), 0
    while not lanes.stopping():
        await asyncio.sleep(TICK_SECONDS)
        lanes.listen(now_ms())
        before, position = position, lanes.position()
        if time.monotonic() - committed >= COMMIT_SECONDS or position == before:
            committed = time.monotonic()
            lanes.watch()
            await lanes.commit()


async def _watch_track(app: App, desks: LaneDesks, alive: Callable[[], None]) -> None:
    """Say that the listener is alive while all of track gets on, and notify is level with it."""
    lanes, track = app.lanes, TrackProgress()
    states = [TP(lanes.topics.track_state, partition) for partition in range(lanes.kafka.partitions)]
    while True:
        await asyncio.sleep(TRACK_SECONDS)
        if lanes.stopping():
            return
        try:
            ends = await app.consumer.highwaters(*states)
        except KafkaError as error:
            log.info("whether track gets on cannot be told just now: %s", error)
            continue
        except RuntimeError:  # Faust has ended the thread of the consumer before this task
            if lanes.stopping():
                return
            raise
        if track.has_grown(ends) and desks.level:
            alive()


def _loop(lanes: Lanes) -> Callable[[Any], Awaitable[None]]:
    """The one loop of an agent. Nothing leaves it but the process: what Faust does after an exception loses records."""

    async def loop(stream: Any) -> None:
        await lanes.or_exit(_take(lanes, stream))

    return loop


async def _take(lanes: Lanes, stream: Any) -> None:
    async for event in stream.events():
        message = event.message
        await lanes.take(message.tp, message.value, message.generation_id)
        await asyncio.sleep(0)
