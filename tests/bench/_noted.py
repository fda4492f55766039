"""What a worker of a bench runs first: when its first chunk came, and after each transaction what it took so far.

Imported before the worker starts, in its folder: it writes took-PID.json there. Nothing is fetched unless a file `go`
lies there, so that several workers begin together and none has read ahead. Where it is taken away and put back, the
clock starts anew.
"""

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from agents.runtime import lane, lanes, transport, work
from agents.runtime.outbox import Outbox
from tests.bench._processes import own_cpu

TOOK = Path(f"took-{os.getpid()}.json")
GO = Path("go")
began: list[float] = []
within = {"detect": 0.0, "track": 0.0}
_getmany, _take = transport.Consumer.getmany, lanes.Lanes.take
_transaction = lane.Lane._transaction  # noqa: SLF001 - a bench looks inside


async def _held(self: transport.Consumer, timeout: float) -> AsyncIterator[Any]:  # noqa: ASYNC109 - Faust's own
    if not GO.exists():  # noqa: ASYNC240 - a microsecond
        began.clear()
        within.update(detect=0.0, track=0.0)
        await asyncio.sleep(0.01)
        return
    async for fetched in _getmany(self, timeout):
        yield fetched


async def _noted(self: lanes.Lanes, tp: Any, chunk: transport.Chunk, generation: int) -> None:
    if not began:
        began.extend((time.perf_counter(), own_cpu()))
    await _take(self, tp, chunk, generation)


async def _done(self: lane.Lane, *given: Any) -> None:
    await _transaction(self, *given)
    if began:
        wall, cpu = began
        took = {"began": wall, "ended": time.perf_counter(), "cpu": own_cpu() - cpu, **within}
        fresh = TOOK.with_suffix(".new")
        fresh.write_text(json.dumps(took))
        fresh.replace(TOOK)


def _timed(agent: str, kind: type[work.DetectWork | work.TrackWork]) -> None:
    take = kind.take

    def timed(self: Any, records: Sequence[Any], outbox: Outbox) -> None:
        before = time.thread_time()
        take(self, records, outbox)
        within[agent] += time.thread_time() - before

    kind.take = timed  # type: ignore[method-assign]  # a bench looks inside


transport.Consumer.getmany = _held  # type: ignore[method-assign]  # the same
lanes.Lanes.take = _noted  # type: ignore[method-assign]  # the same
lane.Lane._transaction = _done  # type: ignore[method-assign, assignment]  # noqa: SLF001 - the same
_timed("detect", work.DetectWork)
_timed("track", work.TrackWork)
