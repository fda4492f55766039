"""Nobody is listened to whose certificate is not vouched for, whatever the platform."""

import ssl
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agents.sources.connection import Connection, Lost
from tests.agents.listened import listened
from tests.agents.network import FeedServer, Jetstream, Mastodon, serving
from tests.agents.test_bluesky import connection as bluesky
from tests.agents.test_feeds import feeds
from tests.agents.test_mastodon import connection as mastodon


@pytest.fixture
def of_another(tmp_path: Path) -> ssl.SSLContext:
    """A certificate that nobody vouches for, of somebody else."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    make = "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=elsewhere.example"
    subprocess.run([*make.split(), "-keyout", key, "-out", certificate], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


@pytest.mark.parametrize(
    ("server", "connection"), [(Jetstream, bluesky), (Mastodon, mastodon), (FeedServer, lambda one: feeds(one, "/a"))]
)
async def test_nobody_is_listened_to_without_a_valid_certificate(
    server: Callable[[], Any], connection: Callable[[Any], Connection], of_another: ssl.SSLContext
) -> None:
    async with serving(server(), of_another) as secure:
        with pytest.raises(Lost, match="self-signed certificate"):
            async with listened(connection(secure)):
                pass
    assert not secure.asked
