"""The row of the receivers: for the person who wonders whether the others were told."""

from grafana_foundation_sdk.cog.builder import Builder

from deploy.grafana.panels import JOB, Query, lines, quantile, stacked

OF = "sum by (receiver)"


def receiver_panels() -> list[Builder[object]]:
    """Does each receiver take what it is told, how soon, and how much is there to say."""
    return [
        lines(
            "Takes what it is told",
            "1 while a receiver does. While it does not, the next one of its route is told.",
            "short", Query(f"min by (receiver) (listener_receiver_up{{{JOB}}})", "{{receiver}}"), width=6,
        ),
        stacked(lines(
            "Notices in an hour",
            "Taken, by receiver and kind; and the tries that were not.",
            "short",
            Query(
                f"sum by (receiver, kind) (increase(listener_notices_sent_total{{{JOB}}}[1h]))", "{{receiver}} {{kind}}"
            ),
            Query(f"{OF} (increase(listener_notices_failed_total{{{JOB}}}[1h]))", "{{receiver}} not taken"),
            width=6,
        )),
        lines(
            "From news to told",
            "group_wait and group_interval are in it.",
            "s",
            Query(quantile(0.5, "listener_notice_delay_seconds", "job", "1h"), "p50"),
            Query(quantile(0.99, "listener_notice_delay_seconds", "job", "1h"), "p99"),
            width=6,
        ),
        lines(
            "Open and waiting",
            "Open alerts of which somebody was told, those of them that an Alertmanager silences, pages that wait.",
            "short",
            Query(f"sum(listener_told_alerts{{{JOB}}})", "told"),
            Query(f"sum(listener_told_alerts_silenced{{{JOB}}})", "silenced"),
            Query(f"sum(listener_pages_waiting{{{JOB}}})", "waiting"),
            width=6,
        ),
    ]  # fmt: skip  # a row in few lines
