"""The settings file, listener.toml: read, checked, and every mistake named with its key and what is allowed."""

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec.structs import replace

from listener.monitors import MONITORS
from schemas.mention import Author, Mention, Metrics, OwnerReply, Rating
from schemas.record import Part, to_json
from schemas.settings import Brand, Settings

HANDLE = re.compile(r"@[^\s@#]+(@[^\s@#]+)?")  # the second part names the server, as on Mastodon
TOPIC = re.compile(r"[A-Za-z0-9_-]{1,100}")
MOST_PARTITIONS, MOST_REPLICAS, LONGEST_SESSION = 512, 9, 30
BRAND_ID = re.compile(r"[a-z0-9][a-z0-9_-]*")
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
ELSEWHERE = 'no password stands in this file; write { env = "KAFKA_PASSWORD" } or { file = "/run/secrets/kafka" }'
PLANNED = {
    "brands": ("query", "threshold", "languages", "timezone", "business_hours", "campaigns", "competitors"),
    "": ("receivers", "routes"),
}


class WrongSettings(Exception):
    """A mistake in the settings file. The message names the key, the value and what is allowed."""


class Source(Part, frozen=True):
    """Where mentions come from: files (`path`, with * allowed) or standard input ("-").

    `columns` maps fields of a mention to columns of a table or keys of a JSON object. `time` says which clock
    detection goes by: that of the posts ("created", for history) or that of their arrival ("ingested", for live).
    """

    path: str
    name: str | None = None
    format: Literal["jsonl", "csv"] | None = None
    platform: str = ""
    columns: dict[str, Any] = {}
    id_prefix: str | None = None
    time_format: str | None = None
    zone: str = "UTC"
    delimiter: str | None = None
    time: Literal["created", "ingested"] | None = None


ALLOWED = {
    "format": ("jsonl", "csv"),
    "time": ("created", "ingested"),
    "security": ("plaintext", "tls", "sasl_plaintext", "sasl_tls"),
    "mechanism": ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"),
}


class Storage(Part, frozen=True):
    """Where the embedded service keeps its one file."""

    path: str = "listener.db"


class Secret(Part, frozen=True):
    """Where a secret is kept: in an environment variable or a file. What it is, is read where it is used."""

    env: str | None = None
    file: str | None = None


class Kafka(Part, frozen=True):
    """The cluster of `listener worker`. `prefix` begins the names of all topics and of the group.

    `partitions` is how many each of mentions, brand mentions, trends and alerts has: no more workers than that have
    something to do. It cannot be changed later without a new prefix and a replay. `session_seconds` is how long a
    worker may be silent before its partitions go to another one. After `most_bad` records in a row that cannot be used
    a partition is paused (0: never). `clock` says who tells the time: the "heartbeats" of sources, or the "topic" of
    mentions, for producers that send none: then what is in it is all there was.

    `ca` is a file of the CAs that are trusted instead of the system's; `certificate` and `key` are our own.
    """

    bootstrap: tuple[str, ...] = ("127.0.0.1:9092",)
    prefix: str = "listener"
    partitions: int = 4
    replication: int = 1
    session_seconds: int = 10
    most_bad: int = 1_000
    clock: Literal["heartbeats", "topic"] = "heartbeats"
    security: Literal["plaintext", "tls", "sasl_plaintext", "sasl_tls"] = "plaintext"
    mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    username: str | None = None
    password: Secret | None = None
    ca: str | None = None
    certificate: str | None = None
    key: str | None = None

    @property
    def encrypted(self) -> bool:
        """Whether TLS is spoken."""
        return self.security in ("tls", "sasl_tls")

    @property
    def authenticated(self) -> bool:
        """Whether we say who we are by a password."""
        return self.security.startswith("sasl_")

    def beside(self, folder: Path) -> "Kafka":
        """The same with paths relative to a folder."""
        paths = {name: str(folder / path) for name in ("ca", "certificate", "key") if (path := getattr(self, name))}
        password = self.password
        if password is not None and password.file is not None:
            password = replace(password, file=str(folder / password.file))
        return replace(self, password=password, **paths)


class Configuration(Part, frozen=True):
    """A settings file as a whole. `folder` is where it lies: paths in it are relative to that."""

    brands: tuple[Brand, ...]
    sources: tuple[Source, ...] = ()
    storage: Storage = Storage()
    kafka: Kafka = Kafka()
    folder: str = "."

    def settings(self) -> Settings:
        """The brands under a version that follows from their content."""
        version = blake2b(to_json(self.brands), digest_size=6).hexdigest()
        return Settings(version=version, brands=self.brands)

    def database(self) -> Path:
        """The path of the storage."""
        return Path(self.folder) / self.storage.path


class SettingsFile:
    """The settings file of a running service: looked at now and then, read again when it has changed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen = self._look()

    def _look(self) -> tuple[int, int] | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size

    def changed(self) -> Configuration | None:
        """What it says by now, if it has changed since the last call. Raise WrongSettings, once for each change."""
        found = self._look()
        if found in (None, self._seen):  # gone while an editor replaces it: it will be back
            return None
        self._seen = found
        return read_configuration(self.path)


def read_configuration(path: Path) -> Configuration:
    """The configuration in a file. Raise WrongSettings."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise WrongSettings(f"{path}: there is no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise WrongSettings(f"{path}: cannot be read: {error}") from None
    return parse_configuration(text, str(path), path.parent)


def parse_configuration(text: str, name: str, folder: Path) -> Configuration:
    """The configuration in a text; `name` is what messages call it. Raise WrongSettings."""
    try:
        content = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # numbers too long to read, brackets too deep
        raise WrongSettings(f"{name}: not TOML: {error}") from None
    try:
        _refuse_unknown(content)
        configuration = msgspec.convert({**content, "folder": str(folder)}, Configuration)
        _check(configuration)
        configuration = replace(configuration, kafka=configuration.kafka.beside(folder))
    except msgspec.ValidationError as error:
        raise WrongSettings(f"{name}: {_path_first(str(error), content)}") from None
    except WrongSettings as error:
        raise WrongSettings(f"{name}: {error}") from None
    return configuration


def _refuse_unknown(content: Mapping[str, Any]) -> None:
    _refuse_keys(content, ("brands", "sources", "storage", "kafka"), "", PLANNED[""])
    for group, kind in (("brands", Brand), ("sources", Source)):
        entries = content.get(group, [])
        if not isinstance(entries, list):
            raise WrongSettings(f"{group}: write [[{group}]] with two brackets, once for each")
        for number, entry in enumerate(entries):
            _refuse_keys(entry, kind.__struct_fields__, f"{group}[{number}].", PLANNED.get(group, ()))
    _refuse_keys(content.get("storage", {}), Storage.__struct_fields__, "storage.", ())
    kafka = content.get("kafka", {})
    _refuse_keys(kafka, Kafka.__struct_fields__, "kafka.", ())
    if isinstance(kafka, Mapping):
        _refuse_password(kafka.get("password", {}))


def _refuse_keys(table: object, allowed: tuple[str, ...], where: str, planned: tuple[str, ...]) -> None:
    for key in table if isinstance(table, Mapping) else ():  # what is no table is told by its type
        if key in allowed:
            continue
        if key in planned:
            raise WrongSettings(f"{where}{key}: planned, but not built yet; take it out")
        near = difflib.get_close_matches(key, allowed, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"allowed are {', '.join(allowed)}"
        raise WrongSettings(f"{where}{key}: unknown key; {hint}")


def _refuse_password(told: object) -> None:
    """Before its type is looked at: no message may show what somebody has written here."""
    if not isinstance(told, Mapping) or not all(isinstance(value, str) for value in told.values()):
        raise WrongSettings(f"kafka.password: {ELSEWHERE}")
    if not told.keys() <= set(Secret.__struct_fields__):
        raise WrongSettings(f"kafka.password: unknown key; {ELSEWHERE}")


def _path_first(message: str, content: Mapping[str, Any]) -> str:
    """Of "Expected `str`, got `int` - at `$.brands[0].id`"; people look for the key first, then for their value."""
    what, separator, path = message.partition(" - at `$.")
    if not separator:
        return "brands: there are none; add a [[brands]] with id and name" if "`brands`" in message else message
    path = path.rstrip("`")
    found = list(_values_at(content, path))
    wanted = what[0].lower() + what[1:]
    if "enum" in what:
        wanted = f"allowed are {', '.join(map(repr, ALLOWED[path.rpartition('.')[2]]))}"
    told = [f"{key} is {value!r}" for key, value in found if type(value).__name__ in what or "enum" in what]
    return f"{' or '.join(told) or path}: {wanted}"


def _values_at(content: object, path: str, key: str = "") -> Iterator[tuple[str, object]]:
    """What stands at a path like brands[0].handles[...]; [...] is any of a table's keys."""
    step = re.match(r"\.?([^.\[\]]+)|\[(\d+)\]|\[\.\.\.\]", path)
    if step is None:
        yield key, content
        return
    rest = path[step.end() :]
    if step[1] is not None:
        entries = [(f"{key}.{step[1]}".lstrip("."), content.get(step[1]))] if isinstance(content, Mapping) else []
    elif step[2] is not None:
        entries = [(f"{key}[{step[2]}]", content[int(step[2])])] if isinstance(content, list) else []
    elif isinstance(content, Mapping):
        entries = [(f"{key}.{name}", value) for name, value in content.items()]
    else:
        entries = [(f"{key}[{place}]", value) for place, value in enumerate(_listed(content))]
    for name, value in entries:
        yield from _values_at(value, rest, name)


def _listed(content: object) -> list[object]:
    return content if isinstance(content, list) else []


def _check(configuration: Configuration) -> None:
    if not configuration.brands:
        raise WrongSettings("brands: there are none; add a [[brands]] with id and name")
    seen: set[str] = set()
    for number, brand in enumerate(configuration.brands):
        for problem in _brand_problems(brand):
            raise WrongSettings(f"brands[{number}].{problem}")
        if brand.id in seen:
            raise WrongSettings(f"brands[{number}].id: {brand.id!r} is there twice; ids must differ")
        seen.add(brand.id)
    for number, source in enumerate(configuration.sources):
        for problem in _source_problems(source, configuration.sources[:number]):
            raise WrongSettings(f"sources[{number}].{problem}")
    for problem in _path_problems(configuration.storage.path, "give the database a path"):
        raise WrongSettings(f"storage.{problem}")
    for problem in _kafka_problems(configuration.kafka):
        raise WrongSettings(f"kafka.{problem}")


def _brand_problems(brand: Brand) -> Iterator[str]:
    if not BRAND_ID.fullmatch(brand.id):
        yield f"id: {brand.id!r} is not allowed; use small letters, digits, - and _, beginning with a letter or digit"
    if not brand.name.strip():
        yield "name: is empty"
    for field in ("aliases", "products", "require", "exclude", "hashtags"):
        for value in getattr(brand, field):
            if not value.strip().strip("#$@"):
                yield f"{field}: {value!r} is empty"
            if field == "hashtags" and len(value.split()) > 1:
                yield f"hashtags: {value!r} has a space in it, which ends a hashtag"
            if field in ("aliases", "products") and value.startswith(("@", "#")):
                yield f"{field}: {value!r} belongs into handles or hashtags"
    for field in ("handles", "owned"):
        for platform, names in getattr(brand, field).items():
            for name in names:
                if not HANDLE.fullmatch(name):
                    yield f"{field}.{platform}: {name!r} is no handle; write it like @name"
    for name in brand.monitors:
        known = [monitor.name for monitor in MONITORS]
        if name not in known:
            yield f"monitors.{name}: unknown monitor; there are {', '.join(known)}"


def _source_problems(source: Source, before: tuple[Source, ...]) -> Iterator[str]:
    yield from _path_problems(source.path, "give a file, a pattern with *, or - for standard input")
    if source.path in [other.path for other in before]:
        yield f"path: {source.path!r} is there twice; each can be read once"
    if source.name is not None and source.name in [other.name for other in before]:
        yield f"name: {source.name!r} is there twice; names must differ"
    if source.delimiter is not None and (len(source.delimiter) != 1 or source.delimiter in '"\r\n'):
        yield f"delimiter: {source.delimiter!r} is not one character that can stand between cells"
    try:
        ZoneInfo(source.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield f"zone: {source.zone!r} is not a time zone; write it like Europe/Bucharest"
    if source.time_format is not None:
        yield from _time_format_problems(source.time_format)
    columns, fields = flat_columns(source.columns), mention_fields()
    for field in columns:
        if field not in fields:
            near = difflib.get_close_matches(field, fields, n=1)
            yield f"columns.{field}: a mention has no such field" + (f"; did you mean {near[0]!r}?" if near else "")
    if columns and "created_at" not in columns:
        yield "columns: created_at is not among them; name the column that says when a post was written"


def _kafka_problems(kafka: Kafka) -> Iterator[str]:
    if not kafka.bootstrap:
        yield 'bootstrap: names no broker; write it like ["127.0.0.1:9092"]'
    for address in kafka.bootstrap:
        host, _, port = address.rpartition(":")
        if not host or not port.isdigit():
            yield f"bootstrap: {address!r} is no host:port"
    if not TOPIC.fullmatch(kafka.prefix):
        yield f"prefix: {kafka.prefix!r} is not allowed; use up to 100 letters, digits, - and _"
    if not 1 <= kafka.partitions <= MOST_PARTITIONS:
        yield f"partitions: {kafka.partitions} is not from 1 to {MOST_PARTITIONS}"
    if not 1 <= kafka.replication <= MOST_REPLICAS:
        yield f"replication: {kafka.replication} is not from 1 to {MOST_REPLICAS}"
    if not 1 <= kafka.session_seconds <= LONGEST_SESSION:
        yield f"session_seconds: {kafka.session_seconds} is not from 1 to {LONGEST_SESSION}"
    if kafka.most_bad < 0:
        yield f"most_bad: {kafka.most_bad} is below 0; 0 means never to pause"
    yield from _security_problems(kafka)


def _security_problems(kafka: Kafka) -> Iterator[str]:
    """What is given and not used is a mistake too: somebody believes to be safe."""
    for names, used, others in (
        (("username", "password"), kafka.authenticated, "sasl_tls or sasl_plaintext"),
        (("ca", "certificate", "key"), kafka.encrypted, "tls or sasl_tls"),
    ):
        for name in names:
            if getattr(kafka, name) is not None and not used:
                yield f"{name}: is not used with kafka.security = {kafka.security!r}; that would be {others}"
    if kafka.authenticated and not kafka.username:
        yield f"username: is missing; kafka.security = {kafka.security!r} needs it"
    if kafka.authenticated and kafka.password is None:
        yield f"password: is missing; {ELSEWHERE}"
    if kafka.password is not None and (kafka.password.env is None) == (kafka.password.file is None):
        yield f"password: takes one of env and file; {ELSEWHERE}"
    if kafka.password is not None and kafka.password.env is not None and not VARIABLE.fullmatch(kafka.password.env):
        yield f"password.env: is no name of an environment variable; {ELSEWHERE}"
    if (kafka.certificate is None) != (kafka.key is None):
        yield "certificate: goes with kafka.key, each a PEM file; one of them is missing"
    for name in ("username", "ca", "certificate", "key"):
        if "\0" in (getattr(kafka, name) or ""):
            yield f"{name}: contains a NUL character"
    if kafka.password is not None and "\0" in (kafka.password.file or ""):
        yield f"password.file: contains a NUL character; {ELSEWHERE}"


def _path_problems(path: str, advice: str) -> Iterator[str]:
    if not path:
        yield f"path: is empty; {advice}"
    if "\0" in path:
        yield f"path: {path!r} contains a NUL character; {advice}"


def _time_format_problems(time_format: str) -> Iterator[str]:
    """A format must give back the day that was written with it."""
    time = datetime(2015, 11, 23, 13, 45, 56, tzinfo=UTC)
    try:
        if datetime.strptime(time.strftime(time_format), time_format).date() == time.date():  # noqa: DTZ007 - only days
            return
    except (ValueError, re.error):
        pass
    yield f"time_format: {time_format!r} does not say year, month and day; write it like %Y-%m-%d %H:%M:%S %z"


def flat_columns(columns: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """`author.handle = "user"` comes out of TOML nested; here it is flat. Raise WrongSettings for a wrong value."""
    flat: dict[str, str] = {}
    for key, value in columns.items():
        if isinstance(value, Mapping):
            flat.update(flat_columns(value, f"{prefix}{key}."))
        elif isinstance(value, str):
            flat[prefix + key] = value
        else:
            raise WrongSettings(f"sources.columns.{prefix}{key}: {value!r} is not the name of a column")
    return flat


def mention_fields() -> list[str]:
    """All fields of a mention that a column may fill, with those of its parts as "part.field"."""
    parts = {"author": Author, "metrics": Metrics, "rating": Rating, "owner_reply": OwnerReply}
    fields = [field for field in Mention.__struct_fields__ if field not in parts]
    return fields + [f"{part}.{field}" for part, kind in parts.items() for field in kind.__struct_fields__]
