"""The dashboard, without a Grafana: what can be wrong in it that nobody would notice until it is needed."""

import json
from collections.abc import Iterator
from typing import Any

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from agents.metrics import Metrics
from deploy.grafana.dashboard import listener
from tests.deploy.expressions import COMMITTED, dashboard_expressions, metrics_in, recorded, rule_text

COLUMNS = 24


def panels() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(COMMITTED.read_text(encoding="utf-8"))["panels"]
    return found


def charts() -> Iterator[dict[str, Any]]:
    return (panel for panel in panels() if panel["type"] != "row")


def test_what_is_committed_is_what_the_code_makes() -> None:
    """Changed on purpose? Then python -m deploy.grafana.dashboard > deploy/grafana/listener.json."""
    made = json.dumps(listener(), cls=JSONEncoder, indent=1, sort_keys=True) + "\n"
    assert COMMITTED.read_text(encoding="utf-8") == made


def test_there_is_a_row_for_brands_sources_receivers_and_for_who_runs_it() -> None:
    assert [panel["title"] for panel in panels() if panel["type"] == "row"] == [
        "Brands",
        "Sources",
        "Receivers",
        "Service",
    ]


def test_each_panel_says_what_it_shows_and_in_what_unit() -> None:
    for panel in charts():
        assert panel["description"].endswith("."), panel["title"]
        if panel["type"] == "table":
            named = {override["matcher"]["options"] for override in panel["fieldConfig"]["overrides"]}
            renamed = set(panel["transformations"][1]["options"]["renameByName"].values())
            assert named == renamed
        else:
            assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
            assert all(target["legendFormat"] for target in panel["targets"]), panel["title"]


def test_each_panel_has_a_number_and_a_place_of_its_own() -> None:
    assert len({panel["id"] for panel in panels()}) == len(panels())
    taken: set[tuple[int, int]] = set()
    for panel in panels():
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= COLUMNS
        cells = {(x + place["x"], y + place["y"]) for x in range(place["w"]) for y in range(place["h"])}
        assert not cells & taken, panel["title"]
        taken |= cells


def test_each_query_asks_the_chosen_listener_and_brand() -> None:
    for panel in charts():
        for target in panel["targets"]:
            assert target["datasource"]["uid"] == "${source}"
            assert 'job=~"$job"' in target["expr"]
            of_brands = any(
                name.startswith(("listener_brand", "listener_alerts")) for name in metrics_in(target["expr"])
            )
            assert ('brand=~"$brand"' in target["expr"]) == of_brands


def test_only_metrics_are_asked_for_that_there_are() -> None:
    served = {sample for family in _families() for sample in family}
    known = served | recorded()
    assert metrics_in(_asked()) <= known


def _asked() -> str:
    return "\n".join([*dashboard_expressions(), rule_text()])


def _families() -> Iterator[list[str]]:
    """The names that each family may be asked by."""
    metrics = Metrics()
    metrics.lanes({}, list)
    metrics.sources([])
    for family in metrics.registry.collect():
        endings = {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"]}.get(family.type, [""])
        yield [family.name + ending for ending in endings]


def test_every_metric_of_ours_is_shown_or_rings() -> None:
    """One that nobody looks at only costs."""
    asked = metrics_in(_asked())
    ours = [names for names in _families() if names[0].startswith("listener_")]
    assert [names[0] for names in ours if not asked.intersection(names)] == []
