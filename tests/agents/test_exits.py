"""What a command that cannot go on says is for people."""

from pathlib import Path

from tests.agents.building import ACME, listener, says_one_line


def test_a_file_that_is_not_there_is_named_without_numbers_of_the_system(tmp_path: Path) -> None:
    (tmp_path / "listener.toml").write_text(ACME)
    ran = listener("backtest", "posts.jsonl", folder=tmp_path)
    says_one_line(ran, 1, "posts.jsonl: No such file or directory")
    assert "Errno" not in ran.err
