"""Codes and names of one day on another: over codes that change hands, cycles, and with figures."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from domain.codes import Code
from domain.lineage import Certainty, Successor
from domain.unit import AdministrativeUnit
from services.commands import AssignCode, CedePart, End
from services.crosswalk import crosswalk
from tests.services.test_register import JULY, OPENING, end, envelope, id_of, unit

JUNE = date(2025, 6, 1)
ONE_DAY = timedelta(days=1)


@pytest.fixture
def country(register):
    """Two provinces of a district each, with communes of the same names in both."""
    for number, (province, district) in enumerate((("An", "Bình"), ("Cao", "Đông"))):
        register.execute(
            unit(f"Tỉnh {province}", code=f"0{number}"),
            unit(f"Huyện {district}", "district", f"Tỉnh {province}", code=f"00{number}"),
        )
    register.execute(
        *(unit(f"Xã {n}", "commune", "Huyện Bình", code=f"0000{n}") for n in range(1, 6)),
        unit("Xã Hữu Văn", "commune", "Huyện Bình", code="10001"),
        unit("Xã Hưu Vấn", "commune", "Huyện Đông", code="10002"),
    )
    return register


def divided(name: str, *heirs: tuple[Any, ...], on: date = JUNE) -> End:
    """Heirs: name, people, square metres."""
    return End(
        id=id_of(name),
        envelope=envelope(on),
        of=AdministrativeUnit,
        way="division",
        successors=tuple(
            Successor(id_of(heir), "part", n == 0, *figures)
            for n, (heir, *figures) in enumerate(heirs)
        ),
    )


def ceded(name: str, to: str, on: date) -> CedePart:
    heirs = (Successor(id_of(to), "part", population=70),)
    return CedePart(id=id_of(name), envelope=envelope(on), of=AdministrativeUnit, successors=heirs)


def coded(name: str, code: str, on: date) -> AssignCode:
    envelope_ = envelope(on)
    return AssignCode(
        id=id_of(name), envelope=envelope_, of=AdministrativeUnit, code=Code("nso", code)
    )


def crossed(read, *asked: str, begins: date = OPENING, ends: date = JULY) -> dict[str, Any]:
    """(certainty, names found) of each."""
    with read() as reading:
        return {
            line.code: (line.certainty, [f.unit.name for c in line.crossings for f in c.found])
            for line in crosswalk(reading, asked, begins, ends)
        }


def found(read, asked: str, begins: date = OPENING, ends: date = JULY) -> dict[str, Any]:
    """What is found, by name."""
    with read() as reading:
        [line] = crosswalk(reading, [asked], begins, ends)
        return {f.unit.name: f for crossing in line.crossings for f in crossing.found}


# Codes through time


def test_a_code_given_up_and_taken_by_another_is_that_of_the_day(country, read):
    country.execute(coded("Xã 1", "00009", JUNE), coded("Xã 2", "00001", JUNE))
    assert crossed(read, "00001", "00002") == {
        "00001": (Certainty.EXACT, ["Xã 1"]),
        "00002": (Certainty.EXACT, ["Xã 2"]),
    }
    assert crossed(read, "00001", begins=JUNE) == {"00001": (Certainty.EXACT, ["Xã 2"])}
    assert crossed(read, "00001", begins=JUNE - ONE_DAY)["00001"][1] == ["Xã 1"]
    assert crossed(read, "00001", begins=JULY, ends=OPENING)["00001"][1] == ["Xã 2"]
    assert crossed(read, "00002", begins=JUNE)["00002"] == (Certainty.NONE, [])


def test_what_merged_and_was_set_up_again_under_the_same_code_is_another(country, read):
    country.execute(
        end("Xã 1", ("Xã 2", "whole"), on=JUNE),
        unit("Xã 1 mới", "commune", "Huyện Bình", on=JUNE + ONE_DAY, way="division", code="00001"),
        ceded("Xã 2", "Xã 1 mới", JUNE + ONE_DAY),
    )
    assert crossed(read, "00001")["00001"] == (Certainty.SPLIT, ["Xã 1 mới", "Xã 2"])
    assert crossed(read, "00001", ends=JUNE)["00001"] == (Certainty.EXACT, ["Xã 2"])
    assert crossed(read, "00001", begins=JULY, ends=OPENING)["00001"][1] == ["Xã 1", "Xã 2"]
    assert crossed(read, "00001", begins=JUNE)["00001"] == (Certainty.NONE, [])


def test_changes_of_one_day_go_on_from_each_other_as_they_were_recorded(country, read):
    country.execute(
        end("Xã 1", ("Xã 2", "whole"), on=JUNE),
        ceded("Xã 2", "Xã 3", JUNE),
        end("Xã 4", ("Xã 2", "whole"), on=JUNE),
    )
    assert crossed(read, "00001", "00004") == {
        "00001": (Certainty.SPLIT, ["Xã 2", "Xã 3"]),
        "00004": (Certainty.EXACT, ["Xã 2"]),
    }
    back = crossed(read, "00003", begins=JUNE, ends=OPENING)["00003"]
    assert back == (Certainty.SPLIT, ["Xã 3", "Xã 1", "Xã 2"])


def test_what_was_divided_and_met_again_is_whole_in_both_directions(country, read):
    country.execute(
        divided("Xã 1", ("Xã 2", 700, None), ("Xã 3", 300, None)),
        unit("Xã Gộp", "commune", "Huyện Bình", on=JUNE + ONE_DAY, way="merger", code="00011"),
        end("Xã 2", ("Xã Gộp", "whole"), on=JUNE + ONE_DAY),
        end("Xã 3", ("Xã Gộp", "whole"), on=JUNE + ONE_DAY),
    )
    assert crossed(read, "00001")["00001"] == (Certainty.EXACT, ["Xã Gộp"])
    assert found(read, "00001")["Xã Gộp"].share == ("whole", 1.0, 1.0, False)
    back = found(read, "00011", JULY, OPENING)
    assert {name: each.extent for name, each in back.items()} == {
        "Xã 1": "whole",
        "Xã 2": "whole",
        "Xã 3": "whole",
    }


# Figures


def test_shares_are_told_of_one_division_and_multiplied_over_several(country, read):
    country.execute(
        divided("Xã 1", ("Xã 2", 750, 3), ("Xã 3", 250, 1)),
        divided("Xã 2", ("Xã 4", 400, None), ("Xã 5", 600, 5), on=JUNE + ONE_DAY),
    )
    at_once = found(read, "00001", ends=JUNE)
    assert at_once["Xã 2"].share == ("part", 0.75, 0.75, False)
    assert (at_once["Xã 2"].population, at_once["Xã 2"].area) == (750, 3)
    later = found(read, "00001")
    assert later["Xã 4"].share == ("part", pytest.approx(0.3), None, True)
    assert later["Xã 5"].share == ("part", pytest.approx(0.45), None, True)
    assert later["Xã 3"].share == ("part", 0.25, 0.25, False)
    assert (later["Xã 4"].population, later["Xã 3"].population) == (None, 250)
    back = found(read, "00004", JULY, OPENING)
    assert back["Xã 1"].share == later["Xã 4"].share


def test_of_a_cession_the_people_are_told_and_no_share(country, read):
    country.execute(ceded("Xã 1", "Xã 2", JUNE))
    both = found(read, "00001")
    assert both["Xã 2"].share == ("part", None, None, False)
    assert (both["Xã 2"].population, both["Xã 1"].population) == (70, None)


# Names


def test_names_are_accepted_beside_codes_and_mean_what_bore_them_on_that_day(country, read):
    country.execute(end("Xã 1", ("Xã 2", "whole"), on=JUNE))
    assert crossed(read, "xa 1, h. binh, tinh an", "00002", "Xã 3 Huyện Bình") == {
        "xa 1, h. binh, tinh an": (Certainty.EXACT, ["Xã 2"]),
        "00002": (Certainty.EXACT, ["Xã 2"]),
        "Xã 3 Huyện Bình": (Certainty.EXACT, ["Xã 3"]),
    }
    assert crossed(read, "Xã 1", begins=JUNE) == {"Xã 1": (Certainty.NONE, [])}


def test_a_name_of_several_leads_from_each_and_is_ambiguous(country, read):
    told = crossed(read, "xa huu van", "xã Hữu Văn", "xa huu van, tinh cao", "xã Vô Danh")
    assert told == {
        "xa huu van": (Certainty.AMBIGUOUS, ["Xã Hữu Văn", "Xã Hưu Vấn"]),
        "xã Hữu Văn": (Certainty.EXACT, ["Xã Hữu Văn"]),
        "xa huu van, tinh cao": (Certainty.EXACT, ["Xã Hưu Vấn"]),
        "xã Vô Danh": (Certainty.NONE, []),
    }


def test_a_number_is_a_code_and_never_a_name(country, read):
    country.execute(unit("Xã 77777", "commune", "Huyện Bình", code="00077"))
    assert crossed(read, "77777") == {"77777": (Certainty.NONE, [])}
