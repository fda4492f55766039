"""What settings must hold to beyond their types: the first mistake is named with its key and what is allowed."""

import re
from collections.abc import Iterator

from agents.calendars import calendar_problems
from agents.configuration import Configuration, Kafka, OwnScorer, WrongSettings
from agents.notify_checks import link_problems, notify_problems
from agents.secret_checks import ELSEWHERE, secret_problems
from agents.source_checks import path_problems, source_problems
from listener.brands.query.errors import WrongQuery
from listener.brands.query.parser import parse
from listener.monitors import MONITORS
from listener.severity.lexicon import CATEGORIES
from listener.severity.own import own_pieces
from listener.severity.terms import BadTerm
from schemas.settings import USUALLY_MUTED, Brand

HANDLE = re.compile(r"@[^\s@#]+(@[^\s@#]+)?")  # the second part names the server, as on Mastodon
TOPIC = re.compile(r"[A-Za-z0-9_-]{1,100}")
MOST_PARTITIONS, MOST_REPLICAS, LONGEST_SESSION = 512, 9, 30
PLUG_IN, LANGUAGE = re.compile(r"[A-Za-z0-9._-]{1,100}"), re.compile(r"[a-z]{2,3}")
LARGEST_BATCH = 1_000
SHORTEST_WAIT, LONGEST_WAIT = 0.01, 5.0  # seconds: a worker that waits longer may lose its partitions
LEAST_BUDGET, MOST_BUDGET = 0.05, 30.0  # what a history of months can tell of; an alert a day
BRAND_ID = re.compile(r"[a-z0-9][a-z0-9_-]*")


def check_configuration(configuration: Configuration) -> None:
    """Raise WrongSettings for the first mistake."""
    if not configuration.brands:
        raise WrongSettings("brands: there are none; add a [[brands]] with id and name")
    seen: set[str] = set()
    for number, brand in enumerate(configuration.brands):
        for problem in _brand_problems(brand):
            raise WrongSettings(f"brands[{number}].{problem}")
        if brand.id in seen:
            raise WrongSettings(f"brands[{number}].id: {brand.id!r} is there twice; ids must differ")
        seen.add(brand.id)
    for number, brand in enumerate(configuration.brands):
        for other in brand.like:
            if other == brand.id or other not in seen:
                why = "is the brand itself" if other == brand.id else "is the id of no brand in this file"
                raise WrongSettings(f"brands[{number}].like: {other!r} {why}")
    for number, source in enumerate(configuration.sources):
        for problem in source_problems(source, configuration.sources[:number]):
            raise WrongSettings(f"sources[{number}].{problem}")
    for number, scorer in enumerate(configuration.scorers):
        for problem in _scorer_problems(scorer, configuration.scorers[:number]):
            raise WrongSettings(f"scorers[{number}].{problem}")
    for problem in notify_problems(
        configuration.receivers, configuration.routes, configuration.digest, configuration.brands
    ):
        raise WrongSettings(problem)
    for problem in link_problems(configuration.notify.link):
        raise WrongSettings(f"notify.{problem}")
    for problem in path_problems(configuration.storage.path, "give the database a path"):
        raise WrongSettings(f"storage.{problem}")
    for problem in _kafka_problems(configuration.kafka):
        raise WrongSettings(f"kafka.{problem}")


def _brand_problems(brand: Brand) -> Iterator[str]:
    if not BRAND_ID.fullmatch(brand.id):
        yield f"id: {brand.id!r} is not allowed; use small letters, digits, - and _, beginning with a letter or digit"
    if not brand.name.strip():
        yield "name: is empty"
    if not 0 <= brand.threshold <= 1:
        yield f"threshold: {brand.threshold} is not from 0 to 1, as scores are"
    if not LEAST_BUDGET <= brand.budget <= MOST_BUDGET:
        yield f"budget: {brand.budget:g} is not from {LEAST_BUDGET:g} to {MOST_BUDGET:g} alerts a month"
    for field in ("aliases", "products", "transliterations", "require", "exclude", "hashtags"):
        for value in getattr(brand, field):
            if not value.strip().strip("#$@"):
                yield f"{field}: {value!r} is empty"
            if field == "hashtags" and len(value.split()) > 1:
                yield f"hashtags: {value!r} has a space in it, which ends a hashtag"
            if field in ("aliases", "products", "transliterations") and value.startswith(("@", "#")):
                yield f"{field}: {value!r} belongs into handles or hashtags"
    for field in ("handles", "owned"):
        for platform, names in getattr(brand, field).items():
            for name in names:
                if not HANDLE.fullmatch(name):
                    yield f"{field}.{platform}: {name!r} is no handle; write it like @name"
    yield from calendar_problems(brand)
    yield from _campaign_problems(brand)
    yield from _mute_problems(brand)
    yield from _severe_problems(brand)
    yield from _query_problems(brand)
    for name in brand.monitors:
        known = [monitor.name for monitor in MONITORS]
        if name not in known:
            yield f"monitors.{name}: unknown monitor; there are {', '.join(known)}"


def _campaign_problems(brand: Brand) -> Iterator[str]:
    rules = dict.fromkeys((*(rule for monitor in MONITORS for rule in monitor.rules), *USUALLY_MUTED))
    for number, campaign in enumerate(brand.campaigns):
        if not campaign.name.strip():
            yield f"campaigns[{number}].name: is empty"
        if campaign.end <= campaign.start:
            yield f"campaigns[{number}].end: {campaign.end} is not after its start, {campaign.start}"
        for rule in campaign.mutes:
            if rule not in rules:
                yield f"campaigns[{number}].mutes: there is no rule {rule!r}; there are {', '.join(rules)}"


def _mute_problems(brand: Brand) -> Iterator[str]:
    for number, mute in enumerate(brand.mute):
        if bool(mute.author.strip("@ ")) == bool(mute.term.strip()):
            yield f"mute[{number}]: takes one of author and term"
        if mute.platform and not mute.author:
            yield f"mute[{number}].platform: goes with an author"


def _severe_problems(brand: Brand) -> Iterator[str]:
    for category, terms in brand.severe.items():
        if category not in CATEGORIES:
            yield f"severe: {category!r} is no category; there are {', '.join(CATEGORIES)}"
        for term in terms:
            if not term.strip():
                yield f"severe.{category}: {term!r} is empty"
            try:
                own_pieces(term)
            except BadTerm as error:
                yield f"severe.{category}: {error}; braces hold choices, as in recall{{,s,ed}}"


def _scorer_problems(scorer: OwnScorer, before: tuple[OwnScorer, ...]) -> Iterator[str]:
    if not PLUG_IN.fullmatch(scorer.name):
        yield f"name: {scorer.name!r} is no name of a plug-in; use letters, digits, . - and _"
    if not scorer.languages:
        yield 'languages: names none; write those that it scores, like ["de"]'
    for language in scorer.languages:
        if not LANGUAGE.fullmatch(language):
            yield f'languages: {language!r} is no code of a language; write it like "de"'
        if any(language in other.languages for other in before) or scorer.languages.count(language) > 1:
            yield f"languages: {language!r} has a scorer already; each has one"
    if not 1 <= scorer.batch <= LARGEST_BATCH:
        yield f"batch: {scorer.batch} is not from 1 to {LARGEST_BATCH} texts"
    if not SHORTEST_WAIT <= scorer.timeout_s <= LONGEST_WAIT:
        yield f"timeout_s: {scorer.timeout_s} is not from {SHORTEST_WAIT} to {LONGEST_WAIT} s: all else waits"


def _query_problems(brand: Brand) -> Iterator[str]:
    if not brand.query:
        return
    try:
        parse(brand.query)
    except WrongQuery as error:
        yield f"query: {error}"


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
    if kafka.password is not None:
        yield from secret_problems(kafka.password, "password")
    if (kafka.certificate is None) != (kafka.key is None):
        yield "certificate: goes with kafka.key, each a PEM file; one of them is missing"
    for name in ("username", "ca", "certificate", "key"):
        if "\0" in (getattr(kafka, name) or ""):
            yield f"{name}: contains a NUL character"
