"""Bearer tokens of requests: who sends a command or asks for names, and whether he may."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import unquote

from fastapi import Depends, Header, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.errors import MalformedRequest, NotPermitted, Unauthenticated
from api.parameters import nfc
from domain.envelope import Actor
from domain.errors import InvalidValue
from domain.names import refuse_improper_text
from services.access import Access, Holder, Right
from services.vault import Reader

_bearer = HTTPBearer(auto_error=False, description="A token that this register has given out.")
_Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
_PURPOSE = "Sogoc-Purpose"

Purpose = Annotated[
    str | None,
    Header(
        alias=_PURPOSE,
        pattern=r"^[\x20-\x7e]{1,1000}$",
        description="What names and details of persons are needed for, with the number of the case "
        "where there is one; it goes on record. UTF-8, percent-encoded (RFC 3986, section 2.1). "
        "With it the token needs `see-names`; without it nothing personal is shown.",
        examples=["kiem tra 07-VV/UBKTTU"],
    ),
]


def holder(request: Request, credentials: _Credentials) -> Holder:
    """Whoever sends this request. Raises Unauthenticated."""
    access: Access = request.app.state.access
    if credentials is None:
        raise Unauthenticated("This needs `Authorization: Bearer` with a token")
    found = access.authenticate(credentials.credentials)
    if found is None:
        raise Unauthenticated("This token is not known, or was taken back", error="invalid_token")
    return found


AtHolder = Annotated[Holder, Depends(holder)]


def authenticated(found: AtHolder) -> Actor:
    """The actor who sends this request. Raises Unauthenticated."""
    return found.actor


def keeper(found: AtHolder) -> None:
    """Raises NotPermitted unless this token may keep people."""
    refuse_without(found, Right.KEEP_PEOPLE)


def reader(request: Request, credentials: _Credentials, purpose: Purpose = None) -> Reader | None:
    """Whoever is to see names in this answer; None: nobody has asked to.

    Raises Unauthenticated, NotPermitted, MalformedRequest.
    """
    if purpose is None:
        return None
    found = holder(request, credentials)
    refuse_without(found, Right.SEE_NAMES)
    return Reader(found.actor, _said(purpose))


AtReader = Annotated[Reader | None, Depends(reader)]


def refuse_without(found: Holder, right: Right) -> None:
    """Raises NotPermitted."""
    if right not in found.rights:
        raise NotPermitted(f"This token does not allow it: it lacks {right}", right=str(right))


def _said(purpose: str) -> str:
    try:
        text = nfc(unquote(purpose, errors="strict")).strip()
        refuse_improper_text(text, _PURPOSE)
    except (UnicodeDecodeError, InvalidValue):
        message = "it says in words, on one line, what the names are needed for"
        raise MalformedRequest.at("header", _PURPOSE, message) from None
    return " ".join(text.split())
