"""Work of the command line that talks to a cluster, and what is told where it cannot be reached."""

import asyncio
import logging
from collections.abc import Coroutine
from contextlib import closing
from typing import Any, TypeVar

from aiokafka.errors import KafkaError

from agents.configuration import Kafka
from agents.runtime.connection import NoCluster, reach

T = TypeVar("T")


def reached(kafka: Kafka, work: Coroutine[Any, Any, T]) -> T:
    """Run work that talks to the cluster, if it can be reached. Raise WrongSettings, NoCluster with its address."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what it would log is raised, and told below
    try:
        return asyncio.run(_reaching(kafka, work))
    except (KafkaError, TimeoutError) as error:
        raise NoCluster(f"{', '.join(kafka.bootstrap)}: {error or type(error).__name__}") from None


async def _reaching(kafka: Kafka, work: Coroutine[Any, Any, T]) -> T:
    with closing(work):
        await reach(kafka)
        return await work
