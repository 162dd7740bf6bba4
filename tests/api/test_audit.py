"""The audit trail over HTTP: documents whose number is still to be found."""

import csv

from tests.api.conftest import said


def test_the_audit_flags_documents_without_a_number(house):
    id_ = house.unit("Xã Chưa Rõ Số", "commune", "Huyện Đông")
    basis = [{"number": None, "issuer": "Ủy ban Thường vụ Quốc hội"}]
    house.post(f"/v1/units/{id_}/renamings", said("2025-02-01", name="Xã Rõ Số", basis=basis))
    asked = f"/v1/audit?subject={id_}"
    assert [line["number_unknown"] for line in house.get(asked).json()["items"]] == [False, True]
    [flagged] = house.get(f"{asked}&number_unknown=true").json()["items"]
    assert "số chưa rõ: Ủy ban Thường vụ Quốc hội" in flagged["vi"]
    assert "number not known: Ủy ban Thường vụ Quốc hội" in flagged["en"]
    assert len(house.get(f"{asked}&number_unknown=false").json()["items"]) == 1
    table = house.client.get(f"{asked}&number_unknown=true", headers={"Accept": "text/csv"})
    [row] = csv.DictReader(table.text.splitlines())
    assert row["number_unknown"] == "true"
    assert house.get(f"{asked}&number_unknown=perhaps").status_code == 422
