"""What all benches share: where the data lie, fresh processes, tables for people, and the last line for programs."""

import argparse
import json
import platform
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from os import cpu_count, getloadavg
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[2]
BRANDS = ROOT / "tests" / "data" / "brands"
DATA = "../shared/data"
SETS = ("airline2015", "stocknet_88", "tweeteval_sentiment", "vader_icwsm2014")


def arguments(description: str | None, *, needs_data: bool = True) -> argparse.ArgumentParser:
    """The arguments that all benches have."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter, prog=f"python -m {module()}"
    )
    what = "the folder of real posts" if needs_data else "not used: what is needed is generated"
    parser.add_argument("data", nargs="?", type=Path, default=Path(DATA), help=f"{what} (default: {DATA})")
    return parser


def module() -> str:
    """The bench that runs, as a module."""
    return f"tests.bench.{Path(sys.argv[0]).stem}"


def data_folder(data: Path) -> Path:
    """The folder of real posts, or a clear message and exit code 2."""
    missing = [name for name in SETS if not (data / name).is_dir()]
    if missing:
        print(f"{module()}: {data.absolute()}: there is no {', no '.join(missing)} in it", file=sys.stderr)
        print("Give the folder of the real posts: " + shlex.join(["python", "-m", module(), DATA]), file=sys.stderr)
        raise SystemExit(2)
    return data


def head(title: str) -> None:
    """What ran, on what, how."""
    print(title)
    print(f"machine: {processor()}, {cpu_count()} cores, {platform.system()} {platform.release()}; {load()}")
    print(f"python:  {platform.python_implementation()} {platform.python_version()}; commit {commit()}")
    print(f"command: {shlex.join(['python', '-m', module(), *sys.argv[1:]])}\n", flush=True)


def processor() -> str:
    """The name of the processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def load() -> str:
    """How busy the machine is: a bench that shares it says so."""
    return "load {:.1f} {:.1f} {:.1f} over 1, 5, 15 min".format(*getloadavg())


def commit() -> str:
    """The commit of the code that is measured, and whether it was changed since."""
    shown = _git("rev-parse", "--short", "HEAD")
    changed = _git("status", "--porcelain", "--", "schemas", "listener", "agents")
    return (shown or "unknown") + (" with changes" if changed else "")


def _git(*command: str) -> str:
    try:
        ran = subprocess.run(["git", "-C", str(ROOT), *command], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return ran.stdout.strip()


def fresh(name: str, *args: str, python: str | Path = sys.executable) -> dict[str, float]:
    """Run `python -m tests.bench.NAME ARGS` in a process of its own; its last line is JSON."""
    command = [str(python), "-m", f"tests.bench.{name}", *args]
    ran = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if ran.returncode:
        raise SystemExit(f"{module()}: {shlex.join(command)} ended with exit code {ran.returncode}")
    figures: dict[str, float] = json.loads(ran.stdout.splitlines()[-1])
    return figures


def progress(what: str = "") -> None:
    """What is done just now, on a terminal only; nothing takes the line away."""
    if sys.stderr.isatty():
        print(f"\r\033[K{what[:100]}", end="", file=sys.stderr, flush=True)


def table(rows: Sequence[Sequence[object]], heads: Sequence[str]) -> None:
    """A plain table; numbers to the right."""
    progress()
    cells = [list(heads), *([_shown(cell) for cell in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    right = [bool(rows) and isinstance(cell, int | float) for cell in (rows[0] if rows else heads)]
    for number, row in enumerate(cells):
        padded = (
            cell.rjust(width) if to_the_right else cell.ljust(width)
            for cell, width, to_the_right in zip(row, widths, right, strict=True)
        )
        print("  ".join(padded).rstrip())
        if number == 0:
            print("  ".join("-" * width for width in widths))
    print()


def _shown(cell: object) -> str:
    if cell is None:
        return "-"
    if not isinstance(cell, float):
        return f"{cell:,}" if isinstance(cell, int) else str(cell)
    return f"{cell:,.0f}" if abs(cell) >= 1000 else f"{cell:.1f}" if abs(cell) >= 10 else f"{cell:.3f}"


def middle(values: Sequence[float]) -> str:
    """The median, and the range that it comes from."""
    low, mid, high = (_shown(float(value)) for value in (min(values), median(values), max(values)))
    return f"{mid} ({low} .. {high})"


def finish(name: str, figures: Mapping[str, float]) -> None:
    """The last line: the figures for programs."""
    rounded = {key: value if isinstance(value, int) else round(value, 4) for key, value in figures.items()}
    print(json.dumps({"bench": name, "figures": rounded}))
