"""The row of the live sources: for the person who wonders whether silence is silence."""

from grafana_foundation_sdk.cog.builder import Builder

from deploy.grafana.panels import JOB, Query, lines, stacked

OF = "sum by (source)"


def source_panels() -> list[Builder[object]]:
    """What somebody wants to see of each live source: is it heard, how late, how much, how often it was lost."""
    return [
        lines(
            "Listened to",
            "1 while a live source is connected. What it missed meanwhile is caught up if it can give it again, else "
            "it stays unknown.",
            "short", Query(f"max by (source) (listener_source_up{{{JOB}}})", "{{source}}"), width=6,
        ),
        lines(
            "From written to brought",
            "Of the last mention that each source brought. It grows while a source catches up.",
            "s", Query(f"max by (source) (listener_source_delay_seconds{{{JOB}}})", "{{source}}"), width=6,
        ),
        stacked(lines(
            "Brought, a second",
            "Mentions, deletions and dead letters of each source; the dead letters beside them once more.",
            "cps",
            Query(f"{OF} (rate(listener_source_records_total{{{JOB}}}[$__rate_interval]))", "{{source}}"),
            Query(
                f"{OF} (rate(listener_source_dead_letters_total{{{JOB}}}[$__rate_interval]))", "{{source}} dead letters"
            ),
            width=6,
        )),
        lines(
            "Connected anew",
            "How often in an hour each source was connected to. Once a minute is a source that is not well.",
            "short", Query(f"{OF} (increase(listener_source_connects_total{{{JOB}}}[1h]))", "{{source}}"), width=6,
        ),
    ]  # fmt: skip  # a row in few lines
