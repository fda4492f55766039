"""Secrets, read where they are used from where the settings say that they are."""

import os
from pathlib import Path

from agents.configuration import WrongSettings
from agents.kept_secret import Secret


def read_secret(secret: Secret, key: str) -> str:
    """A secret; `key` is what the settings call it. Raise WrongSettings, with a message that shows nothing of it."""
    if secret.env is not None:
        told = os.environ.get(secret.env)
        if not told:
            raise WrongSettings(f"{key}: the environment variable {secret.env} is not set")
        return told
    path = Path(secret.file or "")
    try:
        told = path.read_text(encoding="utf-8").rstrip("\r\n")
    except OSError as error:
        raise WrongSettings(f"{key}: {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise WrongSettings(f"{key}: {path}: is not text in UTF-8") from None
    if not told:
        raise WrongSettings(f"{key}: {path}: is empty")
    return told
