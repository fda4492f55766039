"""What was learned of each brand's ambiguous names: a file a brand in a folder beside the settings file.

`listener teach` writes it; it is a part of the settings and of their version. It may be deleted, or kept under version
control: the same examples give the same bytes.
"""

from pathlib import Path

import msgspec
from msgspec.structs import replace

from agents.configuration import Configuration, WrongSettings
from listener.brands.meaning import DIMENSIONS
from schemas.settings import Brand, Learned

FOLDER = "models"
MOST_WEIGHT = 50.0


def model_path(folder: Path, brand: str) -> Path:
    """Where what was learned of a brand lies."""
    return folder / FOLDER / f"{brand}.json"


def with_learned(configuration: Configuration) -> Configuration:
    """The same with what was learned of its brands. Raise WrongSettings."""
    folder = Path(configuration.folder)
    if not (folder / FOLDER).is_dir():
        return configuration
    brands = tuple(_with_model(brand, model_path(folder, brand.id)) for brand in configuration.brands)
    return replace(configuration, brands=brands)


def write_model(path: Path, learned: Learned) -> None:
    """Write what was learned, whole or not at all."""
    path.parent.mkdir(exist_ok=True)
    written = path.with_suffix(".new")
    written.write_bytes(msgspec.json.format(msgspec.json.encode(learned), indent=1) + b"\n")
    written.replace(path)


def looked_at(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """What shows that a model has changed, without reading it: names, times and sizes."""
    found = []
    for path in sorted((folder / FOLDER).glob("*.json")):
        try:
            known = path.stat()
        except OSError:  # gone meanwhile
            continue
        found.append((path.name, known.st_mtime_ns, known.st_size))
    return tuple(found)


def _with_model(brand: Brand, path: Path) -> Brand:
    try:
        learned = msgspec.json.decode(path.read_bytes(), type=Learned)
    except FileNotFoundError:
        return brand
    except (OSError, UnicodeDecodeError, msgspec.MsgspecError) as error:
        raise WrongSettings(f"{path}: cannot be read: {error}; delete it, and teach again") from None
    weights = (learned.bias, *learned.words.values(), *(part / 1000 for part in learned.direction))
    if len(learned.direction) not in (0, DIMENSIONS) or not all(abs(weight) <= MOST_WEIGHT for weight in weights):
        raise WrongSettings(f"{path}: is not what `listener teach` writes; delete it, and teach again")
    return replace(brand, learned=learned)
