"""A real Alertmanager: an alert opened there, silenced there and seen here, and resolved there."""

import asyncio
import json
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agents.clock import now_ms
from agents.notify import Notifier, NotifyState
from agents.receivers.alertmanager import Alertmanager
from listener.notices.notice import Notice, Told
from listener.notices.notices import Notices
from listener.notices.routes import Route
from schemas.times import SECOND
from tests.agents.building import wait_for
from tests.conftest import lacking
from tests.core.noticing import World, alert
from tests.ports import free_port

pytestmark = pytest.mark.prometheus
LINK = "https://ops.example/{brand}"


class Real:
    """A running Alertmanager."""

    def __init__(self, url: str) -> None:
        self.url = url

    def ask(self, path: str, body: object = None) -> Any:
        """What its API answers; None while it does not."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/api/v2/{path}", data, {"Content-Type": "application/json"})  # noqa: S310 - our own address
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - as above
                return json.load(answer)
        except urllib.error.URLError:
            return None

    def states(self) -> dict[str, str]:
        """The state of each alert that is not over, by its severity."""
        return {one["labels"]["severity"]: one["status"]["state"] for one in self.ask("alerts") or ()}


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Real]:
    if shutil.which("prometheus-alertmanager") is None:
        lacking("prometheus", "Alertmanager is not installed (Debian: prometheus-alertmanager)")
    folder: Path = tmp_path_factory.mktemp("alertmanager")
    (folder / "am.yml").write_text("route: {receiver: nobody, group_wait: 1s}\nreceivers: [{name: nobody}]\n")
    address = f"127.0.0.1:{free_port()}"
    arguments = [f"--config.file={folder}/am.yml", f"--storage.path={folder}", f"--web.listen-address={address}"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            ["prometheus-alertmanager", *arguments, "--cluster.listen-address="], stdout=log, stderr=log
        )
    try:
        made = Real(f"http://{address}")
        wait_for(lambda: made.ask("status"))
        yield made
    finally:
        process.terminate()
        process.wait(20)


class Idle:
    """Desks with the notices of a world, looked at ten times a second, and nobody who counts."""

    longest_wait = 0.1
    state = NotifyState((), (), 0)

    def __init__(self, notices: Notices) -> None:
        self._notices = notices

    def step(self, now: int) -> list[Notices]:
        return [self._notices]

    async def keep(self, notices: Notices) -> None: ...

    def with_posts(self, told: Told) -> Told:
        return told

    def sent(self, receiver: str, notice: Notice, delay: float | None) -> None: ...


async def test_an_alert_is_opened_silenced_escalated_and_resolved(real: Real) -> None:
    receiver = Alertmanager("am", real.url)
    route = Route("all", ("am",), group_wait=0, group_interval=0)
    world = World(route, now=now_ms(), receivers=("am",), forgetful=frozenset({"am"}), link=LINK)

    async def happens(sequence: int, event: str, severity: str) -> None:
        world.now = now_ms()
        world.take(alert(world.now, sequence=sequence, event=event, severity=severity))
        for errand in world.notices.due(world.now):
            await receiver.tell(errand.notice)
            world.notices.sent(errand, world.now)

    await happens(1, "opened", "warning")
    wait_for(lambda: real.states() == {"warning": "active"})
    assert [one["generatorURL"] for one in real.ask("alerts")] == ["https://ops.example/fizz"]

    ends = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    matcher = {"name": "brand", "value": "fi.+", "isRegex": True, "isEqual": True}
    silence = {"matchers": [matcher], "startsAt": datetime.now(UTC).isoformat(), "endsAt": ends}
    assert real.ask("silences", {**silence, "createdBy": "ana", "comment": "known"})
    wait_for(lambda: real.states() == {"warning": "suppressed"})
    world.notices.silences = await receiver.silences()
    (told,) = world.notices.open(now_ms() + SECOND)
    assert told.silenced.startswith("ana until ")
    assert told.silenced.endswith(": known")

    seen = world.notices.silences
    world.notices.silences = []
    desks = Idle(world.notices)
    running = asyncio.create_task(Notifier([receiver], world.receivers, desks, print).run(desks))
    for _ in range(100):
        await asyncio.sleep(0.1)
        if world.notices.silences:
            break
    running.cancel()
    assert world.notices.silences == seen, "who notifies asks for them by itself"

    await happens(2, "escalated", "critical")
    wait_for(lambda: real.states() == {"critical": "suppressed"})

    await happens(3, "resolved", "critical")
    wait_for(lambda: real.states() == {})
