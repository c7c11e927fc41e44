"""samvy token: a bearer token of the built-in issuer, for a store that is served with --dev.

Source: INTERFACES, Token.
"""

import sys
from typing import Annotated

import typer

from consent.facts import Capacity, Purpose
from hub.auth.built_in import (
    NotForDevelopmentError,
    TokenRequest,
    UnusableTokenRequestError,
    issue_token,
    issuer_key,
)
from hub.cli.opening import StoreOption, fail, opened
from hub.running import now


def token(
    user: Annotated[str, typer.Option(help="who: an HSA id, or any id for a system")],
    organisation: Annotated[str, typer.Option(help="the organisation's id; - for an individual")],
    unit: Annotated[str | None, typer.Option(help="the unit's id")] = None,
    as_: Annotated[
        Capacity, typer.Option("--as", help="the capacity that is acted in")
    ] = Capacity.VARDPERSONAL,
    purpose: Annotated[Purpose | None, typer.Option(help="what the data are for")] = None,
    person: Annotated[
        str | None, typer.Option(help="system|value: the individual, or the only person it is for")
    ] = None,
    scope: Annotated[str | None, typer.Option(help="SMART v2 scopes; a ceiling")] = None,
    minutes: Annotated[int, typer.Option(min=1, help="how long it lasts")] = 60,
    store: StoreOption = None,
) -> None:
    """Print a bearer token."""
    asked = TokenRequest(
        user=user,
        organisation=organisation,
        as_=as_,
        unit=unit,
        purpose=purpose,
        person=person,
        scope=scope,
        minutes=minutes,
    )
    with opened(store, writes=False) as hub_store, hub_store.read() as connection:
        try:
            sys.stdout.write(issue_token(issuer_key(connection), asked, now()) + "\n")
        except (NotForDevelopmentError, UnusableTokenRequestError) as problem:
            fail(str(problem))
