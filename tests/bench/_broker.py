"""A broker for a bench, which can be stopped and started again, and met through a proxy."""

import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

from tests.bench._report import ROOT
from tests.ports import free_port, free_ports

SCRIPT = ROOT / "deploy" / "dev-kafka" / "broker"


class Broker:
    """One broker on this machine, its data in a temporary folder."""

    def __init__(self) -> None:
        self.port = free_ports(7)
        self.proxy_port = free_port()
        self._folder = TemporaryDirectory()

    @property
    def address(self) -> str:
        """Where to meet it."""
        return f"127.0.0.1:{self.port}"

    @property
    def through(self) -> str:
        """Where to meet it through the proxy."""
        return f"127.0.0.1:{self.proxy_port}"

    @property
    def behind(self) -> int:
        """The port that the proxy passes on to."""
        return self.port + 6

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._folder.cleanup()

    def start(self) -> None:
        """Start it, with all that it has written so far."""
        self._run("start", str(self.port), self._folder.name, "", str(self.proxy_port))

    def stop(self) -> None:
        """Stop it politely."""
        self._run("stop", self._folder.name)

    def _run(self, *command: str) -> None:
        subprocess.run([SCRIPT, *command], check=True, stdout=subprocess.DEVNULL)

    def disk(self) -> int:
        """The bytes that it keeps."""
        return sum(path.stat().st_size for path in Path(self._folder.name).rglob("*.log"))
