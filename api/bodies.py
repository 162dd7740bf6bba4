"""What a command says: the circumstances that all share, and the facts of each change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool

from api.parameters import POSITION_MAX, PRINTABLE, Day, nfc
from domain.codes import CODE_LENGTH_MAX, Code
from domain.envelope import Actor, Authority, Envelope
from domain.legal_basis import LegalBasis
from domain.lineage import Successor
from domain.names import NAME_LENGTH_MAX

_LINES = r"^[^\x00-\x09\x0b-\x1f\x7f-\x9f]*$"  # printable, and line feeds
_CODE = r"^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$"

Line = Annotated[str, Field(min_length=1, max_length=500, pattern=PRINTABLE), AfterValidator(nfc)]
Lines = Annotated[str, Field(min_length=1, max_length=4000, pattern=_LINES), AfterValidator(nfc)]
Name = Annotated[
    str,
    Field(
        min_length=1,
        max_length=NAME_LENGTH_MAX,
        pattern=PRINTABLE,
        description="The full official name.",
        examples=["Phường Ba Đình"],
    ),
    AfterValidator(nfc),
]
Term = Annotated[str, Field(min_length=1, max_length=80, pattern=PRINTABLE), AfterValidator(nfc)]
CodeText = Annotated[str, Field(max_length=CODE_LENGTH_MAX, pattern=_CODE)]
Figure = Annotated[int, Field(strict=True, ge=0, le=POSITION_MAX)]
EventPosition = Annotated[int, Field(strict=True, ge=1, le=POSITION_MAX)]
Founding = Literal["entered", "new", "merger", "division", "conversion"]
Ending = Literal["merger", "division", "conversion", "dissolution", "disbandment"]
Level = Literal["province", "district", "commune"]


class Body(BaseModel):
    """Names that are not known are refused: a misspelt fact must not be lost."""

    model_config = ConfigDict(extra="forbid")


class AuthorityBody(Body):
    name: Annotated[Line, Field(examples=["Ủy ban Thường vụ Quốc hội"])]
    organisation_id: UUID | None = Field(
        None, description="When it is an organisation of this register."
    )


class BasisBody(Body):
    number: Annotated[Line, Field(examples=["1656/NQ-UBTVQH15"])] | None = Field(
        None, description="Number and symbol; null: not known yet, then say issuer or title."
    )
    issued_on: Day | None = None
    issuer: Line | None = None
    title: Line | None = None
    signatory: Line | None = Field(None, description="Post that signed; never a person's name.")
    sha256: str | None = Field(
        None, pattern="^[0-9a-f]{64}$", description="Hash of the document's file."
    )


class Circumstances(Body):
    """When it takes effect, who decided it, and on what legal basis."""

    effective_on: Day = Field(
        description="First day it holds, in Asia/Ho_Chi_Minh.", examples=["2025-07-01"]
    )
    decided_on: Day | None = None
    authority: AuthorityBody
    basis: list[BasisBody] = Field(
        min_length=1, max_length=50, description="Căn cứ; the deciding document first."
    )
    reason: Lines | None = None
    causation_id: Line | None = Field(None, description="What led to this.")

    def envelope(self, actor: Actor, correlation_id: str, voids: int | None = None) -> Envelope:
        """The envelope of the events that will record this."""
        return Envelope(
            effective_on=self.effective_on,
            decided_on=self.decided_on,
            actor=actor,
            authority=Authority(self.authority.name, self.authority.organisation_id),
            basis=tuple(LegalBasis(**dict(document)) for document in self.basis),
            reason=self.reason,
            correlation_id=correlation_id,
            causation_id=self.causation_id,
            voids=voids,
        )


class Change(Circumstances):
    """A change that may take the place of one that was recorded wrongly."""

    voids: EventPosition | None = Field(
        None, description="Position of the event that this one takes back."
    )


# Units


class UnitFacts(Body):
    level: Level
    type: Annotated[Term, Field(examples=["phuong"])]
    name: Name
    superior_id: UUID | None = None
    codes: dict[CodeText, CodeText] = Field({}, description="By scheme.", max_length=20)


class UnitEstablishment(Circumstances, UnitFacts):
    id: UUID | None = Field(None, description="Left out: the register gives one.")
    way: Founding


class UnitCorrection(Circumstances):
    voids: EventPosition = Field(description="Position of the wrong record of its beginning.")
    way: Founding
    type: Term
    name: Name
    superior_id: UUID | None = None
    codes: dict[CodeText, CodeText] = Field({}, max_length=20)


class TypeChange(Change):
    type: Annotated[Term, Field(examples=["phuong"])]


# Organisations


class OrganisationFacts(Body):
    kind: Annotated[Term, Field(examples=["commune_upper"])]
    name: Annotated[Name, Field(examples=["Đảng bộ phường Ba Đình"])]
    superior_id: UUID | None = None
    unit_id: UUID | None = Field(None, description="The administrative unit on which it stands.")
    setting: Term | None = None
    codes: dict[CodeText, CodeText] = Field({}, description="By scheme.", max_length=20)


class OrganisationEstablishment(Circumstances, OrganisationFacts):
    id: UUID | None = Field(None, description="Left out: the register gives one.")
    way: Founding


class OrganisationCorrection(Circumstances, OrganisationFacts):
    voids: EventPosition = Field(description="Position of the wrong record of its beginning.")
    way: Founding


class KindChange(Change):
    kind: Annotated[Term, Field(examples=["commune_upper"])]


class Relocation(Change):
    unit_id: UUID | None


# Both


class Renaming(Change):
    name: Name


class Resubordination(Change):
    superior_id: UUID | None = Field(description="null: under nobody from that day on.")


class CodeAssignment(Change):
    scheme: Annotated[CodeText, Field(examples=["nso"])]
    value: Annotated[CodeText, Field(examples=["00004"])]


class Share(Body):
    extent: Literal["whole", "part", "unknown"]
    is_default: StrictBool = Field(
        False, description="Where a reader who must choose one should look first."
    )
    population: Figure | None = Field(None, description="People who go over.")
    area: Figure | None = Field(None, description="Square metres that go over.")


class SuccessorBody(Share):
    id: UUID


class Cession(Change):
    successors: list[SuccessorBody] = Field(min_length=1, max_length=200)


class EndingBody(Change):
    way: Ending
    successors: list[SuccessorBody] = Field([], max_length=200)


class Voiding(Circumstances):
    voids: EventPosition = Field(description="Position of the event that is taken back.")


class MergerInto(Circumstances):
    sources: list[UUID] = Field(
        min_length=1, max_length=200, description="Those that end and go over whole."
    )


class UnitMerger(MergerInto):
    founding: UnitFacts


class OrganisationMerger(MergerInto):
    founding: OrganisationFacts


class UnitShare(Share):
    founding: UnitFacts


class OrganisationShare(Share):
    founding: OrganisationFacts


class UnitSplit(Circumstances):
    """Parts go to units that are there already, and to units that are founded with this."""

    successors: list[SuccessorBody] = Field([], max_length=200)
    foundings: list[UnitShare] = Field([], max_length=200)


class OrganisationSplit(Circumstances):
    """Parts go to organisations that are there already, and to such as are founded with this."""

    successors: list[SuccessorBody] = Field([], max_length=200)
    foundings: list[OrganisationShare] = Field([], max_length=200)


def codes(said: Mapping[str, str]) -> tuple[Code, ...]:
    return tuple(Code(scheme, value) for scheme, value in sorted(said.items()))


def organisation_facts(said: OrganisationFacts) -> dict[str, Any]:
    """What a command that founds an organisation says of it."""
    return {
        "kind": said.kind,
        "name": said.name,
        "superior_id": said.superior_id,
        "unit_id": said.unit_id,
        "setting": said.setting,
        "codes": codes(said.codes),
    }


def successors(said: list[SuccessorBody]) -> tuple[Successor, ...]:
    return tuple(successor(s.id, s) for s in said)


def successor(id_: UUID, share: Share) -> Successor:
    return Successor(id_, share.extent, share.is_default, share.population, share.area)
