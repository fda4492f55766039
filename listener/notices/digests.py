"""The digests of all brands: what is noted for them, and what is left once one is told."""

from collections.abc import Iterator, Mapping

from listener.notices.digest import BrandDigest, DigestPlan, digest_due
from listener.notices.notice import Entry
from listener.notices.standing import Latest


class Digests:
    """What is kept for the next digest of each brand. `changed` are the brands whose digest is to be kept anew."""

    def __init__(self, plan: DigestPlan | None, kept: dict[str, BrandDigest]) -> None:
        self._plan = plan
        self._by_brand = kept
        self.changed: set[str] = set()

    @property
    def by_brand(self) -> Mapping[str, BrandDigest]:
        """The digest of each brand that has any."""
        return self._by_brand

    def note(self, fingerprint: str, latest: Latest, why: str, now: int) -> None:
        """Nobody was paged for it."""
        if self._plan is None:
            return
        self._by_brand.setdefault(latest.brand, BrandDigest(now)).add(fingerprint, Entry(latest, why))
        self.changed.add(latest.brand)

    def renote(self, fingerprint: str, latest: Latest) -> None:
        """How one that is noted stands by now."""
        digest = self._by_brand.get(latest.brand)
        if digest is not None and fingerprint in digest.entries:
            digest.entries[fingerprint] = Entry(latest, digest.entries[fingerprint].why)
            self.changed.add(latest.brand)

    def unnote(self, fingerprint: str, brand: str) -> None:
        """It is paged after all."""
        digest = self._by_brand.get(brand)
        if digest is None or digest.entries.pop(fingerprint, None) is None:
            return
        if not digest.entries:
            del self._by_brand[brand]
        self.changed.add(brand)

    def due(self) -> Iterator[tuple[str, BrandDigest, int]]:
        """Each brand with its digest, and when that is to be told, in ms."""
        if self._plan is not None:
            for brand, digest in self._by_brand.items():
                yield brand, digest, digest_due(digest, self._plan)

    def sent(self, brand: str, entries: tuple[Entry, ...], now: int) -> None:
        """Some were told; what came meanwhile is for the next one."""
        digest = self._by_brand.pop(brand, None)
        self.changed.add(brand)
        if digest is None:
            return
        told_of = [entry.latest for entry in entries]
        left = {key: entry for key, entry in digest.entries.items() if entry.latest not in told_of}
        if left:
            self._by_brand[brand] = BrandDigest(now, left)
