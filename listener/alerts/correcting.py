"""What comes, changes or goes after an alert was judged: its numbers and examples are corrected, and that is told."""

from collections.abc import Collection, Iterator

from listener.alerts.incident import AlertState, Correction, Key
from listener.alerts.muting import Desk
from listener.alerts.telling import Teller
from listener.alerts.wording import Change, correction, examples_gone
from listener.detection import Cause
from listener.judgement import judge_again
from listener.windows import Counts
from schemas.alert import Alert, Judged
from schemas.times import DAY, to_ms

CORRECT_WITHIN = DAY
EVERYONE = {"scored": "scorable", "due": "due"}  # what a share is of: those of whom it could have been


class Corrections:
    """The corrections of a brand's alerts. An alert is corrected, never taken back."""

    def __init__(self, state: AlertState, teller: Teller) -> None:
        self._state = state
        self._teller = teller

    def correct(self, at: int, cause: Cause, counts: Counts, now: int) -> bool:
        """`counts` change the closed window that began at `at`. Whether a revision is now due."""
        wanted = False
        for incident in self._state.incidents.values():
            judged = incident.finding
            if judged.forecast is not None:  # what comes of a post later, or goes, is in its next forecast
                continue
            if now - incident.changed > CORRECT_WITHIN or not to_ms(judged.start) <= at < to_ms(judged.end):
                continue
            incident.correction = incident.correction or Correction()
            incident.correction.add(cause, _change_of(judged, counts))
            wanted = True
        return wanted

    def forget(self, ids: Collection[str]) -> bool:
        """Keep none of these ids as examples. Whether a revision is now due."""
        wanted = False
        for incident in self._state.incidents.values():
            left = tuple(id_ for id_ in incident.examples if id_ not in ids)
            if left != incident.examples:
                incident.correction = incident.correction or Correction()
                incident.correction.gone += len(incident.examples) - len(left)
                incident.examples = left
                wanted = True
        for warning in self._state.early.values():
            left = tuple(id_ for id_ in warning.examples if id_ not in ids)
            warning.gone += len(warning.examples) - len(left)
            warning.examples = left
            wanted = wanted or bool(warning.gone)
        return wanted

    def revise_all(self, at: int, desk: Desk) -> Iterator[Alert]:
        """Tell what has changed since they were judged.

        An early warning keeps its numbers, which were those of a moment; while it is open its end tells what is left.
        """
        for key in self._state.incidents:
            yield from self.revise(key, at, desk)
        for key, warning in self._state.early.items():
            if warning.gone and not warning.open:
                yield self._teller.early_event(key, warning, "revised", at, examples_gone(warning.gone), desk)

    def revise(self, key: Key, at: int, desk: Desk) -> Iterator[Alert]:
        """Tell what has changed of one alert, if it is there and anything has."""
        incident = self._state.incidents.get(key)
        if incident is None or incident.correction is None:
            return
        changed, incident.correction = incident.correction, None
        before = incident.finding
        net = changed.net()
        if any(net):
            incident.finding = judge_again(before, *net)
            reason = correction(before, incident.finding, changed.changes)
        elif changed.gone:
            reason = examples_gone(changed.gone)
        else:
            return
        yield self._teller.event(key, incident, "revised", at, reason, desk)


def _change_of(judged: Judged, counts: Counts) -> Change:
    """What `counts` change of what was judged. Those that could be scored are not the brand's own."""
    everyone = EVERYONE.get(judged.whole, "mentions")
    return counts.get(everyone, 0), counts.get(judged.whole, 0), counts.get(judged.counted, 0)
