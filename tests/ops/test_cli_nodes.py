"""`sogoc units` and `sogoc organisations`: lists, one with its life, trees, and whom one means."""

from tests.ops.conftest import id_text


def names(said):
    return [row["name"] for row in said.rows]


def test_a_list_has_what_one_joins_by(town, sogoc):
    said = sogoc("units", "--level", "commune", "--under", "01", "--valid-at", "2025-05-31")
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines()[0] == (
        "code,name,type,province_code,level,superior_code,superior_name,valid_from,valid_to,id"
    )
    assert said.out.splitlines()[1] == (
        f"00001,Xã 1,xa,01,commune,001,Huyện Đông,2025-04-01,2025-06-01,{id_text('Xã 1')}"
    )
    assert names(said) == ["Xã 1", "Xã 2", "Xã 3", "Xã 4", "Xã 5", "Xã Bến"]


def test_a_list_is_limited_by_what_is_asked(town, sogoc):
    assert names(sogoc("units", "--superior", "01")) == ["Huyện Đông"]
    assert names(sogoc("units", "--code", "00001")) == ["Xã Gộp"]
    assert names(sogoc("units", "--level", "province", "--type", "tinh")) == [
        "Tỉnh An",
        "Tỉnh Bình",
    ]
    assert names(sogoc("units", "--name", "gop")) == ["Xã Gộp"]
    assert names(sogoc("units", "--limit", "1")) == ["Huyện Đông"]
    assert names(sogoc("units", "--name", "xa", "--valid-at", "31/03/2025")) == []


def test_a_list_can_be_asked_as_it_was_known(town, sogoc):
    before = sogoc("units", "--code", "00001", "--known-at", "13")
    assert names(before) == ["Xã 1"]
    recorded = town.wiring.register.store.recorded_at(13)
    assert sogoc("units", "--code", "00001", "--known-at", recorded.isoformat()).out == before.out


def test_the_forms_hold_the_same(town, sogoc):
    asked = ("units", "--level", "province", "--format")
    document = sogoc(*asked, "json").json
    lines = sogoc(*asked, "ndjson").out.splitlines()
    assert [each["name"] for each in document] == ["Tỉnh An", "Tỉnh Bình"]
    assert len(lines) == 2
    assert '"name": "Tỉnh An"' in lines[0]
    assert "Tỉnh Bình" in sogoc(*asked, "table").out


def test_one_is_shown_with_its_life_and_descent(town, sogoc):
    [shown] = sogoc("units", "show", "00003", "--format", "json").json
    assert (shown["name"], shown["is_active"]) == ("Xã 3", False)
    assert [each["name"] for each in shown["ancestors"]] == ["Huyện Đông", "Tỉnh An"]
    assert [(s["valid_from"], s["valid_to"]) for s in shown["history"]] == [
        ("2025-04-01", "2025-06-01")
    ]
    assert shown["predecessors"]["certainty"] is None
    assert shown["successors"]["certainty"] == "split"
    assert [(f["name"], f["is_default"]) for f in shown["successors"]["found"]] == [
        ("Xã 4", True),
        ("Xã 5", False),
    ]
    [merged] = sogoc("units", "show", "xa gop", "--format", "json").json
    assert [f["name"] for f in merged["predecessors"]["found"]] == ["Xã 1", "Xã 2"]
    people = sogoc("units", "show", "Xã Gộp").out
    assert sogoc("units", "show", "Xã Gộp", "--format", "table").out == people
    assert "whole: Xã 1 (00001) [1656/NQ-UBTVQH15]" in people


def test_a_code_means_its_bearer_of_the_day(town, sogoc):
    def shown(*day):
        return sogoc("units", "show", "00001", *day, "--format", "csv").rows[0]["name"]

    assert shown() == "Xã Gộp"
    assert shown("--valid-at", "31/05/2025") == "Xã 1"


def test_what_fits_several_is_listed_and_refused(town, sogoc):
    said = sogoc("units", "show", "xa ben")
    assert (said.code, said.out) == (1, "")
    first, second, last = said.err.splitlines()
    assert "Xã Bển (00009)" in first
    assert "Xã Bến (00008)" in second
    assert last.startswith("sogoc: 'xa ben' fits 2")
    assert sogoc("units", "show", "Xã Bển", "--format", "csv").rows[0]["code"] == "00009"
    assert sogoc("units", "show", id_text("Xã Bến"), "--format", "csv").rows[0]["code"] == "00008"


def test_nobody_is_refused_with_what_is_known_of_other_days(town, sogoc):
    said = sogoc("units", "show", "99999")
    assert said.code == 1
    assert said.err.endswith("nor on any other day that is known\n")
    said = sogoc("units", "tree", "00003")
    assert "from 01/04/2025 until before 01/06/2025: ask with --valid-at" in said.err
    assert sogoc("units", "--name", "!").code == 1


def test_a_tree_goes_depth_first(town, sogoc):
    said = sogoc("units", "tree", "02")
    assert [(row["depth"], row["name"]) for row in said.rows] == [
        ("0", "Tỉnh Bình"),
        ("1", "Huyện Tây"),
        ("2", "Xã Bển"),
    ]
    assert len(sogoc("units", "tree", "01", "--depth", "1").rows) == 2


def test_organisations_are_found_by_the_code_of_their_unit(town, sogoc):
    assert (
        sogoc("organisations", "show", "001", "--format", "csv").rows[0]["name"]
        == "Đảng bộ huyện Đông"
    )
    assert names(sogoc("organisations", "--unit", "Huyện Đông")) == ["Đảng bộ huyện Đông"]
    assert names(sogoc("organisations", "--superior", "dang bo tinh an moi")) == [
        "Đảng bộ huyện Đông"
    ]
    [row] = sogoc("organisations", "--kind", "province", "--valid-at", "2025-06-30").rows
    assert (row["name"], row["status"], row["codes"]) == ("Đảng bộ tỉnh An", "active", "{}")
    [shown] = sogoc("organisations", "show", "dang bo tinh an", "--format", "json").json
    assert [each["name"] for each in shown["history"]] == ["Đảng bộ tỉnh An", "Đảng bộ tỉnh An Mới"]
    assert [r["depth"] for r in sogoc("organisations", "tree", "Đảng bộ tỉnh An Mới").rows] == [
        "0",
        "1",
    ]


def test_what_was_misspelt_is_said_in_a_line(town, sogoc):
    def refused(*arguments, code):
        said = sogoc(*arguments)
        assert (said.code, said.out) == (code, "")
        [line] = said.err.splitlines()
        return line

    assert "'tihn' is none of" in refused("units", "--type", "tihn", code=1)
    assert "'x' is none of" in refused("organisations", "--kind", "x", code=1)
    assert "31/02/2025" in refused("units", "--valid-at", "31/02/2025", code=2)
    assert "No such option" in refused("units", "--valid", "2025-01-01", code=2)
    assert "behind 'show'" in refused("units", "--limit", "1", "show", "01", code=2)
    assert "has not reached position 99" in refused("units", "--known-at", "99", code=1)


def test_an_empty_register_says_what_to_do(empty, sogoc):
    for command in (["units"], ["events"], ["verify"], ["audit"]):
        said = sogoc(*command)
        assert (said.code, said.out) == (1, "")
        assert said.err == (
            "sogoc: The register is empty: run `sogoc demo` or `sogoc import` first\n"
        )
