"""samvy token: a bearer token of the built-in issuer, for a store that is served with --dev.

Source: INTERFACES, Token.
"""

import sys
from datetime import datetime
from typing import Annotated

import typer

from consent.facts import Capacity, Purpose
from hub.audit.administration import administered
from hub.audit.record import AccessRecord
from hub.auth.built_in import (
    NotForDevelopmentError,
    TokenRequest,
    UnusableTokenRequestError,
    issue_token,
    issuer_key,
)
from hub.auth.doubts import doubts
from hub.auth.reader import LONGEST_ID, is_person_number
from hub.cli.administering import logged_before
from hub.cli.opening import StoreOption, fail, opened, say
from hub.cli.persons import read_person
from hub.running import now
from hub.store.connect import Store
from hub.store.directory import directory
from hub.store.identity import person_key
from hub.store.identity_key import identity_key


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
    at = now()
    if not (_is_id(user) and _is_id(organisation)):
        fail(f"--user and --organisation are ids of 1 to {LONGEST_ID} printable characters")
    with opened(store, writes=False) as hub_store:
        with hub_store.read() as connection:
            try:
                made = issue_token(issuer_key(connection), asked, at)
            except (NotForDevelopmentError, UnusableTokenRequestError) as problem:
                fail(str(problem))
            for each in doubts(asked, directory(connection), at):
                say(f"samvy: {each}")
        logged_before(hub_store, [_record(hub_store, asked, at)])
    sys.stdout.write(made + "\n")


def _is_id(text: str) -> bool:
    return 0 < len(text) <= LONGEST_ID and text.isprintable()


def _record(store: Store, asked: TokenRequest, at: datetime) -> AccessRecord:
    """The record of a token that an operator makes: as whom, of which organisation."""
    individual = asked.as_ is Capacity.INDIVIDUAL
    named = "" if individual or is_person_number(asked.user, at) else f" {asked.user}"
    person = read_person(asked.person, "--person") if asked.person else None
    key = person_key(identity_key(store), person.system, person.value) if person else None
    return administered(
        f"token {asked.as_}{named} {asked.minutes} minutes",
        at,
        person=key,
        organisation=None if individual else asked.organisation,
    )
