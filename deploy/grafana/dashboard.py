"""The Grafana dashboard as code: what it prints is committed as listener.json.

    python -m deploy.grafana.dashboard > deploy/grafana/listener.json

Three rows: one for the person who looks after a brand, one of the live sources, one for the person who runs listener.
"""

import json
import sys

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import (
    Dashboard,
    DashboardCursorSync,
    VariableOption,
    VariableRefresh,
    VariableSort,
)

from deploy.grafana.brands import brand_panels
from deploy.grafana.panels import SOURCE
from deploy.grafana.receivers import receiver_panels
from deploy.grafana.service import service_panels
from deploy.grafana.sources import source_panels


def choice(name: str, label: str, expression: str) -> dashboard.QueryVariable:
    """What can be chosen above the panels, all at first."""
    return (
        dashboard.QueryVariable(name)
        .label(label)
        .datasource(SOURCE)
        .query({"qryType": 1, "query": expression, "refId": name})
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(VariableSort.ALPHABETICAL_ASC)
        .multi(True)  # noqa: FBT003 - the builder takes no names - the library's own way
        .include_all(True)  # noqa: FBT003 - the builder takes no names
        .all_value(".*")
        .current(VariableOption(selected=True, text="All", value="$__all"))
    )


def listener() -> Dashboard:
    """The dashboard."""
    made = (
        dashboard.Dashboard("listener")
        .uid("listener")
        .description("What people say about the brands, and how the service does. Made by deploy/grafana/dashboard.py.")
        .tags(["listener"])
        .time("now-24h", "now")
        .refresh("30s")
        .timezone("browser")
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .with_variable(dashboard.DatasourceVariable("source").label("Prometheus").type("prometheus"))
        .with_variable(choice("job", "listener", "label_values(listener_lanes_expected, job)"))
        .with_variable(choice("brand", "brand", 'label_values(listener_alerts_open{job=~"$job"}, brand)'))
    )
    rows = (
        ("Brands", brand_panels()),
        ("Sources", source_panels()),
        ("Receivers", receiver_panels()),
        ("Service", service_panels()),
    )
    for title, panels in rows:
        made = made.with_row(dashboard.Row(title))
        for panel in panels:
            made = made.with_panel(panel)  # type: ignore[arg-type]  # each builds a panel of its own kind
    built = made.build()
    for number, placed in enumerate(built.panels or (), 1):
        placed.id_val = number
    return built


if __name__ == "__main__":
    sys.stdout.write(json.dumps(listener(), cls=JSONEncoder, indent=1, sort_keys=True) + "\n")
