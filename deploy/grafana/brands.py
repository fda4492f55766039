"""The row of the brands: for the person who looks after one."""

from grafana_foundation_sdk.builders import common, prometheus, table, timeseries
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import common as shape
from grafana_foundation_sdk.models.dashboard import DataTransformerConfig, DynamicConfigValue
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from deploy.grafana.panels import (
    BRAND,
    GREEN,
    NEVER,
    ORANGE,
    RED,
    SOURCE,
    YELLOW,
    Query,
    Steps,
    lines,
    number,
    stacked,
    steps_of,
    thresholds,
)


def alerts_open(stage: str, severity: str) -> str:
    """How many are open and not muted, of the brands that are chosen."""
    return f'sum(listener_alerts_open{{{BRAND},stage="{stage}",severity="{severity}"}})'


def brand_panels() -> list[Builder[object]]:
    """What somebody wants to see who looks after a brand: is something wrong, with whom, how bad, how sure."""
    return [
        number(
            "Critical alerts",
            "Open now and not muted, of the brands chosen above. What they are about: `listener alerts list`.",
            "short", NEVER, Query(alerts_open("final", "critical"), "critical"),
        ),
        number(
            "Warnings",
            "Open now: judged on closed windows, less severe.",
            "short", ((None, GREEN), (1, ORANGE)), Query(alerts_open("final", "warning"), "warnings"),
        ),
        number(
            "Early warnings",
            "Given on a window that is still open; settled, confirmed or not, when it closes (6 min at most).",
            "short", ((None, GREEN), (1, YELLOW)), Query(alerts_open("early", "warning"), "early"),
        ),
        number(
            "Most negative brand",
            "The highest negative share of the last closed hour. See the table for how sure it is.",
            "percentunit", ((None, GREEN), (0.4, YELLOW), (0.6, RED)),
            Query(f"topk(1, listener_brand_negative_share{{{BRAND}}})", "{{brand}}"),
        ).text_mode(shape.BigValueTextMode.VALUE_AND_NAME),
        number(
            "Mentions in the last hour",
            "Of all brands chosen, own posts included. Unknown where nobody listened.",
            "short", ((None, "blue"),), Query(f"sum(listener_brand_mentions{{{BRAND}}})", "mentions"),
        ),
        number(
            "These figures are as of",
            "When the last closed hour ended. All figures of brands but the alerts are those of that hour.",
            "dateTimeFromNow", ((None, "blue"),),
            Query(f"1000 * max(listener_brand_hour_end_timestamp_seconds{{{BRAND}}})", "as of"),
        ),
        brand_table(),
        steps_of(lines(
            "Open alerts by brand",
            "Early warnings, warnings and critical ones together, over time: since when, and whether it spreads.",
            "short",
            Query(f'sum by (brand) (listener_alerts_open{{{BRAND},severity!="notice"}}) > 0', "{{brand}}"),
        )),
        negative_share(),
        stacked(steps_of(lines(
            "Mentions, by whether they address the brand",
            "Of the last closed hour. Tagged ones address the brand; untagged ones it would not have seen by itself.",
            "short", Query(f"sum by (kind) (listener_brand_mentions{{{BRAND}}})", "{{kind}}"),
            width=6,
        ))),
        steps_of(lines(
            "Mentions by brand",
            "Of the last closed hour, own posts left out. A negative share means more where this is high.",
            "short", Query(f'sum by (brand) (listener_brand_mentions{{{BRAND},kind!="owned"}})', "{{brand}}"),
            width=6,
        )),
        share(
            "How much of it could be scored",
            "Share of the mentions in a language that has a scorer. Where it is low, the negative share says little.",
            "listener_brand_coverage",
        ),
        share(
            "How much of the hour was listened to",
            "Share of the hour that any source covered. Below 1, silence does not mean calm.",
            "listener_brand_known",
        ),
        steps_of(lines(
            "Words that matter whatever the mood",
            "Mentions of the last closed hour by the category of such words: recall, lawsuit, boycott. One may be in "
            "several; how grave they are says the table.",
            "short", Query(f"sum by (category) (listener_brand_severe_mentions{{{BRAND}}})", "{{category}}"),
        )),
        steps_of(lines(
            "Kinds of talk",
            "Mentions of the last closed hour by what people want, own posts left out. One may be of several kinds, "
            "most are of none.",
            "short", Query(f"sum by (kind) (listener_brand_talk_mentions{{{BRAND}}})", "{{kind}}"),
        )),
        not_certain(),
        unanswered(),
    ]  # fmt: skip  # a panel in few lines


def share(title: str, description: str, metric: str) -> timeseries.Panel:
    """A share of the last closed hour, by brand."""
    query = Query(f"min by (brand) ({metric}{{{BRAND}}})", "{{brand}}")
    return steps_of(lines(title, description, "percentunit", query, width=6)).max(1)


def not_certain() -> timeseries.Panel:
    """How much of what uses a brand's name is not certainly about it."""
    doubtful = f"sum by (brand) (listener_brand_doubtful_mentions{{{BRAND}}})"
    probable = f"sum by (brand) (listener_brand_probable_mentions{{{BRAND}}})"
    counted = f"sum by (brand) (listener_brand_mentions{{{BRAND}}})"
    return steps_of(lines(
        "How much is not certain",
        "Of a name with other meanings, in the last closed hour. In doubt: likelier about something else and counted "
        "nowhere, a share of all that use the name. Probable: counted, a share of what is.",
        "percentunit",
        Query(f"{doubtful} / ({counted} + {doubtful})", "{{brand}} in doubt"),
        Query(f"{probable} / {counted}", "{{brand}} probable"),
    )).max(1)  # fmt: skip  # a panel in few lines


def unanswered() -> timeseries.Panel:
    """Who complains or asks, and is left alone."""
    return steps_of(lines(
        "Share without an answer",
        "Of the mentions that address the brand and complain or ask, and whose four hours ended in the last closed "
        "hour. A brand that never answers is at 100 %; what counts is that it rises.",
        "percentunit",
        Query(
            f"sum by (brand) (listener_brand_unanswered_mentions{{{BRAND}}}) "
            f"/ sum by (brand) (listener_brand_due_mentions{{{BRAND}}})",
            "{{brand}}",
        ),
    )).max(1)  # fmt: skip  # a panel in few lines


def negative_share() -> timeseries.Panel:
    """The negative share, and how far it may be off."""
    panel = steps_of(lines(
        "Negative share",
        "Negative of the scored mentions in the last closed hour; dashed, the 95 % interval. Choose one brand to see "
        "it well. A wide interval means few mentions.",
        "percentunit",
        Query(f"max by (brand) (listener_brand_negative_share{{{BRAND}}})", "{{brand}}"),
        Query(f"max by (brand) (listener_brand_negative_share_low{{{BRAND}}})", "{{brand}} at least"),
        Query(f"max by (brand) (listener_brand_negative_share_high{{{BRAND}}})", "{{brand}} at most"),
        width=16,
    ))  # fmt: skip  # a panel in few lines
    faint = [
        DynamicConfigValue(id_val="custom.lineStyle", value={"fill": "dash", "dash": [4, 6]}),
        DynamicConfigValue(id_val="custom.fillOpacity", value=0),
        DynamicConfigValue(id_val="custom.hideFrom", value={"legend": True, "tooltip": False, "viz": False}),
    ]
    return panel.max(1).override_by_regexp("/ at (least|most)$/", faint)


COLUMNS = (
    ("critical", 'sum by (brand) (listener_alerts_open{%s,stage="final",severity="critical"})', "short"),
    ("warnings", 'sum by (brand) (listener_alerts_open{%s,stage="final",severity="warning"})', "short"),
    ("early", 'sum by (brand) (listener_alerts_open{%s,stage="early"})', "short"),
    ("notices", 'sum by (brand) (listener_alerts_open{%s,severity="notice"})', "short"),
    ("muted", "sum by (brand) (listener_alerts_muted{%s})", "short"),
    ("negative", "max by (brand) (listener_brand_negative_share{%s})", "percentunit"),
    ("at least", "max by (brand) (listener_brand_negative_share_low{%s})", "percentunit"),
    ("at most", "max by (brand) (listener_brand_negative_share_high{%s})", "percentunit"),
    ("of scored", "max by (brand) (listener_brand_scored{%s})", "short"),
    ("severity", "max by (brand) (listener_brand_severity{%s})", "short"),
    ("tagged", 'max by (brand) (listener_brand_mentions{%s,kind="tagged"})', "short"),
    ("untagged", 'max by (brand) (listener_brand_mentions{%s,kind="untagged"})', "short"),
    ("listened to", "max by (brand) (listener_brand_known{%s})", "percentunit"),
)
COLOURED: dict[str, Steps] = {
    "critical": NEVER,
    "warnings": ((None, GREEN), (1, ORANGE)),
    "early": ((None, GREEN), (1, YELLOW)),
    "negative": ((None, GREEN), (0.4, YELLOW), (0.6, RED)),
    "listened to": ((None, RED), (0.5, YELLOW), (0.95, GREEN)),
}


def brand_table() -> table.Panel:
    """All brands on one page, the one in trouble first."""
    panel = table.Panel().title("Each brand now").datasource(SOURCE).span(24).height(8)
    panel = panel.description("Alerts as of now, figures of the last closed hour; empty means unknown.")
    for place, (name, expression, unit) in enumerate(COLUMNS):
        letter = chr(ord("A") + place)
        target = prometheus.Dataquery().expr(expression % BRAND).datasource(SOURCE).ref_id(letter)
        panel = panel.with_target(target.instant().format(PromQueryFormat.TABLE))
        properties = [DynamicConfigValue(id_val="unit", value=unit)]
        if name in COLOURED:
            properties += [
                DynamicConfigValue(id_val="thresholds", value=thresholds(COLOURED[name]).build()),
                DynamicConfigValue(id_val="custom.cellOptions", value={"type": "color-text"}),
            ]
        panel = panel.override_by_name(name, properties)
    names = {f"Value #{chr(ord('A') + place)}": name for place, (name, _, _) in enumerate(COLUMNS)}
    order = {"brand": 0} | {field: place for place, field in enumerate(names, 1)}
    options = {"renameByName": names, "indexByName": order, "excludeByName": {"Time": True}}
    panel = panel.with_transformation(DataTransformerConfig(id_val="merge", options={}))
    panel = panel.with_transformation(DataTransformerConfig(id_val="organize", options=options))
    first: list[Builder[shape.TableSortByFieldState]] = [
        common.TableSortByFieldState().display_name(name).desc(True)  # noqa: FBT003 - the library's own way
        for name in ("critical", "warnings")
    ]
    return panel.sort_by(first)
