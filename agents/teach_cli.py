"""The command `listener teach`."""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from agents.clock import now_ms
from agents.configuration import Configuration, WrongSettings
from agents.console import TerminalWatcher
from agents.exits import errors_told
from agents.models import model_path, write_model
from agents.options import DEFAULT_CONFIG, Config
from agents.runtime.records import Records
from agents.settings_file import read_configuration
from agents.sources.paths import source_for
from agents.sources.reader import Reader
from agents.teach import SHOWN, Taught, Teacher, read_labelled, typed
from listener.harmless import harmless
from schemas.mention import Mention

EVERY = 1_000  # posts between two signs of progress
SHORT = 80  # characters of a post in a message


def teach(
    files: Annotated[
        list[str] | None, typer.Argument(help="Files of mentions to learn from; the embedded database if none.")
    ] = None,
    right: Annotated[
        list[str] | None, typer.Option(metavar="ID|TEXT", help="A post that is about the brand. May be repeated.")
    ] = None,
    wrong: Annotated[list[str] | None, typer.Option(metavar="ID|TEXT", help="A post that is not about it.")] = None,
    labels: Annotated[
        list[str] | None, typer.Option(help="A file of labelled texts, JSON lines or CSV: text, right, brand.")
    ] = None,
    brand: Annotated[
        list[str] | None, typer.Option(help="The id of a brand; all with ambiguous names if none.")
    ] = None,
    anew: Annotated[bool, typer.Option("--anew", help="Forget what was learned before.")] = False,
    config: Config = DEFAULT_CONFIG,
    as_json: Annotated[bool, typer.Option("--json", help="What was learned as JSON lines.")] = False,
) -> None:
    """Learn whose name it is: from history, and from what you say is right or wrong.

    Examples: `listener teach -c shop.toml` learns from what the database holds; `listener teach posts.csv.gz -c
    shop.toml` from a file; `listener teach -c shop.toml --brand sprite --right x:17 --wrong "a water sprite"`;
    `listener teach -c shop.toml --labels labelled.csv` with the columns text, right (yes or no) and brand.
    What is learned goes into models/BRAND.json beside the settings file, on top of what was learned before. It is a
    part of the settings: a running service takes it up, `listener config push` sends it to the workers. No text is kept
    in it but single words that at least three people said.
    """
    with errors_told():
        configuration = read_configuration(config)
        known = [one.id for one in configuration.brands]
        for id_ in brand or ():
            if id_ not in known:
                raise typer.BadParameter(f"{id_!r} is none of {', '.join(known)}", param_hint="--brand")
        lesson = Lesson(Teacher(configuration, brand or (), anew=anew), brand[0] if brand and len(brand) == 1 else "")
        if not lesson.teacher.brands:
            raise WrongSettings(
                f"{config}: no name is ambiguous; ordinary words are found by themselves, "
                "for other names set ambiguous = true"
            )
        said = [(one, True) for one in right or ()] + [(one, False) for one in wrong or ()]
        with TerminalWatcher(progress=not as_json) as watcher:
            lesson.history(_history(configuration, files or []), {one for one, _ in said}, watcher)
            lesson.said(said)
            for path in labels or ():
                lesson.labelled(path)
            done = list(lesson.teacher.taught())
        for taught in done:
            model = model_path(Path(configuration.folder), taught.brand)
            write_model(model, taught.learned)
            told = json.dumps(_figures(taught, model)) if as_json else "\n".join(map(harmless, _told(taught, model)))
            typer.echo(told)
        if not done:
            _say_problem("nothing to learn: no post teaches anything by itself, and nobody said what is right or wrong")
    if lesson.problems or not done:
        raise typer.Exit(1)


class Lesson:
    """What a teacher is told by one command. `brand` is whom it is about where nobody says so."""

    def __init__(self, teacher: Teacher, brand: str) -> None:
        self.teacher = teacher
        self.problems = 0
        self._brand = brand
        self._known: dict[str, Mention] = {}

    def history(self, mentions: Iterable[Mention], wanted: Collection[str], watcher: TerminalWatcher) -> None:
        """Posts as they came; those whose ids are wanted are kept in mind."""
        for number, mention in enumerate(mentions, 1):
            self.teacher.hear(mention)
            if mention.id in wanted:
                self._known[mention.id] = mention
            if number % EVERY == 0:
                watcher.progress("reading", number, None)

    def said(self, posts: Iterable[tuple[str, bool]]) -> None:
        """What a person says of posts, each by its id, or as a text."""
        for number, (post, right) in enumerate(posts):
            mention = self._known.get(post) or typed(post, f"said:{number}")
            self._tell(mention, self._brand, f"{post[:SHORT]!r}", right=right)

    def labelled(self, path: str) -> None:
        """What is said in a file."""
        for line, label in read_labelled(path):
            if isinstance(label, str):
                self._refuse(f"{path}, line {line}: {label}")
                continue
            mention = typed(label.text, label.id or f"{path}:{line}", label.author, label.lang)
            self._tell(mention, label.brand or self._brand, f"{path}, line {line}", right=label.right)

    def _tell(self, mention: Mention, brand: str, what: str, *, right: bool) -> None:
        if problem := self.teacher.tell(mention, brand, right=right):
            self._refuse(f"{what}: {problem}")

    def _refuse(self, problem: str) -> None:
        self.problems += 1
        _say_problem(problem)


def _say_problem(problem: str) -> None:
    typer.echo(f"listener: {harmless(problem)}", err=True)


def _history(configuration: Configuration, files: Sequence[str]) -> Iterator[Mention]:
    """The mentions of files, or of the database if there is one."""
    for file in files:
        source = source_for(configuration, file)
        reader = Reader(source, source.path, now_ms)
        with reader.stream:
            yield from (record for record in reader if isinstance(record, Mention))
    database = configuration.database()
    if not files and database.exists():
        with Records(database) as store:
            yield from store.matched()


def _figures(taught: Taught, path: Path) -> dict[str, object]:
    against, for_it = _shown(taught)
    return {
        "brand": taught.brand,
        "model": str(path),
        "right": taught.learned.right,
        "wrong": taught.learned.wrong,
        "overheard_for": taught.overheard[0],
        "overheard_against": taught.overheard[1],
        "corrections": taught.told,
        "good_before": taught.good_before,
        "good_cross_validated": taught.good,
        "words_for": for_it,
        "words_against": against,
    }


def _told(taught: Taught, path: Path) -> list[str]:
    learned, (for_it, against) = taught.learned, taught.overheard
    lines = [
        f"{taught.brand}: {path}",
        f"  corrections: {taught.told:,} now, {learned.right:,} right and {learned.wrong:,} wrong in all",
        f"  overheard, of posts: {for_it:,} surely about it, {against:,} surely not",
    ]
    if taught.good is not None:
        lines.append(
            f"  of {taught.told:,} corrections {taught.good_before:,} were known before; "
            f"{taught.good:,} are when learned from the others"
        )
    elif taught.told:
        lines.append("  too few corrections of both kinds to say how well it learned")
    words_against, words_for = _shown(taught)
    lines.append(f"  for it: {', '.join(words_for) or '-'}")
    lines.append(f"  against it: {', '.join(words_against) or '-'}")
    return lines


def _shown(taught: Taught) -> tuple[list[str], list[str]]:
    """The words that count most against it, and for it."""
    against = [word for weight, word in taught.words[:SHOWN] if weight < 0]
    return against, [word for weight, word in taught.words[: -SHOWN - 1 : -1] if weight > 0]
