"""The query lab: what the settings make of single posts, with every reason."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from rich.markup import escape

from agents.configuration import Configuration, WrongSettings
from agents.console import isolated
from agents.matching import standard_matcher
from agents.reader import standard_reader
from agents.scorers import with_scorers
from agents.sources.lines import Line
from listener.brands.matcher import Matcher
from listener.brands.query.errors import WrongQuery
from listener.brands.query.parser import parse
from listener.brands.writing import Evidence
from listener.enrich import enrich
from listener.formats.canonical import from_json
from listener.harmless import harmless
from listener.reading import TextReader
from listener.threads import Threads
from schemas.brand_mention import BrandMention, Match, Severe
from schemas.dead_letter import DeadLetter
from schemas.deletion import Deletion
from schemas.mention import Mention
from schemas.record import BadRecord, Part, decoder
from schemas.settings import Brand


class _Loose(Part, frozen=True):
    """A mention that someone types: the text is enough."""

    text: str
    id: str = ""
    platform: str = ""
    lang: str | None = None


_loose = decoder(_Loose)


class Judgement(NamedTuple):
    """One place of a name that means other things too, and each reason for or against its meaning the brand."""

    match: Match
    evidence: list[Evidence]


class Matched(NamedTuple):
    """What became of one line: its mention and brand mentions, or why it could not be read.

    `apart` says by brand how a text that names several was read for it.
    """

    number: int
    mention: Mention | None
    found: list[BrandMention]
    problem: str | None = None
    reasons: tuple[tuple[Judgement, ...], ...] = ()  # for each of what was found
    apart: Mapping[str, str] = {}


def query_alone(query: str) -> Configuration:
    """Settings of one brand, "query", that is looked for by a query and nothing else. Raise WrongSettings."""
    try:
        parse(query)
    except WrongQuery as error:
        raise WrongSettings(f"--query: {error}") from None
    return Configuration(brands=(Brand(id="query", name="query", query=query),))


def match(configuration: Configuration, lines: Iterable[Line | DeadLetter]) -> Iterator[Matched]:
    """Match each line: a mention in JSON (text alone is enough), or plain text."""
    brands = standard_matcher(configuration.settings())
    reader = with_scorers(standard_reader(calibrated=configuration.sentiment.calibrated), configuration.scorers)
    for line in lines:
        if isinstance(line, DeadLetter):
            yield Matched(line.position, None, [], line.reason)
            continue
        try:
            mention = read_typed(line)
            told = enrich(mention, brands, Threads(), reader) or []
        except BadRecord as error:
            yield Matched(line.number, None, [], str(error))
            continue
        found = [one for one in told if isinstance(one, BrandMention)]
        reasons = tuple(_judged(one, brands) for one in found)
        yield Matched(line.number, mention, found, reasons=reasons, apart=_apart(found, brands, reader))


def _judged(found: BrandMention, brands: Matcher) -> tuple[Judgement, ...]:
    number, certainties = brands.places[found.brand], brands.certainties
    if not certainties.is_doubtful(number, found.matches):
        return ()
    return tuple(
        Judgement(
            match,
            certainties.evidence(number, found.mention, match, found.matches, found.language, known=False),
        )
        for match in found.matches
    )


def _apart(found: list[BrandMention], brands: Matcher, reader: TextReader) -> dict[str, str]:
    """How each of several brands got its score."""
    if len(found) < 2:
        return {}
    reading = reader.read(found[0].mention, brands.find(found[0].mention))
    return {one.brand: reading.targets.because(one.matches) for one in found} if reading.targets else {}


def read_typed(line: Line) -> Mention:
    """The mention on a line as people type it. Raise BadRecord."""
    if not line.raw.lstrip().startswith(b"{"):
        try:
            return _mention(_Loose(text=line.raw.decode()), line.number)
        except UnicodeDecodeError:
            raise BadRecord("not UTF-8") from None
    try:
        mention = from_json(line.raw)
    except BadRecord as error:
        if "missing required field" not in str(error):
            raise
        return _mention(_loose(line.raw), line.number)
    if isinstance(mention, Deletion):
        raise BadRecord("a delete has no text to match")
    return mention


def _mention(loose: _Loose, number: int) -> Mention:
    return Mention(
        id=loose.id or f"line:{number}",
        text=loose.text,
        created_at=datetime.now(UTC),
        platform=loose.platform or "x",
        lang=loose.lang,
    )


def told(matched: Matched, *, explain: bool = False) -> str:
    """A match for people, in colours; of names that mean other things too each reason, if that is to be explained."""
    if matched.mention is None:
        return f"[red]line {matched.number}: {escape(matched.problem or '')}[/]"
    lines = [f"[bold]{escape(isolated(harmless(matched.mention.text)))}[/]"]
    if not matched.found:
        lines.append("  [dim]no brand[/]")
    for found, reasons in zip(matched.found, matched.reasons, strict=True):
        how = "owned" if found.owned else "tagged" if found.tagged else "untagged"
        why = ", ".join(map(_reason, found.matches))
        sure = "" if found.certainty == "certain" else f"  [yellow]{_sure(found)}[/]"
        lines.append(f"  {escape(found.brand)}  {how}{sure}  {_mood(found)}  [dim]{escape(why)}[/]")
        for judgement in reasons if explain else ():
            lines += _explained(judgement)
        lines.extend(f"    {_severe(one)}" for one in found.severity)
        if found.brand in matched.apart:
            lines.append(f"      [dim]of several brands: {escape(harmless(matched.apart[found.brand]))}[/]")
        lines += [
            f"      {talk.kind} {talk.weight:.2f}  [dim]{escape(harmless('; '.join(talk.because)))}[/]"
            for talk in found.talk
        ]
    return "\n".join(lines)


def _sure(found: BrandMention) -> str:
    """How sure it is; an answer is as sure as what it answers, and has no score of its own."""
    surest = max(match.score for match in found.matches)
    return f"{found.certainty} {surest:.2f}" if surest < 1 else found.certainty


def _severe(found: Severe) -> str:
    lowered = f", {found.lowered} by {found.cue!r}" if found.lowered else ""
    what = f"{found.category}: {found.term} {found.weight:.2f}{lowered}"
    return f"[red]{escape(what)}[/]  [dim]at {found.field} {found.start}-{found.end}[/]"


def _reason(match: Match) -> str:
    form = f" ({match.form})" if match.form else ""
    return f"{match.why} {isolated(match.term)}{form} at {match.field} {match.start}-{match.end}"


def _explained(judgement: Judgement) -> Iterator[str]:
    match = judgement.match
    yield f"    {escape(match.term)} at {match.field} {match.start}-{match.end}: {match.score:.2f}, from"
    for one in sorted(judgement.evidence, key=lambda one: -abs(one.weight)):
        yield f"      {one.weight:+.2f}  {escape(harmless(one.what))}"


def _mood(found: BrandMention) -> str:
    compound = found.sentiment.compound
    language = _language(found)
    if compound is None:
        return f"[yellow]not scored ({found.sentiment.not_scored})[/] ({language})"
    word, colour = (
        ("negative", "red") if compound <= -0.05 else ("positive", "green") if compound >= 0.05 else ("neutral", "dim")
    )
    return f"[{colour}]{word} {compound:+.4f}[/] ({found.sentiment.scorer}, {language})"


def _language(found: BrandMention) -> str:
    """The language, and how sure we are of it where we have found it out ourselves."""
    if found.language is None or found.language_confidence is None:
        return found.language or "language unknown"
    return f"{found.language} {found.language_confidence:.0%}"
