"""The board of `listener run`: what it shows, and that it leaves a terminal as it found it."""

import fcntl
import io
import logging
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace
from rich.console import Console

from agents.board import Board, ago
from agents.board_watcher import BoardWatcher
from agents.notify import NotifyState, ReceiverState
from agents.runtime.embedded import Embedded, Outcome
from agents.runtime.store import Store
from agents.watcher import SourceState
from listener.notices.notice import Told
from listener.notices.standing import latest_of
from listener.partition import Partition
from schemas.alert import Alert
from schemas.record import decoder
from schemas.times import DAY, HOUR, MINUTE, SECOND
from tests.agents.building import (
    NOW,
    START,
    a_post,
    command,
    configured,
    environment,
    feed,
    history_of,
    plain_scorer,
    say,
    wait_for,
    write_lines,
)
from tests.agents.screen import Screen
from tests.contract.test_contract import golden
from tests.core.building import a_mention, about, brand_settings, pulse
from tests.core.noticing import alert

BRANDS = '[[brands]]\nid = "acme"\nname = "Acme"\n[[brands]]\nid = "rival"\nname = "A rival with a rather long name"\n'
HOLE = START + 12 * HOUR, START + 18 * HOUR
END = START + 30 * HOUR


@contextmanager
def lane_with(folder: Path, board: Board, settings: str = BRANDS) -> Iterator[Embedded]:
    """A lane that has read thirty hours of one post in five minutes, every third negative, with a hole of six hours."""
    posts = [
        a_post(f"x:{at}", at, "acme is awful" if at // MINUTE % 15 == 0 else "acme is fine")
        for at in range(START, END, 5 * MINUTE)
    ]
    hole = [(at - START) // (5 * MINUTE) for at in HOLE]
    files = write_lines(folder / "a.jsonl", posts[: hole[0] + 1]), write_lines(folder / "b.jsonl", posts[hole[1] :])
    items = list(history_of(*files, folder=folder, now=NOW, until=END + 2 * MINUTE).items())
    with Store(folder / "listener.db") as store:
        lane = Embedded(store, plain_scorer(), board.note)
        board.opened(lane)
        lane.configure(configured(settings).settings())
        feed(lane, items, size=100)
        yield lane


def shown(board: Board, width: int = 80, height: int = 24, *, plain: bool = False) -> list[str]:
    """The lines of a board."""
    console = Console(file=io.StringIO(), width=width, height=height, force_terminal=True, no_color=True)
    console.print(board.drawn(END + 5 * SECOND, width, height, plain=plain))
    assert isinstance(console.file, io.StringIO)
    return re.sub(r"\x1b\[[0-9;]*m", "", console.file.getvalue()).splitlines()


def outcome_of(alert: Alert) -> Outcome:
    """A step that told of an alert."""
    outcome = Outcome()
    outcome.tell(alert)
    return outcome


@pytest.fixture
def board(tmp_path: Path) -> Iterator[Board]:
    made = Board()
    with lane_with(tmp_path, made):
        yield made


def row_of(lines: list[str], name: str) -> str:
    (row,) = [line for line in lines if line.startswith(name)]
    return row


def test_a_brand_has_its_rate_and_its_negative_share_with_the_denominator(board: Board) -> None:
    """Eleven in the 55 minutes of the last hour that were listened to are twelve an hour."""
    assert re.search(r"\s12\s+27% of 11\b", row_of(shown(board), "Acme"))
    assert re.search(r"\s0\s+none scored", row_of(shown(board), "A rival"))


def test_what_is_in_doubt_has_a_column_where_there_is_any_and_room(board: Board, tmp_path: Path) -> None:
    assert "doubt" not in "\n".join(shown(board))
    doubtful = replace(about("acme", a_mention("x:d", END - MINUTE - SECOND)), certainty="doubtful")
    partition = Partition()
    for record in (brand_settings(), doubtful, pulse(END + 2 * MINUTE)):
        outcome = Outcome()
        for output in partition.step(record):
            outcome.tell(output)
        board.note(outcome)
    lines = shown(board)
    assert lines[1].split()[-2:] == ["in", "doubt"]
    assert row_of(lines, "Acme").endswith(" 8% of 12")
    assert row_of(lines, "A rival").rstrip().endswith(" none scored")
    assert "doubt" not in "\n".join(shown(board, 50))


def test_open_alerts_stand_beside_their_brand_and_cost_the_lines_nothing(board: Board) -> None:
    alert = decoder(Alert)(golden("alert"))
    for n, severity in enumerate(("critical", "warning", "warning")):
        board.note(outcome_of(msgspec.structs.replace(alert, id=str(n), brand="acme", severity=severity)))
    assert re.search(r"[█·]{24} +12 +27% of 11  1 critical \+2", row_of(shown(board), "Acme"))


def test_hours_that_nobody_listened_to_are_dots_and_quiet_ones_are_low(board: Board) -> None:
    acme, rival = (re.findall("[▁▂▃▄▅▆▇█·]{24}", row_of(shown(board), name)) for name in ("Acme", "A rival"))
    assert acme == ["█" * 6 + "·" * 6 + "█" * 12]
    assert rival == ["▁" * 6 + "·" * 6 + "▁" * 12]


def test_a_terminal_of_ascii_gets_ascii(board: Board) -> None:
    assert "\n".join(shown(board, plain=True)).isascii()


@pytest.mark.parametrize("width", [30, 40, 60, 80, 200])
def test_no_line_is_longer_than_the_terminal(board: Board, width: int) -> None:
    board.sources([SourceState("a source with a long name " * 3, "waiting to connect", False, END, None, 12)])  # noqa: FBT003 - its fields
    assert max(map(len, shown(board, width))) <= width


def test_it_fits_on_a_small_terminal_and_says_how_many_brands_it_hides(tmp_path: Path) -> None:
    board = Board()
    many = "".join(f'[[brands]]\nid = "b{n}"\nname = "Brand {n}"\n' for n in range(100))
    with lane_with(tmp_path, board, BRANDS + many):
        lines = shown(board, 80, 24)
    assert len(lines) <= 18
    assert lines[2].startswith("Acme")
    hidden = next(int(found[1]) for line in lines if (found := re.match(r"and (\d+) more brands", line)))
    assert hidden + sum(line.startswith(("Acme", "A rival", "Brand")) for line in lines) == 102


def test_a_service_that_starts_again_shows_what_it_showed(tmp_path: Path) -> None:
    watched, again = Board(), Board()
    with lane_with(tmp_path, watched):
        before = shown(watched)
    with Store(tmp_path / "listener.db") as store:
        again.opened(Embedded(store, plain_scorer()))
        assert shown(again) == before


def test_it_says_how_far_behind_it_is_and_how_much_was_heard(board: Board) -> None:
    assert shown(board)[0].startswith("06:02 UTC, 0 s behind, 88% of 1 h heard")


def test_a_service_that_has_just_begun_is_shown_by_minutes(tmp_path: Path) -> None:
    board = Board()
    posts = [a_post(f"x:{n}", START + n * 30 * SECOND, "acme is fine") for n in range(11)]
    items = list(
        history_of(write_lines(tmp_path / "a.jsonl", posts), folder=tmp_path, until=START + 7 * MINUTE).items()
    )
    with Store(tmp_path / "listener.db") as store:
        lane = Embedded(store, plain_scorer(), board.note)
        board.opened(lane)
        lane.configure(configured().settings())
        feed(lane, items)
        lines = shown(board)
    assert "last 24 min" in lines[1]
    assert re.search(r"·{18}█{5}. +11 in 5 min", lines[2])


def test_sources_have_their_state_and_how_long_it_has_been_so(board: Board) -> None:
    wall = END + 5 * SECOND
    board.sources(
        [
            SourceState("bluesky", "listening", True, wall - 3 * HOUR, 2 * SECOND, 12_345),  # noqa: FBT003 - its fields
            SourceState("mastodon", "waiting to connect", False, None, None, 7),  # noqa: FBT003 - its fields
            *(SourceState(f"feed {n}", "listening", True, wall, None, 0) for n in range(9)),  # noqa: FBT003 - its fields
        ]
    )
    lines = shown(board)
    assert "bluesky: listening for 3 h, 2 s behind, 12,345 records" in lines
    assert "mastodon: waiting to connect, 7 records" in lines
    assert lines[-1] == "and 6 more sources"


def test_receivers_that_fail_and_alerts_that_were_told_have_a_line(board: Board) -> None:
    told = Told(
        fingerprint="f",
        latest=latest_of(alert(), 1, is_open=True),
        name="Acme",
        owner="acme",
        firing=True,
        silenced="ana",
    )
    failing = ReceiverState("ops", "HTTP 503", END - 3 * HOUR, 4, 9)
    board.notified(NotifyState([failing, ReceiverState("mail", "", None, 2, 0)], [told], 1))
    lines = shown(board)
    assert "receiver ops: HTTP 503 for 3 h" in lines
    assert "told: 1 open alert, 1 silenced in Alertmanager; 1 page to be told" in lines
    assert not any("mail" in line for line in lines)


def test_names_cannot_command_the_terminal(tmp_path: Path) -> None:
    board = Board()
    with lane_with(
        tmp_path, board, '[[brands]]\nid = "acme"\nname = "Ac\\u001b[2Jme \\u202eevil"\naliases = ["acme"]\n'
    ):
        console = Console(file=io.StringIO(), width=80, height=24, force_terminal=True)
        console.print(board.drawn(END, 80, 24))
    assert isinstance(console.file, io.StringIO)
    assert not set(console.file.getvalue()) & {"\u202e"}
    assert "\x1b[2J" not in console.file.getvalue()


def test_a_length_of_time_is_told_in_a_unit_that_fits() -> None:
    assert [ago(ms) for ms in (-5, 0, 90 * SECOND, 119 * MINUTE, 47 * HOUR, 3 * DAY)] == [
        "0 s",
        "0 s",
        "90 s",
        "119 min",
        "47 h",
        "3 d",
    ]


# On a terminal


class Terminal:
    """The command on a pseudo-terminal, its input a pipe."""

    def __init__(self, folder: Path, width: int = 80, height: int = 24, **variables: str) -> None:
        self.written = ""
        self.screen = Screen(width)
        self._master, slave = pty.openpty()
        self.resize(width, height)
        self.before = termios.tcgetattr(self._master)
        self.process = subprocess.Popen(
            command("run"),
            cwd=folder,
            env={**environment(), "TERM": "xterm-256color", "LANG": "C.UTF-8", "PYTHONUTF8": "1", **variables},
            stdin=subprocess.PIPE,
            stdout=slave,
            stderr=slave,
        )
        os.close(slave)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def resize(self, width: int, height: int) -> None:
        """Give the terminal another size."""
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def _read(self) -> None:
        while True:
            try:
                read = os.read(self._master, 65536)
            except OSError:  # the other side is closed
                return
            text = read.decode(errors="replace")
            self.written += text
            self.screen.write(text)

    def end(self) -> int:
        """Ctrl-C; the exit code."""
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(30)
        self._reader.join(10)
        return code


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Settings with a pipe, and three calm days as history."""
    now = int(time.time()) * 1000
    write_lines(
        tmp_path / "posts.jsonl",
        [a_post(f"x:{n}", now - 3 * DAY + n * 10 * MINUTE, "acme is good, I like it") for n in range(3 * 144)],
    )
    (tmp_path / "listener.toml").write_text(BRANDS + '[[sources]]\npath = "posts.jsonl"\n[[sources]]\npath = "-"\n')
    return tmp_path


@pytest.fixture
def terminal(folder: Path) -> Iterator[Terminal]:
    made = Terminal(folder)
    try:
        yield made
    finally:
        made.process.kill()
        made.process.communicate()


def anger(count: int) -> list[bytes]:
    """Negative posts of now."""
    now = int(time.time()) * 1000
    return [a_post(f"x:bad-{n}", now, f"acme is awful, I hate it, terrible {n}") for n in range(count)]


def test_a_terminal_shows_the_board_with_alerts_above_it_and_is_left_clean(terminal: Terminal) -> None:
    wait_for(lambda: any(line.startswith("Acme") for line in terminal.screen.shown))
    assert not terminal.screen.cursor_shown
    say(terminal.process, *anger(40))
    wait_for(lambda: "early opened" in terminal.written)
    wait_for(lambda: re.search(r"^Acme .*1 (critical|warning)", "\n".join(terminal.screen.shown), re.MULTILINE))
    lines = terminal.screen.shown
    alert = next(n for n, line in enumerate(lines) if "early opened" in line)
    board = [n for n, line in enumerate(lines) if line.startswith("brand ")]
    assert len(board) == 1, "the board is drawn in one place"
    assert alert < board[0]
    assert terminal.end() == 0
    lines = terminal.screen.shown
    assert terminal.screen.cursor_shown
    assert not any(line.startswith(("brand ", "Acme ")) for line in lines)
    assert "alert event" in lines[-1] + lines[-2]


def test_what_is_logged_scrolls_away_above_the_board_too(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=80, height=24)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    logger = logging.getLogger("tests.board")
    handler = logging.StreamHandler(sys.stderr)
    logging.getLogger().addHandler(handler)
    try:
        with BoardWatcher(console):
            logger.warning("something is wrong")
        logger.warning("after it")
    finally:
        logging.getLogger().removeHandler(handler)
    assert isinstance(console.file, io.StringIO)
    assert "something is wrong" in console.file.getvalue()
    assert capfd.readouterr().err == "after it\n"


def test_a_terminal_that_is_resized_shows_one_board(terminal: Terminal) -> None:
    wait_for(lambda: any(line.startswith("Acme") for line in terminal.screen.shown))
    terminal.resize(40, 20)
    terminal.screen.resize(40)
    say(terminal.process, *anger(1))
    wait_for(lambda: "last 12 h" in "\n".join(terminal.screen.shown))
    lines = terminal.screen.shown
    assert sum(line.startswith("brand ") for line in lines) == 1
    assert sum("UTC, " in line for line in lines) == 1
    assert max(map(len, lines)) <= 40
    assert terminal.end() == 0


def test_no_color_means_none(folder: Path) -> None:
    terminal = Terminal(folder, NO_COLOR="1")
    try:
        wait_for(lambda: any(line.startswith("Acme") for line in terminal.screen.shown))
        assert terminal.end() == 0
        codes = set(re.findall(r"\x1b\[([0-9;]*)m", terminal.written))
        assert not [code for code in codes if re.search(r"(^|;)[349][0-8]", code)]
    finally:
        terminal.process.kill()
        terminal.process.communicate()
