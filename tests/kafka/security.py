"""Certificates and passwords for a test, made anew each time: nothing secret lies in the repository."""

import secrets
import subprocess
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from agents.configuration import Kafka
from agents.kept_secret import Secret

USER = "worker"
PORTS = {"plaintext": 0, "sasl_plaintext": 2, "sasl_tls": 3, "tls": 4}  # after that of the broker
MUTUAL = 5  # where a client shows a certificate


class Secrets(NamedTuple):
    """A folder as `broker start` wants it, with what clients need: a password, client.pem, client.key.

    stranger.pem and stranger.key are a CA that nobody knows.
    """

    folder: Path
    password: str

    def kafka(self, broker: str, security: str, **other: object) -> Kafka:
        """The settings by which a client gets in, but for what is said otherwise."""
        host, _, port = broker.rpartition(":")
        kafka = Kafka(bootstrap=(f"{host}:{int(port) + PORTS[security]}",), security=security)  # type: ignore[arg-type]  # one of its words
        if kafka.authenticated:
            kafka = replace(kafka, username=USER, password=Secret(file=self.path("password")))
        if kafka.encrypted:
            kafka = replace(kafka, ca=self.path("ca.pem"))
        return replace(kafka, **other)

    def path(self, name: str) -> str:
        """The path of a file."""
        return str(self.folder / name)


def make_secrets(folder: Path) -> Secrets:
    """A CA, a certificate of the broker and one of a client, a CA that nobody knows, a user."""
    password = secrets.token_hex(16)
    (folder / "users").write_text(f"{USER} {password}\n")
    (folder / "password").write_text(f"{password}\n")
    for authority in ("ca", "stranger"):
        _openssl(folder, authority, "-addext", "keyUsage=critical,keyCertSign")
    for name in ("broker", "client"):
        signed = ("-CA", "ca.pem", "-CAkey", "ca.key", "-addext", "basicConstraints=critical,CA:FALSE")
        _openssl(folder, name, *signed, "-addext", "subjectAltName=IP:127.0.0.1")
    with (folder / "broker.pem").open("a") as pem:  # the broker wants both in one file
        pem.write((folder / "broker.key").read_text())
    return Secrets(folder, password)


def _openssl(folder: Path, name: str, *how: str) -> None:
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key")
    command = ("openssl", "req", "-x509", *key, "-out", f"{name}.pem", "-subj", f"/CN={name}", "-days", "2", *how)
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
