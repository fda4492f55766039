"""The options that all commands of `listener` share."""

from pathlib import Path
from typing import Annotated

import typer

Config = Annotated[Path, typer.Option("--config", "-c", help="The settings file.", show_default=True)]
DEFAULT_CONFIG = Path("listener.toml")


def refuse_folder(report: Path) -> None:
    """Refuse a folder where a page is to be written."""
    if report.is_dir():
        raise typer.BadParameter(f"{report} is a folder; name a file in it", param_hint="--report")
