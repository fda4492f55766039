"""Whether work grows with what is read and no faster: told from two lengths, so that a busy machine says the same."""

import time
from collections.abc import Callable

Text = str | Callable[[int], str]  # a piece to repeat, or a text of some length
LENGTH = 100_000
ROUNDS = 3
PARTS = 4
MOST = 2.5 * PARTS  # linear work takes four times as long, quadratic sixteen times
NOISE = 0.02  # seconds: the smallest difference that says anything


def grows_with_its_length(work: Callable[[str], object], text: Text, length: int = LENGTH) -> None:
    """Assert that a text takes no longer than 2.5 times what its four quarters take.

    Of each the shortest of three times of this process counts, each of another text, so that no answer is an old one.
    """
    part, whole = (min(_spent(work, text, size, n) for n in range(ROUNDS)) for size in (length // PARTS, length))
    assert whole <= MOST * part + NOISE, f"{length // PARTS:,} characters take {part:.3f} s, {length:,} {whole:.3f} s"


def _spent(work: Callable[[str], object], text: Text, length: int, less: int) -> float:
    written = text * (length // len(text) - less) if isinstance(text, str) else text(length - less)
    began = time.process_time()
    work(written)
    return time.process_time() - began
