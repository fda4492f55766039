"""HTML as people wrote it becomes the text that people read, and the links in it.

Python's own parser takes minutes for a quarter of a megabyte of "<!--" (its time grows with the square): here each
character is looked at once, or within a bound.
"""

import re
from html import unescape
from typing import NamedTuple

LONGEST = 1 << 18  # characters that are looked at
MOST_LINKS = 100

# A tag; ">" may stand in quotes, which are bounded, since each "<" may be the start of one that never ends.
TAG = re.compile(r"""<(/?)([a-zA-Z][a-zA-Z0-9:-]{0,40})((?:[^<>"']|"[^"]{0,2048}"|'[^']{0,2048}'){0,2048})>""")
ATTRIBUTE = re.compile(r"""(?:^|\s)(href|class)\s{0,9}=\s{0,9}(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
BLANK_LINE = frozenset("p blockquote h1 h2 h3 h4 h5 h6 ul ol pre table figure section article header footer".split())
NEW_LINE = frozenset("br div li tr dt dd figcaption option".split())
UNREAD = frozenset("script style head title template noscript iframe svg math object textarea select".split())
RAW = frozenset({"script", "style", "title", "textarea", "iframe"})  # nothing in it is a tag
# The class of what only stands in for something that is told elsewhere: Mastodon's line about the post it quotes.
STAND_IN = frozenset({"quote-inline", "reference-link-inline"})
NO_LINK = frozenset({"mention", "hashtag"})
SPACES = re.compile(r"[ \t\r\f\v\u00a0]+")
LINES = re.compile(r" ?\n ?")
MANY_LINES = re.compile(r"\n{3,}")


class Read(NamedTuple):
    """A text with its paragraphs, and the links in it in their order, without those to people and hashtags."""

    text: str
    links: tuple[str, ...]


def read_html(html: str) -> Read:
    """The text of a piece of HTML, whatever it is like. What a page hides stays hidden; nothing is fetched.

    The parts of a link that Mastodon cuts for the eye are put together again. Characters are left as they are.
    """
    reader = _Reader()
    reader.read(html[:LONGEST])
    text = MANY_LINES.sub("\n\n", LINES.sub("\n", SPACES.sub(" ", "".join(reader.pieces)))).strip()
    return Read(text, tuple(dict.fromkeys(reader.links))[:MOST_LINKS])


class _Reader:
    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.links: list[str] = []
        self._hiding = ""  # the element that hides all in it
        self._depth = 0

    def read(self, html: str) -> None:
        place = 0
        while (start := html.find("<", place)) >= 0:
            self._words(html[place:start])
            place = self._markup(html, start)
            if place < 0:
                return
        self._words(html[place:])

    def _markup(self, html: str, start: int) -> int:
        """Where it goes on after the "<" at `start`; -1 if nowhere."""
        if html.startswith("<!--", start):
            end = html.find("-->", start + 4)
            return end + 3 if end >= 0 else -1
        if html.startswith(("<!", "<?"), start):
            return html.find(">", start) + 1 or -1
        tag = TAG.match(html, start)
        if tag is None:
            self._words("<")
            return start + 1
        name = tag[2].lower()
        if tag[1]:
            self._closed(name)
            return tag.end()
        self._opened(name, tag[3])
        if name in RAW:
            closing = re.compile(f"</{name}", re.IGNORECASE).search(html, tag.end())
            return closing.start() if closing else -1
        return tag.end()

    def _words(self, text: str) -> None:
        if text and not self._hiding:
            self.pieces.append(unescape(text.replace("\n", " ")))

    def _opened(self, name: str, attributes: str) -> None:
        if self._hiding:
            self._depth += name == self._hiding
            return
        values = {found[1].lower(): found[2] or found[3] or found[4] or "" for found in ATTRIBUTE.finditer(attributes)}
        classes = set(values.get("class", "").split())
        if name in UNREAD or classes & STAND_IN:
            self._hiding, self._depth = name, 1
            return
        self._break(name)
        link = unescape(values.get("href", "")) if name == "a" else ""
        if link.startswith(("http://", "https://")) and not classes & NO_LINK:
            self.links.append(link)

    def _closed(self, name: str) -> None:
        if not self._hiding:
            if name != "br":
                self._break(name)
        elif name == self._hiding:
            self._depth -= 1
            if not self._depth:
                self._hiding = ""

    def _break(self, name: str) -> None:
        if name in BLANK_LINE:
            self.pieces.append("\n\n")
        elif name in NEW_LINE:
            self.pieces.append("\n")
