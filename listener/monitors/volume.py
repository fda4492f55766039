"""Volume: how much is said about a brand, tagged or not, and how far it may reach."""

from listener.monitors.monitor import Monitor, NoState
from listener.windows import Counts
from schemas.brand_mention import BrandMention
from schemas.trend import Volume


class VolumeMonitor(Monitor[NoState]):
    """Counts mentions, and the followers of their authors.

    tagged + untagged + owned = mentions: a mention is owned if the brand wrote it, else tagged if an owned
    account is addressed. per_hour = mentions / hours listened to.
    reach = sum of followers over the reach_of mentions whose author's followers are known.

    Of a name that means other things too: probable of the mentions are likely about the brand, and counted as all are;
    doubtful are likelier not, and counted as nothing else. So mentions + doubtful name the brand, a share of
    doubtful / (mentions + doubtful) is in doubt, and probable / mentions of what is counted is not certain.
    """

    name = "volume"
    state = NoState
    counts_doubtful = True

    def count(self, mention: BrandMention) -> Counts:
        """One mention."""
        if mention.certainty == "doubtful":
            return {"doubtful": 1}
        counts = {"mentions": 1}
        if mention.certainty == "probable":
            counts["probable"] = 1
        if mention.owned:
            counts["owned"] = 1
        elif mention.tagged:
            counts["tagged"] = 1
        else:
            counts["untagged"] = 1
        author = mention.mention.author
        if author is not None and author.followers is not None:
            counts["reach_of"] = 1
            if author.followers:
                counts["reach"] = author.followers
        return counts

    def figures(self, counts: Counts, hours: float) -> Volume:
        """The counts and the rate."""
        mentions = counts.get("mentions", 0)
        return Volume(
            mentions=mentions,
            tagged=counts.get("tagged", 0),
            untagged=counts.get("untagged", 0),
            owned=counts.get("owned", 0),
            probable=counts.get("probable", 0),
            doubtful=counts.get("doubtful", 0),
            per_hour=round(mentions / hours, 4) if hours and mentions else None,
            reach=counts.get("reach", 0),
            reach_of=counts.get("reach_of", 0),
        )
