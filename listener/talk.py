"""What kind of talk a text is: complaint, question, praise, recommendation, promotion, wish. By rules that can be read.

Each rule of a lexicon (`listener/sentiment/talk_en.toml`) is a list of phrases that speak for a kind, with a weight.
All phrases of all rules are found in one pass (Aho and Corasick 1975). The weight of a kind is 1 - the product of
(1 - weight) over its rules that were met, as of independent evidence. Each decision names these rules, and of each the
words that met it first. What a text means by praise that is none (sarcasm) is decided here too, from what stands
together: laughter or praise in quotation marks beside a complaint.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from importlib.resources import files
from operator import itemgetter
from typing import Any, Final, NamedTuple

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from listener.sentiment.phrases import Spelling, patterns_of
from schemas.brand_mention import Kind, Talk

LEAST_WEIGHT = 0.3  # what is less likely is not told

_QUOTED: Final = re.compile(r"[\"“”*]([^\"“”*\n]{2,30})[\"“”*]")


class Rule(NamedTuple):
    """A rule of a lexicon, see there. `role` is what else it is for: see `listener/sentiment/english.py`."""

    name: str
    kind: Kind | None
    weight: float
    valence: float
    least: int
    role: str


class Heard(NamedTuple):
    """The rules that a text met, by their places: how many times, and the pattern that did so first.

    `mocks` are the words that make fun of it, by the rule that says so.
    """

    times: dict[int, int]
    first: dict[int, int]
    mocks: dict[int, str]


class TalkReader:
    """Reads the talk of texts of one language. `content` is a lexicon: [words], [same], filler, [[rules]]."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        self._spelling = Spelling(content.get("same", {}), content.get("filler", ""))
        patterns = patterns_of(content, self._spelling)
        self.rules = tuple(map(_rule, content["rules"]))
        self._patterns = list(patterns)
        together = {tuple(rules): tuple(rules) for rules in patterns.values()}  # one object for all that mean the same
        self._rules = [together[tuple(rules)] for rules in patterns.values()]
        self.roles = {rule.role: number for number, rule in enumerate(self.rules) if rule.role}
        self._complaints = frozenset(place for place, rule in enumerate(self.rules) if rule.kind == "complaint")
        self._denial = self.roles.get("denial", -1)
        self.mockery = frozenset(self.roles[role] for role in ("sarcasm", "mockery", "quoted") if role in self.roles)
        self._praised = frozenset(content.get("words", {}).get("good", "").split("|"))
        # The kind that a rule speaks for, what it leaves of the doubt, and how often it must be met.
        self._speaks = tuple(
            None if rule.kind is None else (rule.kind, 1 - rule.weight, rule.least) for rule in self.rules
        )
        self._reasons: dict[tuple[int, int], str] = {}  # by rule and pattern: no more than the lexicon has
        self._automaton = AhoCorasick(
            self._patterns, matchkind=MatchKind.Standard, implementation=Implementation.ContiguousNFA
        )

    def hear(self, text: str) -> Heard:
        """The rules that a text meets. Phrases that overlap meet a rule once."""
        times: dict[int, int] = {}
        first: dict[int, int] = {}
        ends: dict[int, int] = {}
        rules = self._rules
        found = self._automaton.find_matches_as_indexes(self._spelling.plain(text), overlapping=True)
        for pattern, start, end in found:
            for rule in rules[pattern]:
                if rule not in ends:
                    times[rule] = 1
                    first[rule] = pattern
                elif start >= ends[rule] - 1:  # phrases share the space between them
                    times[rule] += 1
                ends[rule] = end
        if self._denial in times:
            self._forget_denied(found, times)
        mocks = self._mocks(text, times, first)
        times.update(dict.fromkeys(mocks, 1))
        return Heard(times, first, mocks)

    def talk(self, heard: Heard) -> tuple[Talk, ...]:
        """The kinds of talk, the weightiest first, and which rules said so. Praise that mocks is none."""
        against: dict[Kind, float] = {}
        because: dict[Kind, list[str]] = {}
        times = heard.times
        for number in sorted(times):
            if (speaks := self._speaks[number]) is None or times[number] < speaks[2]:
                continue
            kind, left, _ = speaks
            if kind in against:
                against[kind] *= left
                because[kind].append(self._reason(heard, number))
            else:
                against[kind] = left
                because[kind] = [self._reason(heard, number)]
        if "praise" in against and not self.mockery.isdisjoint(times):
            del against["praise"]
        if not against:
            return ()
        told = [
            Talk(kind=kind, weight=round(1 - left, 2), because=tuple(because[kind]))
            for kind, left in against.items()
            if 1 - left >= LEAST_WEIGHT
        ]
        if len(told) > 1:
            told.sort(key=_lightness)
        return tuple(told)

    def _reason(self, heard: Heard, rule: int) -> str:
        if rule in heard.mocks:
            return f"{self.rules[rule].name}: {heard.mocks[rule]}"
        met = rule, heard.first[rule]
        reason = self._reasons.get(met)
        if reason is None:
            reason = self._reasons[met] = f"{self.rules[rule].name}: {self._patterns[met[1]].strip()}"
        return reason

    def _forget_denied(self, found: Sequence[tuple[int, int, int]], times: dict[int, int]) -> None:
        """Take out complaints that begin within their denial: "never had a problem"."""
        denials = [(start, end) for pattern, start, end in found if self._denial in self._rules[pattern]]
        kept: set[int] = set()
        at = 0
        for pattern, start, _ in sorted(found, key=itemgetter(1)):
            while at < len(denials) - 1 and denials[at][1] <= start:
                at += 1
            if not denials[at][0] <= start < denials[at][1] - 1:
                kept.update(self._rules[pattern])
        for rule in self._complaints.difference(kept):
            times.pop(rule, None)

    def _mocks(self, text: str, times: dict[int, int], first: dict[int, int]) -> dict[int, str]:
        """Sarcasm that no phrase shows: "/s" at the end, praise in quotation marks, laughter at a complaint."""
        roles = self.roles
        mocks: dict[int, str] = {}
        if text.endswith("/s") and text[-3:-2].isspace() and "sarcasm" in roles:
            mocks[roles["sarcasm"]] = "/s"
        if ('"' in text or "“" in text or "*" in text) and "quoted" in roles:
            for found in _QUOTED.finditer(text):
                if not self._praised.isdisjoint(self._spelling.plain(found[1]).split()):
                    mocks[roles["quoted"]] = found[0]
                    break
        laughter = roles.get("laughter")
        if laughter in times and "mockery" in roles and not self._complaints.isdisjoint(times):
            mocks[roles["mockery"]] = self._patterns[first[laughter]].strip()
        return mocks


def _lightness(talk: Talk) -> float:
    return -talk.weight


def _rule(rule: Mapping[str, Any]) -> Rule:
    return Rule(
        name=rule["name"],
        kind=rule.get("kind"),
        weight=rule.get("weight", 0.0),
        valence=rule.get("valence", 0.0),
        least=rule.get("least", 1),
        role=rule.get("role", ""),
    )


def talk_reader(language: str) -> TalkReader:
    """The reader of the talk of a language that has a lexicon: "en" or "ro"."""
    content = files("listener.sentiment").joinpath(f"talk_{language}.toml").read_text("utf-8")
    return TalkReader(tomllib.loads(content))
