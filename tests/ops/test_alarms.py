"""The rules for alarms can be read, and ask for metrics that there are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # one file is read

from ops.gauges import FollowerGauges, PoolGauges, StandingGauges
from ops.lookout import Lookout
from ops.metrics import Metrics
from ops.standing import Standing, ViewStanding
from projections.engine.status import Status

DOCS = Path(__file__).parents[2] / "docs"
NAMED = re.compile(r"\b(?:sogoc|process)_[a-z0-9_]+")
FROM_PROMETHEUS = {"up"}


@pytest.fixture(scope="module")
def rules() -> list[dict[str, Any]]:
    read = yaml.safe_load((DOCS / "alarms.yml").read_text(encoding="utf-8"))
    assert [group["name"] for group in read["groups"]] == ["sogoc"]
    found: list[dict[str, Any]] = read["groups"][0]["rules"]
    return found


@pytest.fixture(scope="module")
def told() -> set[str]:
    """The names of all samples, and of all families."""
    return set(_names())


def _names() -> Iterator[str]:
    class Quiet:
        is_alive, error, idle_s, stopped_views = True, None, 0.0, frozenset[str]()

    class Pool:
        def get_stats(self) -> dict[str, int]:
            return {"pool_max": 1, "pool_size": 1, "pool_available": 1}

    metrics = Metrics("1.2.3")
    metrics.refused("HeadMoved")
    metrics.served("GET", "/", 200, 0.1)
    standing = Standing(0, [ViewStanding(Status("units", None, 1, 0, 0.0), 0.0, None)])
    metrics.registry.register(StandingGauges(Lookout(lambda: standing)))
    metrics.registry.register(FollowerGauges(Quiet(), ["units"]))  # type: ignore[arg-type]
    metrics.registry.register(PoolGauges({"readers": Pool()}))
    for family in metrics.registry.collect():
        yield family.name
        yield from (sample.name for sample in family.samples)


def test_every_rule_says_when_how_grave_and_what_to_do(rules):
    names = [rule["alert"] for rule in rules]
    assert len(names) == len({*names}) > 10
    for rule in rules:
        assert rule.keys() <= {"alert", "expr", "for", "labels", "annotations"}
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert rule["annotations"]["summary"].endswith(".")
        assert re.fullmatch(r"\d+[smh]", rule.get("for", "1m"))
        assert rule["expr"].count("(") == rule["expr"].count(")")


def test_rules_ask_for_metrics_that_are_told(rules, told):
    asked = {name for rule in rules for name in NAMED.findall(rule["expr"])}
    assert asked <= told
    assert {"sogoc_up", "sogoc_append_seconds_bucket"} < asked


def test_what_is_told_is_documented(told):
    """Metrics of one row share a beginning: `sogoc_pool_max`, `_size`."""
    text = (DOCS / "operations.md").read_text(encoding="utf-8")
    table = text[text.index("### Metrics") : text.index("### Traces")]
    for name in (n for n in told if n.startswith("sogoc_")):
        short = re.sub(r"_(bucket|count|sum|total)$", "", name)
        ends = ["_" + "_".join(short.split("_")[n:]) for n in range(2, 4)]
        assert any(f"`{each}" in table for each in (short, *ends)), name


def test_what_is_documented_is_told(told):
    text = (DOCS / "operations.md").read_text(encoding="utf-8")
    table = text[text.index("### Metrics") : text.index("### Traces")]
    assert {name.removesuffix("_total") for name in NAMED.findall(table)} - {"process_"} <= {
        name.removesuffix("_total") for name in told
    }
