"""Which files the sources of a configuration come to, and what each is called."""

import glob
import os
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from agents.configuration import Configuration, Source
from agents.sources.lines import CannotRead
from agents.sources.reader import printable


class Paths(NamedTuple):
    """What the sources of a configuration come to: files to be read as history, and what is read as it comes."""

    history: list[tuple[Source, str]]
    live: list[tuple[Source, str]]


def resolve(configuration: Configuration) -> Paths:
    """The paths of all sources, patterns expanded, each with a name of its own. Raise CannotRead."""
    paths = Paths([], [])
    once: set[str] = set()
    for source in configuration.sources:
        if source.connects:
            continue
        live = source.live
        if not live and source.path == "-":
            raise CannotRead(
                "standard input cannot be sorted as history: write it into a file, "
                'or let `listener run` listen to it with time = "ingested"'
            )
        for path in _found(source.path, configuration.folder):
            if os.path.realpath(path) in once:
                raise CannotRead(f"{path}: is there twice among the sources: name it once")
            once.add(os.path.realpath(path))
            if live and Path(path).is_file():
                raise CannotRead(f'{path}: a file is history: leave out time = "ingested", or set follow = true')
            (paths.live if live else paths.history).append((source, path))
    return Paths(_named(paths.history), _named(paths.live))


def _found(path: str, folder: str) -> list[str]:
    if path == "-":
        return ["-"]
    literal = str(Path(folder) / path)
    if os.path.lexists(literal):
        return [literal]
    return sorted(glob.glob(str(Path(glob.escape(folder)) / path))) or [literal]  # noqa: PTH207 - may be absolute


def _named(paths: list[tuple[Source, str]]) -> list[tuple[Source, str]]:
    """A name stands for one file: a line number must say where, and what lies between two files was not covered."""
    files = [Path(path).name for _, path in paths]
    if len(set(files)) < len(files):
        common = os.path.commonpath([Path(path).absolute().parent for _, path in paths])
        files = [os.path.relpath(path, common) for _, path in paths]
    named = []
    for (source, path), file in zip(paths, files, strict=True):
        alone = sum(other is source for other, _ in paths) == 1
        name = file if source.name is None else source.name if alone else f"{source.name}/{file}"
        named.append((replace(source, name=printable(name if path != "-" else source.name or "stdin")), path))
    return named


def source_for(configuration: Configuration, file: str) -> Source:
    """How to read a file: as the configured source that its name fits, or the only one, says.

    The only one's columns are those of its own files: another's are guessed.
    """
    path = str(Path(file).absolute()) if file != "-" else "-"
    files = [source for source in configuration.sources if source.kind == "file"]
    fitting = [source for source in files if fnmatch(Path(file).name, Path(source.path).name)]
    if fitting:
        return replace(fitting[0], path=path, name=None, time="created", follow=False)
    model = files[0] if len(files) == 1 else Source(path=path)
    return replace(model, path=path, name=None, time="created", follow=False, columns={}, format=None)
