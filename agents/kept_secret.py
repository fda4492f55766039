"""Where a secret is kept."""

from pathlib import Path

from msgspec.structs import replace

from schemas.record import Part


class Secret(Part, frozen=True):
    """Where a secret is kept: in an environment variable or a file. What it is, is read where it is used."""

    env: str | None = None
    file: str | None = None

    def beside(self, folder: Path) -> "Secret":
        """The same with its path relative to a folder."""
        return self if self.file is None else replace(self, file=str(folder / self.file))
