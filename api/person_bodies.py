"""What a command about a person says."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, StrictBool

from api.bodies import BasisBody, Body, Circumstances, EventPosition
from api.parameters import PRINTABLE, Day, nfc
from domain.names import NAME_LENGTH_MAX
from domain.person import CASE_LENGTH_MAX
from services.details import PLACE_LENGTH_MAX, Details

Short = Annotated[str, Field(min_length=1, max_length=40, pattern=PRINTABLE), AfterValidator(nfc)]
CaseLine = Annotated[
    str, Field(min_length=1, max_length=CASE_LENGTH_MAX, pattern=PRINTABLE), AfterValidator(nfc)
]


class DetailsBody(Body):
    """What is known of a person; what is left out is not known. It is sealed before it is kept."""

    name: Annotated[
        str,
        Field(
            min_length=1,
            max_length=NAME_LENGTH_MAX,
            pattern=PRINTABLE,
            examples=["Nguyễn Thị Thử Nghiệm"],
        ),
        AfterValidator(nfc),
    ]
    birth_date: Day | None = None
    sex: Literal["female", "male"] | None = None
    of_minority: StrictBool | None = Field(None, description="Of an ethnic minority.")
    has_religion: StrictBool | None = Field(None, description="Professes a religion.")
    card_number: Short | None = Field(None, description="Of the Party card.")
    citizen_number: Short | None = Field(None, examples=["001175000001"])
    phone: Short | None = None
    home_place: (
        Annotated[
            str,
            Field(min_length=1, max_length=PLACE_LENGTH_MAX, pattern=PRINTABLE),
            AfterValidator(nfc),
        ]
        | None
    ) = None

    def details(self) -> Details:
        """Raises InvalidValue."""
        return Details.of(**dict(self))


class PersonCircumstances(Circumstances):
    """A basis or a reason. What stands here is kept in clear: it names nobody."""

    basis: list[BasisBody] = Field(
        [], max_length=50, description="Căn cứ; left out, a reason is needed."
    )


class Registration(PersonCircumstances):
    id: UUID | None = Field(None, description="Left out: the register gives one.")
    details: DetailsBody


class DetailsChange(PersonCircumstances):
    voids: EventPosition | None = Field(
        None, description="Position of the wrong record whose place these details take."
    )
    details: DetailsBody


class HoldBody(PersonCircumstances):
    case: Annotated[CaseLine, Field(examples=["07-VV/UBKTTU"])]
    body: Annotated[CaseLine, Field(examples=["Ủy ban Kiểm tra Tỉnh ủy"])]


class PersonVoiding(PersonCircumstances):
    voids: EventPosition = Field(description="Position of the event that is taken back.")
