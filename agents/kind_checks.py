"""Which keys go with which kind of an entry in the settings."""

from collections.abc import Mapping
from typing import NamedTuple

from agents.configuration import WrongSettings
from agents.secret_checks import refuse_secret


class Kinds(NamedTuple):
    """The kinds of one group: `every` has some keys, others go with a kind, of which some are `needed`.

    `usual` is the kind of an entry that says none, if it may. `secrets` are keys that hold one, whatever the kind.
    """

    what: str
    usual: str | None
    every: tuple[str, ...]
    keys: Mapping[str, tuple[str, ...]]
    needed: Mapping[str, tuple[str, ...]]
    secrets: tuple[str, ...]


def refuse_keys_of_other_kinds(entry: object, where: str, kinds: Kinds) -> None:
    """Raise WrongSettings for a key that does not go with the kind, or is missing; what has no kind is told later."""
    kind = entry.get("kind", kinds.usual) if isinstance(entry, Mapping) else None
    if not isinstance(entry, Mapping) or not isinstance(kind, str) or kind not in kinds.keys:
        return
    allowed = (*kinds.every, *kinds.keys[kind])
    for key in entry:
        if key not in allowed:
            others = [other for other, keys in kinds.keys.items() if key in keys]
            raise WrongSettings(
                f"{where}{key}: does not go with kind = {kind!r}, which has {', '.join(allowed)}; "
                f"it goes with {', '.join(map(repr, others))}"
            )
    for key in kinds.needed[kind]:
        if key not in entry:
            raise WrongSettings(f"{where}{key}: is missing; a {kinds.what} of kind {kind!r} needs it")
    for key in kinds.secrets:
        refuse_secret(entry.get(key, {}), f"{where}{key}")
