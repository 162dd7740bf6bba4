"""What only the HTTP door can refuse; all else is refused further in."""

from __future__ import annotations

from typing import Any, Literal

from domain.errors import InvalidValue, NotFound, RegisterError


class RequestRefused(RegisterError):
    """The request itself cannot be dealt with, whatever the register holds."""

    code, title = "request-refused", "The request cannot be dealt with"


class NoSuchRoute(NotFound):
    code, title = "no-such-route", "There is nothing at this address"


class MethodNotAllowed(RequestRefused):
    code, title = "method-not-allowed", "This address does not take that method"


class NotAcceptable(RequestRefused):
    code, title = "not-acceptable", "The answer cannot be given in that form"


class BodyTooLarge(RequestRefused):
    code, title = "body-too-large", "The request is larger than this service reads"


class UnsupportedMediaType(RequestRefused):
    code, title = "unsupported-media-type", "The body must be JSON"


class MalformedBody(RequestRefused):
    code, title = "malformed-body", "The body is not JSON"


class MalformedRequest(InvalidValue):
    code, title = "malformed-request", "Something in the request is missing or not well formed"

    @classmethod
    def at(cls, place: str, field: str, message: str) -> MalformedRequest:
        """One fault, in the "query", a "header" or the "body"."""
        fault = {"in": place, "field": field, "message": message}
        return cls(f"{field}: {message}", field=field, errors=[fault])


class FilesRefused(InvalidValue):
    """What a dossier's files say cannot be read as such; all that is wrong, in one go."""

    code, title = "files-refused", "The files of the dossier are not well formed"


class CursorRefused(InvalidValue):
    code, title = "cursor-refused", "This cursor belongs to another question"


class PositionNotReached(RegisterError):
    """A reader has seen more than there is: the log was set back, or it is another one."""

    code, title = "position-not-reached", "The log has not reached that position"


class OtherEpoch(RegisterError):
    """Positions mean something in the log that gave them, and nowhere else."""

    code, title = "other-epoch", "That position belongs to another log"


class AnswerTooLarge(InvalidValue):
    code, title = "answer-too-large", "The answer has more rows than are given at once"


class PreconditionFailed(RequestRefused):
    code, title = "precondition-failed", "That condition cannot hold here"


class Unauthenticated(RequestRefused):
    code, title = "unauthenticated", "Say who you are"


class NotPermitted(RequestRefused):
    code, title = "not-permitted", "This token does not allow that"


Reason = Literal[
    "no-follower", "failing", "stopped", "stalled", "lag", "ahead", "outdated", "database"
]
"""Why it is not ready; api.models.Unready says what each means."""


class NotReady(RegisterError):
    code, title = "not-ready", "This service cannot answer yet"

    @classmethod
    def because(cls, reason: Reason, detail: str, **facts: Any) -> NotReady:
        return cls(detail, reason=reason, **facts)


class InternalError(RegisterError):
    """Something that nobody foresaw. It is logged with its request id; nothing of it is told."""

    code, title = "internal-error", "The register made a mistake"
