"""Where conversations begin, as far as it can be known from parents alone."""

from listener.roots import Roots
from listener.threads import thread_of
from schemas.mention import Mention
from tests.core.building import START, a_mention


def answer(id_: str, parent: str, version: int = 0) -> Mention:
    return a_mention(id_, START, parent_id=parent, version=version)


def test_answers_to_answers_lie_in_the_thread_of_their_root() -> None:
    roots = Roots()
    told = [roots.rooted(answer(f"{number}", f"{number - 1}")) for number in range(1, 6)]
    assert [mention.root_id for mention in told] == [None, *["0"] * 4]
    assert {thread_of(mention) for mention in told} == {"0"}


def test_what_is_told_again_keeps_its_root_whatever_was_learned_since() -> None:
    """Else its edit would lie in another thread, and both versions would count."""
    roots = Roots()
    early = [roots.rooted(answer("3", "2")), roots.rooted(answer("2", "1"))]
    again = [roots.rooted(answer("3", "2", version=1)), roots.rooted(answer("2", "1", version=1))]
    assert [thread_of(mention) for mention in early] == [thread_of(mention) for mention in again] == ["2", "1"]
    assert thread_of(roots.rooted(answer("4", "3"))) == "2"


def test_the_newest_roots_can_be_handed_on() -> None:
    roots = Roots()
    for number in range(1, 6):
        roots.rooted(answer(f"{number}", f"{number - 1}"))
    handed = Roots(roots.newest(2))
    assert thread_of(handed.rooted(answer("6", "5"))) == "0"
    assert thread_of(handed.rooted(answer("x", "2"))) == "2"


def test_so_many_answers_are_remembered_those_that_were_told_last() -> None:
    roots = Roots(most=3)
    for id_ in ("a", "b", "c", "a", "d"):
        roots.rooted(answer(id_, "root"))
    assert [id_ for id_, _ in roots.newest(10)] == ["c", "a", "d"]
