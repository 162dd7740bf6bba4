"""Bearer tokens of requests: who sends a command."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.errors import Unauthenticated
from domain.envelope import Actor
from services.access import Access

_bearer = HTTPBearer(auto_error=False, description="A token that this register has given out.")


def authenticated(
    request: Request,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Actor:
    """The actor who sends this request. Raises Unauthenticated."""
    access: Access = request.app.state.access
    if credentials is None:
        raise Unauthenticated("Commands need `Authorization: Bearer` with a token")
    actor = access.authenticate(credentials.credentials)
    if actor is None:
        raise Unauthenticated("This token is not known, or was taken back", error="invalid_token")
    return actor
