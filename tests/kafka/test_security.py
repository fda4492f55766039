"""Encryption and passwords: who may gets in, who may not is told why in one line, and no secret is ever shown."""

import asyncio
import logging
import struct
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from faust.transport.drivers.aiokafka import credentials_to_aiokafka_auth
from msgspec.structs import replace

from agents.configuration import Kafka, WrongSettings
from agents.demo import write_story
from agents.kept_secret import Secret
from agents.runtime import topics
from agents.runtime.connection import NoCluster, connecting, reach
from agents.runtime.transport import credentials
from agents.settings_file import read_configuration
from agents.sources.story import SEED
from schemas.record import to_json
from tests.agents.building import exported, listener, says_one_line
from tests.kafka.building import Cluster, Part, as_toml, is_final, stop, wait_for
from tests.kafka.security import MUTUAL, Secrets
from tests.kafka.test_probes import get
from tests.ports import free_port

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(120)]

BRAND = '[[brands]]\nid = "acme"\nname = "Acme"\n'


def ask(kafka: Kafka) -> None:
    async def asking() -> None:
        try:
            await reach(kafka)
        finally:
            await asyncio.sleep(0.05)  # aiokafka waits for no connection that it gives up

    asyncio.run(asking())


def settings_of(folder: Path, kafka: Kafka) -> Path:
    path = folder / "listener.toml"
    path.write_text(BRAND + as_toml(kafka))
    return path


@pytest.fixture
def ended() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def test_the_story_goes_through_two_hops_encrypted_with_a_password(
    broker: str, secrets: Secrets, tmp_path: Path, ended: ExitStack
) -> None:
    kafka = secrets.kafka(broker, "sasl_tls", prefix="secured", partitions=2, session_seconds=2)
    write_story(SEED, tmp_path)
    (tmp_path / "posts.jsonl").write_bytes(b"\n".join(to_json(mention) for mention in Part()))
    settings = tmp_path / "listener.toml"
    settings.write_text(settings.read_text() + as_toml(kafka))
    said = [listener("run", "--until-end", folder=tmp_path), listener("export", "--out", "found", folder=tmp_path)]
    wanted = Counter(filter(is_final, exported(tmp_path / "found")["alerts.jsonl"].splitlines()))
    assert wanted.total() > 3

    cluster, address = Cluster(kafka, tmp_path), f"127.0.0.1:{free_port()}"
    ended.push(cluster)  # its workers end with the test; topics and settings are the commands' work here
    said += [listener(*command, folder=tmp_path) for command in (("topics", "create"), ("config", "push"))]
    worker = cluster.worker(listen=address)
    said += [listener(*command, folder=tmp_path) for command in (("ingest",), ("check",), ("topics", "check"))]
    found: Counter[bytes] = Counter()

    def complete() -> bool:
        nonlocal found
        said.append(listener("alerts", "list", "--follow", "1", "--json", folder=tmp_path))
        found = Counter(filter(is_final, said[-1].out.encode().splitlines()))
        return found.total() >= wanted.total()

    wait_for(complete, 60, cluster.said)
    assert found == wanted
    shown = "".join(get(address, page)[1] for page in ("healthz", "metrics", "readyz"))
    assert stop(worker) == 0
    assert [ran.code for ran in said] == [0] * len(said)
    assert f"as worker by {kafka.mechanism}" in "".join(ran.out for ran in said)
    assert secrets.password not in "".join(ran.out + ran.err for ran in said) + cluster.said() + shown


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
@pytest.mark.parametrize("security", ["sasl_plaintext", "sasl_tls"])
def test_topics_are_made_by_whoever_has_the_password(
    broker: str, secrets: Secrets, security: str, mechanism: str, tmp_path: Path
) -> None:
    made_and_checked(secrets.kafka(broker, security, mechanism=mechanism, prefix=f"{security}-{mechanism}"), tmp_path)


def test_topics_are_made_over_tls_alone(broker: str, secrets: Secrets, tmp_path: Path) -> None:
    made_and_checked(secrets.kafka(broker, "tls", prefix="tls"), tmp_path)


def test_topics_are_made_by_whoever_shows_a_certificate(broker: str, secrets: Secrets, tmp_path: Path) -> None:
    made_and_checked(mutual(broker, secrets, "client"), tmp_path)


def mutual(broker: str, secrets: Secrets, who: str | None) -> Kafka:
    port = int(broker.rpartition(":")[2]) + MUTUAL
    kafka = secrets.kafka(broker, "tls", bootstrap=(f"127.0.0.1:{port}",), prefix="mutual")
    return replace(kafka, certificate=secrets.path(f"{who}.pem"), key=secrets.path(f"{who}.key")) if who else kafka


def made_and_checked(kafka: Kafka, folder: Path) -> None:
    settings = settings_of(folder, replace(kafka, partitions=1))
    for command in ("create", "check"):
        ran = listener("topics", command, "-c", settings)
        assert (ran.code, ran.err) == (0, ""), ran
    assert ran.out == "all topics are as they have to be\n"


def test_a_password_may_come_from_the_environment(
    broker: str, secrets: Secrets, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OF_THE_TEST", secrets.password)
    ask(secrets.kafka(broker, "sasl_tls", password=Secret(env="OF_THE_TEST")))


COMMANDS = (("topics", "create"), ("topics", "check"), ("config", "push"), ("alerts", "list"), ("worker",))
WRONG = "not-the-word"
REFUSED: dict[str, tuple[dict[str, Any], list[str]]] = {
    "a wrong password": ({"password": Secret(env="WRONG")}, ["refuses kafka.username 'worker'", "variable WRONG"]),
    "a wrong password by PLAIN": (
        {"password": Secret(env="WRONG"), "mechanism": "PLAIN"},
        ["refuses kafka.username 'worker' by kafka.mechanism PLAIN", "variable WRONG"],
    ),
    "an unknown user": ({"username": "nobody"}, ["refuses kafka.username 'nobody'", "/password"]),
    "an unknown CA": ({"ca": None}, ["certificate is not trusted", "kafka.ca (the system's)"]),
    "another host name": ({"bootstrap": "localhost"}, ["localhost:", "not valid for 'localhost'", "kafka.bootstrap"]),
}


def refused(name: str, broker: str, secrets: Secrets, folder: Path) -> tuple[Path, list[str]]:
    """The settings of somebody who is refused, and the words that say why."""
    changes, words = REFUSED[name]
    kafka = secrets.kafka(broker, "sasl_tls")
    port = kafka.bootstrap[0].rpartition(":")[2]
    if "bootstrap" in changes:
        changes = {"bootstrap": (f"{changes['bootstrap']}:{port}",)}
    return settings_of(folder, replace(kafka, **changes)), [f":{port}: ", *words]


@pytest.mark.parametrize("name", REFUSED)
def test_who_is_refused_is_told_why(
    name: str, broker: str, secrets: Secrets, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WRONG", WRONG)
    settings, words = refused(name, broker, secrets, tmp_path)
    ran, checked = listener("topics", "check", "-c", settings, timeout=20), listener("check", "-c", settings)
    says_one_line(ran, 1, *words)
    assert checked.code == 1
    assert all(word in checked.out for word in words), checked.out
    assert not [word for word in (WRONG, secrets.password) if word in ran.err + checked.out + checked.err]


def test_every_command_says_it_of_a_wrong_password(
    broker: str, secrets: Secrets, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WRONG", WRONG)
    settings, words = refused("a wrong password", broker, secrets, tmp_path)
    for command in COMMANDS:
        ran = listener(*command, "-c", settings, timeout=20)
        says_one_line(ran, 1, *words)
        assert WRONG not in ran.err


@pytest.mark.parametrize(
    ("security", "port", "words"),
    [
        ("tls", "plaintext", "kafka.security = 'tls' fit this port"),
        ("tls", "sasl_tls", "kafka.security = 'tls' fit this port"),
        ("sasl_plaintext", "sasl_tls", "kafka.security = 'sasl_plaintext' fit this port"),
        ("sasl_tls", "sasl_plaintext", "kafka.security = 'sasl_tls' fit this port"),
        ("sasl_plaintext", "plaintext", "it wants no password"),
        ("plaintext", "tls", "kafka.security = 'plaintext' fit this port"),
        ("plaintext", "sasl_plaintext", "kafka.security = 'plaintext' fit this port"),
    ],
)
def test_a_port_that_speaks_otherwise_is_named(
    broker: str, secrets: Secrets, security: str, port: str, words: str
) -> None:
    kafka = secrets.kafka(broker, security, bootstrap=secrets.kafka(broker, port).bootstrap)
    with pytest.raises(NoCluster, match=words):
        ask(kafka)


@pytest.mark.parametrize("who", [None, "stranger"])
def test_a_certificate_that_the_broker_does_not_take_is_named(broker: str, secrets: Secrets, who: str | None) -> None:
    with pytest.raises(NoCluster, match=r"it wants another kafka\.certificate") as told:
        ask(mutual(broker, secrets, who))
    assert str(told.value).endswith(f"we showed {secrets.path('stranger.pem') if who else 'none'}")


@contextmanager
def pretender(broker: str, advertised: int) -> Iterator[Any]:
    """A way to the broker where it says that it is on another port, as one behind a wrong advertised.listeners does."""
    host, _, port = broker.rpartition(":")

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            writer.write(data.replace(struct.pack(">i", int(port)), struct.pack(">i", advertised)))
        writer.close()

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(host, int(port))
        await asyncio.gather(copy(reader, back), copy(there, writer))

    yield meet


def test_a_broker_that_says_a_wrong_address_of_itself_is_named(broker: str) -> None:
    wrong = free_port()

    async def pretend() -> None:
        with pretender(broker, wrong) as meet:
            async with await asyncio.start_server(meet, "127.0.0.1", 0) as server:
                port = server.sockets[0].getsockname()[1]
                await reach(Kafka(bootstrap=(f"127.0.0.1:{port}",)))

    with pytest.raises(NoCluster, match=f"127.0.0.1:{wrong} \\(a broker's address, as 127.0.0.1:.* gives it\\)"):
        asyncio.run(pretend())


def test_one_address_of_several_that_answers_is_enough(broker: str) -> None:
    ask(Kafka(bootstrap=("127.0.0.1:1", broker)))


def test_all_addresses_that_do_not_answer_are_named() -> None:
    with pytest.raises(NoCluster, match=r"127\.0\.0\.1:1: .*; 127\.0\.0\.1:2: .*is Kafka running there\?"):
        ask(Kafka(bootstrap=("127.0.0.1:1", "127.0.0.1:2")))


def test_what_aiokafka_logs_shows_no_password(broker: str, secrets: Secrets, caplog: pytest.LogCaptureFixture) -> None:
    """At DEBUG it prints each request, and PLAIN's has the password in it."""
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="aiokafka")  # a command that ran before in this process has raised it
    kafka = secrets.kafka(broker, "sasl_tls", mechanism="PLAIN", prefix="nobody")
    asyncio.run(topics.check(kafka))
    assert "aiokafka.conn" in {record.name for record in caplog.records}
    assert secrets.password not in caplog.text


@pytest.mark.parametrize(("security", "mechanism"), [("sasl_plaintext", "PLAIN"), ("sasl_tls", "SCRAM-SHA-256")])
def test_fausts_consumer_logs_in_as_all_others_do(secrets: Secrets, security: str, mechanism: str) -> None:
    given = connecting(secrets.kafka("127.0.0.1:1", security, mechanism=mechanism))
    given_by_faust = dict(credentials_to_aiokafka_auth(credentials(given), None))
    assert given_by_faust.pop("ssl_context") is given.pop("ssl_context", None)
    assert given_by_faust.items() <= given.items()
    assert given_by_faust["sasl_mechanism"] == mechanism


def test_fausts_consumer_shows_a_certificate_where_there_is_no_password(secrets: Secrets) -> None:
    given = connecting(secrets.kafka("127.0.0.1:1", "tls"))
    assert credentials_to_aiokafka_auth(credentials(given), None) == {
        "security_protocol": "SSL",
        "ssl_context": given["ssl_context"],
    }
    assert credentials(connecting(secrets.kafka("127.0.0.1:1", "plaintext"))) is None


def test_settings_show_where_a_secret_is_and_not_what(secrets: Secrets, tmp_path: Path) -> None:
    configuration = read_configuration(settings_of(tmp_path, secrets.kafka("127.0.0.1:1", "sasl_tls")))
    assert secrets.path("password") in repr(configuration)
    assert secrets.password not in repr(configuration)
    assert secrets.password in connecting(configuration.kafka).values()


def test_files_are_found_beside_the_settings(secrets: Secrets, tmp_path: Path) -> None:
    kafka = secrets.kafka("127.0.0.1:1", "sasl_tls", ca="ca.pem", password=Secret(file="password"))
    path = secrets.folder / "listener.toml"
    path.write_text(BRAND + as_toml(kafka))
    assert connecting(read_configuration(path).kafka)["sasl_plain_password"] == secrets.password


UNREADABLE: dict[str, tuple[dict[str, Any], str]] = {
    "no CA": ({"ca": "none.pem"}, r"^kafka\.ca: none\.pem: No such file"),
    "a CA that is none": ({"ca": "password"}, r"^kafka\.ca: password: there is no certificate in it"),
    "a CA that is a folder": ({"ca": "."}, r"^kafka\.ca: \.: Is a directory"),
    "no certificate": ({"certificate": "x.pem", "key": "client.key"}, r"^kafka\.certificate: x\.pem: No such file"),
    "no key": ({"certificate": "client.pem", "key": "x.key"}, r"^kafka\.key: x\.key: No such file"),
    "the key of another": ({"certificate": "client.pem", "key": "ca.key"}, r"client\.pem and ca\.key are no pair"),
    "a locked key": ({"certificate": "client.pem", "key": "locked.key"}, r"no pair of PEM files without a passphrase"),
    "no password": ({"password": Secret(file="nowhere")}, r"^kafka\.password: nowhere: No such file"),
    "an empty password": ({"password": Secret(file="empty")}, r"^kafka\.password: empty: is empty"),
    "no text": ({"password": Secret(file="bytes")}, r"^kafka\.password: bytes: is not text in UTF-8$"),
    "no variable": ({"password": Secret(env="NOT_SET")}, r"^kafka\.password: the environment variable NOT_SET is not"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_is_named_with_its_key_and_place(
    name: str, secrets: Secrets, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(secrets.folder)
    Path("empty").write_text("\n")
    Path("bytes").write_bytes(b"\xff\xfe")
    lock = ("openssl", "ec", "-in", "client.key", "-aes128", "-passout", "pass:locked", "-out", "locked.key")
    subprocess.run(lock, check=True, capture_output=True)
    changes, words = UNREADABLE[name]
    kafka = replace(secrets.kafka("127.0.0.1:1", "sasl_tls"), **changes)
    with pytest.raises(WrongSettings, match=words):
        connecting(kafka)


def test_a_file_that_is_not_there_ends_every_command_with_2(secrets: Secrets, tmp_path: Path) -> None:
    settings = settings_of(tmp_path, secrets.kafka("127.0.0.1:1", "sasl_tls", ca=str(tmp_path / "gone.pem")))
    for command in COMMANDS:
        says_one_line(listener(*command, "-c", settings), 2, "kafka.ca: ", "gone.pem: No such file")
