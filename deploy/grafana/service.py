"""The row of the service: for the person who runs it."""

from grafana_foundation_sdk.cog.builder import Builder

from deploy.grafana.panels import GREEN, JOB, NEVER, RED, YELLOW, Query, lines, number, quantile, stacked


def service_panels() -> list[Builder[object]]:
    """What somebody wants to see who runs it: does it get on, what holds it up, what is it short of."""
    return [
        number(
            "Workers that do not answer",
            "Of those that Prometheus is told to ask.",
            "short", NEVER, Query(f"count(up{{{JOB}}}) - sum(up{{{JOB}}})", "down"),
        ),
        number(
            "Lanes without owner",
            "Partitions that nobody works on: what goes into them waits, and the time of all brands stands.",
            "short", NEVER, Query(f"sum(job_agent:listener_lanes_missing:sum{{{JOB}}})", "lanes"),
        ),
        number(
            "Records that wait",
            "Committed and not read yet, in all partitions.",
            "short", ((None, GREEN), (10_000, YELLOW), (100_000, RED)),
            Query(f"sum(job_agent:listener_lag_records:sum{{{JOB}}})", "records"),
        ),
        number(
            "The brands' time is behind by",
            "Of the partition that is furthest behind. Live, it is seconds; in history, the age of what is read.",
            "s", ((None, GREEN), (60, YELLOW), (600, RED)),
            Query(f'time() - min(job_agent:listener_clock_timestamp_seconds:min{{{JOB},agent="track"}})', "behind"),
        ),
        number(
            "Cannot be used",
            "Dead letters among the records read, over 5 min.",
            "percentunit", ((None, GREEN), (0.001, YELLOW), (0.01, RED)),
            Query(f"max(job:listener_dead_letters:share5m{{{JOB}}})", "dead letters"),
        ),
        number(
            "Lost",
            "Records that retention deleted before they were read, since the workers were started.",
            "short", NEVER, Query(f"sum(listener_lost_records_total{{{JOB}}})", "records"),
        ),
        lines(
            "Records in and out, a second",
            "Read from the logs, and committed to them. Mentions come in; all else is made of them.",
            "cps",
            Query(f"sum by (topic) (job_topic:listener_records_in:rate5m{{{JOB}}})", "{{topic}} in"),
            Query(f"sum by (topic) (job_topic:listener_records_out:rate5m{{{JOB}}})", "{{topic}} out"),
            width=16,
        ),
        lines(
            "Records that wait, by agent",
            "Detect reads mentions, track reads brand mentions.",
            "short", Query(f"sum by (agent) (job_agent:listener_lag_records:sum{{{JOB}}})", "{{agent}}"),
        ),
        lines(
            "From read to alert",
            "Until it is committed, over an hour. Early: from when the mention that fired it entered the log. Final: "
            "from the end of its window, so 60 s of waiting for late mentions are in it. Without history.",
            "s",
            Query(quantile(0.5, "listener_alert_delay_seconds", "stage", "1h"), "{{stage}} p50"),
            Query(f"max by (stage) (job_stage:listener_alert_delay_seconds:p99_1h{{{JOB}}})", "{{stage}} p99"),
        ),
        lines(
            "From written to read",
            "Of the last mention of each chunk. What is late here comes late from its source.",
            "s",
            Query(quantile(0.5, "listener_read_delay_seconds"), "p50"),
            Query(f"max(job:listener_read_delay_seconds:p90_5m{{{JOB}}})", "p90"),
        ),
        lines(
            "How far behind the time is, by partition",
            "The brands' time is that of the partition of detect that is furthest behind.",
            "s",
            Query(
                f"time() - min by (agent, partition) (listener_clock_timestamp_seconds{{{JOB}}})",
                "{{agent}}/{{partition}}",
            ),
        ),
        lines(
            "Time of a transaction",
            "Outputs, state and position, committed together. The broker's share of the delay.",
            "s",
            Query(quantile(0.5, "listener_commit_seconds", "agent"), "{{agent}} p50"),
            Query(f"max by (agent) (job_agent:listener_commit_seconds:p99_5m{{{JOB}}})", "{{agent}} p99"),
        ),
        lines(
            "Time to work through a chunk",
            "Our own share of the delay.",
            "s",
            Query(quantile(0.5, "listener_batch_seconds", "agent"), "{{agent}} p50"),
            Query(quantile(0.99, "listener_batch_seconds", "agent"), "{{agent}} p99"),
        ),
        lines(
            "Records in a chunk",
            "Small ones live, up to a fetch of 1 MiB while it catches up.",
            "short",
            Query(quantile(0.5, "listener_batch_records", "agent"), "{{agent}} p50"),
            Query(quantile(0.99, "listener_batch_records", "agent"), "{{agent}} p99"),
        ),
        stacked(lines(
            "Dead letters, a second",
            "Unreadable: damaged bytes. Invalid: not as a record should be. Failed: our own fault, report it.",
            "cps",
            Query(
                f"sum by (agent, reason) (job_agent_reason:listener_dead_letters:rate5m{{{JOB}}})",
                "{{agent}} {{reason}}",
            ),
        )),
        stacked(lines(
            "Conversations, a second",
            "Answers that are about a brand because of their thread, and those of whose thread nothing is known; "
            "copies, edits and deletions of posts about a brand.",
            "cps", Query(f"sum by (what) (rate(listener_noticed_total{{{JOB}}}[$__rate_interval]))", "{{what}}"),
        )),
        lines(
            "Committed state",
            "Kept in memory, and read whole when lanes change hands. Detect grows with the brand mentions of 14 days.",
            "bytes", Query(f"sum by (agent) (job_agent_partition:listener_state_bytes:max{{{JOB}}})", "{{agent}}"),
        ),
        lines(
            "Memory of a process",
            "Resident.",
            "bytes", Query(f"process_resident_memory_bytes{{{JOB}}}", "{{instance}}"),
        ),
        lines(
            "Cores used by a process",
            "One is all that a worker can use: from there on, start another.",
            "short", Query(f"rate(process_cpu_seconds_total{{{JOB}}}[$__rate_interval])", "{{instance}}"),
        ),
        lines(
            "Lanes changed hands",
            "How often in 5 min: each time the flow of the group stops for a moment. Not kept: offsets that the group "
            "refused; nothing is lost by it, but other tools show an older lag.",
            "short",
            Query(f"sum by (instance) (increase(listener_opening_seconds_count{{{JOB}}}[5m]))", "{{instance}}"),
            Query(
                f"sum by (instance) (increase(listener_group_offsets_refused_total{{{JOB}}}[5m]))",
                "{{instance}} not kept",
            ),
        ),
    ]  # fmt: skip  # a row in few lines
