"""An address to serve on is looked at before anything starts."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.configuration import WrongSettings
from agents.web.address import Address, CannotListen, listening_address, parse_address
from tests.agents.building import LIVE, listener, says_one_line

COMMANDS = ["run", "worker"]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A folder with settings."""
    (tmp_path / "listener.toml").write_text(LIVE)
    return tmp_path


@pytest.fixture
def taken() -> Iterator[str]:
    """An address that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


WRONG = ["", "9464", ":9464", "abc", "127.0.0.1:", "127.0.0.1:abc", "127.0.0.1:-1", "127.0.0.1:0", "127.0.0.1:99999"]


@pytest.mark.parametrize("value", WRONG)
def test_what_is_no_address_is_refused_with_how_to_write_one(value: str) -> None:
    with pytest.raises(WrongSettings, match=r"^--listen: .*write host:port like 127\.0\.0\.1:9464"):
        listening_address(value)


@pytest.mark.parametrize(
    ("value", "host"), [("127.0.0.1:9464", "127.0.0.1"), ("localhost:9464", "localhost"), ("[::1]:9464", "::1")]
)
def test_a_host_is_a_name_or_an_address_of_either_kind(value: str, host: str) -> None:
    assert parse_address(value) == Address(host, 9464)


def test_a_free_address_is_taken_as_it_is(taken: str) -> None:
    free = taken.replace("127.0.0.1", "127.0.0.2")
    assert listening_address(free) == parse_address(free)


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(CannotListen, match=r"^--listen: 203\.0\.113\.1:9464: .*give an address of this machine"):
        listening_address("203.0.113.1:9464")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_with_what_is_no_address_ends_as_wrongly_used(command: str, shop: Path) -> None:
    says_one_line(listener(command, "--listen", "9464", folder=shop), 2, "--listen", "'9464'", "host:port")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_with_an_address_in_use_fails_before_it_does_anything(command: str, shop: Path, taken: str) -> None:
    says_one_line(listener(command, "--listen", taken, folder=shop), 1, "--listen", taken, "in use", "free port")
    assert [path.name for path in shop.iterdir()] == ["listener.toml"]
