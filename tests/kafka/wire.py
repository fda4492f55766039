"""A cluster that answers as a test wants it to: the mock of librdkafka, out of confluent-kafka's wheel, by ctypes.

It speaks Kafka's protocol over TCP, in this process. Whatever was produced can be read from it, committed or not, and
it fences nobody: what it shows is who stops and who goes on, never that outputs are exact. Its commit markers (that of
confluent-kafka 2.16 writes some) have no checksum, which aiokafka refuses; and it knows neither CreateTopics nor
DescribeConfigs. So `as_it_needs` takes the checks of both away, in this process and in its workers.
"""

import ctypes
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import files
from typing import Any

from aiokafka.consumer import fetcher

from agents.configuration import Kafka
from agents.runtime import topics
from agents.runtime.topics import Problem, Topics

PRODUCE, FETCH, OFFSET_COMMIT, OFFSET_FETCH, FIND_COORDINATOR, JOIN, HEARTBEAT = 0, 1, 8, 9, 10, 11, 12
INIT_PRODUCER, ADD_PARTITIONS, END_TRANSACTION = 22, 24, 26
HANG_UP = -195  # no error of Kafka's: the mock cuts the connection

SIGNATURES: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "conf_new": (ctypes.c_void_p, ()),
    "new": (ctypes.c_void_p, (ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t)),
    "destroy": (None, (ctypes.c_void_p,)),
    "mock_cluster_new": (ctypes.c_void_p, (ctypes.c_void_p, ctypes.c_int)),
    "mock_cluster_destroy": (None, (ctypes.c_void_p,)),
    "mock_cluster_bootstraps": (ctypes.c_char_p, (ctypes.c_void_p,)),
    "mock_group_initial_rebalance_delay_ms": (None, (ctypes.c_void_p, ctypes.c_int32)),
    "mock_topic_create": (ctypes.c_int, (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_int)),
    "mock_push_request_errors_array": (
        None,
        (ctypes.c_void_p, ctypes.c_int16, ctypes.c_size_t, ctypes.POINTER(ctypes.c_int)),
    ),
    "mock_clear_request_errors": (None, (ctypes.c_void_p, ctypes.c_int16)),
    "mock_broker_set_rtt": (ctypes.c_int, (ctypes.c_void_p, ctypes.c_int32, ctypes.c_int)),
    "mock_coordinator_set": (
        ctypes.c_int,
        (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_int32),
    ),
    "mock_start_request_tracking": (None, (ctypes.c_void_p,)),
    "mock_clear_requests": (None, (ctypes.c_void_p,)),
    "mock_get_requests": (ctypes.POINTER(ctypes.c_void_p), (ctypes.c_void_p, ctypes.POINTER(ctypes.c_size_t))),
    "mock_request_api_key": (ctypes.c_int16, (ctypes.c_void_p,)),
    "mock_request_id": (ctypes.c_int32, (ctypes.c_void_p,)),
    "mock_request_destroy_array": (None, (ctypes.POINTER(ctypes.c_void_p), ctypes.c_size_t)),
}


class Unchecked(fetcher.PartitionRecords):  # type: ignore[misc]  # aiokafka ships no types
    """Fetched records without a look at their checksums."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._check_crcs = False


async def as_they_have_to_be(kafka: Kafka) -> list[Problem]:
    """What a check of the topics finds."""
    return []


def as_it_needs(put: Callable[[object, str, Any], None] = setattr) -> None:
    """Take away the checks that this cluster cannot pass."""
    put(fetcher, "PartitionRecords", Unchecked)
    put(topics, "check", as_they_have_to_be)


def _library() -> Any:
    path = next(str(file.locate()) for file in files("confluent-kafka") or () if file.name.startswith("librdkafka"))
    library = ctypes.CDLL(path)
    for name, (answers, takes) in SIGNATURES.items():
        function = getattr(library, f"rd_kafka_{name}")
        function.restype, function.argtypes = answers, takes
    return library


class Wire:
    """The cluster, and what it is told to do."""

    def __init__(self, library: Any, cluster: Any) -> None:
        self._library = library
        self._cluster = cluster
        self.addresses = tuple(library.rd_kafka_mock_cluster_bootstraps(cluster).decode().split(","))

    def _do(self, name: str, *arguments: Any) -> Any:
        return getattr(self._library, f"rd_kafka_mock_{name}")(self._cluster, *arguments)

    def make_topics(self, kafka: Kafka) -> None:
        """The topics that `listener topics create` would make."""
        for topic in Topics.of(kafka).wanted(kafka):
            assert self._do("topic_create", topic.name.encode(), topic.partitions, 1) == 0

    def refuse(self, request: int, error: int, times: int = 1) -> None:
        """Answer the next requests of a kind with an error."""
        self._do("push_request_errors_array", request, times, (ctypes.c_int * times)(*[error] * times))

    def relent(self, request: int) -> None:
        """Refuse requests of a kind no longer."""
        self._do("clear_request_errors", request)

    def delay(self, milliseconds: int) -> None:
        """Answer each request only after so long."""
        assert self._do("broker_set_rtt", -1, milliseconds) == 0

    def move_coordinator(self, kind: str, key: str, broker: int) -> None:
        """Make another broker the coordinator of a "group" or a "transaction"."""
        assert self._do("coordinator_set", kind.encode(), key.encode(), broker) == 0

    def forget(self) -> None:
        """Count requests from here on."""
        self._do("clear_requests")

    def _asked(self) -> Counter[tuple[int, int]]:
        """How many requests of each kind came, by (kind, broker)."""
        count = ctypes.c_size_t()
        requests = self._do("get_requests", ctypes.byref(count))
        found = Counter(
            (
                self._library.rd_kafka_mock_request_api_key(requests[number]),
                self._library.rd_kafka_mock_request_id(requests[number]),
            )
            for number in range(count.value)
        )
        self._library.rd_kafka_mock_request_destroy_array(requests, count)
        return found

    def count(self, request: int, broker: int | None = None) -> int:
        """How many requests of a kind came, to one broker or to all."""
        return sum(times for (kind, at), times in self._asked().items() if kind == request and broker in (None, at))


@contextmanager
def wire(brokers: int = 1) -> Iterator[Wire]:
    """A cluster of some brokers."""
    library = _library()
    said = ctypes.create_string_buffer(512)
    client = library.rd_kafka_new(0, library.rd_kafka_conf_new(), said, len(said))
    assert client, said.value
    cluster = library.rd_kafka_mock_cluster_new(client, brokers)
    library.rd_kafka_mock_group_initial_rebalance_delay_ms(cluster, 200)
    library.rd_kafka_mock_start_request_tracking(cluster)
    try:
        yield Wire(library, cluster)
    finally:
        library.rd_kafka_mock_cluster_destroy(cluster)
        library.rd_kafka_destroy(client)
