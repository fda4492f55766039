"""A cluster that answers as a test wants it to: the mock of librdkafka, out of confluent-kafka's wheel, by ctypes.

It speaks Kafka's protocol over TCP, in this process. It writes no commit markers, so whatever was produced can be read,
committed or not: what it shows is who stops and who goes on, never that outputs are exact. It knows no CreateTopics and
no DescribeConfigs.
"""

import ctypes
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import files
from typing import Any

from agents.configuration import Kafka
from agents.runtime.topics import Topics

PRODUCE, FETCH, FIND_COORDINATOR, OFFSET_COMMIT = 0, 1, 10, 8
INIT_PRODUCER_ID, ADD_PARTITIONS, END_TRANSACTION = 22, 24, 26
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

    def asked(self) -> Counter[tuple[int, int]]:
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

    def count(self, request: int) -> int:
        """How many requests of a kind came."""
        return sum(times for (kind, _), times in self.asked().items() if kind == request)


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
