"""Whoever may call the functions that record can make no gap, however wrongly he calls them."""

from __future__ import annotations

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from tests.store.events import event, new_stream

STREAM = "'00000000-0000-0000-0000-00000000abcd'"
NO_TERMS = "'{}', '{}', '{}', '{}', '{}', '{}'"
WRONG = {
    "no topics": f"append(ARRAY[{STREAM}::uuid], '{{1}}', NULL, '{{x}}', {NO_TERMS}, NULL, NULL)",
    "no records": f"append(ARRAY[{STREAM}::uuid], '{{1}}', '{{t}}', NULL, {NO_TERMS}, NULL, NULL)",
    "fewer topics": (
        f"append(ARRAY[{STREAM}, {STREAM}]::uuid[], '{{1,2}}', '{{t}}', '{{x,y}}',"
        f" {NO_TERMS}, NULL, NULL)"
    ),
    "more than there are": (
        f"append_each('{{5}}', ARRAY[{STREAM}]::uuid[], '{{1}}', '{{t}}', '{{x}}',"
        f" '{{0}}', NULL, NULL, '{{0}}', NULL, NULL, '{{0}}', NULL, NULL, '{{NULL}}', '{{NULL}}')"
    ),
    "fewer than none": (
        f"append_each('{{-1}}', ARRAY[{STREAM}]::uuid[], '{{1}}', '{{t}}', '{{x}}',"
        f" '{{0}}', NULL, NULL, '{{0}}', NULL, NULL, '{{0}}', NULL, NULL, '{{NULL}}', '{{NULL}}')"
    ),
    "each without topics": (
        f"append_each('{{1}}', ARRAY[{STREAM}]::uuid[], '{{1}}', NULL, '{{x}}',"
        f" '{{0}}', NULL, NULL, '{{0}}', NULL, NULL, '{{0}}', NULL, NULL, '{{NULL}}', '{{NULL}}')"
    ),
    "one without a version": f"append_one({STREAM}, NULL, 't', 'x')",
    "one without a topic": f"append_one({STREAM}, 1, NULL, 'x')",
    "a claim that nobody fills": (
        f"claim(ARRAY[{STREAM}]::uuid[], '{{1}}', {NO_TERMS}, NULL, NULL)"
    ),
}


REFUSALS = {"23502", "SG001", "SG008"}  # 23502: a column that must not be empty


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_a_faulty_call_records_nothing_and_leaves_no_gap(postgres, log, wrong):
    log.append([event(new_stream())])
    schema = log.datastore.schema
    with psycopg.connect(postgres.dsn, autocommit=True) as connection:
        call = SQL("SELECT * FROM {}.").format(Identifier(schema)).as_string() + wrong
        with pytest.raises(psycopg.Error) as refused:
            connection.execute(call)
    assert refused.value.sqlstate in REFUSALS
    assert log.position() == len(log.feed(0, 10)) == 1
    assert log.append([event(new_stream())]).first == 2
