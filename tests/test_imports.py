"""The direction of the house, schemas <- listener <- agents <- deploy, and its pure core, read off the source."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LAYERS = ("schemas", "listener", "agents", "deploy", "tests")  # each may import itself and what stands before it
PURE = ("schemas", "listener")

# What waits, connects, stores, draws or tells the time: these modules and all that is in them.
IMPURE_MODULES = frozenset(
    "aiokafka asyncio concurrent faust glob http importlib logging multiprocessing os pathlib prometheus_client queue "
    "random requests sched secrets select selectors shutil signal smtplib socket socketserver sqlite3 ssl structlog "
    "subprocess tempfile threading time urllib.request urllib3".split()
)
PURE_PARTS = frozenset({"importlib.resources"})  # for reading what the package brings, once, when something is built
IMPURE_NAMES = frozenset(
    "__import__ breakpoint input open print io.FileIO io.open sys.stderr sys.stdin sys.stdout uuid.uuid1 uuid.uuid4 "
    "datetime.date.today datetime.datetime.now datetime.datetime.today datetime.datetime.utcnow".split()
)


def faults(source: str, module: str) -> list[str]:
    """What is wrong with the imports and names of `source`, the text of `module`."""
    tree = ast.parse(source)
    layer = module.partition(".")[0]
    found: list[tuple[int, str]] = []
    bound: dict[str, str] = {}
    for line, target, name in imports(tree, module):
        bound[name] = target
        if points_up(layer, target):
            found.append((line, f"{layer} imports {target}"))
        if layer in PURE and within(target, IMPURE_MODULES) and not within(target, PURE_PARTS):
            found.append((line, f"the pure core imports {target}"))
        if is_other_monitor(module, target):
            found.append((line, f"a monitor imports {target}"))
    if layer in PURE:
        found += [(line, f"the pure core uses {name}") for line, name in names(tree, bound) if name in IMPURE_NAMES]
    return [f"{module}:{line}: {what}" for line, what in sorted(found)]


def points_up(layer: str, target: str) -> bool:
    """Is `target` in a layer above `layer`?"""
    other = target.partition(".")[0]
    return other in LAYERS and LAYERS.index(other) > LAYERS.index(layer)


def is_other_monitor(module: str, target: str) -> bool:
    """Is `module` a monitor's file, and `target` in another one or in the package's list of them all?

    listener/monitors holds a file a monitor, __init__.py (the list) and monitor.py (what a monitor is).
    """
    package, _, own = module.rpartition(".")
    if package != "listener.monitors" or own in {"__init__", "monitor"} or not within(target, {package}):
        return False
    return not within(target, {module, "listener.monitors.monitor"})


def within(target: str, modules: frozenset[str] | set[str]) -> bool:
    """Is `target` one of `modules`, or inside one?"""
    parts = target.split(".")
    return any(".".join(parts[:n]) in modules for n in range(1, len(parts) + 1))


def imports(tree: ast.Module, module: str) -> Iterator[tuple[int, str, str]]:
    """Each import anywhere in a file: its line, the full name of what is imported, the name it gets."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                yield node.lineno, alias.name, alias.asname or top
        elif isinstance(node, ast.ImportFrom):
            here = module.split(".")[: -node.level] if node.level else []
            base = [*here, node.module] if node.module else here
            for alias in node.names:
                yield node.lineno, ".".join([*base, alias.name]), alias.asname or alias.name


def names(tree: ast.Module, bound: dict[str, str]) -> Iterator[tuple[int, str]]:
    """Each name that is read, called or not: its line, and the name in full, as its import says."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
            parts: list[str] = []
            inner: ast.expr = node
            while isinstance(inner, ast.Attribute):
                parts.insert(0, inner.attr)
                inner = inner.value
            if isinstance(inner, ast.Name):
                yield node.lineno, ".".join([bound.get(inner.id, inner.id), *parts])


def files(layer: str) -> list[Path]:
    """The Python files of a layer."""
    return sorted((ROOT / layer).rglob("*.py"))


def faults_of(path: Path) -> list[str]:
    """The faults of a file of the project."""
    return faults(path.read_text(encoding="utf-8"), ".".join(path.relative_to(ROOT).with_suffix("").parts))


@pytest.mark.parametrize("layer", ["schemas", "listener", "agents", "deploy"])
def test_the_house_keeps_its_direction_and_its_core_pure(layer: str) -> None:
    assert [fault for path in files(layer) for fault in faults_of(path)] == []


@pytest.mark.parametrize("layer", ["schemas", "listener", "agents"])
def test_the_walk_finds_the_files_of_a_layer(layer: str) -> None:
    assert files(layer)


# The checker itself, on small sources.


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("schemas.alert", "from listener.windows import Counts"),
        ("schemas.alert", "import agents.cli"),
        ("listener.tracker", "from agents import detect"),
        ("agents.cli", "import deploy"),
        ("agents.cli", "from tests.bench import embedded"),
    ],
)
def test_an_arrow_upwards_is_found(module: str, source: str) -> None:
    assert len(faults(source, module)) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("schemas.alert", "import msgspec"),
        ("listener.tracker", "from schemas.alert import Alert"),
        ("listener.tracker", "import listener.windows"),
        ("listener.tracker", "import agentsmith"),
        ("agents.cli", "from listener.tracker import step"),
    ],
)
def test_an_arrow_downwards_sideways_or_out_of_the_house_is_fine(module: str, source: str) -> None:
    assert faults(source, module) == []


def test_a_fault_names_module_line_and_target() -> None:
    assert faults("import re\nimport agents.cli", "schemas.alert") == ["schemas.alert:2: schemas imports agents.cli"]


def test_an_import_inside_a_function_is_found() -> None:
    assert len(faults("def step():\n    import agents.cli", "listener.tracker")) == 1


@pytest.mark.parametrize("module", sorted(IMPURE_MODULES))
def test_the_core_may_not_import_what_is_impure(module: str) -> None:
    assert faults(f"import {module}", "listener.tracker") == [
        f"listener.tracker:1: the pure core imports {module}",
    ]


@pytest.mark.parametrize(
    "source",
    [
        "from time import monotonic",
        "import os.path",
        "from concurrent.futures import Future",
        "from urllib import request",
        "from importlib import import_module",
    ],
)
def test_parts_of_what_is_impure_are_found(source: str) -> None:
    assert len(faults(source, "schemas.alert")) == 1


@pytest.mark.parametrize(
    "source",
    ["from datetime import time", "from urllib.parse import urlsplit", "from importlib.resources import files"],
)
def test_a_pure_part_or_a_name_alike_is_fine(source: str) -> None:
    assert faults(source, "listener.tracker") == []


@pytest.mark.parametrize(
    "source",
    [
        "open('f')",
        "print('x')",
        "import datetime; datetime.datetime.now(datetime.UTC)",
        "from datetime import datetime; datetime.utcnow()",
        "from datetime import datetime as d; d.today()",
        "from datetime import date; date.today()",
        "from uuid import uuid4; uuid4()",
        "import sys; sys.stdout.write('x')",
    ],
)
def test_a_call_for_the_clock_chance_or_io_is_found_under_any_name(source: str) -> None:
    assert len(faults(source, "listener.tracker")) == 1


def test_an_impure_name_handed_on_and_not_called_is_found() -> None:
    assert len(faults("from datetime import datetime\nclock = datetime.now", "listener.tracker")) == 1


@pytest.mark.parametrize("source", ["alerts.open('x')", "self.now()", "print = 1", "def open_alert(): ..."])
def test_a_method_or_a_name_of_our_own_is_fine(source: str) -> None:
    assert faults(source, "listener.tracker") == []


def test_the_shell_may_be_impure() -> None:
    assert faults("import asyncio, time\nprint(time.time(), open('f'))", "agents.cli") == []


@pytest.mark.parametrize(
    "source",
    [
        "from listener.monitors.volume import VolumeMonitor",
        "from listener.monitors import volume",
        "from listener.monitors import MONITORS",
        "import listener.monitors",
        "from .volume import VolumeMonitor",
        "from . import volume",
    ],
)
def test_a_monitor_may_not_know_another(source: str) -> None:
    assert len(faults(source, "listener.monitors.sentiment")) == 1


def test_a_monitor_may_know_what_a_monitor_is() -> None:
    assert faults("from listener.monitors.monitor import Monitor", "listener.monitors.sentiment") == []


def test_the_list_of_monitors_may_know_all() -> None:
    assert faults("from listener.monitors.volume import VolumeMonitor", "listener.monitors.__init__") == []
