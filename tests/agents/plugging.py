"""Distributions with a scorer, installed into a folder: really found, loaded and called, as a firm's own would be."""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from agents.configuration import OwnScorer

_numbers = count()

GOOD = """
    calls = []

    def create(factor=1.0):
        def score(batch):
            calls.append(list(batch))
            return [factor * (("good" in text) - ("bad" in text)) for text, language in batch]
        return score
"""
SLOW = """
    import threading
    go_on = threading.Event()
    calls = []

    def create():
        def score(batch):
            calls.append(list(batch))
            go_on.wait()
            return [0.25] * len(batch)
        return score
"""
BROKEN = """
    calls = []
    ill = True

    def create():
        def score(batch):
            calls.append(list(batch))
            if ill:
                raise RuntimeError("no model today")
            return [0.5] * len(batch)
        return score
"""


class Installed:
    """Distributions in a folder of the path."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, code: str, name: str = "mood", version: str = "1.2") -> Any:
        """Install a module with `create`, and return it."""
        module = f"plugged_in_{next(_numbers)}"
        (self.folder / f"{module}.py").write_text(dedent(code), encoding="utf-8")
        info = self.folder / f"{module}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: {version}\n", encoding="utf-8")
        (info / "entry_points.txt").write_text(f"[listener.scorers]\n{name} = {module}:create\n", encoding="utf-8")
        importlib.invalidate_caches()
        return importlib.import_module(module)


@contextmanager
def on_the_path(folder: Path) -> Iterator[Installed]:
    """What is installed into the folder is found."""
    with pytest.MonkeyPatch.context() as patched:
        patched.syspath_prepend(folder)
        yield Installed(folder)


def own(name: str = "mood", **fields: Any) -> OwnScorer:
    """A scorer of German, as the settings ask for it."""
    return OwnScorer(**({"name": name, "languages": ("de",)} | fields))
