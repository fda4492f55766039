"""Finds the scorers that are installed as plug-ins, and makes those that the settings ask for."""

from collections.abc import Sequence
from importlib.metadata import EntryPoint, entry_points

from agents.configuration import OwnScorer, WrongSettings
from agents.plugged import Plugged
from agents.plugged_reader import PluggedReader
from listener.reading import TextReader

GROUP = "listener.scorers"


def installed() -> dict[str, EntryPoint]:
    """The plug-ins of this environment, by name."""
    return {found.name: found for found in sorted(entry_points(group=GROUP), key=lambda found: found.name)}


def with_scorers(reader: TextReader, scorers: Sequence[OwnScorer]) -> TextReader:
    """The reader with these scorers for their languages. Raise WrongSettings."""
    return PluggedReader(reader, [plug_in(scorer) for scorer in scorers]) if scorers else reader


def plug_in(scorer: OwnScorer) -> Plugged:
    """The scorer, made by its plug-in. Raise WrongSettings if there is none of that name, or it cannot be made."""
    known = installed()
    if scorer.name not in known:
        there = f"there are {', '.join(known)}" if known else f"no package here has an entry point of {GROUP!r}"
        raise WrongSettings(f"scorers: {scorer.name!r} is not installed; {there}")
    found = known[scorer.name]
    try:
        score = found.load()(**scorer.options)
    except Exception as error:  # whatever somebody else's program raises
        raise WrongSettings(
            f"scorers: {scorer.name!r} cannot be made with its options: {type(error).__name__}: {error}"
        ) from error
    if not callable(score):
        raise WrongSettings(f"scorers: {scorer.name!r} makes {type(score).__name__}, nothing that can be called")
    version = found.dist.version if found.dist is not None else "?"
    return Plugged(f"{scorer.name}/{version}", score, scorer.languages, scorer.batch, scorer.timeout_s)
