"""Builders for the tests of the shell: posts as lines, files, settings, and runs of the `listener` command."""

import gzip
import hashlib
import json
import os
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

from agents.configuration import Configuration, Source
from agents.export import FILES, export
from agents.runtime.embedded import LANE_VERSION, STEP_RECORDS, Embedded, Incoming, LaneState
from agents.runtime.records import Records
from agents.settings_file import parse_configuration
from agents.sources.history import History, Item
from agents.sources.reader import Reader
from listener.reading import TextReader
from listener.sentiment.scoring import Scorer
from listener.state import unpack
from schemas.dead_letter import DeadLetter
from schemas.deletion import Deletion
from schemas.mention import Mention
from schemas.record import decoder
from schemas.settings import Settings
from schemas.times import DAY, HOUR, from_ms, to_ms

ROOT = Path(__file__).resolve().parents[2]
AIRLINES = ROOT / "tests" / "data" / "brands" / "airlines.toml"

START = 1_577_836_800_000  # Wednesday, 2020-01-01 00:00 UTC
NOW = START + 30 * DAY  # when the files of these tests are read, unless the real command reads them

ACME = '[[brands]]\nid = "acme"\nname = "Acme"\n'
LIVE = ACME + '[[sources]]\npath = "-"\n'
FROM_FILE = ACME + '[[sources]]\npath = "posts.jsonl"\n'

read_dead_letter = decoder(DeadLetter)
read_log = decoder(Mention, Settings)


def a_post(id: object, at: int = START, text: object = "acme is fine", **fields: object) -> bytes:
    """A line of our own JSON, with fields of any type: others write what they like."""
    return json.dumps({"id": id, "text": text, "created_at": rfc3339(at), **fields}).encode()


def rfc3339(ms: int) -> str:
    """A time as our own JSON has it."""
    return from_ms(ms).isoformat().replace("+00:00", "Z")


def write_lines(path: Path, lines: Iterable[bytes], end: bytes = b"\n", start: bytes = b"") -> Path:
    """A file of lines; gzip if its name says so."""
    content = start + b"".join(line + end for line in lines)
    path.write_bytes(gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)
    return path


def records_of(path: Path, now: int = NOW, **source: Any) -> list[Mention | Deletion | DeadLetter]:
    """What a reader makes of a file, in the order of the file."""
    reader = Reader(Source(path=str(path), **source), str(path), lambda: now)
    with reader.stream:
        return list(reader)


def mentions_of(path: Path, **source: Any) -> list[Mention]:
    """The mentions of a file."""
    return [record for record in records_of(path, **source) if isinstance(record, Mention)]


def letters_of(path: Path, **source: Any) -> list[DeadLetter]:
    """The dead letters of a file."""
    return [record for record in records_of(path, **source) if isinstance(record, DeadLetter)]


def history_of(*paths: Path, folder: Path, now: int = NOW, until: int | None = None, **source: Any) -> History:
    """Files as history."""
    readers = [Reader(Source(path=str(path), **source), str(path), lambda: now) for path in paths]
    return History(readers, folder, until=until)


def configured(text: str = ACME, folder: Path = Path()) -> Configuration:
    """Settings that lie in a folder."""
    return parse_configuration(text, "test.toml", folder)


def shop(*brands: str) -> str:
    """The settings of some brands, each with its id for a name."""
    return "".join(f'[[brands]]\nid = "{brand}"\nname = "{brand.title()}"\n' for brand in brands)


def plain_scorer(*, calibrated: bool = True) -> TextReader:
    """Scores the number of bad words: quick, and enough to make alerts. Its scores are no one's to calibrate."""
    return TextReader([Scorer("plain", "en", lambda text: -6_000 * ("awful" in text))], lambda text: [("en", 1.0)])


def feed(lane: Embedded, items: Sequence[Item], size: int = STEP_RECORDS, done: int = 0) -> None:
    """Step a lane through a history's items from number `done` on, `size` at a time."""
    while done < len(items):
        batch = [Incoming(record, raw) for record, raw in items[done : done + size]]
        done += len(batch)
        lane.step(batch, "history", {"done": done})


def exported(folder: Path) -> dict[str, bytes]:
    """The five files of outputs in a folder."""
    return {name: (folder / name).read_bytes() for name in FILES}


def export_of(records: Records, folder: Path) -> dict[str, bytes]:
    """What is exported from a store."""
    export(records, folder)
    return exported(folder)


def same(found: dict[str, bytes], expected: dict[str, bytes]) -> None:
    """The same bytes in all five files; the first line that differs is shown."""
    for name in FILES:
        if found[name] != expected[name]:
            ours, theirs = found[name].splitlines(), expected[name].splitlines()
            pairs = zip_longest(ours, theirs)
            number, pair = next((n, pair) for n, pair in enumerate(pairs, 1) if pair[0] != pair[1])
            raise AssertionError(f"{name}, {len(ours)} and {len(theirs)} lines, differs in line {number}: {pair}")


def left_of(words: Iterable[str], folder: Path) -> list[str]:
    """Those of some words that are found in the bytes of any file of a folder."""
    content = b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
    found = set(re.findall(rb"\w+", content))
    return sorted(word for word in words if word.encode() in found)


def fingerprints(folder: Path) -> dict[str, str]:
    """The hashes of the five files, which need not fit into memory."""
    found = {}
    for name in FILES:
        with (folder / name).open("rb") as file:
            found[name] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def dead_letters_in(folder: Path) -> list[DeadLetter]:
    """The dead letters that were written out."""
    return [read_dead_letter(line) for line in (folder / "dead-letters.jsonl").read_bytes().splitlines()]


def lines_in(folder: Path, name: str) -> list[dict[str, Any]]:
    """The lines of one of the five files, decoded."""
    return [json.loads(line) for line in (folder / name).read_bytes().splitlines()]


def airlines_settings(folder: Path, tweets: Path) -> Path:
    """The settings of the airlines in a folder of their own, with the path of the tweets."""
    text, found = re.subn(r'(?m)^path = ".*"', f'path = "{tweets}"', AIRLINES.read_text(encoding="utf-8"))
    assert found == 1
    path = folder / "airlines.toml"
    path.write_text(text, encoding="utf-8")
    return path


class Ran(NamedTuple):
    """What came of a run of the command."""

    code: int
    out: str
    err: str


def command(*arguments: str | Path, size: int | None = None) -> list[str]:
    """The command line of the command, or of one with steps of another size."""
    code = f"import agents.service as service; service.STEP_RECORDS = {size}; from agents.cli import main; main()"
    program = ["-m", "agents.cli"] if size is None else ["-c", code]
    return [sys.executable, *program, *map(str, arguments)]


def environment() -> dict[str, str]:
    """The environment of the command: our tree, and no terminal, whose size pytest-xdist sets."""
    inherited = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    return {**inherited, "PYTHONPATH": str(ROOT), "TERM": "dumb"}


def listener(
    *arguments: str | Path,
    folder: Path | None = None,
    stdin: bytes = b"",
    before: Callable[[], None] | None = None,
    timeout: float = 120,
) -> Ran:
    """Run the command in a folder to its end; `before` is called in the child."""
    ran = subprocess.run(
        command(*arguments),
        cwd=folder,
        env=environment(),
        input=stdin,
        capture_output=True,
        timeout=timeout,
        check=False,
        preexec_fn=before,
    )
    return Ran(ran.returncode, ran.stdout.decode(), ran.stderr.decode())


@contextmanager
def running(
    *arguments: str | Path, folder: Path | None = None, size: int | None = None
) -> "Iterator[subprocess.Popen[bytes]]":
    """The command as it runs, with pipes for its input and outputs; it is killed if it has not ended."""
    process = subprocess.Popen(
        command(*arguments, size=size),
        cwd=folder,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@contextmanager
def listening(folder: Path) -> Iterator[Any]:
    """The command listening to a pipe, and already at it."""
    (folder / "listener.toml").write_text(LIVE)
    with running("run", folder=folder) as process:
        wait_for(lambda: position(folder) > 1)
        yield process


def say(process: Any, *lines: bytes) -> None:
    """Write lines into the input of a process."""
    process.stdin.write(b"".join(line + b"\n" for line in lines))
    process.stdin.flush()


def ended(process: "subprocess.Popen[bytes]", seconds: float = 60) -> Ran:
    """Wait for a process, its input closed, and say what came of it."""
    out, err = process.communicate(timeout=seconds)
    return Ran(process.returncode, out.decode(), err.decode())


def log_of(database: Path) -> list[Any]:
    """The records of the mentions log as another process sees them by now."""
    return [read_log(record) for (record,) in _ask(database, "SELECT record FROM mentions ORDER BY position")]


def position(folder: Path) -> int:
    """How far the mentions log in a folder goes by now."""
    return lane_in(folder).position


def read_so_far(folder: Path) -> int:
    """How many mentions were read in a folder by now, also those about nobody, which the log does not keep."""
    return lane_in(folder).counts.get("read", 0)


def lane_in(folder: Path) -> LaneState:
    """The state of the lane in a folder by now."""
    found = _ask(folder / "listener.db", "SELECT content FROM state WHERE part = 'lane/detect'")
    return unpack(found[0][0], LaneState, LANE_VERSION) if found else LaneState()


def mentions_in(folder: Path) -> list[Mention]:
    """The mentions about a brand in the log in a folder by now."""
    return [record for record in log_of(folder / "listener.db") if isinstance(record, Mention)]


def _ask(database: Path, what: str) -> list[Any]:
    if not database.exists():
        return []
    try:
        with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as db:
            return db.execute(what).fetchall()
    except sqlite3.OperationalError:  # it is being made
        return []


def wait_for(what: Callable[[], object], seconds: float = 30) -> None:
    """Until it is true; fail if it does not become so."""
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def says_one_line(ran: Ran, code: int, *words: str) -> None:
    """The command failed with `code` and one line on stderr that contains the words; nothing was dumped on anybody."""
    assert ran.code == code, ran
    assert "Traceback" not in ran.err + ran.out, ran.err
    lines = ran.err.splitlines()
    assert len(lines) == 1, ran.err
    assert lines[0].startswith("listener: "), ran.err
    for word in words:
        assert word in lines[0], f"{word!r} is not in {lines[0]!r}"


def times(records: Iterable[Mention]) -> list[int]:
    """When mentions were written, in ms."""
    return [to_ms(record.created_at) for record in records]


def hours_of(trends: list[dict[str, Any]], brand: str) -> list[int]:
    """The starts of a brand's trends, in hours after the beginning."""
    return [
        (to_ms(datetime.fromisoformat(trend["start"])) - START) // HOUR for trend in trends if trend["brand"] == brand
    ]


def unboxed(told: str) -> str:
    """What a command says in a box, on one line, wherever its lines were broken."""
    return " ".join(told.replace("│", " ").split())
