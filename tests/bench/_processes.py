"""What the machine says of processes: processor time of a whole tree, memory. Linux only: it reads /proc."""

import os
from pathlib import Path

TICK: float = os.sysconf("SC_CLK_TCK")
KIB = 1024


def tree_cpu(root: int | None = None) -> float:
    """Seconds of processor time of a process (this one) and all that descend from it, those that have ended included.

    In hundredths: what runs for seconds is measured well enough.
    """
    found = {int(path.name): _stat(path) for path in Path("/proc").iterdir() if path.name.isdigit()}
    wanted = {root or os.getpid()}
    while more := {pid for pid, stat in found.items() if stat and stat[0] in wanted and pid not in wanted}:
        wanted |= more
    return sum(stat[1] for pid in wanted if (stat := found.get(pid)))


def own_cpu() -> float:
    """The same of this process and its children that have ended; quicker, for what is asked often."""
    return sum(os.times()[:4])


def memory(pid: int) -> int:
    """Bytes of memory that a process holds now, 0 if it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * KIB for line in lines if line.startswith("VmRSS:")), 0)


def _stat(process: Path) -> tuple[int, float] | None:
    """(parent, seconds), None for one that has just gone."""
    try:
        fields = (process / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return int(fields[1]), sum(map(int, fields[11:15])) / TICK
