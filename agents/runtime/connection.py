"""How every client connects to the cluster: given once, in `[kafka]` of the settings. Secrets are read here alone."""

import asyncio
import logging
import ssl
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from aiokafka.conn import create_conn
from aiokafka.errors import (
    IllegalSaslStateError,
    KafkaError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)
from aiokafka.protocol.metadata import MetadataRequest

from agents.configuration import Kafka, WrongSettings
from agents.kept_secret import Secret
from agents.secret import read_secret

PROTOCOLS = {"plaintext": "PLAINTEXT", "tls": "SSL", "sasl_plaintext": "SASL_PLAINTEXT", "sasl_tls": "SASL_SSL"}
PATIENCE = 10.0  # seconds for one broker to answer
OTHER_NAME = (62, 64)  # OpenSSL's numbers for a certificate of another host name, of another address

Address = tuple[str, int]


class NoCluster(Exception):
    """Kafka cannot be reached, or does not do what it is asked."""


def connecting(kafka: Kafka) -> dict[str, Any]:
    """The arguments by which any client of aiokafka connects. Raise WrongSettings for what cannot be read."""
    return {"bootstrap_servers": list(kafka.bootstrap), **_secured(kafka)}


def _secured(kafka: Kafka) -> dict[str, Any]:
    given: dict[str, Any] = {"security_protocol": PROTOCOLS[kafka.security]}
    if kafka.encrypted:
        given["ssl_context"] = _tls(kafka)
    if kafka.authenticated and kafka.password is not None:
        logging.getLogger("aiokafka.conn").addFilter(_says_no_bytes)
        given["sasl_mechanism"] = kafka.mechanism
        given["sasl_plain_username"] = kafka.username
        given["sasl_plain_password"] = read_secret(kafka.password, "kafka.password")
    return given


def _says_no_bytes(record: logging.LogRecord) -> bool:
    """At DEBUG aiokafka prints what it sends, and PLAIN sends the password."""
    return record.levelno > logging.DEBUG


def _tls(kafka: Kafka) -> ssl.SSLContext:
    """Certificates and host names are always checked."""
    for name in ("ca", "certificate", "key"):
        path = getattr(kafka, name)
        try:
            if path is not None:
                Path(path).read_bytes()
        except OSError as error:
            raise WrongSettings(f"kafka.{name}: {path}: {error.strerror}") from None
    try:
        context = ssl.create_default_context(cafile=kafka.ca)
    except ssl.SSLError:
        raise WrongSettings(f"kafka.ca: {kafka.ca}: there is no certificate in it; PEM files are read") from None
    try:
        if kafka.certificate is not None:
            context.load_cert_chain(kafka.certificate, kafka.key, password="")  # without it OpenSSL asks the terminal
    except ssl.SSLError as error:
        raise WrongSettings(
            f"kafka.certificate, kafka.key: {kafka.certificate} and {kafka.key} are no pair of PEM files "
            f"without a passphrase ({error.reason or 'unreadable'})"
        ) from None
    return context


async def reach(kafka: Kafka) -> None:
    """Ask an address of the settings, then a broker that it names, as all that follows will do.

    aiokafka would say no more than that it cannot, or try for ever. Raise WrongSettings, NoCluster.
    """
    given = _secured(kafka)
    addresses = [(host.strip("[]"), int(port)) for host, _, port in (each.rpartition(":") for each in kafka.bootstrap)]
    first, brokers = await _ask_one(addresses, given, kafka)
    if brokers and first not in brokers:
        await _ask_one(brokers, given, kafka, f" (a broker's address, as {first[0]}:{first[1]} gives it)")


async def _ask_one(
    addresses: Sequence[Address], given: dict[str, Any], kafka: Kafka, whence: str = ""
) -> tuple[Address, list[Address]]:
    """The first of some that answers, and the brokers it names. Raise NoCluster with what each of them did."""
    troubles: dict[str, list[str]] = {}
    for host, port in addresses:
        try:
            async with asyncio.timeout(PATIENCE):
                connection = await create_conn(host, port, **given)
                try:
                    answer = await connection.send(MetadataRequest([]))
                finally:
                    await connection.close()
        except (OSError, KafkaError, ValueError) as error:
            troubles.setdefault(_reason(kafka, error), []).append(f"{host}:{port}{whence}")
        else:
            return (host, port), [(broker[1], broker[2]) for broker in answer.brokers]
    raise NoCluster("; ".join(f"{', '.join(places)}: {reason}" for reason, places in troubles.items()))


def _reason(kafka: Kafka, error: BaseException) -> str:
    """Why a broker could not be talked to, with the setting to look at."""
    for cause in _causes(error):
        reason = _of_tls(kafka, cause) if isinstance(cause, ssl.SSLError) else _of_sasl(kafka, cause)
        if reason is not None:
            return reason
    if isinstance(error, KafkaError | ConnectionResetError):
        return f"it hangs up on us: does kafka.security = {kafka.security!r} fit this port?"
    return f"{error or 'it does not answer'}: is Kafka running there?"


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__


def _of_tls(kafka: Kafka, error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        if error.verify_code in OTHER_NAME:
            return (
                f"{error.verify_message.rstrip('.')}: kafka.bootstrap, and the brokers' advertised.listeners, "
                "must use a name that stands in the certificate"
            )
        trusted = kafka.ca or "the system's"
        return f"its certificate is not trusted ({error.verify_message}): is its CA in kafka.ca ({trusted})?"
    reason = error.reason or "no reason given"
    if "CERTIFICATE" in reason or "UNKNOWN_CA" in reason:
        return f"it wants another kafka.certificate ({reason}): we showed {kafka.certificate or 'none'}"
    return f"no TLS can be spoken there ({reason}): does kafka.security = {kafka.security!r} fit this port?"


def _of_sasl(kafka: Kafka, error: BaseException) -> str | None:
    if isinstance(error, SaslAuthenticationFailed):
        return (
            f"it refuses kafka.username {kafka.username!r} by kafka.mechanism {kafka.mechanism}, "
            f"with kafka.password from {_place(kafka.password)}"
        )
    if isinstance(error, UnsupportedSaslMechanismError):
        return f"it does not take kafka.mechanism {kafka.mechanism}"
    if isinstance(error, IllegalSaslStateError):
        return f"it wants no password: does kafka.security = {kafka.security!r} fit this port?"
    return None


def _place(secret: Secret | None) -> str:
    if secret is None:
        return "nowhere"
    return f"the environment variable {secret.env}" if secret.env is not None else str(secret.file)
