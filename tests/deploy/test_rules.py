"""The rules, judged by Prometheus' own tool."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import lacking
from tests.deploy.expressions import DEPLOY, rule_text

pytestmark = pytest.mark.prometheus
FOLDER = DEPLOY / "prometheus"


def promtool(*arguments: str | Path) -> str:
    if shutil.which("promtool") is None:
        lacking("prometheus", "promtool is not installed (Debian: prometheus)")
    ran = subprocess.run(["promtool", *arguments], capture_output=True, text=True, check=False, cwd=FOLDER)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def test_the_example_configuration_and_its_rules_are_right() -> None:
    assert "2 rule files found" in promtool("check", "config", "prometheus.yml")


def test_each_alert_rings_for_what_it_is_for_and_for_a_healthy_listener_none_does() -> None:
    assert "SUCCESS" in promtool("test", "rules", "tests.yml")


def test_each_alert_is_tested_and_says_what_to_do() -> None:
    tests = (FOLDER / "tests.yml").read_text(encoding="utf-8")
    alerts = rule_text().split("- alert: ")[1:]
    assert len(alerts) > 10
    for alert in alerts:
        assert f'"{alert.splitlines()[0]}"' in tests or f"alertname: {alert.splitlines()[0]}" in tests
        assert "summary: " in alert
        assert " To do: " in " ".join(alert.split("description: ")[1].split())
