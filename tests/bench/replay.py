"""Two replays of all of stocknet_88, one after the other: the hashes of the five files must be the same.

119,641 posts on 88 companies over 27 months make two million lines. The figures are how many of the files differ, and
how many lines a replay writes; the seconds are those of each replay as a user waits for it.
"""

import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from agents.export import FILES
from tests.bench._report import BRANDS, arguments, data_folder, finish, head, module, progress, table


def main(argv: Sequence[str] | None = None) -> None:
    """Replay twice and compare."""
    posts = data_folder(arguments(__doc__).parse_args(argv).data) / "stocknet_88" / "stocknet_88.jsonl.gz"
    head("The same bytes again")
    seconds, hashes, lines = [], [], {}
    for turn in ("first", "second"):
        progress(f"{turn} replay")
        with TemporaryDirectory() as folder:
            began = time.monotonic()
            replayed(posts, Path(folder))
            seconds.append(time.monotonic() - began)
            hashes.append({name: digest(Path(folder) / name) for name in FILES})
            lines = json.loads((Path(folder) / "run.json").read_text(encoding="utf-8"))["lines"]
    first, second = hashes
    differ = [name for name in FILES if first[name] != second[name]]
    table(
        [(name, lines[name], first[name][:16], "no" if name in differ else "yes") for name in FILES],
        ["file", "lines", "sha256", "the same again"],
    )
    print("seconds: " + ", ".join(f"{one:.0f}" for one in seconds))
    finish("replay", {"files": len(FILES), "differ": len(differ), "lines": sum(lines.values())})
    raise SystemExit(1 if differ else 0)


def replayed(posts: Path, out: Path) -> None:
    """Run `listener replay` into a folder."""
    command = [sys.executable, "-m", "agents.cli", "replay", str(posts), "--out", str(out)]
    command += ["-c", str(BRANDS / "stocknet.toml")]
    ended = subprocess.run(command, check=False, capture_output=True, text=True)
    if ended.returncode:
        raise SystemExit(f"{module()}: {ended.stderr}")


def digest(path: Path) -> str:
    """The hash of a file, which need not fit into memory."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    main()
