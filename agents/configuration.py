"""What may be set: the settings file as a whole, its sources, storage and cluster."""

from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any, Literal, get_args

from msgspec.structs import replace

from agents.calendars import Holidays, Zones, written_out
from agents.kept_secret import Secret
from agents.notify_settings import (
    DigestSettings,
    Label,
    MailSecurity,
    NotifySettings,
    ReceiverKind,
    ReceiverSettings,
    RouteSettings,
    plan_of,
)
from listener.notices.plan import Plan
from schemas.alert import Severity, Stage
from schemas.record import Part, to_json
from schemas.settings import Brand, Settings


class WrongSettings(Exception):
    """A mistake in the settings file. The message names the key, the value and what is allowed."""


Kind = Literal["file", "folder", "webhook", "bluesky", "mastodon", "feed"]
Collection = Literal["posts", "reposts"]


class Source(Part, frozen=True):
    """Where mentions come from. Which keys go with which kind is in `agents/source_checks.py`.

    A "file" is a path (with * allowed) or standard input ("-"), read as history, or followed as it grows (`follow`). A
    "folder" is read file by file as they appear. A "webhook" listens on `listen`, host:port, for POSTs to /`name`
    that are signed with `secret`; at most `rate` a second from all who send.

    `columns` maps fields of a mention to columns of a table or keys of a JSON object, `items` says where in a body the
    list of these objects lies. `time` says which clock detection goes by: that of the posts ("created", for history) or
    that of their arrival ("ingested", for live).
    """

    kind: Kind = "file"
    path: str = ""
    name: str | None = None
    follow: bool = False
    format: Literal["jsonl", "csv"] | None = None
    platform: str = ""
    columns: dict[str, Any] = {}
    items: str = ""
    id_prefix: str | None = None
    time_format: str | None = None
    zone: str = "UTC"
    delimiter: str | None = None
    time: Literal["created", "ingested"] | None = None
    listen: str = ""
    secret: Secret | None = None
    rate: int = 50
    url: str = ""
    collections: tuple[Collection, ...] = ("posts", "reposts")
    stream: Literal["public", "public:local", "hashtag"] = "public"
    tag: str = ""
    token: Secret | None = None
    urls: tuple[str, ...] = ()
    every: int = 300

    @property
    def connects(self) -> bool:
        """Whether it is a connection of `agents/sources`, not paths that are read to their end."""
        return self.kind != "file" or self.follow

    @property
    def live(self) -> bool:
        """Whether it is listened to."""
        return self.connects or (self.time == "ingested" if self.time else self.path == "-")

    @property
    def called(self) -> str:
        """What it is called where it is listened to."""
        if self.path == "-":
            return self.name or "stdin"
        return self.name or (Path(self.path).name if self.path else self.kind)

    def beside(self, folder: Path) -> "Source":
        """The same with its secrets' paths relative to a folder."""
        return replace(
            self,
            secret=self.secret and self.secret.beside(folder),
            token=self.token and self.token.beside(folder),
        )


ALLOWED = {
    "format": ("jsonl", "csv"),
    "time": ("created", "ingested"),
    "security": ("plaintext", "tls", "sasl_plaintext", "sasl_tls"),
    "kind": get_args(Kind),
    "collections": get_args(Collection),
    "stream": ("public", "public:local", "hashtag"),
    "mechanism": ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"),
    "receivers.kind": get_args(ReceiverKind),
    "receivers.security": get_args(MailSecurity),
    "group_by": get_args(Label),
    "severities": get_args(Severity),
    "stages": get_args(Stage),
}


class OwnScorer(Part, frozen=True):
    """A scorer of one's own for some languages, installed as a plug-in (docs/scorers.md).

    It is asked about up to `batch` texts at once and waited for `timeout_s` seconds; `options` are what its plug-in
    takes.
    """

    name: str
    languages: tuple[str, ...]
    batch: int = 64
    timeout_s: float = 2.0
    options: dict[str, Any] = {}


class Storage(Part, frozen=True):
    """Where the embedded service keeps its one file."""

    path: str = "listener.db"


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
        return replace(self, password=self.password and self.password.beside(folder), **paths)


class Mood(Part, frozen=True):
    """How texts are scored. `calibrated`: English scores are mapped so that the share of negative ones is people's."""

    calibrated: bool = True


class Configuration(Part, frozen=True):
    """A settings file as a whole. `folder` is where it lies: paths in it are relative to that.

    `clustered`: whether it has a [kafka] of its own.
    """

    brands: tuple[Brand, ...]
    sources: tuple[Source, ...] = ()
    storage: Storage = Storage()
    kafka: Kafka = Kafka()
    scorers: tuple[OwnScorer, ...] = ()
    sentiment: Mood = Mood()
    receivers: tuple[ReceiverSettings, ...] = ()
    routes: tuple[RouteSettings, ...] = ()
    digest: DigestSettings | None = None
    notify: NotifySettings = NotifySettings()
    folder: str = "."
    clustered: bool = False

    def settings(self) -> Settings:
        """The brands under a version that follows from their content."""
        return settings_of(self.brands, *written_out(self.brands))

    def beside(self, folder: Path) -> "Configuration":
        """The same with paths of secrets and certificates relative to a folder."""
        sources = tuple(source.beside(folder) for source in self.sources)
        receivers = tuple(receiver.beside(folder) for receiver in self.receivers)
        return replace(self, sources=sources, receivers=receivers, kafka=self.kafka.beside(folder))

    def plan(self) -> Plan:
        """Who is told what."""
        return plan_of(self.receivers, self.routes, self.digest, self.brands, self.notify)

    def database(self) -> Path:
        """The path of the storage."""
        return Path(self.folder) / self.storage.path


def settings_of(brands: tuple[Brand, ...], zones: Zones, holidays: Holidays) -> Settings:
    """Brands, with what is written out of their clocks and days off, under a version that follows from the content."""
    content = (brands, zones, holidays) if zones or holidays else brands
    version = blake2b(to_json(content), digest_size=6).hexdigest()
    return Settings(version=version, brands=brands, zones=zones, holidays=holidays)


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
