"""How many mistakes lie between two words: the bounded edit distance."""


def within(word: str, other: str, most: int) -> int | None:
    """The least number of edits that make one word the other, or None where it takes more than `most`.

    An edit is a letter left out, put in or replaced, or two neighbours swapped (optimal string alignment). What both
    begin with is passed over, then each edit is tried: 4 ^ `most` ways at worst, so `most` should be 2 or less.
    """
    if abs(len(word) - len(other)) > most:
        return None
    at = 0
    shorter = min(len(word), len(other))
    while at < shorter and word[at] == other[at]:
        at += 1
    if at == len(word) == len(other):
        return 0
    if not most:
        return None
    ways = [
        within(word[at + 1 :], other[at + 1 :], most - 1),
        within(word[at + 1 :], other[at:], most - 1),
        within(word[at:], other[at + 1 :], most - 1),
    ]
    if at + 1 < shorter and word[at] == other[at + 1] and word[at + 1] == other[at]:
        ways.append(within(word[at + 2 :], other[at + 2 :], most - 1))
    return min((1 + rest for rest in ways if rest is not None), default=None)


def deletions(word: str, most: int) -> list[str]:
    """A word, and what is left of it without one letter, or without up to two if `most` is 2; never without the first.

    Two words that `most` edits make the same, and that begin with the same letter, have one of these in common. It
    suffices to take so many of their first letters (W. Garbe's symmetric deletions, 2012).
    """
    found = [word]
    for at in range(1, len(word)):
        shorter = word[:at] + word[at + 1 :]
        found.append(shorter)
        if most > 1:
            found += [shorter[:other] + shorter[other + 1 :] for other in range(at, len(shorter))]
    return found
