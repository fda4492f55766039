"""Peers that must not live in our environment: each has one of its own, pinned, made when it is first asked for.

It holds what tests/bench/peers/NAME.txt lists, and behind that sees all that ours has: the hop's work is our code.
"""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from shutil import rmtree
from sysconfig import get_paths

from tests.bench._report import ROOT

PINS = Path(__file__).parent / "peers"
PEERS = {"bytewax": "Bytewax", "quixstreams": "Quix Streams"}
HOME = ROOT / ".venv" / "peers"


def environment(name: str, say: Callable[[str], None]) -> Path | None:
    """The Python of a peer's environment; None if it cannot be made, which is then said aloud, with what pip said."""
    folder = HOME / name
    made = folder / "made"
    wanted = f"{sys.version}\n{get_paths()['purelib']}\n{(PINS / f'{name}.txt').read_text()}"
    if made.is_file() and made.read_text() == wanted:
        return folder / "bin" / "python"
    say(f"setting up {PEERS[name]} in {folder.relative_to(ROOT)}, once")
    problem = _make(name, folder)
    if problem is not None:
        rmtree(folder, ignore_errors=True)
        print(f"{PEERS[name]} cannot be installed for Python {sys.version.split()[0]} and is left out: {problem}\n")
        return None
    made.write_text(wanted)
    return folder / "bin" / "python"


def _make(name: str, folder: Path) -> str | None:
    python = folder / "bin" / "python"
    for command in (
        [sys.executable, "-m", "venv", "--clear", str(folder)],
        [str(python), "-m", "pip", "install", "--quiet", "--only-binary=:all:", "-r", str(PINS / f"{name}.txt")],
    ):
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        if ran.returncode:
            return (ran.stderr or ran.stdout).strip().splitlines()[-1]
    packages = next((folder / "lib").glob("python*")) / "site-packages"
    (packages / "listener-and-what-it-needs.pth").write_text(get_paths()["purelib"] + "\n")
    return None


def version(python: str | Path, package: str) -> str:
    """The version of a package as that Python sees it."""
    code = f"from importlib.metadata import version; print(version({package!r}))"
    return subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
