"""The forms of our panels: a number, lines, areas on each other."""

from typing import NamedTuple, TypeVar

from grafana_foundation_sdk.builders import common, dashboard, prometheus, stat, timeseries
from grafana_foundation_sdk.models import common as shape
from grafana_foundation_sdk.models.dashboard import DataSourceRef, Threshold, ThresholdsMode

SOURCE = DataSourceRef(type_val="prometheus", uid="${source}")
JOB = 'job=~"$job"'
BRAND = f'{JOB},brand=~"$brand"'
GREEN, YELLOW, ORANGE, RED = "green", "yellow", "orange", "red"

Panel = TypeVar("Panel", stat.Panel, timeseries.Panel)
Steps = tuple[tuple[float | None, str], ...]


class Query(NamedTuple):
    """An expression, and what its lines are called."""

    expression: str
    legend: str


def quantile(share: float, metric: str, by: str = "", window: str = "$__rate_interval") -> str:
    """A quantile of a histogram."""
    labels = f"{by}, le" if by else "le"
    return f"histogram_quantile({share}, sum by ({labels}) (rate({metric}_bucket{{{JOB}}}[{window}])))"


def queries(panel: Panel, asked: tuple[Query, ...]) -> Panel:
    """The panel with its queries, named A, B and so on."""
    for place, query in enumerate(asked):
        target = prometheus.Dataquery().expr(query.expression).legend_format(query.legend).datasource(SOURCE)
        target = target.ref_id(chr(ord("A") + place))
        panel = panel.with_target(target.range())
    return panel


def thresholds(steps: Steps) -> dashboard.ThresholdsConfig:
    """Colours from values on; the first has none."""
    return (
        dashboard.ThresholdsConfig()
        .mode(ThresholdsMode.ABSOLUTE)
        .steps([Threshold(value=value, color=colour) for value, colour in steps])
    )


def number(title: str, description: str, unit: str, steps: Steps, *asked: Query) -> stat.Panel:
    """One number, or a few, as of now."""
    panel = stat.Panel().title(title).description(description).unit(unit).datasource(SOURCE).span(4).height(4)
    reduce = common.ReduceDataOptions().calcs(["lastNotNull"])
    panel = panel.thresholds(thresholds(steps)).reduce_options(reduce).no_value("unknown")
    return queries(panel.color_mode(shape.BigValueColorMode.BACKGROUND), asked)


def lines(title: str, description: str, unit: str, *asked: Query, width: int = 8) -> timeseries.Panel:
    """Lines over time. Gaps stay gaps: what is unknown is not zero."""
    legend = (
        common.VizLegendOptions()
        .display_mode(shape.LegendDisplayMode.LIST)
        .placement(shape.LegendPlacement.BOTTOM)
        .show_legend(True)  # noqa: FBT003 - as above it is - the library's own way
    )
    tooltip = common.VizTooltipOptions().mode(shape.TooltipDisplayMode.MULTI).sort(shape.SortOrder.DESCENDING)
    panel = timeseries.Panel().title(title).description(description).unit(unit).datasource(SOURCE)
    panel = panel.span(width).height(8).legend(legend).tooltip(tooltip).min(0)
    panel = panel.line_width(1).fill_opacity(5).show_points(shape.VisibilityMode.NEVER).span_nulls(False)  # noqa: FBT003 - as above it is
    return queries(panel, asked)


def steps_of(panel: timeseries.Panel) -> timeseries.Panel:
    """For what holds for an hour, and then is another: no slope between the two."""
    return panel.line_interpolation(shape.LineInterpolation.STEP_AFTER)


def stacked(panel: timeseries.Panel) -> timeseries.Panel:
    """Areas on each other: their sum is what counts."""
    return panel.fill_opacity(40).stacking(common.StackingConfig().mode(shape.StackingMode.NORMAL))


NEVER: Steps = ((None, GREEN), (1, RED))
