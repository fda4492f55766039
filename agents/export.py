"""The outputs of the embedded service as files: five of JSON lines, sorted, and one about the run."""

from collections.abc import Callable
from pathlib import Path

from agents.runtime.records import Records

FILES = {
    "brand-mentions.jsonl": "brand_mentions",
    "trends.jsonl": "trends",
    "alerts.jsonl": "alerts",
    "opportunities.jsonl": None,  # the monitor that finds them is not built yet
    "dead-letters.jsonl": "dead_letters",
}


def export(
    records: Records, folder: Path, progress: Callable[[str, int], None] = lambda what, count: None
) -> dict[str, int]:
    """Write all files, each whole or not at all, all as of one moment; return the lines of each."""
    folder.mkdir(parents=True, exist_ok=True)
    with records.snapshot():
        return {name: _write(records, table, folder / name, progress) for name, table in FILES.items()}


def _write(records: Records, table: str | None, path: Path, progress: Callable[[str, int], None]) -> int:
    unfinished = path.with_name(f".{path.name}.unfinished")
    count = 0
    with unfinished.open("wb") as file:
        for record in records.export(table) if table else ():
            file.write(record)
            file.write(b"\n")
            count += 1
            if count % 10_000 == 0:
                progress(f"writing {path.name}", count)
    unfinished.replace(path)
    return count
