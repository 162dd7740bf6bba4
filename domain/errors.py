"""Everything the register can refuse, in words a clerk can act on."""

from __future__ import annotations


class RegisterError(Exception):
    """Base of all our refusals.

    `facts` are values that a caller may show or act upon: the field at fault, the rule, its
    document, versions. They never hold personal data.
    """

    code, title = "register-error", "The register could not do this"

    def __init__(self, detail: str, **facts: object) -> None:
        super().__init__(detail)
        self.detail = detail
        self.facts = {name: value for name, value in facts.items() if value is not None}


class NotFound(RegisterError):
    code, title = "not-found", "There is no such thing in the register"


class InvalidValue(RegisterError):
    """A value is malformed in itself, whatever the register holds."""

    code, title = "invalid-value", "A value is not well formed"


class RuleBroken(RegisterError):
    """The wish is well formed, and a rule of the field or of the register forbids it."""

    code, title = "rule-broken", "A rule of the register forbids this"


class NotActive(RuleBroken):
    code, title = "not-active", "It is not active on that day"


class AlreadyExists(RuleBroken):
    code, title = "already-exists", "It is in the register already, with other facts"


class LaterFacts(RuleBroken):
    code, title = "later-facts", "Facts of later days stand against this"


class CannotVoid(RuleBroken):
    code, title = "cannot-void", "That event cannot be voided"


class KindNotAllowed(RuleBroken):
    code, title = "kind-not-allowed", "The rules of that day do not know this kind or type"


class SuperiorNotAllowed(RuleBroken):
    code, title = "superior-not-allowed", "It cannot stand under that superior"


class SuperiorNotActive(RuleBroken):
    code, title = "superior-not-active", "The superior is not active on every day of its life"


class Circular(RuleBroken):
    code, title = "circular", "It would come to stand under itself"


class SubordinatesLeft(RuleBroken):
    code, title = "subordinates-left", "Subordinates would be left without a superior"


class MembersLeft(RuleBroken):
    code, title = "members-left", "Members would be left without a cell"


class PostsLeft(RuleBroken):
    code, title = "posts-left", "Somebody who is no member would hold posts"


class AlreadyMember(RuleBroken):
    code, title = "already-member", "A person has one membership at a time"


class NameTaken(RuleBroken):
    code, title = "name-taken", "A sibling bears that name on one of those days"


class CodeTaken(RuleBroken):
    code, title = "code-taken", "Another one bears that code on one of those days"


class NotCompetent(RuleBroken):
    code, title = "not-competent", "The deciding body has no power over this"


class SuccessorNotActive(RuleBroken):
    code, title = "successor-not-active", "A successor is not active on the day of the hand-over"


class LegalHold(RuleBroken):
    code, title = "legal-hold", "A legal hold forbids this"


class KeyGone(RuleBroken):
    code, title = "key-gone", "The key of this person was destroyed"


class PostNotAllowed(RuleBroken):
    code, title = "post-not-allowed", "The rules of that day know no such post here"


class PostNotHeld(RuleBroken):
    code, title = "post-not-held", "The post is not held so on that day"


class SeatsTaken(RuleBroken):
    code, title = "seats-taken", "More would hold the post than there are seats"


class NotEligible(RuleBroken):
    code, title = "not-eligible", "The person cannot hold the post on one of those days"


class OutsideTerm(RuleBroken):
    code, title = "outside-term", "The post would be held outside its term or its organisation"


class CeilingExceeded(RuleBroken):
    code, title = "ceiling-exceeded", "More would have the best level than the rules allow"


class LevelNotEarned(RuleBroken):
    code, title = "level-not-earned", "Points and conditions do not give that level"


class TotalsDoNotSum(RuleBroken):
    code, title = "totals-do-not-sum", "Levels and subjects do not add up"


class SecondPersonNeeded(RuleBroken):
    code, title = "second-person-needed", "Another person must do this"


class WrongState(RuleBroken):
    code, title = "wrong-state", "In its present state this cannot be done with it"


class NotCheckedSo(RuleBroken):
    code, title = "not-checked-so", "It is not what was checked and approved"


class Moved(RuleBroken):
    code, title = "moved", "What the check relied on has changed since"


class DossierRefused(RuleBroken):
    code, title = "dossier-refused", "The dossier does not pass its check"


class YearsMissing(RuleBroken):
    code, title = "years-missing", "The years that the award covers do not all hold"


class ConcurrentChange(RegisterError):
    code, title = "concurrent-change", "It changed in the meantime"


class TryAgain(RegisterError):
    """Nothing is wrong with the wish; the same request may succeed a little later."""

    code, title = "try-again", "It cannot be done at this moment"


class Contended(TryAgain):
    code, title = "contended", "Too many change what this relies on at once"


class OutcomeUnknown(TryAgain):
    code, title = "outcome-unknown", "Nobody can say yet whether this was recorded"


class CommandReused(RegisterError):
    code, title = "idempotency-key-reused", "This idempotency key was used for another request"


class StreamUnreadable(RegisterError):
    """What was recorded of it cannot be read, so nothing can be decided about it."""

    code, title = "stream-unreadable", "What is on record of it cannot be read"


class EventFromTheFuture(RegisterError):
    code, title = "event-from-the-future", "The log holds an event newer than this release"
