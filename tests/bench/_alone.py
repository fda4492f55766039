"""What a worker of a bench runs first, to score texts by VADER and to read nothing else of them."""

from agents.reader import load_vader
from agents.runtime import lanes
from listener.reading import TextReader
from tests.bench._kafka import vader_alone


def _ours(*, calibrated: bool = True) -> TextReader:
    return vader_alone(load_vader().compound)


lanes.standard_reader = _ours  # type: ignore[attr-defined, assignment]  # a bench looks inside
