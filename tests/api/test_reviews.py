"""Rounds and awards over HTTP: a year of a province's districts, told, changed, judged anew."""

from __future__ import annotations

import pytest

from tests.api.conftest import said


def by(house, name, on="2026-01-10", **facts):
    authority = {"name": f"Ban Thường vụ {name}", "organisation_id": house.ids[name]}
    basis = [{"number": "07-QĐ/TU", "issued_on": "2025-12-19"}]
    return said(on, authority=authority, basis=basis, **facts)


PROVINCE, DISTRICT = "Đảng bộ tỉnh An", "Đảng bộ huyện Bình"
CONDITIONS = ["all_tasks_done", "on_time_with_quality"]


@pytest.fixture(scope="module")
def bases(house):
    """Five base organisations under the province, and one more, all of the same group."""
    centre = {"authority": {"name": "Ban Bí thư"}, "basis": [{"number": "178-KL/TW"}]}
    for n in range(6):
        facts = {"way": "entered", "kind": "base_committee", "name": f"Đảng bộ cơ sở {n}"}
        above = {"superior_id": house.ids[PROVINCE]}
        told = house.record("/v1/organisations", **(facts | above | centre))
        house.ids[f"Cơ sở {n}"] = told["events"][0]["stream"]
    return [house.ids[f"Cơ sở {n}"] for n in range(6)]


@pytest.fixture(scope="module")
def review(house, bases):
    """The year 2025, all listed."""
    opening = by(
        house,
        PROVINCE,
        "2025-11-20",
        period="2025",
        decider_id=house.ids[PROVINCE],
        group="các đảng bộ cơ sở trực thuộc tỉnh",
        subjects_are="organisation",
        due={"decision_on": "2026-01-15"},
    )
    response = house.post("/v1/reviews", opening)
    assert response.status_code == 201, response.text
    id_ = response.headers["Location"].rpartition("/")[2]
    assert house.post("/v1/reviews", opening).json()["events"] == []
    listed = by(house, PROVINCE, "2025-11-20", subjects=[{"id": base} for base in bases])
    assert house.post(f"/v1/reviews/{id_}/subjects", listed).status_code == 201
    return id_


def decision(subject_id, level, hundredths, *more):
    conditions = [*CONDITIONS, *more]
    given = {"subject_id": subject_id, "level": level, "hundredths": hundredths}
    return given | {"conditions": conditions}


@pytest.fixture(scope="module")
def decided(house, review, bases):
    best = ("beyond_requirement", "shortcomings_corrected", "nobody_disciplined")
    body = by(
        house,
        PROVINCE,
        decisions=[
            decision(bases[0], "excellent", 9350, *best),
            *(decision(base, "good", 8000) for base in bases[1:5]),
        ],
    )
    response = house.post(f"/v1/reviews/{review}/decisions", body)
    assert response.status_code == 201, response.text
    return response.json()


def test_a_round_tells_its_terms(house, review):
    told = house.get(f"/v1/reviews/{review}?valid_at=2025-12-01").json()
    assert (told["period"], told["status"]) == ("2025", "open")
    assert told["terms"]["ceiling"]["percent"] == 20
    assert told["terms"]["ceiling"]["verified"] is False
    listed = house.get(f"/v1/reviews?period=2025&subtree={house.ids[PROVINCE]}").json()
    assert [row["id"] for row in listed["items"]] == [review]
    assert house.get(f"/v1/reviews?decider={house.ids[DISTRICT]}").json()["items"] == []
    assert house.get(f"/v1/reviews/{review}?valid_at=2025-01-01").status_code == 404


def test_levels_are_told_by_round_and_by_organisation(house, review, decided, bases):
    told = house.get(f"/v1/reviews/{review}/levels?limit=4").json()
    rest = house.get(told["next"]).json()
    rows = {row["subject_id"]: row for row in told["items"] + rest["items"]}
    assert len(rows) == 6
    assert (rows[bases[0]]["level"], rows[bases[0]]["hundredths"]) == ("excellent", 9350)
    assert rows[bases[5]]["status"] == "listed"
    [one] = house.get(f"/v1/organisations/{bases[0]}/levels").json()["items"]
    assert one == rows[bases[0]]
    assert one["set_at"] == decided["position"]
    asked = f"/v1/organisations/{bases[0]}/levels?valid_at=2025-12-31"
    assert house.get(asked).json()["items"][0]["status"] == "listed"
    assert house.get(f"/v1/levels?subject={bases[0]}").json()["items"] == [one]


def test_the_ceiling_refuses_with_its_rule_and_document(house, review, decided, bases):
    best = ("beyond_requirement", "shortcomings_corrected", "nobody_disciplined")
    wish = by(house, PROVINCE, decisions=[decision(bases[5], "excellent", 9900, *best)])
    response = house.post(f"/v1/reviews/{review}/decisions", wish)
    assert response.status_code == 409
    told = response.json()
    assert told["type"] == "/problems/ceiling-exceeded"
    assert (told["rule"], told["document"]) == ("INV-REV-3", "366-QĐ/TW; 43-HD/BTCTW")
    assert "allow 1" in told["detail"]


def test_a_level_that_points_do_not_give_is_refused(house, review, decided, bases):
    wish = by(house, PROVINCE, decisions=[decision(bases[5], "good", 6900)])
    response = house.post(f"/v1/reviews/{review}/decisions", wish)
    assert response.json()["type"] == "/problems/level-not-earned"


def test_the_same_person_does_not_change_what_it_recorded(house, review, decided, bases):
    wish = by(
        house, PROVINCE, voids=decided["position"], decisions=[decision(bases[1], "good", 8100)]
    )
    response = house.post(f"/v1/reviews/{review}/decisions", wish)
    assert response.json()["type"] == "/problems/second-person-needed"


def test_a_round_is_not_closed_while_somebody_has_no_level(house, review, decided):
    response = house.post(f"/v1/reviews/{review}/closings", by(house, PROVINCE, "2026-01-31"))
    assert response.json()["type"] == "/problems/totals-do-not-sum"


def test_no_step_is_due_before_the_round_is_opened(house):
    facts = {"period": "2025", "decider_id": house.ids[PROVINCE], "group": "nhóm khác"}
    due = {"appraisal_on": "2025-12-20", "decision_on": "2025-11-19"}
    wish = by(house, PROVINCE, "2025-11-20", subjects_are="organisation", due=due, **facts)
    told = house.post("/v1/reviews", wish).json()
    assert (told["status"], told["field"]) == (422, "due.decision_on")
    del due["decision_on"]
    assert house.post("/v1/reviews", wish, Prefer="dry-run").status_code == 200


def test_the_form_of_a_period_is_told(house):
    wish = by(house, PROVINCE, period="2025-Q5", decider_id=house.ids[PROVINCE], group="nhóm")
    told = house.post("/v1/reviews", wish | {"subjects_are": "person"}).json()
    assert told["detail"] == "period: it must be a year or a quarter of one, like 2025 or 2025-Q4"


def test_stated_totals_that_cannot_be_true_are_refused(house, review):
    """Hai Duong 2024: 132, 600 and 10 of 638 are no distribution."""
    numbers = [
        {"level": "excellent", "number": 132},
        {"level": "good", "number": 600},
        {"level": "not_completed", "number": 10},
    ]
    wish = by(house, PROVINCE, subjects=638, numbers=numbers)
    response = house.post(f"/v1/reviews/{review}/totals", wish)
    assert response.json()["type"] == "/problems/totals-do-not-sum"
    numbers[1]["or_better"] = True
    dry = house.post(f"/v1/reviews/{review}/totals", wish, Prefer="dry-run")
    assert dry.json()["detail"] == "Not recorded: this was a dry run"


def test_the_history_of_a_level_is_told(house, review, decided, bases):
    told = house.get(f"/v1/reviews/{review}/levels/{bases[0]}/history").json()["items"]
    assert [row["status"] for row in told] == ["listed", "decided"]
    missing = house.get(f"/v1/reviews/{review}/levels/{review}/history")
    assert missing.status_code == 404


def test_other_rules_are_asked_and_nothing_is_changed(house, review, decided):
    before = house.register.store.position()
    told = house.get(f"/v1/reviews/{review}/rejudgement?rules_on=2025-06-01").json()
    assert (told["own_document"], told["document"]) == ("366-QĐ/TW, Điều 11", "124-QĐ/TW")
    assert {row["other"] for row in told["items"]} == {None}
    same = house.get(f"/v1/reviews/{review}/rejudgement?rules_on=2026-11-01").json()
    assert not any(row["differs"] for row in same["items"])
    assert house.register.store.position() == before


def test_years_in_a_row_and_candidates_show_their_gaps(house, review, decided, bases):
    asked = f"/v1/levels/chain?subject={bases[0]}&last_year=2025&policy=any-predecessor"
    told = house.get(asked).json()
    assert told["gaps"] == [2021, 2022, 2023, 2024]
    assert told["items"][-1]["rated"][0]["document"] == "07-QĐ/TU"
    asked = "/v1/levels/candidates?last_year=2025&policy=own-years"
    assert house.get(asked).json()["items"] == []
    [row] = house.get(f"{asked}&with_gaps=true").json()["items"]
    assert (row["subject_id"], row["eligible"]) == (bases[0], False)
    assert house.get(f"{asked}&form=yearly").json()["items"][0]["eligible"] is True


def test_an_award_goes_its_way_over_http(house, review, decided, bases):
    grant = {"subject": {"id": bases[0]}, "kind": "flag", "form": "yearly", "years": [2025]}
    body = by(house, PROVINCE, "2026-02-03", step="proposed", grant=grant)
    response = house.post("/v1/awards", body)
    assert response.status_code == 201, response.text
    place = response.headers["Location"]
    give = by(house, PROVINCE, "2026-02-20", grant=grant, policy="own-years")
    assert house.post(f"{place}/decisions", give).status_code == 201
    assert house.post(f"{place}/decisions", give).json()["events"] == []
    handed = by(house, PROVINCE, "2026-03-01")
    assert house.post(f"{place}/presentations", handed).status_code == 201
    told = house.get(f"{place}/history").json()["items"]
    assert [row["status"] for row in told] == ["proposed", "decided", "presented"]
    [row] = house.get(f"/v1/awards?subject={bases[0]}").json()["items"]
    assert row["chain"]["years"][0]["holds"] is True
    on = "valid_at=2026-02-10"
    assert house.get(f"/v1/awards?subject={bases[0]}&{on}").json()["items"][0]["chain"] is None


def test_years_that_do_not_hold_are_named(house, review, decided, bases):
    years = [2021, 2022, 2023, 2024, 2025]
    grant = {"subject": {"id": bases[0]}, "kind": "flag", "form": "five_years", "years": years}
    facts = {"step": "decided", "grant": grant, "policy": "own-years"}
    response = house.post("/v1/awards", by(house, PROVINCE, "2026-02-20", **facts))
    assert response.status_code == 409
    assert response.json()["years"] == years[:-1]


def test_what_is_not_there_is_not_found(house, bases):
    missing = bases[0][:-1] + ("0" if bases[0][-1] != "0" else "1")
    assert house.get(f"/v1/awards/{missing}").status_code == 404
    assert house.get(f"/v1/awards/{missing}/history").status_code == 404
    present = by(house, PROVINCE)
    assert house.post(f"/v1/awards/{missing}/presentations", present).status_code == 404
    grant = {"subject": {"id": bases[0]}, "kind": "flag", "form": "yearly", "years": [2025]}
    wish = by(house, PROVINCE, grant=grant)
    assert house.post(f"/v1/awards/{missing}/proposals", wish).status_code == 404


def test_rp_17_sums_to_the_subjects_and_names_the_ceiling(house, review, decided):
    answer = house.get("/v1/reports/RP-17?period=2025").json()
    row, total = answer["items"]
    assert (row["decider"], row["group"]) == (PROVINCE, "các đảng bộ cơ sở trực thuộc tỉnh")
    assert [row[n] for n in ("total", "excellent", "good", "undecided")] == [6, 1, 4, 1]
    assert row["good_share"] == pytest.approx(4 / 6)
    assert (row["ceiling"], row["over"], row["unverified"]) == (1, 0, True)
    assert "20 %" in row["ceiling_rule"]
    assert (total["decider"], total["total"], total["ceiling"]) == ("Tổng cộng", 6, None)
    eve = house.get("/v1/reports/RP-17?period=2025&valid_at=2025-12-31").json()["items"][0]
    assert (eve["excellent"], eve["undecided"]) == (0, 6)
    assert house.get("/v1/reports/RP-17?period=2024").json()["items"] == []
    assert house.get("/v1/reports/RP-17?period=soon").status_code == 422


def test_rp_18_shows_gaps_and_what_was_given(house, review, decided, bases):
    [row] = house.get("/v1/reports/RP-18?year=2025").json()["items"]
    assert (row["subject"], row["eligible"], row["held"]) == ("Đảng bộ cơ sở 0", False, 1)
    assert row["gaps"] == "2021, 2022, 2023, 2024"
    assert "2025: hoàn thành xuất sắc nhiệm vụ, 07-QĐ/TU" in row["levels"]
    assert "2021: chưa có" in row["levels"]
    [row] = house.get("/v1/reports/RP-18?year=2025&form=yearly&gaps=false").json()["items"]
    assert (row["eligible"], row["policy"]) == (True, "any-predecessor")
    assert house.get("/v1/reports/RP-18?year=2025&gaps=false").json()["items"] == []
