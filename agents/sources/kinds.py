"""From the settings of a source to its connection: one line a kind."""

from collections.abc import Callable
from pathlib import Path

from agents.configuration import Configuration, Source, WrongSettings
from agents.sources.connection import Connection
from agents.sources.paths import Paths
from agents.sources.piped import Pipe

Now = Callable[[], int]


def connections(configuration: Configuration, paths: Paths, now: Now) -> list[Connection]:
    """All that is listened to: the pipes among the paths, and every source that connects.

    Raise WrongSettings for one that is called like another, whose coverage would be mixed up with its own.
    """
    connecting = [source for source in configuration.sources if source.connects]
    names = {source.name for source, _ in paths.history + paths.live}
    for source in connecting:
        if source.called in names:
            raise WrongSettings(f"sources: two would be called {source.called!r}; give the live one a name")
    pipes: list[Connection] = [Pipe(source, path, now) for source, path in paths.live]
    return pipes + [connection_of(source, Path(configuration.folder), now) for source in connecting]


def connection_of(source: Source, folder: Path, now: Now) -> Connection:
    """The connection of a source; paths are relative to `folder`. Each kind imports what it alone needs."""
    if source.kind == "file":
        from agents.sources.followed import FollowedFile  # noqa: PLC0415 - see above

        return FollowedFile(source.called, source, folder / source.path, now)
    if source.kind == "folder":
        from agents.sources.folder import WatchedFolder  # noqa: PLC0415 - see above

        return WatchedFolder(source.called, source, folder / source.path, now)
    if source.kind == "webhook":
        from agents.sources.webhook import Webhook  # noqa: PLC0415 - see above

        return Webhook(source.called, source, now)
    if source.kind == "bluesky":
        from agents.sources.bluesky import Bluesky  # noqa: PLC0415 - see above

        return Bluesky(source.called, source, now)
    if source.kind == "mastodon":
        from agents.sources.mastodon import Mastodon  # noqa: PLC0415 - see above

        return Mastodon(source.called, source, now)
    from agents.sources.feeds import Feeds  # noqa: PLC0415 - see above

    return Feeds(source.called, source, now)
