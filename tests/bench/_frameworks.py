"""The hop in frameworks that tests.bench.kafka runs in environments of their own; see `_kafka.py`.

Each as its manual shows it, with what its manual offers for speed: batches in Bytewax, no change in Quix Streams.
They are imported where they are used and unknown to mypy: they live in environments of their own.
"""

import warnings
from typing import Any

from tests.bench._clock import Clock, Work

PARTITIONER = {"partitioner": "murmur2_random", "linger.ms": "5"}


def bytewax(work: Work, bootstrap: str, topic: str, out: str, partitions: int) -> dict[str, float]:
    """A dataflow: Kafka in, the hop as a step over batches, Kafka out. It ends at the end of the topic."""
    import bytewax.operators as op  # noqa: PLC0415 - not in ours
    from bytewax.connectors.kafka import KafkaSink, KafkaSinkMessage, KafkaSource  # noqa: PLC0415 - not in ours
    from bytewax.dataflow import Dataflow  # noqa: PLC0415 - not in ours
    from bytewax.testing import run_main  # noqa: PLC0415 - not in ours

    clock = Clock()

    def hop(messages: list[Any]) -> list[Any]:
        clock.note(0, 0)
        found = [KafkaSinkMessage(*entry) for message in messages for entry in work(message.value, message.partition)]
        clock.note(len(messages), len(found))
        return found

    flow = Dataflow("hop")
    read = op.input("read", flow, KafkaSource([bootstrap], [topic], tail=False))
    op.output("write", op.flat_map_batch("hop", read, hop), KafkaSink([bootstrap], out, PARTITIONER))
    run_main(flow)
    return clock.told()


def quixstreams(work: Work, bootstrap: str, topic: str, out: str, partitions: int) -> dict[str, float]:
    """A streaming data frame: one call of the hop a message, its results as rows of their own."""
    warnings.filterwarnings("ignore", module="authlib")
    from quixstreams import Application, message_context  # noqa: PLC0415 - in its own environment
    from quixstreams.models import BytesSerializer, SerializationContext  # noqa: PLC0415 - not in ours

    from tests.bench._clock import total  # noqa: PLC0415 - not in ours

    class Value(BytesSerializer):  # type: ignore[misc]  # not typed here
        def __call__(self, value: tuple[bytes, bytes], ctx: SerializationContext) -> bytes:
            return value[1]

    wanted = total(bootstrap, topic, partitions)
    clock = Clock()
    app = Application(
        broker_address=bootstrap, consumer_group=out, auto_offset_reset="earliest", auto_create_topics=False,
        producer_extra_config=PARTITIONER | {"linger.ms": 5}, loglevel="ERROR",
    )  # fmt: skip  # settings in one line

    def hop(value: bytes) -> list[tuple[bytes, bytes]]:
        clock.note(0, 0)
        found = work(value, message_context().partition)
        clock.note(1, len(found))
        if clock.read >= wanted:
            app.stop()
        return found

    frame = app.dataframe(app.topic(topic, key_deserializer="bytes", value_deserializer="bytes"))
    target = app.topic(out, key_serializer="bytes", value_serializer=Value())
    frame.apply(hop, expand=True).to_topic(target, key=lambda row: row[0])
    app.run()
    return clock.told()
