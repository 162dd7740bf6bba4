"""What every stream of the register is: a life made of dated facts, some of them taken back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar
from uuid import UUID

from eventsourcing.domain import AggregateEvent, BaseAggregate

from domain.envelope import Envelope
from domain.errors import CannotVoid, InvalidValue, LaterFacts, NotActive
from domain.legal_basis import LegalBasis
from domain.timeline import Timeline

if TYPE_CHECKING:
    from domain.structure.neighbourhood import Neighbourhood

T = TypeVar("T")

NOT_YET_RECORDED = datetime.max.replace(tzinfo=UTC)
"""The recorded time of an event that no store has learned of: only the store can give it."""


class Event(AggregateEvent):
    """A fact about one stream, in the envelope that all facts share."""

    envelope: Envelope

    TOPIC: ClassVar[str]  # the name it is stored under, chosen once
    TITLE: ClassVar[str] = ""  # the official Vietnamese term
    AGGREGATE: ClassVar[type[Aggregate]]
    AS_IT_STANDS: ClassVar[bool] = False  # takes over what is there, which can lie in no future
    HAPPENED: ClassVar[bool] = False  # is no decision that can take effect on a day to come
    position: ClassVar[int | None] = None  # in the log; set on each event that was read from it

    @staticmethod
    def create_timestamp() -> datetime:
        return NOT_YET_RECORDED

    @property
    def effective_on(self) -> date:
        return self.envelope.effective_on

    @property
    def basis(self) -> tuple[LegalBasis, ...]:
        return self.envelope.basis

    def days_behind(self) -> Mapping[str, date | None]:
        """Days by field that have come when it is recorded: of a vote, of a death.

        None: not told. A decision may take effect ahead; what happened cannot.
        """
        return {"effective_on": self.effective_on} if self.HAPPENED else {}

    def mentions(self) -> tuple[UUID, ...]:
        """Others whom it is about, besides its own stream: their trails show it, too."""
        return ()

    @property
    def recorded_at(self) -> datetime:
        """When the store learned of it (UTC)."""
        return self.timestamp

    def mutate(self, aggregate: Any) -> Any:
        """Void what this event takes back, then let it say what it says."""
        if aggregate is None:
            aggregate = self.AGGREGATE.shell(self.originator_id, self.timestamp)
        aggregate.follow(self)
        return aggregate

    def apply(self, aggregate: Any) -> None:
        """Assign what changes. Never refuses: the past may not be unmade by later rules."""


class Aggregate(BaseAggregate[UUID]):
    """A stream folded: timelines of what it has been on every day of its life.

    Folding the events up to a position gives what was known then (the law of the two times).
    """

    TOPIC = ""  # what it is called in topics, keys and messages; each names its own
    beginning = voiding = Event  # each aggregate names its own

    def __init_subclass__(cls, **kwargs: Any) -> None:
        cls.Event = Event  # type: ignore[attr-defined]  # else the library derives a new one
        super().__init_subclass__(**kwargs)
        for nested in vars(cls).values():
            if isinstance(nested, type) and issubclass(nested, Event) and nested is not Event:
                nested.AGGREGATE = cls

    def __init__(self) -> None:
        self._fields: dict[str, Timeline[Any]] = {}
        self.is_active: Timeline[bool] = self.timeline("is_active")
        self.events: dict[int, Event] = {}  # version -> event, all that ever were
        self.voided_by: dict[int, int] = {}  # version of an event -> version that took it back
        self._versions: dict[int, int] = {}  # position -> version

    # Folding

    @classmethod
    def shell(cls, id_: UUID, begun_at: datetime) -> Self:
        """An aggregate to which nothing has happened yet."""
        aggregate = cls.__new__(cls)
        aggregate.__base_init__(id_, 0, begun_at)
        aggregate.__init__()  # type: ignore[misc]
        return aggregate

    @classmethod
    def fold(cls, events: Iterable[Event]) -> Self | None:
        """The aggregate after these events; None when there are none."""
        aggregate: Self | None = None
        for event in events:
            aggregate = event.mutate(aggregate)
        return aggregate

    def follow(self, event: Event) -> None:
        """Take in the next event of the stream."""
        version = event.originator_version
        if event.position is not None:
            self._versions[event.position] = version
        self.events[version] = event
        if event.envelope.voids is not None:
            self._forget(self._versions.get(event.envelope.voids), version)
        event.apply(self)
        self._version, self._modified_on = version, event.timestamp

    def _forget(self, version: int | None, by: int) -> None:
        if version is None or version in self.voided_by:
            return
        self.voided_by[version] = by
        for timeline in self.fields().values():
            timeline.void(version)

    def timeline(self, field: str) -> Timeline[Any]:
        """A new timeline of this stream, under that name."""
        line: Timeline[Any] = Timeline()
        self._fields[field] = line
        return line

    def fields(self) -> Mapping[str, Timeline[Any]]:
        """Every timeline of this stream by its name; a voided event is taken out of each."""
        return self._fields

    # Asking

    def event_at(self, position: int) -> Event | None:
        """The event of this stream at a position of the log."""
        version = self._versions.get(position)
        return self.events[version] if version else None

    def is_active_on(self, day: date) -> bool:
        return bool(self.is_active.at(day))

    def first_day(self) -> date | None:
        """The first day of its life; None when its beginning was voided."""
        return next((day for day, _, active in self.is_active.facts() if active), None)

    def ended_on(self) -> date | None:
        """The first day it is no more; None while no end is known."""
        facts = self.is_active.facts()
        return facts[-1].day if facts and not facts[-1].value else None

    def called(self, day: date) -> str | None:
        """What it is called on a day; None: such streams have no name, or it had none yet."""
        return None

    def stands_for(self, event: Event) -> Mapping[str, Any]:
        """What an event says by ids that mean something in this stream alone, in full."""
        return {}

    def since(self, event: Event) -> date:
        """The earliest day on which `event` can have changed anything."""
        voided = self._versions.get(event.envelope.voids or 0)
        days = [event.effective_on]
        if voided is not None:
            days.append(self.events[voided].effective_on)
        return min(days)

    # Standing among others

    def keys(self, since: date) -> set[str]:
        """What others must not collide with, or ask about, in its life from that day on.

        The store keeps them beside the events and refuses what was decided without knowing of one.
        """
        return set()

    def keys_around(self, since: date) -> set[str]:
        """Keys whose bearers `refuse_breaches` will ask for, so that all are looked up at once."""
        return set()

    def ids_around(self, events: Sequence[Event]) -> set[UUID]:
        """Ids that `refuse_breaches` will ask for first; the rest is found on the way."""
        return set()

    def refuse_breaches(self, since: date, events: Sequence[Event], around: Neighbourhood) -> None:
        """Raises the RuleBroken of the first invariant that it would break from `since` on.

        Asked after all commands of a transaction have decided; `events` are those it would record.
        """

    def refuse_change_of(self, other: Aggregate, since: date, around: Neighbourhood) -> None:
        """Raises RuleBroken when this stream could not stand beside `other` as it would then be.

        Asked of whoever carries the key `on:<id of other>`.
        """

    # Deciding

    @classmethod
    def refuse_unfounded(cls, envelope: Envelope) -> None:
        """Raises InvalidValue unless the envelope says what such events rest on."""
        if not envelope.basis:
            raise InvalidValue("Every event needs a legal basis", field="basis")

    @classmethod
    def begin(cls, id_: UUID, envelope: Envelope, **facts: Any) -> Self:
        """The first event of a new stream, pending. Raises CannotVoid, InvalidValue."""
        return cls.begin_with(cls.beginning, id_, envelope, **facts)

    @classmethod
    def begin_with(cls, beginning: Any, id_: UUID, envelope: Envelope, **facts: Any) -> Self:
        """As `begin`, by an event of that class: a stream may begin in several ways."""
        cls.refuse_unfounded(envelope)
        envelope.refuse_ill_formed()
        if envelope.voids is not None:
            raise CannotVoid("Nothing is on record yet that it could take back", field="voids")
        aggregate = cls.shell(id_, NOT_YET_RECORDED)
        aggregate._record(beginning, envelope, facts)
        return aggregate

    def happen(self, event_class: type[Event], envelope: Envelope, **facts: Any) -> None:
        """One more event of this stream, pending. The envelope's `voids` must be voidable."""
        self.refuse_unfounded(envelope)
        envelope.refuse_ill_formed()
        if envelope.voids is not None:
            self.refuse_unless_corrected_by(event_class, envelope.voids)
        self._record(event_class, envelope, facts)

    def refuse_unless_corrected_by(self, event_class: type[Event], position: int) -> None:
        """Raises CannotVoid unless such an event may take back the one at that position."""
        wrong = self.refuse_unless_voidable(position)
        if event_class is not self.voiding and not issubclass(event_class, type(wrong)):
            raise CannotVoid(
                "A correction takes back a record of its own kind: void the other first",
                field="voids",
                position=position,
            )

    def _record(self, event_class: Any, envelope: Envelope, facts: Mapping[str, Any]) -> None:
        """What the library's `trigger_event` does, in half the time."""
        event: Event = event_class(
            originator_id=self._id,
            originator_version=self._version + 1,
            timestamp=NOT_YET_RECORDED,
            envelope=envelope,
            **facts,
        )
        event.mutate(self)
        self._pending_events.append(event)

    def taken_events(self) -> list[Event]:
        """The pending events, which are pending no more."""
        taken, self._pending_events = self._pending_events, []
        return taken  # type: ignore[return-value]

    def void(self, envelope: Envelope) -> None:
        """Take an event back (thu hồi, hủy bỏ) without putting another in its place.

        Raises CannotVoid when `envelope.voids` is no event of this stream or is voided already.
        A void is final: to restore the fact, record it again.
        """
        if envelope.voids is None:
            raise CannotVoid("Say which event is voided, by its position", field="voids")
        self.happen(self.voiding, envelope)

    def refuse_unless_voidable(self, position: int) -> Event:
        """The event at `position`, when it is of this stream, says something, and stands."""
        version = self._versions.get(position)
        facts: dict[str, object] = {"field": "voids", "position": position, "stream": str(self.id)}
        if version is None:
            raise CannotVoid(f"Position {position} is no event of this stream", **facts)
        if version in self.voided_by:
            raise CannotVoid(f"The event at position {position} is voided already", **facts)
        if isinstance(self.events[version], self.voiding):
            raise CannotVoid("A voiding is final: record the fact again instead", **facts)
        return self.events[version]

    def says_something_new(self, timeline: Timeline[T], value: T, envelope: Envelope) -> bool:
        """Whether recording `value` from that day on is more than the same fact once again.

        A value that holds already from an earlier day is a fact of its own: what is recorded late
        for a day between the two would else carry it away.
        """
        known = timeline.fact_at(envelope.effective_on)
        same = known is not None and (known.day, known.value) == (envelope.effective_on, value)
        return envelope.voids is not None or not same

    def refuse_unless_active(self, day: date) -> None:
        """Raises NotActive."""
        if not self.is_active_on(day):
            raise NotActive(
                f"It is not active on {day:%d/%m/%Y}",
                field="effective_on",
                id=str(self.id),
                first_day=self.first_day(),
                ended_on=self.ended_on(),
            )

    def refuse_later_facts(self, day: date, voiding: int | None) -> None:
        """Nothing but what `voiding` says may be on record for days after. Raises LaterFacts."""
        standing_voided = self._versions.get(voiding or 0)
        later = [
            fact
            for timeline in self.fields().values()
            for fact in timeline.facts()
            if fact.day > day and fact.order != standing_voided
        ]
        if later:
            events = sorted({fact.order for fact in later})
            raise LaterFacts(
                "Facts of later days are on record: void them first",
                field="effective_on",
                id=str(self.id),
                positions=[self.events[version].position for version in events],
            )
