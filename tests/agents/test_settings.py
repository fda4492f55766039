"""Mistakes in the settings file: named with their key and value, and with what is allowed; exit code 2."""

import json
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agents.configuration import Configuration, WrongSettings
from agents.settings_file import parse_configuration, read_configuration
from listener.brands.matcher import Matcher
from schemas.mention import Mention
from tests.agents.building import ACME, AIRLINES, a_post, listener, says_one_line, write_lines

SOURCE = '[[sources]]\npath = "posts.csv"\n'
KAFKA = ACME + "[kafka]\n"
SASL = KAFKA + 'security = "sasl_tls"\n'
WEBHOOK = ACME + '[[sources]]\nkind = "webhook"\nlisten = "127.0.0.1:8081"\n'
SCORER = ACME + '[[scorers]]\nname = "own"\nlanguages = ["de"]\n'
COLUMNS = SOURCE + "[sources.columns]\n"


def parsed(text: str) -> Configuration:
    return parse_configuration(text, "shop.toml", Path("shop"))


MUTE = '[[brands.mute]]\nauthor = "@spam"\n'
CAMPAIGN = '[[brands.campaigns]]\nname = "Sale"\nstart = 2026-03-01T00:00:00Z\nend = 2026-03-08T00:00:00Z\n'

HOOK = ACME + '[[receivers]]\nname = "hook"\nkind = "webhook"\nurl = "https://example.org/x"\nsecret = { env = "S" }\n'
AM = '[[receivers]]\nname = "am"\nkind = "alertmanager"\nurl = "http://127.0.0.1:9093"\n'
ROUTE = HOOK + '[[routes]]\nreceivers = ["hook"]\n'
WRONG: dict[str, tuple[str, list[str]]] = {
    # keys
    "a table in the singular": ('[[brand]]\nid = "acme"\n', ["brand:", "did you mean 'brands'"]),
    "a key in the singular": (ACME + 'alias = ["Acme"]\n', ["brands[0].alias:", "did you mean 'aliases'"]),
    "a key of the second brand": (
        ACME + ACME.replace("acme", "b") + "hanldes = {}",
        ["brands[1].hanldes", "'handles'"],
    ),
    "a brand that it is like and that is not there": (
        ACME + 'like = ["bolt"]\n',
        ["brands[0].like: 'bolt' is the id of no brand in this file"],
    ),
    "a brand that is like itself": (ACME + 'like = ["acme"]\n', ["brands[0].like: 'acme' is the brand itself"]),
    "a start": (ACME + "start = {}\n", ["brands[0].start: take it out", "computed"]),
    "a key that is like no other": (
        ACME + 'xyzzy = "red"\n',
        ["brands[0].xyzzy: unknown key", "allowed are", "aliases"],
    ),
    "an unknown table": (ACME + "[xyzzy]\n", ["xyzzy: unknown key", "allowed are", "storage"]),
    "a key of a source": (ACME + SOURCE + 'platfrom = "x"\n', ["sources[0].platfrom:", "did you mean 'platform'"]),
    "a key of the storage": (ACME + '[storage]\npfad = "x"\n', ["storage.pfad:", "path"]),
    "a key of the sentiment": (ACME + "[sentiment]\ncalibrate = true\n", ["sentiment.calibrate:", "'calibrated'"]),
    "a number as a switch": (ACME + "[sentiment]\ncalibrated = 1\n", ["sentiment.calibrated", "1", "bool"]),
    "a column of no field": (ACME + COLUMNS + 'txt = "body"\n', ["sources[0].columns.txt", "did you mean 'text'"]),
    "a column of no part of a field": (
        ACME + COLUMNS + 'created_at = "when"\nauthor.handel = "user"\n',
        ["sources[0].columns.author.handel", "did you mean 'author.handle'"],
    ),
    "a part as a column": (ACME + COLUMNS + 'created_at = "when"\nauthor = "user"\n', ["sources[0].columns.author"]),
    "a key of a scorer": (SCORER + "timeout = 3\n", ["scorers[0].timeout:", "did you mean 'timeout_s'"]),
    "a scorer of no language": (ACME + '[[scorers]]\nname = "own"\nlanguages = []\n', ["scorers[0].languages: names"]),
    "a scorer without languages": (ACME + '[[scorers]]\nname = "own"\n', ["scorers[0]", "languages"]),
    "a scorer without a name": (ACME + '[[scorers]]\nname = ""\nlanguages = ["de"]\n', ["scorers[0].name: ''"]),
    "a scorer of a language by its name": (
        SCORER.replace("de", "German"),
        ["scorers[0].languages: 'German' is no code"],
    ),
    "two scorers of a language": (
        SCORER + SCORER.removeprefix(ACME),
        ["scorers[1].languages: 'de' has a scorer already"],
    ),
    "a scorer of a language twice": (SCORER.replace('["de"]', '["de", "de"]'), ["scorers[0].languages: 'de' has"]),
    "a batch of nothing": (SCORER + "batch = 0\n", ["scorers[0].batch: 0 is not from 1 to 1000"]),
    "a batch of too many": (SCORER + "batch = 1001\n", ["scorers[0].batch: 1001"]),
    "no time at all": (SCORER + "timeout_s = 0\n", ["scorers[0].timeout_s: 0", "0.01 to 5.0"]),
    "too much time": (SCORER + "timeout_s = 60\n", ["scorers[0].timeout_s: 60"]),
    "a time that is none": (SCORER + "timeout_s = nan\n", ["scorers[0].timeout_s: nan"]),
    "an unknown key of a campaign": (ACME + CAMPAIGN + 'mute = ["quiet-brand"]\n', ["campaigns[0].mute:", "'mutes'"]),
    "a campaign without a zone": (
        ACME + CAMPAIGN.replace("T00:00:00Z", ""),
        ["brands[0].campaigns[0].start: 2026-03-01 is no moment", "2026-03-01T09:00:00+02:00"],
    ),
    "a campaign that ends before it begins": (
        ACME + CAMPAIGN.replace("03-08", "02-08"),
        ["brands[0].campaigns[0].end: 2026-02-08", "is not after its start"],
    ),
    "a campaign that mutes no rule": (
        ACME + CAMPAIGN + 'mutes = ["mood"]\n',
        ["brands[0].campaigns[0].mutes: there is no rule 'mood'", "negative-spike"],
    ),
    "a mute of both": (ACME + MUTE + 'term = "raffle"\n', ["brands[0].mute[0]: takes one of author and term"]),
    "a mute of nobody": (
        ACME + '[[brands.mute]]\nauthor = "@ "\n',
        ["brands[0].mute[0]: takes one of author and term"],
    ),
    "a mute of a term on a platform": (
        ACME + '[[brands.mute]]\nterm = "raffle"\nplatform = "x"\n',
        ["brands[0].mute[0].platform: goes with an author"],
    ),
    "a mute until a day": (ACME + MUTE + "until = 2026-03-01\n", ["brands[0].mute[0].until: 2026-03-01 is no moment"]),
    "an unknown key of a mute": (ACME + MUTE + 'handle = "@x"\n', ["brands[0].mute[0].handle: unknown key"]),
    "a campaign without a name": (ACME + CAMPAIGN.replace("Sale", " "), ["brands[0].campaigns[0].name: is empty"]),
    # who is told
    "a receiver without a route": (HOOK, ["routes: there are none", 'receivers = ["hook"]']),
    "a key of a receiver that is near another": (
        HOOK + 'patienc = "5s"\n',
        ["receivers[0].patienc: unknown key", "did you mean 'patience'"],
    ),
    "a key of another kind of receiver": (
        HOOK + 'to = ["a@example.org"]\n',
        ["receivers[0].to: does not go with", "'email'"],
    ),
    "a kind of receiver that there is not": (
        ACME + '[[receivers]]\nname = "a"\nkind = "pager"\n',
        ["receivers[0].kind is 'pager'", "'slack', 'webhook', 'alertmanager', 'email'"],
    ),
    "a receiving webhook without a secret": (
        ACME + '[[receivers]]\nname = "a"\nkind = "webhook"\nurl = "https://example.org"\n',
        ["receivers[0].secret: is missing"],
    ),
    "a secret of a receiver in the file": (
        HOOK.replace('{ env = "S" }', '"hunter2"'),
        ["receivers[0].secret: no secret"],
    ),
    "an address of Slack in the file": (
        ACME + '[[receivers]]\nname = "a"\nkind = "slack"\nurl = "https://hooks.example.org/hunter2"\n',
        ["receivers[0].url: whoever knows it", "{ env ="],
    ),
    "a route to nobody known": (HOOK + '[[routes]]\nreceivers = ["hok"]\n', ["routes[0].receivers", "'hook'"]),
    "a key of a route that is near another": (ROUTE + 'brand = ["acme"]\n', ["routes[0].brand: unknown", "'brands'"]),
    "a brand that nobody looks for": (ROUTE + 'brands = ["acne"]\n', ["routes[0].brands: there is no brand", "'acme'"]),
    "a rule that there is not": (ROUTE + 'rules = ["negative"]\n', ["routes[0].rules: there is no rule 'negative'"]),
    "hours that are none": (ROUTE + 'hours = ["mo 8-18"]\n', ["routes[0].hours: 'mo 8-18' are no hours"]),
    "a wait that is none": (ROUTE + 'group_wait = "soon"\n', ["routes[0].group_wait: 'soon'", "30s"]),
    "a severity that there is not": (ROUTE + 'severities = ["grave"]\n', ["'grave'", "'warning', 'critical'"]),
    "a group by stage": (ROUTE + 'group_by = ["stage"]\n', ["routes[0].group_by", "two pages"]),
    "two routes of one name": (ROUTE + '[[routes]]\nreceivers = ["hook"]\n', ["routes[1].name: two routes"]),
    "a digest for an Alertmanager": (
        ROUTE.replace("[[routes]]", AM + "[[routes]]") + '[digest]\nreceivers = ["am"]\n',
        ["digest.receivers: 'am' is an Alertmanager"],
    ),
    "a link that is no address": (
        ACME + '[notify]\nlink = "ops/{brand}"\n',
        ["notify.link: 'ops/{brand}' is no address"],
    ),
    "a link with a place that there is not": (
        ACME + '[notify]\nlink = "https://ops.example/{brnd}"\n',
        ["notify.link: there is no {brnd}; there are {brand}, {owner}, {rule}, {alert}"],
    ),
    "a link with half a place": (ACME + '[notify]\nlink = "https://a.example/{brand"\n', ["notify.link", "no address"]),
    "a link under a wrong name": (
        ACME + '[notify]\nlnk = "https://ops.example"\n',
        ["notify.lnk: unknown key; did you mean 'link'?"],
    ),
    "a digest for nobody": (ROUTE + "[digest]\nreceivers = []\n", ["digest.receivers: names nobody"]),
    "a digest at no time": (ROUTE + '[digest]\nreceivers = ["hook"]\nat = "8"\n', ["digest.at: '8' is no time of day"]),
    "a heartbeat that is a flood": (
        ROUTE.replace("[[routes]]", 'heartbeat = "1s"\n[[routes]]'),
        ["receivers[0].heartbeat: '1s' is shorter than 10s"],
    ),
    "a password in the file": (
        KAFKA + 'security = "sasl_tls"\nusername = "me"\npassword = "hunter2"\n',
        ["kafka.password: no secret", '{ env = "NAME" }', "{ file ="],
    ),
    "a password of digits": (KAFKA + "password = 4711\n", ["kafka.password: no secret"]),
    "a password in a list": (KAFKA + 'password = ["hunter2"]\n', ["kafka.password: no secret"]),
    "a password in its own key": (KAFKA + 'password = { value = "hunter2" }\n', ["kafka.password: unknown key"]),
    "a password of digits for a variable": (KAFKA + "password = { env = 4711 }\n", ["kafka.password: no secret"]),
    "a password for a variable": (
        SASL + 'username = "me"\npassword = { env = "hunter2!" }\n',
        ["kafka.password.env: is no name of an env"],
    ),
    "a password nowhere": (SASL + 'username = "me"\npassword = {}\n', ["kafka.password: takes one of env and file"]),
    "a password twice": (
        SASL + 'username = "me"\npassword = { env = "A", file = "a" }\n',
        ["kafka.password: takes one of env and file"],
    ),
    "a file of a password with a NUL": (
        SASL + 'username = "me"\npassword = { file = "a\\u0000" }\n',
        ["kafka.password.file: contains a NUL"],
    ),
    "no user": (SASL + 'password = { env = "A" }\n', ["kafka.username: is missing", "'sasl_tls'"]),
    "no password": (SASL + 'username = "me"\n', ["kafka.password: is missing", "{ env ="]),
    "a user without a password's security": (
        KAFKA + 'username = "me"\n',
        ["kafka.username: is not used with kafka.security = 'plaintext'", "sasl_tls"],
    ),
    "a CA without encryption": (
        KAFKA + 'ca = "ca.pem"\n',
        ["kafka.ca: is not used with kafka.security = 'plaintext'", "tls or sasl_tls"],
    ),
    "a CA with a NUL": (KAFKA + 'security = "tls"\nca = "a\\u0000"\n', ["kafka.ca: contains a NUL"]),
    "a certificate without its key": (
        KAFKA + 'security = "tls"\ncertificate = "a"\n',
        ["kafka.certificate: goes with kafka.key"],
    ),
    "Kafka's own word for its security": (
        KAFKA + 'security = "SASL_SSL"\n',
        ["kafka.security is 'SASL_SSL'", "'plaintext', 'tls', 'sasl_plaintext', 'sasl_tls'"],
    ),
    "a mechanism that there is not": (
        KAFKA + 'mechanism = "GSSAPI"\n',
        ["kafka.mechanism is 'GSSAPI'", "'PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'"],
    ),
    "a key of Kafka": (ACME + '[kafka]\nboostrap = ["a:1"]\n', ["kafka.boostrap: unknown", "did you mean 'bootstrap'"]),
    "no broker": (ACME + "[kafka]\nbootstrap = []\n", ["kafka.bootstrap: names no broker"]),
    "a broker without a port": (ACME + '[kafka]\nbootstrap = ["a"]\n', ["kafka.bootstrap: 'a' is no host:port"]),
    "a prefix with a space": (ACME + '[kafka]\nprefix = "my shop"\n', ["kafka.prefix: 'my shop' is not allowed"]),
    "a budget of nothing": (ACME + "budget = 0\n", ["brands[0].budget: 0 is not from 0.05 to 30 alerts a month"]),
    "a threshold above one": (ACME + "threshold = 1.5\n", ["brands[0].threshold: 1.5 is not from 0 to 1"]),
    "no partitions": (ACME + "[kafka]\npartitions = 0\n", ["kafka.partitions: 0 is not from 1 to 512"]),
    "no replicas": (ACME + "[kafka]\nreplication = 0\n", ["kafka.replication: 0 is not from 1 to 9"]),
    "fewer bad records than none": (ACME + "[kafka]\nmost_bad = -1\n", ["kafka.most_bad: -1 is below 0"]),
    "a long session": (ACME + "[kafka]\nsession_seconds = 99\n", ["kafka.session_seconds: 99 is not from 1 to 30"]),
    "a planned key of a brand": (ACME + 'business_hours = "09:00-17:00"\n', ["brands[0].business_hours: planned"]),
    "a zone with a letter wrong": (
        ACME + 'timezone = "Europe/Bukarest"\n',
        ["brands[0].timezone: 'Europe/Bukarest' is not a time zone; did you mean 'Europe/Bucharest'?"],
    ),
    "a zone that is an offset": (
        ACME + 'timezone = "+02:00"\n',
        ["timezone: '+02:00'", "write it like 'Europe/Bucharest'"],
    ),
    "a country that there is not": (ACME + 'holidays = "ro"\n', ["holidays: 'ro'", "did you mean 'RO'?", "or days"]),
    "a part of a country": (ACME + 'holidays = "DE-XX"\n', ["holidays: 'DE-XX' is no part of DE", "BY"]),
    "a day that there is not": (
        ACME + 'holidays = ["RO", "2026-02-30"]\n',
        ["holidays: '2026-02-30' is no day; write it like '2026-12-24'"],
    ),
    "a day of long ago": (ACME + 'holidays = ["1999-12-24"]\n', ["'1999-12-24' is not between 2010 and 2040"]),
    "holidays that are a number": (ACME + "holidays = 3\n", ["brands[0].holidays is 3"]),
    # types
    "an id that is a number": (
        '[[brands]]\nid = 5\nname = "Acme"\n',
        ["brands[0].id is 5", "expected `str`, got `int`"],
    ),
    "aliases that are one word": (
        ACME + 'aliases = "Acme"\n',
        ["brands[0].aliases is 'Acme'", "expected `array`, got `str`"],
    ),
    "handles without a platform": (ACME + 'handles = ["@acme"]\n', ["brands[0].handles", "expected `object`"]),
    "handles that are one word": (
        ACME + 'handles = { x = "@acme" }\n',
        ["brands[0].handles.x is '@acme'", "expected `array`"],
    ),
    "a switch in words": (
        ACME + 'monitors = { volume = "off" }\n',
        ["brands[0].monitors.volume is 'off'", "expected `bool`"],
    ),
    "brands that are a number": ("brands = 5", ["brands:", "[[brands]]"]),
    "brands that are numbers": ("brands = [5]", ["brands[0]"]),
    "brands that are words": ('brands = ["acme"]', ["brands[0]"]),
    "one pair of brackets": ('[brands]\nid = "acme"\nname = "Acme"\n', ["brands:", "[[brands]] with two brackets"]),
    "one pair of brackets for a source": (ACME + '[sources]\npath = "x"\n', ["sources:", "[[sources]]"]),
    "storage that is a number": ("storage = 5\n" + ACME, ["storage"]),
    "storage that is a word": ('storage = "listener.db"\n' + ACME, ["storage"]),
    "a time that there is not": (
        ACME + SOURCE + 'time = "now"\n',
        ["sources[0].time is 'now'", "'created', 'ingested'"],
    ),
    "a format that there is not": (
        ACME + SOURCE + 'format = "xml"\n',
        ["sources[0].format is 'xml'", "'jsonl', 'csv'"],
    ),
    "a handle with a space": (ACME + 'handles = { x = ["@ab cd"] }\n', ["brands[0].handles.x: '@ab cd' is no handle"]),
    "a hashtag of two words": (ACME + 'hashtags = ["#new drink"]\n', ["brands[0].hashtags: '#new drink' has a space"]),
    "columns that are a word": (ACME + SOURCE + 'columns = "text"\n', ["sources[0].columns", "expected `object`"]),
    "a column that is a number": (ACME + COLUMNS + 'created_at = "when"\ntext = 2\n', ["columns.text", "2"]),
    "a time of neither kind": (ACME + SOURCE + 'time = "later"\n', ["sources[0].time", "'later'"]),
    "a format of neither kind": (ACME + SOURCE + 'format = "xml"\n', ["sources[0].format", "'xml'"]),
    # what is missing
    "an empty file": ("", ["brands: there are none", "[[brands]]"]),
    "no brands": ("brands = []", ["brands: there are none", "[[brands]]"]),
    "a brand without an id": ('[[brands]]\nname = "Acme"\n', ["brands[0]", "missing required field `id`"]),
    "a brand without a name": ('[[brands]]\nid = "acme"\n', ["brands[0]", "missing required field `name`"]),
    "a source without a path": (ACME + '[[sources]]\nname = "x"\n', ["sources[0].path: is missing", "'file'"]),
    "columns without a time": (ACME + COLUMNS + 'text = "body"\n', ["sources[0].columns", "created_at"]),
    # values
    "an id twice": (ACME + ACME, ["brands[1].id", "'acme' is there twice"]),
    "an id in capitals": ('[[brands]]\nid = "Acme"\nname = "A"\n', ["brands[0].id", "'Acme' is not allowed", "small"]),
    "an id with a blank": ('[[brands]]\nid = "a b"\nname = "A"\n', ["brands[0].id", "'a b' is not allowed"]),
    "an id with a slash": ('[[brands]]\nid = "a/b"\nname = "A"\n', ["brands[0].id", "'a/b' is not allowed"]),
    "an id that ends the line": ('[[brands]]\nid = "a\\n"\nname = "A"\n', ["brands[0].id", "is not allowed"]),
    "an id with a foreign letter": ('[[brands]]\nid = "ä"\nname = "A"\n', ["brands[0].id", "'ä' is not allowed"]),
    "an empty id": ('[[brands]]\nid = ""\nname = "A"\n', ["brands[0].id", "'' is not allowed"]),
    "an empty name": ('[[brands]]\nid = "a"\nname = " "\n', ["brands[0].name: is empty"]),
    "an empty alias": (ACME + 'aliases = ["Acme", ""]\n', ["brands[0].aliases", "'' is empty"]),
    "an empty transliteration": (ACME + 'transliterations = [" "]\n', ["brands[0].transliterations", "' ' is empty"]),
    "a hashtag among the transliterations": (
        ACME + 'transliterations = ["#אקמי"]\n',
        ["brands[0].transliterations", "belongs into handles or hashtags"],
    ),
    "misspellings neither on nor off": (ACME + 'misspelled = "yes"\n', ["brands[0].misspelled", "expected `bool`"]),
    "a dollar alone": (ACME + 'aliases = ["$"]\n', ["brands[0].aliases", "'$'"]),
    "a handle among the aliases": (
        ACME + 'aliases = ["@acme"]\n',
        ["brands[0].aliases", "'@acme' belongs into handles"],
    ),
    "an empty hashtag": (ACME + 'hashtags = ["#"]\n', ["brands[0].hashtags", "'#' is empty"]),
    "a handle without its sign": (
        ACME + 'handles = { x = ["acme"] }\n',
        ["brands[0].handles.x", "'acme' is no handle; write it like @name"],
    ),
    "an owned account without its sign": (ACME + 'owned = { x = ["acme"] }\n', ["brands[0].owned.x", "'acme'", "@"]),
    "a sign without a handle": (ACME + 'handles = { x = ["@"] }\n', ["brands[0].handles.x", "'@'"]),
    "a word that matters in an unknown category": (
        ACME + 'severe = { saftey = ["flaky dye"] }\n',
        ["brands[0].severe", "'saftey'", "there are safety, legal, privacy", "death and injury", "boycott"],
    ),
    "an empty word that matters": (ACME + 'severe = { safety = [" "] }\n', ["brands[0].severe.safety", "is empty"]),
    "a brace that is not closed": (ACME + 'severe = { safety = ["dye{s"] }\n', ["brands[0].severe.safety", "'dye{s'"]),
    "words that matter without a category": (ACME + 'severe = ["dye"]\n', ["brands[0].severe", "expected `object`"]),
    "an unknown monitor": (
        ACME + "monitors = { mood = false }\n",
        ["brands[0].monitors.mood", "there are volume, sentim"],
    ),
    "a source without a name for its path": (ACME + '[[sources]]\npath = ""\n', ["sources[0].path: is empty"]),
    "a path with a NUL": (ACME + '[[sources]]\npath = "a\\u0000b"\n', ["sources[0].path", "NUL"]),
    "an empty path of the storage": (ACME + '[storage]\npath = ""\n', ["storage.path: is empty"]),
    "a storage with a NUL": (ACME + '[storage]\npath = "a\\u0000b"\n', ["storage.path", "NUL"]),
    "two characters between columns": (ACME + SOURCE + 'delimiter = ";;"\n', ["sources[0].delimiter", "';;'", "one"]),
    "a quote between columns": (ACME + SOURCE + "delimiter = '\"'\n", ["sources[0].delimiter"]),
    "a line end between columns": (ACME + SOURCE + 'delimiter = "\\n"\n', ["sources[0].delimiter"]),
    "a zone of another planet": (ACME + SOURCE + 'zone = "Mars/Base"\n', ["sources[0].zone", "'Mars/Base'", "Europe/"]),
    "half a zone": (ACME + SOURCE + 'zone = "Europe"\n', ["sources[0].zone", "'Europe'", "Europe/"]),
    "an empty zone": (ACME + SOURCE + 'zone = ""\n', ["sources[0].zone", "''"]),
    "a zone out of the house": (ACME + SOURCE + 'zone = "../../etc/passwd"\n', ["sources[0].zone", "passwd"]),
    "a zone beyond all names": (ACME + SOURCE + f'zone = "{"a" * 300}"\n', ["sources[0].zone"]),
    "an unknown sign for a time": (ACME + SOURCE + 'time_format = "%Y-%m-%d %Q"\n', ["sources[0].time_format", "%Q"]),
    "a year twice": (ACME + SOURCE + 'time_format = "%Y-%m-%d %Y"\n', ["sources[0].time_format", "'%Y-%m-%d %Y'"]),
    "times without a year": (
        ACME + SOURCE + 'time_format = "%d/%m %H:%M"\n',
        ["sources[0].time_format", "'%d/%m %H:%M'"],
    ),
    "times that are words": (ACME + SOURCE + 'time_format = "iso"\n', ["sources[0].time_format", "'iso'"]),
    "standard input twice": (ACME + '[[sources]]\npath = "-"\n' * 2, ["sources[1].path", "'-' is there twice"]),
    "one name for two sources": (
        ACME + '[[sources]]\npath = "a"\nname = "x"\n[[sources]]\npath = "b"\nname = "x"\n',
        ["sources[1].name", "'x' is there twice"],
    ),
    # live sources
    "a kind that there is not": (ACME + '[[sources]]\nkind = "rss"\n', ["sources[0].kind is 'rss'", "'feed'"]),
    "a key of another kind": (
        ACME + '[[sources]]\nkind = "folder"\npath = "x"\nevery = 60\n',
        ["sources[0].every: does not go with kind = 'folder'", "'feed'"],
    ),
    "a webhook without a secret": (
        ACME + '[[sources]]\nkind = "webhook"\nlisten = "a:1"\n',
        ["sources[0].secret: is missing"],
    ),
    "a secret in the file": (WEBHOOK + 'secret = "hunter2"\n', ["sources[0].secret: no secret stands in this file"]),
    "a secret of digits": (WEBHOOK + "secret = 4711\n", ["sources[0].secret: no secret"]),
    "a secret for a variable": (WEBHOOK + 'secret = { env = "hunter2!" }\n', ["sources[0].secret.env: is no name"]),
    "a secret twice": (WEBHOOK + 'secret = { env = "A", file = "a" }\n', ["sources[0].secret: takes one of env and"]),
    "a secret nowhere": (WEBHOOK + "secret = {}\n", ["sources[0].secret: takes one of env and file"]),
    "a port that is none": (
        ACME + '[[sources]]\nkind = "webhook"\nlisten = "here"\nsecret = { env = "A" }\n',
        ["sources[0].listen: 'here' is not allowed", "host:port"],
    ),
    "a rate of none": (WEBHOOK + 'secret = { env = "A" }\nrate = 0\n', ["sources[0].rate: 0 is not from 1 to"]),
    "a port twice": (
        WEBHOOK + 'secret = { env = "A" }\n' + WEBHOOK.replace(ACME, "") + 'name = "b"\nsecret = { env = "A" }\n',
        ["sources[1].listen: '127.0.0.1:8081' is there twice"],
    ),
    "two sources of one name": (
        ACME + 2 * '[[sources]]\nkind = "bluesky"\n',
        ["sources[1].name: two sources would be called 'bluesky'"],
    ),
    "a name with a slash": (ACME + '[[sources]]\nkind = "bluesky"\nname = "a/b"\n', ["sources[0].name: 'a/b'"]),
    "a pattern to follow": (ACME + '[[sources]]\npath = "*.jsonl"\nfollow = true\n', ["sources[0].follow: one file"]),
    "a table to follow": (ACME + SOURCE + 'format = "csv"\nfollow = true\n', ["sources[0].format: only JSON lines"]),
    "standard input to follow": (ACME + '[[sources]]\npath = "-"\nfollow = true\n', ["sources[0].follow"]),
    "history to follow": (ACME + SOURCE + 'time = "created"\nfollow = true\n', ["sources[0].time", "live"]),
    "a pattern for a folder": (
        ACME + '[[sources]]\nkind = "folder"\npath = "*"\n',
        ["sources[0].path: '*' is no folder"],
    ),
    "an address of another kind": (
        ACME + '[[sources]]\nkind = "bluesky"\nurl = "https://x"\n',
        ["sources[0].url: 'https://x'", "wss://"],
    ),
    "a password in an address": (
        ACME + '[[sources]]\nkind = "mastodon"\nurl = "https://me:pass@x.org"\n',
        ["sources[0].url: has a user or a password in it"],
    ),
    "a hashtag without a tag": (
        ACME + '[[sources]]\nkind = "mastodon"\nurl = "https://x.org"\nstream = "hashtag"\n',
        ["sources[0].tag"],
    ),
    "a stream that there is not": (
        ACME + '[[sources]]\nkind = "mastodon"\nurl = "https://x.org"\nstream = "user"\n',
        ["sources[0].stream is 'user'", "'public:local'"],
    ),
    "reposts alone": (
        ACME + '[[sources]]\nkind = "bluesky"\ncollections = ["reposts"]\n',
        ["sources[0].collections"],
    ),
    "likes": (
        ACME + '[[sources]]\nkind = "bluesky"\ncollections = ["posts", "likes"]\n',
        ["sources[0].collections[1] is 'likes': allowed are 'posts', 'reposts'"],
    ),
    "feeds too often": (
        ACME + '[[sources]]\nkind = "feed"\nurls = ["https://x.org/a"]\nevery = 1\n',
        ["sources[0].every: 1 is not from 30"],
    ),
    "no feed": (ACME + '[[sources]]\nkind = "feed"\nurls = []\n', ["sources[0].urls: 0 feeds"]),
    # no TOML
    "an open bracket": ("brands = [", ["not TOML"]),
    "a key twice": (ACME + 'id = "again"\n', ["not TOML"]),
    "JSON": ('{"brands": []}', ["not TOML"]),
    "a date that is none": ("x = 2020-13-45", ["not TOML"]),
    "brackets without end": ("x = " + "[" * 5_000, ["not TOML"]),
    "a number without end": ("x = " + "9" * 5_000, ["not TOML"]),
    "a NUL": ("\0", ["not TOML"]),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_is_named_with_what_is_allowed(name: str) -> None:
    text, words = WRONG[name]
    with pytest.raises(WrongSettings) as told:
        parsed(text)
    message = str(told.value)
    assert message.startswith("shop.toml: ")
    assert "\n" not in message
    for word in words:
        assert word in message, message
    assert "hunter2" not in message
    assert "4711" not in message


def test_what_is_right_is_taken_as_it_is() -> None:
    configuration = parsed(
        ACME
        + 'aliases = ["Acme", "$ACM"]\nhandles = { x = ["@acme"] }\nmonitors = { sentiment = false }\n'
        + COLUMNS
        + 'text = "body"\ncreated_at = "when"\nauthor.handle = "user"\n[storage]\npath = "x.db"\n'
    )
    assert configuration.brands[0].aliases == ("Acme", "$ACM")
    assert configuration.sources[0].columns == {"text": "body", "created_at": "when", "author": {"handle": "user"}}
    assert configuration.database() == Path("shop/x.db")


@pytest.mark.parametrize("alias", ["!!!", "\U0001f34e", "+1", "C++"])
def test_a_name_may_be_made_of_signs(alias: str) -> None:
    matcher = Matcher(parsed(ACME + f'aliases = ["{alias}"]\n').settings())
    mention = Mention(id="1", text=f"they are {alias} tonight", created_at=datetime(2020, 1, 1, tzinfo=UTC))
    assert list(matcher.find(mention).matches) == [0]


def test_the_version_follows_from_the_brands_alone() -> None:
    version = parsed(ACME).settings().version
    assert parsed(ACME + SOURCE).settings().version == version
    assert parsed("# a remark\n" + ACME).settings().version == version
    assert parsed(ACME + 'about = "A shop."\n').settings().version != version


keys = st.sampled_from(
    "brands sources storage kafka id name aliases handles owned hashtags products require exclude monitors path "
    "columns platform time time_format zone delimiter text created_at author handle x volume format id_prefix "
    "security mechanism username password env file ca certificate key "
    "kind follow listen secret items rate url urls collections stream tag token every".split()
)
words = st.one_of(
    st.text(max_size=6),
    st.sampled_from(
        ["acme", "Acme", "@acme", "#acme", "$A", "-", "%Y", "%Y-%m-%d", "UTC", "Europe", "x.csv", "csv", ""]
    ),
)
scalars = st.one_of(st.booleans(), st.integers(), st.floats(), st.dates(), words, words, words)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.one_of(keys, words), inner, max_size=3)),
    max_leaves=8,
)
brands = st.fixed_dictionaries(
    {"id": st.sampled_from(["acme", "b", "ä"]), "name": words},
    optional={
        "aliases": st.lists(words, max_size=3),
        "hashtags": st.lists(words, max_size=2),
        "handles": st.dictionaries(words, st.lists(words, max_size=2), max_size=2),
        "require": st.lists(words, max_size=2),
        "monitors": values,
    },
)
sources = st.fixed_dictionaries(
    {"path": words},
    optional={
        "zone": words,
        "time_format": words,
        "delimiter": st.text(max_size=2),
        "columns": st.dictionaries(keys, values, max_size=3),
        "name": words,
        "time": words,
        "kind": st.sampled_from(["file", "folder", "webhook", "bluesky", "mastodon", "feed", "x"]),
        "follow": st.booleans(),
        "secret": values,
        "url": words,
    },
)
files = st.one_of(
    st.dictionaries(keys, values, max_size=4),
    st.fixed_dictionaries(
        {"brands": st.lists(brands, min_size=1, max_size=3)},
        optional={
            "sources": st.lists(sources, max_size=2),
            "storage": st.dictionaries(st.just("path"), words),
            "kafka": st.dictionaries(keys, values, max_size=4),
        },
    ),
)


def as_toml(value: Any) -> str:
    """A value as TOML has it, on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{as_toml(key)} = {as_toml(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(as_toml, value)) + "]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return value.isoformat() if isinstance(value, date) else str(value).lower()


@given(files)
@settings(max_examples=500, deadline=None)
def test_no_settings_do_worse_than_being_wrong(content: dict[str, Any]) -> None:
    """And those that are not wrong can be used."""
    text = "\n".join(f"{as_toml(key)} = {as_toml(value)}" for key, value in content.items())
    with suppress(WrongSettings):
        Matcher(parsed(text).settings())


@given(st.text())
@settings(max_examples=200, deadline=None)
def test_no_text_does_worse_than_being_wrong(text: str) -> None:
    with pytest.raises(WrongSettings, match=r"^shop\.toml: "):
        parsed(text)


@given(st.binary(max_size=60))
@example(b"\xff\xfe[\x00")
@settings(max_examples=100, deadline=None)
def test_no_bytes_do_worse_than_being_wrong(content: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "shop.toml"
        path.write_bytes(content)
        with pytest.raises(WrongSettings, match=r"shop\.toml: "):
            read_configuration(path)


RIGHT = AIRLINES.read_text(encoding="utf-8")


@given(st.integers(0, len(RIGHT)), st.integers(0, 30), st.text(max_size=5))
@settings(max_examples=200, deadline=None)
def test_no_slip_of_the_hand_does_worse_than_being_wrong(at: int, cut: int, instead: str) -> None:
    with suppress(WrongSettings):
        Matcher(parsed(RIGHT[:at] + instead + RIGHT[at + cut :]).settings())


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "shop.toml"
    path.write_text(ACME, encoding="utf-8-sig")
    assert read_configuration(path).brands[0].id == "acme"


@pytest.mark.parametrize(
    ("text", "command", "words"),
    [
        ('[[brands]]\nid = "Acme"\nname = "Acme"\n', ["run", "--until-end"], ["brands[0].id: 'Acme' is not allowed"]),
        (ACME + 'alias = ["Acme"]\n', ["replay", "posts.jsonl", "--out", "found"], ["brands[0].alias", "aliases"]),
        (ACME, ["run", "--until-end"], ["sources: there are none", "[[sources]]"]),
        (ACME, ["ingest"], ["sources: there are none", "name files", "[[sources]]"]),
        ("brands = [", ["export", "--out", "found"], ["not TOML"]),
    ],
)
def test_the_command_ends_with_2_and_one_line(text: str, command: list[str], words: list[str], tmp_path: Path) -> None:
    (tmp_path / "shop.toml").write_text(text)
    write_lines(tmp_path / "posts.jsonl", [a_post("a")])
    says_one_line(listener(*command, "-c", "shop.toml", folder=tmp_path), 2, "shop.toml: ", *words)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["posts.jsonl", "shop.toml"]


def test_settings_that_are_not_there_end_with_2(tmp_path: Path) -> None:
    ran = listener("run", "-c", "nowhere.toml", folder=tmp_path)
    says_one_line(ran, 2, "nowhere.toml: there is no such file")


def test_a_folder_is_no_settings_file(tmp_path: Path) -> None:
    says_one_line(listener("run", "-c", ".", folder=tmp_path), 2, "cannot be read")


def test_a_link_to_alerts_stands_in_the_plan_of_both_runtimes() -> None:
    text = ACME + '[notify]\nlink = "https://ops.example/{brand}/{alert}"\n'
    assert parsed(text).plan().link == "https://ops.example/{brand}/{alert}"
