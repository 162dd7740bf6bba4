"""Schemathesis plays the operations of the OpenAPI document, within bounds that suit each commit.

Organisations are served by the same functions as units, or by their twins, and those who lead come
and go by forms that are alike: what they have in common is played at night only.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
import schemathesis
from schemathesis.engine import Status, events, from_schema

from tests.api.conftest import TOKEN

AT_NIGHT = os.environ.get("HYPOTHESIS_PROFILE") == "night"
SHARED = (
    r"^/v1/organisations/(mergers|\{id\}/(renamings|resubordinations|codes|cessions|endings|"
    r"voidings|mergers|splits|establishment-corrections|tree|ancestors|descendants|history|audit|"
    r"successors|predecessors)|\{id\}/leadership/(term-extensions|term-ends|refusals|"
    r"inspection-deputy-elections|recognitions|acting|concurrent-posts|resignations|dismissals|"
    r"removals|ends-by-law|suspensions|suspensions-lifted|inspection-approvals|assignment-ends|"
    r"regulation-ends|voidings))$"
    r"|^/v1/memberships/\{id\}/(admission-corrections|lapses|returns|temporary-transfer-ends|"
    r"exemption-ends|suspensions|suspension-ends|leavings|expulsions|deaths|voidings|moves)$"
)

UNKNOWN_HEADER = "in header - object with unexpected properties"
"""Not a finding: HTTP lets everybody add headers, and a receiver ignores those it does not know."""

CONFIG: dict[str, Any] = {
    "headers": {"Authorization": f"Bearer {TOKEN}"},
    "continue-on-failure": True,
    "seed": 20250701,
    "generation": {"max-examples": 100 if AT_NIGHT else 3, "database": "none"},
    "checks": {
        # A well-formed wish may break a rule of the field, or ask about what is not there.
        "positive_data_acceptance": {
            "expected-statuses": ["2xx", "304", "404", "409", "412", "422", "503"]
        },
    },
    "phases": {"stateful": {"enabled": False}},
}
WITH_COVERAGE = r"^/v1/(people|crosswalk|events|units/\{id\}/(renamings|endings|tree))"
"""Whose parameters are tried one by one on each commit; of all others at night."""


def findings(app, coverage: bool) -> list[str]:
    """What the engine finds, a paragraph each, the same finding of an operation once."""
    phases = CONFIG["phases"] | {"coverage": {"enabled": coverage}}
    config = schemathesis.Config.from_dict(CONFIG | {"phases": phases})
    schema: Any = schemathesis.openapi.from_asgi("/openapi.json", app, config=config)
    if not AT_NIGHT:
        schema = schema.exclude(path_regex=SHARED)
        chosen = schema.include if coverage else schema.exclude
        schema = chosen(path_regex=WITH_COVERAGE)
    found: dict[tuple[str, str], str] = {}
    for event in from_schema(schema).execute():
        if isinstance(event, (events.NonFatalError, events.FatalError)):
            found[str(event), "error"] = repr(getattr(event, "value", event))
        if isinstance(event, events.ScenarioFinished):
            for label, name, told in failures(event.recorder):
                found.setdefault((label, name), told)
    return list(found.values())


def failures(recorder):
    for checks in recorder.checks.values():
        for check in checks:
            if check.status is Status.FAILURE:
                failure = check.failure_info.failure
                if UNKNOWN_HEADER in failure.message:
                    continue
                told = f"{recorder.label}: {failure.title}\n{failure.message}"
                yield recorder.label, failure.title, f"{told}\n{check.failure_info.code_sample}"


@pytest.mark.timeout(1200)  # each operation several times; two busy cores take their time
@pytest.mark.parametrize("coverage", [True, False])
def test_nothing_is_found(house, coverage):
    if AT_NIGHT and not coverage:
        pytest.skip("all is played with coverage")
    assert "\n\n".join(findings(house.app, coverage)) == ""
