"""Where a secret may stand in the settings: nowhere but behind the name of a variable or a file."""

import re
from collections.abc import Iterator, Mapping

from agents.configuration import WrongSettings
from agents.kept_secret import Secret

VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
ELSEWHERE = 'no secret stands in this file; write { env = "NAME" } or { file = "/run/secrets/name" }'


def refuse_secret(told: object, where: str) -> None:
    """Before its type is looked at: no message may show what somebody has written here."""
    if not isinstance(told, Mapping) or not all(isinstance(value, str) for value in told.values()):
        raise WrongSettings(f"{where}: {ELSEWHERE}")
    if not told.keys() <= set(Secret.__struct_fields__):
        raise WrongSettings(f"{where}: unknown key; {ELSEWHERE}")


def secret_problems(secret: Secret | None, key: str) -> Iterator[str]:
    """What is wrong with where a secret is said to be."""
    if secret is None or (secret.env is None) == (secret.file is None):
        yield f"{key}: takes one of env and file; {ELSEWHERE}"
    elif secret.env is not None and not VARIABLE.fullmatch(secret.env):
        yield f"{key}.env: is no name of an environment variable; {ELSEWHERE}"
    elif "\0" in (secret.file or ""):
        yield f"{key}.file: contains a NUL character; {ELSEWHERE}"
