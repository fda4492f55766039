"""What the dashboard and the rules ask Prometheus."""

import json
import re
from pathlib import Path

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
COMMITTED = DEPLOY / "grafana" / "listener.json"
RULES = [DEPLOY / "prometheus" / name for name in ("recording.yml", "alerts.yml")]
METRIC = re.compile(r"\b(?:(?:listener|process)_\w+|job\w*:\w+(?::\w+)*)")


def dashboard_expressions() -> list[str]:
    """Every expression of every panel."""
    panels = json.loads(COMMITTED.read_text(encoding="utf-8"))["panels"]
    return [target["expr"] for panel in panels for target in panel.get("targets", ())]


def chosen_all(expression: str) -> str:
    """An expression as Grafana asks it with all listeners and brands chosen."""
    return expression.replace("$job", ".*").replace("$brand", ".*").replace("$__rate_interval", "1m")


def rule_text() -> str:
    """All rules, and what they say."""
    return "\n".join(path.read_text(encoding="utf-8") for path in RULES)


def recorded() -> set[str]:
    """The names that recording rules make."""
    return set(re.findall(r"record: (\S+)", rule_text()))


def metrics_in(text: str) -> set[str]:
    """The names of metrics in expressions."""
    return set(METRIC.findall(text))
