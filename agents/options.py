"""The options that all commands of `listener` share."""

from pathlib import Path
from typing import Annotated

import typer

Config = Annotated[Path, typer.Option("--config", "-c", help="The settings file.", show_default=True)]
DEFAULT_CONFIG = Path("listener.toml")
